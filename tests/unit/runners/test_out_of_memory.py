import pytest

from badc.runners.out_of_memory import out_of_memory

TORCH = (
    "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total"
    " capacity of 7.79 GiB of which 1.12 GiB is free."
)


@pytest.mark.parametrize(
    "line",
    [
        TORCH,
        "RuntimeError: CUDA error: out of memory",
        "RuntimeError: cuda runtime error (2) : out of memory at /pytorch/aten/THCStorage.cpp:58",
        "cupy.cuda.memory.OutOfMemoryError: Out of memory allocating 8,000,000,000 bytes",
        "terminate called after throwing: cudaErrorMemoryAllocation",
        "CUDA_ERROR_OUT_OF_MEMORY",
        "RuntimeError: CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
        "RuntimeError: cuDNN error: CUDNN_STATUS_ALLOC_FAILED",
        "RuntimeError: cuFFT error: CUFFT_ALLOC_FAILED",
        "ResourceExhaustedError: OOM when allocating tensor with shape[1024,1024]",
        "XlaRuntimeError: RESOURCE_EXHAUSTED: Out of memory while trying to allocate 9 bytes.",
        "onnxruntime: Failed to allocate memory for requested buffer of size 8589934592",
        "[enforce fail at alloc_cpu.cpp:75] DefaultCPUAllocator: can't allocate memory: you tried",
        "  what():  std::bad_alloc",
        "MemoryError",
        "numpy._core._exceptions._ArrayMemoryError: Unable to allocate 7.28 TiB for an array",
        "OSError: [Errno 12] Cannot allocate memory",
    ],
)
def test_each_librarys_words_are_recognised_and_returned(line):
    traceback = f"Traceback (most recent call last):\n  File 'x.py', line 1\n{line}\nlast words\n"
    assert out_of_memory(traceback, 1) == line.strip()[:200]


@pytest.mark.parametrize("returncode", [-9, 137])
def test_a_killed_process_is_taken_for_one_that_the_system_ended(returncode):
    assert "SIGKILL" in out_of_memory("nothing said", returncode)


@pytest.mark.parametrize("returncode", [None, 0, 1, 9, -15, -11, 134, 143])
@pytest.mark.parametrize(
    "text",
    [
        "",
        "FileNotFoundError: no checkpoint in data/ckpt",
        "RuntimeError: CUDA error: device-side assert triggered",
        "RuntimeError: No CUDA GPUs are available",
        "UserWarning: pin_memory is set; lower the batch size should you run out of memory",
        "loaded the model into memory\nValueError: sample rate 0",
        "CUDA is here\nbut we ran out of memory cards",
    ],
)
def test_other_failures_say_nothing_about_memory(text, returncode):
    assert out_of_memory(text, returncode) is None
