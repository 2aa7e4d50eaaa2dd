"""Whether a runner's last words tell of its GPU rather than of the chunk."""

import re

# As the driver, CUDA, PyTorch and TensorFlow put it.
_FAULT = re.compile(
    r"CUDA[^\n]{0,60}?out of memory|OOM when allocating"
    r"|torch\.(?:cuda\.)?OutOfMemoryError(?!: CUDA)"
    r"|CUDA_ERROR_\w+|CUDA error: [^\n]+|cudaError\w+|cuda runtime error"
    r"|CUDNN_STATUS_\w+|CUBLAS_STATUS_\w+|NVRM: Xid[^\n]*|\bXid\b[^\n]*"
    r"|GPU is lost|GPU has fallen off the bus|no CUDA-capable device is detected"
    r"|Unable to determine the device handle for GPU[^\n]*"
)
_LONGEST = 160


def device_fault(*said: str) -> str | None:
    """Return the words that tell of a GPU's fault or want of memory, or None."""
    for text in said:
        if match := _FAULT.search(text):
            return match[0][:_LONGEST]
    return None
