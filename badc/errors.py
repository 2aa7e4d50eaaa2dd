"""The errors that BADC raises on purpose.

Each says what is wrong and where (``message``) and how to mend it (``hint``). All of them
survive pickling, because a chunk may fail in another process than the one that reports it.
"""


class BadcError(Exception):
    """Something BADC can name. Subclasses decide the exit code and whether a retry can help.

    Attributes:
        exit_code: what ``badc`` exits with when this error ends a command.
        transient: whether the same work may succeed when simply tried again.
    """

    exit_code = 1
    transient = False

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    @property
    def subject(self) -> str:
        """What the message speaks of: the file or option before its first colon."""
        return self.message.partition(": ")[0]

    def __str__(self) -> str:
        """Return one line: what is wrong, then how to mend it."""
        text = f"{self.message} {self.hint}" if self.hint else self.message
        return " ".join(filter(None, map(str.strip, text.splitlines())))


class UsageError(BadcError):
    """The request cannot be carried out as it stands: an option, a path or an input file."""

    exit_code = 2


class AttemptError(BadcError):
    """One attempt at one chunk failed.

    Attributes:
        returncode: the runner's exit status, where a process was run and ended by itself.
        stderr_tail: the end of what the runner wrote on standard error.
    """

    transient = True

    def __init__(
        self, message: str, hint: str = "", returncode: int | None = None, stderr_tail: str = ""
    ) -> None:
        super().__init__(message, hint)
        self.args = (message, hint, returncode, stderr_tail)
        self.returncode = returncode
        self.stderr_tail = stderr_tail


class SlotLostError(AttemptError):
    """An attempt failed because of the slot's device, not of the chunk.

    Another slot, or this one opened afresh, may hear the chunk; it is not tried again in place.

    Attributes:
        slot: the slot's label.
        attempt: which attempt at the chunk this was, from 1.
    """

    def __init__(self, failed: AttemptError, fault: str, slot: str, attempt: int) -> None:
        """Tell ``failed`` and the words that speak of the device, ``fault``."""
        message = f"{failed.message.removesuffix('.')} ({fault})."
        super().__init__(message, failed.hint, failed.returncode, failed.stderr_tail)
        self.args = (failed, fault, slot, attempt)
        self.slot = slot
        self.attempt = attempt


class ChunkUnreadableError(AttemptError):
    """The chunk itself cannot be listened to; another attempt would meet the same file."""

    transient = False


class OutOfTimeError(AttemptError):
    """The attempt met its time limit and was ended."""


class RunStoppedError(BadcError):
    """The run is ending, so this piece of work was not begun or was broken off."""


class RunFailedError(BadcError):
    """A run ended with chunks that could not be heard."""


class RunStalledError(RunFailedError):
    """A run that heard of nothing for longer than anything under way may take."""


class RunCancelledError(BadcError):
    """Somebody cancelled the flow run in Prefect; what was done until then is kept.

    Attributes:
        around: whether it was a run around this one that was cancelled, and this with it.
    """

    exit_code = 3

    def __init__(self, message: str, hint: str = "", *, around: bool = False) -> None:
        super().__init__(message, hint)
        self.around = around


class RecordsLostError(RunFailedError):
    """A run whose log or summary could not be written to the end; its JSON are not concerned."""


class Terminated(BaseException):
    """SIGTERM arrived. No Exception, so that nothing on the way takes it for a failed chunk."""
