"""Every reader of files that BADC has, as a target."""

from tests.fuzz.target import Target
from tests.fuzz.targets.detections import DETECTIONS
from tests.fuzz.targets.hawkears import HAWKEARS
from tests.fuzz.targets.manifest import MANIFESTS
from tests.fuzz.targets.plans import PLANS
from tests.fuzz.targets.recordings import RECORDINGS
from tests.fuzz.targets.records import RECORDS
from tests.fuzz.targets.settings import SETTINGS

TARGETS: tuple[Target, ...] = (
    *MANIFESTS, *DETECTIONS, *HAWKEARS, *RECORDS, *PLANS, *SETTINGS, *RECORDINGS,
)  # fmt: skip
