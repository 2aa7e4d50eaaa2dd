"""How often each label was heard in a chunk, small enough to be told with every event."""

from collections import Counter
from collections.abc import Iterable

from badc.detections.detection import Detection

_MOST_LABELS = 50  # a minute of forest has a dozen; a runner that invents labels fills no log


def label_counts(detections: Iterable[Detection]) -> dict[str, int]:
    """Return label -> detections, the most frequent first and at most 50 labels."""
    return dict(Counter(each.counted_as for each in detections).most_common(_MOST_LABELS))
