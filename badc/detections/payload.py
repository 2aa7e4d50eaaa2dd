"""What a runner hands over: detections, bare or within a payload."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from badc.detections.detection import Detection, DetectionFormError

_SHOWN_DIGITS = 40


@dataclass(frozen=True, slots=True)
class Heard:
    """What one runner heard in one chunk.

    Attributes:
        detections: in the runner's order.
        model_version: the model that listened, where the runner says.
        extra: further fields for the chunk's JSON (``hawkears_output``, for example).
        stdout: the end of what the runner printed.
    """

    detections: tuple[Detection, ...]
    model_version: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    stdout: str = ""


def parse_payload(raw: bytes) -> Any:  # noqa: ANN401 - JSON may hold anything
    """Return the JSON value in ``raw`` (UTF-8, BOM tolerated).

    Raises:
        DetectionFormError: it is no JSON text, or holds NaN or infinite numbers.
    """
    try:
        return _JSON.decode(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise DetectionFormError(f"not UTF-8 text (byte {error.start}).") from None
    except json.JSONDecodeError as error:
        reason = "empty" if not raw.strip() else f"{error.msg}, line {error.lineno}"
        raise DetectionFormError(f"not JSON ({reason}).") from None
    except (RecursionError, ValueError) as error:
        raise DetectionFormError(f"not usable JSON ({error}).") from None


def detections_from(payload: object) -> tuple[Detection, ...]:
    """Return the detections of a payload: an object with a ``detections`` list, or a bare list.

    Raises:
        DetectionFormError: it is neither, or an entry is no detection.
    """
    entries = payload.get("detections") if isinstance(payload, dict) else payload
    if not isinstance(entries, list):
        raise DetectionFormError("holds no 'detections' list.")
    return tuple(Detection.from_json(entry) for entry in entries)


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError(f"{digits[:_SHOWN_DIGITS]} is too large a number")
    return number


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON number")


_JSON = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite)
