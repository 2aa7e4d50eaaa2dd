"""One labelled interval with a confidence."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from badc.errors import BadcError

_KNOWN = frozenset({"timestamp_ms", "end_ms", "confidence", "label", "label_code", "label_name"})
_FARTHEST_MS = 2**53  # beyond this a JSON number is no longer exact


class DetectionFormError(BadcError):
    """What a runner or file calls a detection is not one."""


@dataclass(frozen=True, slots=True)
class Detection:
    """One sound that a runner labelled.

    Attributes:
        timestamp_ms, end_ms: interval in whole milliseconds from the chunk's start, where given.
        label, label_code, label_name: what was heard, in the runner's own terms.
        confidence: 0 to 1, where given.
        extra: whatever else the runner said about it, kept as it came.
    """

    timestamp_ms: int | None = None
    end_ms: int | None = None
    label: str | None = None
    label_code: str | None = None
    label_name: str | None = None
    confidence: float | None = None
    extra: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def from_json(cls, value: object) -> "Detection":
        """Read one entry of a ``detections`` list; times are rounded to whole milliseconds.

        Raises:
            DetectionFormError: it is no object, or a field has an impossible type or value.
        """
        if not isinstance(value, dict):
            raise DetectionFormError(f"a detection is {_named(value)}, not an object.")
        start_ms, end_ms = _time(value, "timestamp_ms"), _time(value, "end_ms")
        if start_ms is not None and end_ms is not None and end_ms < start_ms:
            raise DetectionFormError(
                f"a detection ends (end_ms {end_ms}) before it begins (timestamp_ms {start_ms})."
            )
        return cls(
            timestamp_ms=start_ms,
            end_ms=end_ms,
            label=_text(value, "label"),
            label_code=_text(value, "label_code"),
            label_name=_text(value, "label_name"),
            confidence=_confidence(value),
            extra={}
            if value.keys() <= _KNOWN
            else {name: part for name, part in value.items() if name not in _KNOWN},
        )

    @property
    def counted_as(self) -> str:
        """What tables call it: its label, else its code, else its name, else ``unknown``."""
        return self.label or self.label_code or self.label_name or "unknown"

    def to_json(self) -> dict[str, Any]:
        """Return the wire form: only what is known about it, in a fixed order."""
        known = {
            "timestamp_ms": self.timestamp_ms,
            "end_ms": self.end_ms,
            "label": self.label,
            "label_code": self.label_code,
            "label_name": self.label_name,
            "confidence": self.confidence,
        }
        return {name: part for name, part in known.items() if part is not None} | dict(self.extra)


def _named(value: object) -> str:
    kinds = {list: "a list", str: "a text", type(None): "null", bool: "a truth value"}
    return kinds.get(type(value), "a number")


def _number(entry: dict[str, Any], name: str) -> int | float | None:
    value: object = entry.get(name)
    if value is None:
        return None
    if type(value) is not int and type(value) is not float:  # a truth value is an int as well
        raise DetectionFormError(f"{name} of a detection is {_named(value)}, not a number.")
    if not -_FARTHEST_MS <= value <= _FARTHEST_MS:  # no number (NaN) is neither
        raise DetectionFormError(f"{name} of a detection is {value}, which cannot be.")
    return value


def _time(entry: dict[str, Any], name: str) -> int | None:
    value = _number(entry, name)
    if value is None:
        return None
    if value < 0:
        raise DetectionFormError(f"{name} of a detection is {value}: before the chunk's start.")
    return value if type(value) is int else math.floor(value + 0.5)


def _text(entry: dict[str, Any], name: str) -> str | None:
    value = entry.get(name)
    if value is not None and not isinstance(value, str):
        raise DetectionFormError(f"{name} of a detection is {_named(value)}, not a text.")
    return value


def _confidence(entry: dict[str, Any]) -> float | None:
    value = _number(entry, "confidence")
    if value is not None and not 0 <= value <= 1:
        raise DetectionFormError(f"confidence of a detection is {value}, not within 0 to 1.")
    return value
