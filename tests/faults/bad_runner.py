"""A runner that misbehaves as its chunk's name says; it needs nothing but Python.

``bad_runner.py WHERE --input CHUNK --output JSON``; what it has to tell the test lies in WHERE.
"""

import json
import os
import shutil
import signal
import sys
import time
from pathlib import Path

WHERE = Path(sys.argv[1])
AUDIO, ANSWER = Path(sys.argv[3]), Path(sys.argv[5])
GOOD = json.dumps([{"timestamp_ms": 0, "end_ms": 500, "label": "OVEN", "confidence": 0.5}])
_LONG_S = 900
_GIB = 1 << 30


def answer(text: str = GOOD) -> None:
    ANSWER.write_text(text)


def child(*, leaves: bool, again: bool = False) -> None:
    """Leave a process that holds our pipes, in our group or in a session of its own."""
    if os.fork():
        return
    if leaves:
        os.setsid()
    if again and os.fork():
        os._exit(0)
    (WHERE / f"{AUDIO.stem}.{os.getpid()}.pid").touch()
    time.sleep(_LONG_S)
    os._exit(0)


def hangs() -> None:
    time.sleep(_LONG_S)


def forks_and_hangs() -> None:
    child(leaves=False)
    child(leaves=True)
    child(leaves=True, again=True)
    hangs()


def is_deaf_and_hangs() -> None:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    hangs()


def stops_itself() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def leaves_children() -> None:
    child(leaves=False)
    child(leaves=True)
    child(leaves=True, again=True)
    while len(list(WHERE.glob(f"{AUDIO.stem}.*.pid"))) < 3:
        time.sleep(0.02)
    answer()


def floods(pipe: int, size: int) -> None:
    (WHERE / f"{AUDIO.stem}.begun").touch()
    piece = b"chatter\n" * 8192
    while size > 0:
        size -= os.write(pipe, piece)
    (WHERE / f"{AUDIO.stem}.ended").touch()
    answer()


def writes_100_mb() -> None:
    """Write a good answer that is long, once nobody measures memory any more."""
    while len(list(WHERE.glob("floods*.ended"))) < 2:
        time.sleep(0.05)
    with ANSWER.open("w") as stream:
        stream.write('{"detections": ' + GOOD + ', "padding": "')
        for _ in range(100):
            stream.write("x" * 1_000_000)
        stream.write('"}')


def writes_too_much() -> None:
    with ANSWER.open("wb") as stream:
        stream.truncate(_GIB)


def closes_early_and_goes_on() -> None:
    os.close(1)
    os.close(2)
    time.sleep(0.5)
    answer()


def says_what_is_no_text() -> None:
    os.write(1, bytes(range(256)) * 40)
    os.write(2, b"\xff\xfe caf\xe9 \x1b[2J\0\r\n" * 40)
    answer()


def dies(number: signal.Signals) -> None:
    print("about to die", file=sys.stderr, flush=True)
    os.kill(os.getpid(), number)


def writes_to_audio() -> None:
    answer()
    with AUDIO.open("ab") as stream:
        stream.write(b"graffiti")


def litters() -> None:
    """Leave files beside the answer that nobody can list in passing."""
    deep = ANSWER.parent / "a" / "b"
    deep.mkdir(parents=True)
    (deep / "big").write_bytes(bytes(1 << 20))
    os.mkfifo(deep / "pipe")
    (deep / "nowhere").symlink_to("no such file")
    deep.chmod(0)
    answer()


def takes_scratch_away() -> None:
    shutil.rmtree(ANSWER.parents[1])


def exits(status: int) -> None:
    print("the model\nis missing", file=sys.stderr)
    sys.exit(status)


WAYS = {
    "good": answer,
    "hangs": hangs,
    "forks-and-hangs": forks_and_hangs,
    "is-deaf-and-hangs": is_deaf_and_hangs,
    "stops-itself": stops_itself,
    "leaves-children": leaves_children,
    "floods-stdout": lambda: floods(1, _GIB),
    "floods-stderr": lambda: floods(2, _GIB // 4),
    "writes-100-mb": writes_100_mb,
    "writes-too-much": writes_too_much,
    "closes-early": closes_early_and_goes_on,
    "says-no-text": says_what_is_no_text,
    "writes-nothing": lambda: None,
    "writes-part": lambda: answer(GOOD[:-9]),
    "writes-no-utf-8": lambda: ANSWER.write_bytes(b'[{"label": "caf\xe9"}]'),
    "writes-another-chunk": lambda: answer(json.dumps({"chunk_id": "good", "detections": []})),
    "writes-a-deep-nest": lambda: answer("[" * 200_000),
    "links-to-a-device": lambda: ANSWER.symlink_to("/dev/zero"),
    "links-to-nothing": lambda: ANSWER.symlink_to("no such file"),
    "links-to-itself": lambda: ANSWER.symlink_to(ANSWER),
    "makes-a-pipe": lambda: os.mkfifo(ANSWER),
    "makes-a-folder": ANSWER.mkdir,
    "dies-of-segv": lambda: dies(signal.SIGSEGV),
    "dies-of-kill": lambda: dies(signal.SIGKILL),
    "writes-to-audio": writes_to_audio,
    "litters": litters,
    "takes-scratch-away": takes_scratch_away,
    "exits-255": lambda: exits(255),
}

if __name__ == "__main__":
    WAYS[AUDIO.stem.partition("_")[0]]()
