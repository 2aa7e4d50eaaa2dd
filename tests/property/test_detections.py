import json
import math
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badc.detections import Detection, DetectionFormError, detections_from, parse_payload

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
texts = st.none() | st.text()


@st.composite
def detections(draw):
    start = draw(st.none() | st.integers(0, 2**52))
    end = draw(st.none() | st.integers(start or 0, 2**52))
    known = {
        "timestamp_ms": start,
        "end_ms": end,
        "label": draw(texts),
        "label_code": draw(texts),
        "label_name": draw(texts),
        "confidence": draw(st.none() | st.floats(0, 1)),
    }
    extra = draw(st.dictionaries(st.text(), json_values, max_size=3))
    return Detection(**known, extra={k: v for k, v in extra.items() if k not in known})


@given(st.lists(detections(), max_size=4), st.booleans())
def test_what_is_written_is_read_back_the_same(heard, bare):
    entries = [each.to_json() for each in heard]
    raw = json.dumps(entries if bare else {"detections": entries}).encode()
    assert detections_from(parse_payload(raw)) == tuple(heard)


@given(json_values)
def test_anything_else_is_refused_in_words_or_read(value):
    raw = json.dumps(value).encode()
    with suppress(DetectionFormError):
        assert all(isinstance(each, Detection) for each in detections_from(parse_payload(raw)))


@given(st.binary(max_size=200))
def test_no_bytes_end_in_another_error(raw):
    with suppress(DetectionFormError):
        parse_payload(raw)


@given(st.floats(0, 2**40))
def test_times_are_rounded_to_the_nearest_millisecond(value):
    (heard,) = detections_from([{"timestamp_ms": value}])
    assert isinstance(heard.timestamp_ms, int)
    assert abs(heard.timestamp_ms - value) <= 0.5


def test_half_a_millisecond_is_rounded_up():
    assert Detection.from_json({"timestamp_ms": 0.5, "end_ms": 1.49}).to_json() == {
        "timestamp_ms": 1,
        "end_ms": 1,
    }


@pytest.mark.parametrize(
    "entry",
    [
        {"timestamp_ms": -1},
        {"timestamp_ms": 2**60},
        {"timestamp_ms": 10**400},
        {"timestamp_ms": "1"},
        {"timestamp_ms": True},
        {"timestamp_ms": 5, "end_ms": 4},
        {"confidence": 1.01},
        {"confidence": -0.1},
        {"confidence": math.nan},
        {"confidence": math.inf},
        {"label": 3},
        {"label": ["x"]},
        "OVEN",
        None,
        [],
    ],
    ids=repr,
)
def test_what_cannot_be_is_refused(entry):
    with pytest.raises(DetectionFormError):
        detections_from({"detections": [entry]})


@pytest.mark.parametrize("raw", [b"[NaN]", b"[Infinity]", b"[-Infinity]", b"[1e999]"])
def test_numbers_that_json_does_not_have_are_refused(raw):
    with pytest.raises(DetectionFormError):
        detections_from([{"confidence": parse_payload(raw)[0]}])


def test_a_number_without_end_is_refused_in_few_words():
    with pytest.raises(DetectionFormError, match="too large a number") as refused:
        parse_payload(b"[1e" + b"9" * 5000 + b"]")
    assert len(str(refused.value)) < 200


def test_deep_nesting_and_long_numbers_are_refused():
    for raw in (b"[" * 200_000, b"[" + b"9" * 10_000 + b"]"):
        with pytest.raises(DetectionFormError):
            parse_payload(raw)
