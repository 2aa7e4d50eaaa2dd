"""Decoding in a thread, ahead of the model."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from itertools import islice
from pathlib import Path
from typing import Any

from badc.runners.birdnet.windows import mono_blocks, windows
from badc.runners.file_mark import mark_of

_PIECE_WINDOWS = 5  # 15 s of audio, 3 MB; smaller ones cost more changes between threads

_Window = tuple[Any, int]  # 3 s of samples, and how many of them are audio


class DecodingAhead:
    """Files as windows, one file after the other; the next one is begun before it is asked for."""

    def __init__(self) -> None:
        self._next: _Decoding | None = None

    def windows(self, path: Path, then: Path | None) -> Iterator[_Window]:
        """Yield a file's windows, as :func:`badc.runners.birdnet.windows.windows` does.

        Meanwhile the next piece of it and the beginning of ``then`` are decoded. What is wrong with
        ``then`` is left to its own turn.

        Raises:
            UnreadableAudioError: as :func:`badc.runners.birdnet.windows.mono_blocks`.
        """
        begun, self._next = self._next, None
        current = begun if begun is not None and begun.is_good_for(path) else _Decoding(path)
        piece = current.piece()
        if then is not None and mark_of(then) is not None:
            self._next = _Decoding(then)
        while piece:
            current.go_on()
            yield from piece
            piece = current.piece()


class _Decoding:
    """One file, a piece of which is decoded by a thread of its own."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mark = mark_of(path)
        self._windows = windows(mono_blocks(path))
        self.go_on()

    def is_good_for(self, path: Path) -> bool:
        """Say whether this is that file as it is now, and nothing has been wrong with it so far."""
        mark = mark_of(path)
        if self._path != path or self._mark != mark or mark is None:
            return False
        return not self._piece.done() or self._piece.exception() is None

    def go_on(self) -> None:
        """Decode another piece."""
        self._piece = _in_a_thread(lambda: list(islice(self._windows, _PIECE_WINDOWS)))

    def piece(self) -> list[_Window]:
        """Return the piece under way, when it is ready; none is left where it is empty."""
        return self._piece.result()


def _in_a_thread(work: Callable[[], list[_Window]]) -> Future[list[_Window]]:
    """Do it in a thread that nobody has to wait for: a disk that hangs must not hold up an exit."""
    done: Future[list[_Window]] = Future()

    def run() -> None:
        try:
            done.set_result(work())
        except BaseException as error:  # noqa: BLE001 - whoever asks for the result gets it
            done.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return done
