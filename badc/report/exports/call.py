"""A detection as reviewers see it: an interval of a recording with a name."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

_BINOMIAL = re.compile(r"[A-Z][a-z]+ [a-z][a-z-]+(?: [a-z][a-z-]+)?")


@dataclass(frozen=True, slots=True)
class Call:
    """One detection, placed in its recording.

    Attributes:
        start_ms, end_ms: from the recording's start; equal where no end is known.
        label: its label.
        code, name: its species code and its name in words; the label where there is none.
        confidence: or None.
    """

    start_ms: int
    end_ms: int
    label: str
    code: str
    name: str
    confidence: float | None

    @property
    def start_s(self) -> str:
        """Seconds, to the millisecond."""
        return seconds(self.start_ms)

    @property
    def end_s(self) -> str:
        """Seconds, to the millisecond."""
        return seconds(self.end_ms)

    @property
    def duration_s(self) -> str:
        """Seconds, to the millisecond."""
        return seconds(self.end_ms - self.start_ms)

    @property
    def score(self) -> str:
        """Confidence to four places, or nothing."""
        return "" if self.confidence is None else f"{self.confidence:.4f}"

    @property
    def scientific_and_common(self) -> tuple[str, str]:
        """Scientific name, where one is given at all, and common name.

        Known are labels such as ``Turdus merula_Eurasian Blackbird``, and a code or label that
        is itself a scientific name.
        """
        for text in (self.label, self.code):
            scientific, mark, common = text.partition("_")
            if _BINOMIAL.fullmatch(scientific):
                return scientific, common if mark and common else self.name
        return "", self.name


@dataclass(frozen=True, slots=True)
class Recording:
    """What the calls of one recording share.

    Attributes:
        recording_id: its name here.
        path: its file, where that is known.
        location, started: where and when (local ISO 8601), as far as known.
        seconds: how much of it was listened to, where known.
    """

    recording_id: str
    path: PurePosixPath | None = None
    location: str | None = None
    started: str | None = None
    seconds: float | None = None

    @property
    def file(self) -> str:
        """Its file's name; its id where the file is not known."""
        return self.path.name if self.path else self.recording_id


def seconds(time_ms: int) -> str:
    """Return milliseconds as seconds with three places, exactly."""
    sign = "-" if time_ms < 0 else ""
    return f"{sign}{abs(time_ms) // 1000}.{abs(time_ms) % 1000:03d}"


def one_line(text: str) -> str:
    """Return ``text`` for a format that cannot quote: tabs and line ends become spaces."""
    return " ".join(text.split())
