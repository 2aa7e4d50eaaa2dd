"""Which slots fail again and again, whatever chunk they are given."""

_MOST_LOSSES = 2


class SlotHealth:
    """Counts, per slot, the losses since the last chunk that it heard. Not thread-safe."""

    def __init__(self) -> None:
        self._losses: dict[str, set[str]] = {}
        self.retired: set[str] = set()

    def heard(self, label: str) -> None:
        """Take in that a slot has heard a chunk: it is well."""
        self._losses.pop(label, None)

    def lost(self, label: str, occasion: str) -> bool:
        """Take in that a slot was lost; return whether it is to be retired now.

        ``occasion`` tells losses apart: one may be reported by several chunks.
        """
        losses = self._losses.setdefault(label, set())
        losses.add(occasion)
        if len(losses) < _MOST_LOSSES or label in self.retired:
            return False
        self.retired.add(label)
        return True
