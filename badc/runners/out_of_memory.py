"""Whether a runner failed because memory ran out, by what it said and how it ended.

Libraries have no common word for it. Each sign here is what one of them prints when it is refused
memory, and nothing that they print otherwise.
"""

import re
import signal

_SIGNS = re.compile(
    r"^.*?("
    r"CUDA[^\n]{0,60}?out of memory"  # PyTorch, the CUDA runtime, CuPy
    r"|(?:^|: )out of memory"  # XLA, and programs of one's own
    r"|\w*OutOfMemoryError"
    r"|cudaErrorMemoryAllocation|CUDA_ERROR_OUT_OF_MEMORY"
    r"|CU[A-Z]+(?:_STATUS)?_ALLOC_FAILED"  # cuBLAS, cuDNN, cuFFT, cuSOLVER, cuSPARSE
    r"|OOM when allocating|ResourceExhaustedError"  # TensorFlow
    r"|Failed to allocate memory for requested buffer"  # ONNX Runtime
    r"|DefaultCPUAllocator: (?:can't allocate|not enough) memory"  # PyTorch on a CPU
    r"|std::bad_alloc|\w*MemoryError\b"
    r"|Cannot allocate memory"  # what the C library makes of ENOMEM
    r").*$",
    re.MULTILINE | re.IGNORECASE,
)
_KILLED = frozenset({-signal.SIGKILL, 128 + signal.SIGKILL})  # the latter is what a shell reports
_LONGEST_WORDS = 200


def out_of_memory(text: str, returncode: int | None = None) -> str | None:
    """Return the words by which a failed attempt shows that memory ran out, or None.

    Args:
        text: what the runner wrote on standard error, and what was said of its failure.
        returncode: its exit status, negative for a signal, where it ended by itself. SIGKILL
            counts: it is how Linux ends a process when the host's memory has run out.
    """
    said = _SIGNS.search(text)
    if said is not None:
        return said[0].strip()[:_LONGEST_WORDS]
    if returncode in _KILLED:
        return "killed (SIGKILL), as Linux does when the host's memory has run out"
    return None
