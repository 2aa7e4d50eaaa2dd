"""The key of a result, written and read."""

from hypothesis import given
from hypothesis import strategies as st

from badc.manifest import ChunkKey
from badc.manifest.chunk import id_fault
from badc.results import ResultKey
from badc.results.key import audio_name

_ids = st.text(min_size=1, max_size=12).filter(lambda text: id_fault(text) is None)
_ms = st.none() | st.integers(0, 10**9)


@given(_ids, _ids, st.none() | st.just("ab" * 32), st.integers(0), _ms, _ms)
def test_a_key_is_read_as_it_was_written(recording, chunk, digest, size, start_ms, end_ms):
    audio = audio_name(digest, size)
    key = ResultKey(ChunkKey(recording, chunk), audio, "0123456789abcdef", start_ms, end_ms)
    assert ResultKey.parse(str(key)) == key


@given(st.text())
def test_any_text_is_a_key_or_none(text):
    key = ResultKey.parse(text)
    assert key is None or str(key) == text or ResultKey.parse(str(key)) == key
