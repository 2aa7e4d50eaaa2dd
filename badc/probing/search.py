"""The search for the longest length that fits, without knowing what fitting means."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Where to search. All are at least 1.

    Attributes:
        initial_ms: the length to try first.
        most_ms: the longest that can be tried.
        tolerance_ms: how close the answer must come to the truth.
    """

    initial_ms: int
    most_ms: int
    tolerance_ms: int


@dataclass(frozen=True, slots=True)
class Longest:
    """What a search found.

    Attributes:
        fits_ms: the longest length that was seen to fit; 0 where none was.
        too_long_ms: the shortest that was seen not to fit, or None where all did: then the truth
            may lie beyond what could be tried.
    """

    fits_ms: int
    too_long_ms: int | None


def longest(fits: Callable[[int], bool], limits: Limits) -> Longest:
    """Find the longest length for which ``fits`` holds, taking for granted that shorter ones do.

    From ``initial_ms`` the length is doubled while it fits; then the interval between what fits
    and what does not is halved until it is no wider than ``tolerance_ms``. No length is tried
    twice. Where nothing fits, the search ends at lengths up to ``tolerance_ms``.
    """
    fitting, too_long = 0, None
    length = min(limits.initial_ms, limits.most_ms)
    while True:
        if fits(length):
            fitting = length
        else:
            too_long = length
        if too_long is None:
            if fitting == limits.most_ms:
                break
            length = min(2 * fitting, limits.most_ms)
        elif too_long - fitting <= limits.tolerance_ms:
            break
        else:
            length = (fitting + too_long) // 2
    return Longest(fitting, too_long)
