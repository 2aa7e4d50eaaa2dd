"""What HawkEars 2.x costs kept open, beside its bare nets and beside a process per chunk.

All three hear the same chunks on one thread with the models that BADC pins, in this order: the
nets alone (decoding, spectrograms, three nets), BADC's runner, and ``hawkears analyze`` started for
each chunk. BADC_TEST_HAWKEARS names the environment that tools/make_hawkears_env.sh built.
BENCH_HAWKEARS_CHUNKS sets how many chunks of 15 s. Processor time counts children; wall time is
left out.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from badc.detections import Detection
from badc.hardware import Slot
from badc.manifest import Chunk, ChunkKey
from badc.process import ProcessDoor
from badc.runners.hawkears import HawkearsRunner, choose_hawkears, v2
from badc.runners.hawkears.installation import Installation
from badc.runners.hawkears.labels_csv import read_v2
from badc.runners.hawkears.species import SpeciesList
from badc.runners.protocol import Desk
from benchmarks._chunks import make_chunks
from benchmarks._finished import bench_folder
from benchmarks._rows import Row
from benchmarks._scale import scaled

_CHUNKS = scaled("BENCH_HAWKEARS_CHUNKS", 12, 3)
_LENGTH_S = 15
_LIMIT_S = 600.0
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
_MENDED = f"""
import sys
sys.path.insert(0, {str(v2.LISTENER.parent)!r})
from listener_v2 import mend_torchvision
mend_torchvision()
del sys.path[0]
"""
_COMMAND = _MENDED + "from hawkears.cli import cli; cli(prog_name='hawkears')"
_BARE = (
    _MENDED
    + """
import json, logging, pathlib, time
from hawkears.core.config_loader import get_config
config = get_config(data_root=pathlib.Path.cwd())
config.infer.max_models, config.audio.choose_channel = 3, False
from britekit import Predictor
nets = Predictor(config.misc.ckpt_folder, device="cpu", cfg=config)
nets.get_overlapping_scores(sys.argv[1], [0, 1, 2])  # what is done once only
began_s = time.process_time()
for chunk in sys.argv[1:]:
    assert nets.get_overlapping_scores(chunk, [0, 1, 2]) is not None
print(json.dumps(time.process_time() - began_s))
"""
)


@dataclass(frozen=True, slots=True)
class Cost:
    """Processor time: of everything, and of opening and closing alone."""

    cpu_s: float
    opening_s: float

    @property
    def chunk_s(self) -> float:
        """What one chunk took."""
        return (self.cpu_s - self.opening_s) / _CHUNKS


def measure() -> list[Row]:
    """Return what each of the three costs, their ratios, and whether they hear the same."""
    built = os.environ.get("BADC_TEST_HAWKEARS")
    if not built:
        why = "BADC_TEST_HAWKEARS names no environment; tools/make_hawkears_env.sh builds one"
        return [Row.absent("left out", why)]
    os.environ.update(_ONE_THREAD, CUDA_VISIBLE_DEVICES="")
    runner = choose_hawkears(
        (),
        {
            "BADC_HAWKEARS_PYTHON": str(Path(built, "venv", "bin", "python")),
            "BADC_HAWKEARS_ROOT": str(Path(built, "root")),
        },
    )
    runner.check()
    with bench_folder() as folder:
        chunks = make_chunks(folder / "chunks", [_LENGTH_S] * _CHUNKS)
        bare = _bare(runner, chunks)
        kept, heard = _kept_open(runner, chunks, folder)
        processes, expected = _processes(runner, chunks, folder)
    what = f"{_CHUNKS} chunks of {_LENGTH_S} s"
    count = sum(map(len, expected))
    odd = sum(one != other for one, other in zip(heard, expected, strict=True))
    return [
        Row(f"{what}, bare nets", bare.cpu_s, "CPU s", _apiece(bare, bare)),
        Row(f"{what}, kept open", kept.cpu_s, "CPU s", _apiece(kept, bare)),
        Row(f"{what}, process per chunk", processes.cpu_s, "CPU s", _apiece(processes, bare)),
        Row.at_most("kept open, of the bare nets' time", kept.cpu_s / bare.cpu_s, "", 2),
        Row.at_least("processes' time, of kept open", processes.cpu_s / kept.cpu_s, "", 8),
        Row.at_most("chunks that they hear differently", odd, "", 0, f"{count} detections"),
    ]


def _apiece(cost: Cost, bare: Cost) -> str:
    return f"{cost.chunk_s:.3f} a chunk without opening, {cost.chunk_s / bare.chunk_s:.1f} of bare"


def _bare(runner: HawkearsRunner, chunks: list[Path]) -> Cost:
    found = _installation(runner)
    command = [found.python, "-c", _BARE, *map(str, chunks)]
    said: list[str] = []
    cpu_s = _cpu_s(lambda: said.append(_run(command, found)))
    return Cost(cpu_s, cpu_s - json.loads(said[0].splitlines()[-1]))


def _kept_open(
    runner: HawkearsRunner, chunks: list[Path], folder: Path
) -> tuple[Cost, list[tuple[Detection, ...]]]:
    heard: list[tuple[Detection, ...]] = []

    def hear(paths: list[Path]) -> None:
        scratch = Path(tempfile.mkdtemp(dir=folder))
        opened = runner.open(Desk(Slot("cpu-0"), ProcessDoor(), scratch))
        for path in paths:
            chunk = Chunk(ChunkKey("REC", path.stem), path.name, path)
            heard.append(opened.hear(chunk, folder / "raw" / path.stem, _LIMIT_S).detections)
        opened.close()

    opening_s = _cpu_s(lambda: hear([]))
    return Cost(_cpu_s(lambda: hear(chunks)), opening_s), heard


def _processes(
    runner: HawkearsRunner, chunks: list[Path], folder: Path
) -> tuple[Cost, list[tuple[Detection, ...]]]:
    found = _installation(runner)
    species = SpeciesList(found.root)
    outputs = [folder / "processes" / path.stem for path in chunks]
    pins = v2.pins_for((), found.root)
    settings = folder / "pins.yaml"
    settings.write_text(pins.settings, encoding="utf-8")
    options = ["--rtype", "csv", "--cfg", str(settings), *pins.options]

    def hear_all() -> None:
        for path, output in zip(chunks, outputs, strict=True):
            words = ["analyze", "-i", str(path), "-o", str(output), *options]
            _run([found.python, "-c", _COMMAND, *words], found)

    cost = Cost(_cpu_s(hear_all), 0)
    return cost, [read_v2(each / "scores.csv", _LENGTH_S, species.find) for each in outputs]


def _installation(runner: HawkearsRunner) -> Installation:
    if not isinstance(runner.hawkears, Installation):
        sys.exit(runner.hawkears.message)
    return runner.hawkears


def _run(command: list[str], found: Installation) -> str:
    environment = os.environ | v2.environment(found)
    ended = subprocess.run(
        command, cwd=found.root, env=environment, capture_output=True, text=True, check=False
    )
    if ended.returncode:
        sys.exit(ended.stderr)
    return ended.stdout


def _cpu_s(work: Callable[[], object]) -> float:
    """Do some work and return what it took of this process and of children that have ended."""
    before_s = _used_s()
    work()
    return _used_s() - before_s


def _used_s() -> float:
    uses = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(use.ru_utime + use.ru_stime for use in uses)
