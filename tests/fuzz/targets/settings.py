"""The TOML files that people write: presets, cluster profiles, rules of names, the registry."""

from pathlib import Path

from badc.datalad.registry import Registration, read_registry, record
from badc.meta import load_rules
from badc.runs import infer_command
from badc.runs.cluster_profile import read_cluster_profile
from badc.runs.clusters import SlurmJobs
from badc.runs.preset import read_preset
from badc.slurm import ArrayTask, array_script
from tests.fuzz.inventing import odd_toml
from tests.fuzz.target import Target, looked_at_closely

_PRESET = """\
[runner]
manifest = "manifests/REC.csv"
runner = "command"
runner_cmd = "sh x"
min_confidence = 0.5
max_gpus = 1
cpu_workers = 2
output_dir = "out"
timeout = 5.5
telemetry_log = "~/x.jsonl"
keep_going = true

[hawkears]
extra_args = ["--min_score", "0.7"]

[paths]
dataset_root = "."
"""
_PROFILES = (
    'kind = "dask"\naddress = "tcp://127.0.0.1:8786"\n',
    """\
kind = "slurm"
jobs = 2
processes = 1
cores = 4
memory = "16G"
walltime = "02:00:00"
account = "st-x-1"
partition = "gpu"
gres = "gpu:1"
directives = ["--constraint=x"]
job_name = "badc"
setup = ["module load x"]
python = "python3"
interface = "lo"
scheduler_port = 0
log_directory = "logs"
local_directory = "/tmp"
worker_args = ["--x"]
wait = 60.0
""",
)
_RULES = """\
[places]
patterns = ["{study_area}/{recorder}/{location}", "{study_area}/x/{location:A|B}/Data"]

[time]
timezone = "America/Yellowknife"
bare_names = "site"
"""
_REGISTRY = """\
# by hand
[datasets.one]
path = "~/one"
url = "https://example.org/one.git"
method = "git"
status = "connected"
last_connected = 2026-01-01T00:00:00Z

[datasets."two words"]
path = "/data/two"
method = "datalad"
"""


def _read_preset(path: Path) -> bool:
    request = read_preset(path)
    assert "\0" not in "".join(infer_command(request))
    return True


def _read_profile(path: Path) -> bool:
    cluster = read_cluster_profile(path)
    assert str(cluster)
    if isinstance(cluster, SlurmJobs):
        here = Path("/data/set")
        task = ArrayTask("REC", ("badc",), here / "m.csv", here / "o", here / "l", here / "s")
        script = array_script(cluster.job, [task], dataset=here)
        options = [line for line in script.splitlines() if line.startswith("#SBATCH")]
        assert any(line.startswith("#SBATCH --job-name") for line in options)
    return True


def _read_rules(path: Path) -> bool:
    rules = load_rules(str(path))
    rules.place(("Study", "SM", "S1"))
    for name in ("S4A_20240310_013000.wav", "20240310_013000.WAV", "99991231_235959.wav"):
        rules.start(name)
    return bool(rules.patterns or rules.site_zone)


def _read_registry(path: Path) -> bool:
    datasets = read_registry(path)
    for each in datasets.values():
        assert each.path.is_absolute()
    if not looked_at_closely(path):
        return bool(datasets)
    record(path, "new one", Registration(Path("/data/new"), None, "git", "connected", None))
    after = read_registry(path)
    assert after.pop("new one").path == Path("/data/new")
    assert after == {name: each for name, each in datasets.items() if name != "new one"}
    return bool(datasets)


SETTINGS = (
    Target("preset", "preset.toml", odd_toml, (_PRESET,), _read_preset),
    Target("cluster profile", "cluster.toml", odd_toml, _PROFILES, _read_profile),
    Target("rules of places and times", "rules.toml", odd_toml, (_RULES,), _read_rules),
    Target("registry of datasets", "data.toml", odd_toml, (_REGISTRY,), _read_registry),
)
