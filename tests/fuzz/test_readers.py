"""The short run of every day: what a file holds, its reader takes or refuses it in words.

``make fuzz`` is the long one.
"""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.running import EscapedError, accepts, fuzz
from tests.fuzz.target import Target
from tests.fuzz.targets import TARGETS

_INPUTS = 500
_SEED = 20_261_126
every_target = pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)


@every_target
def test_what_it_is_given_is_taken_or_refused_in_words(target):
    came = fuzz(target, _INPUTS, _SEED)
    assert came.refused + came.accepted == _INPUTS
    assert came.accepted > 0, "inputs that are all refused at once test little"
    assert came.refused > 0


@every_target
def test_its_own_documents_are_taken(target):
    assert all(accepts(target, document.encode()) for document in target.documents[:1])


@given(st.data())
@settings(max_examples=200)
def test_hypothesis_finds_no_way_out_either(data):
    """Let hypothesis choose reader, seed and one more text, and make the smallest that fails."""
    target = data.draw(st.sampled_from([each for each in TARGETS if each.batch == 1]))
    seed, slip = data.draw(st.integers(0, 2**32)), data.draw(st.binary(max_size=20))
    raw = target.input(Random(seed))  # noqa: S311 - to be repeated, not to be secret
    place = data.draw(st.integers(0, len(raw)))
    accepts(target, raw[:place] + slip + raw[place:])


def test_the_same_seed_gives_the_same_inputs():
    target = TARGETS[0]
    first, again = ([target.input(rng) for _ in range(50)] for rng in (Random(7), Random(7)))  # noqa: S311
    assert first == again


def test_a_reader_that_lets_an_error_out_is_found_and_its_input_told():
    def careless(path):
        return int(b"\xff" not in path.read_bytes() or 1 / 0)

    target = TARGETS[0]
    broken = Target("careless", "x", target.invent, target.documents, careless)
    with pytest.raises(EscapedError, match=r"careless, seed 1, input \d+: b'") as told:
        fuzz(broken, 5000, 1)
    assert b"\xff" in told.value.raw
    assert isinstance(told.value.__cause__, ZeroDivisionError)
