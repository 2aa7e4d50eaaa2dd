"""The legs of a soak: real runs of ``badc infer run``, broken off and taken up again."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.evidence import MARK, descriptors, memory_mib
from tests.faults.soak.chunks import Chunks

_ROOT = Path(__file__).resolve().parents[3]
_LOOK_S = 0.25
_STALLED_S = 180.0
_END_S = 60.0
_FULL_S = 3.0
_UNTOLD = (2, 4)  # the legs that find out by themselves what is done


@dataclass(frozen=True)
class Sample:
    """One look at a run's process.

    Attributes:
        begun: how many hearings had begun in the whole soak.
        memory_mib, descriptors: of the process.
    """

    begun: int
    memory_mib: float
    descriptors: int


@dataclass(frozen=True)
class Blow:
    """Something done to a run from outside, once so many hearings have begun.

    Attributes:
        at: that many.
        name: what it is called in the report.
        deal: does it, to the run's process.
    """

    at: int
    name: str
    deal: Callable[[int], None]


def signalled(at: int, number: signal.Signals) -> Blow:
    """Return a blow that sends the CLI a signal."""
    return Blow(at, f"CLI {number.name}", lambda process: os.kill(process, number))


def disk_full(at: int, disk: Path) -> Blow:
    """Return a blow that leaves a disk without room for some seconds."""

    def fill(_process: int) -> None:
        ballast = disk / ".ballast"
        with suppress(OSError), ballast.open("wb", buffering=0) as stream:
            while True:
                stream.write(bytes(1 << 20))
        with suppress(OSError), ballast.open("ab", buffering=0) as stream:
            while True:
                stream.write(bytes(512))
        time.sleep(_FULL_S)
        ballast.unlink()

    return Blow(at, "disk full", fill)


@dataclass
class Legs:
    """All runs over one manifest.

    Attributes:
        chunks: what they hear.
        output: where the JSON goes.
        environment: where their Prefect server is.
        dealt: the blows so far.
        samples: one list per leg.
        finished: after each leg, how many hearings had begun and which chunks were done.
        errors: each leg's standard error.
        codes: each leg's exit status.
    """

    chunks: Chunks
    output: Path
    environment: Mapping[str, str]
    slots: int = 4
    dealt: Counter[str] = field(default_factory=Counter)
    samples: list[list[Sample]] = field(default_factory=list)
    finished: list[tuple[int, set[str]]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)

    @property
    def mark(self) -> str:
        return str(self.chunks.folder)

    @property
    def scratch(self) -> Path:
        return self.chunks.folder / "tmp"

    @property
    def summary(self) -> Path:
        return self.chunks.folder / "run.jsonl.summary.json"

    def run(self, *blows: Blow) -> None:
        """Run until the end, dealing blows on the way; resume where an earlier leg stopped."""
        self.scratch.mkdir(exist_ok=True)
        said = self.chunks.folder / f"leg-{len(self.codes)}.err"
        with said.open("wb") as stream:
            process = subprocess.Popen(
                self._command(),
                cwd=self.chunks.folder,
                env={
                    **os.environ,
                    "PYTHONPATH": str(_ROOT),
                    "TMPDIR": str(self.scratch),
                    MARK: self.mark,
                    **self.environment,
                },
                stdout=subprocess.DEVNULL,
                stderr=stream,
                start_new_session=True,
            )
            self.samples.append([])
            try:
                self._watch(process, sorted(blows, key=lambda blow: blow.at))
            finally:
                _end(process)
        self.codes.append(process.returncode)
        self.errors.append(said.read_text(errors="replace"))
        done = {path.stem for path in self.output.glob("*/*.json")}
        self.finished.append((self.chunks.begun(), done))

    def _command(self) -> list[str]:
        words = [
            sys.executable, "-m", "badc", "infer", "run", self.chunks.manifest,
            "--runner-cmd", self.chunks.runner, "--output-dir", self.output, "--keep-going",
            "--cpu-workers", self.slots, "--max-retries", 1, "--timeout", 6,
            "--telemetry-log", self.chunks.folder / "run.jsonl",
        ]  # fmt: skip
        if len(self.codes) not in _UNTOLD and self.summary.exists():
            words += ["--resume-summary", self.summary]
        return [str(word) for word in words]

    def _watch(self, process: subprocess.Popen[bytes], blows: list[Blow]) -> None:
        last, moved_s = self.chunks.begun(), time.monotonic()
        dealing: list[threading.Thread] = []
        while process.poll() is None:
            time.sleep(_LOOK_S)
            begun = self.chunks.begun()
            self._look(process.pid, begun)
            self._kill_runners()
            if blows and begun >= blows[0].at:
                dealing.append(self._deal(blows.pop(0), process.pid))
            if begun != last:
                last, moved_s = begun, time.monotonic()
            elif time.monotonic() - moved_s > _STALLED_S:
                self.dealt["stalled leg ended by us"] += 1
                _end(process)
        for thread in dealing:
            thread.join()

    def _deal(self, blow: Blow, process: int) -> threading.Thread:
        self.dealt[blow.name] += 1
        thread = threading.Thread(target=blow.deal, args=(process,))
        thread.start()
        return thread

    def _look(self, process: int, begun: int) -> None:
        size_mib, opened = memory_mib(process), descriptors(process)
        if size_mib is not None and opened:
            self.samples[-1].append(Sample(begun, size_mib, opened))

    def _kill_runners(self) -> None:
        for path in self.chunks.waiting_to_be_killed():
            with suppress(ProcessLookupError):
                os.kill(int(path.read_text()), signal.SIGKILL)
                self.dealt["runner SIGKILL"] += 1
            path.unlink()


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(_END_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
