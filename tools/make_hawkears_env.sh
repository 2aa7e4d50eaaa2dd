#!/bin/sh
# Build, once, what the HawkEars 2.3 tests run on:
#
#   tools/make_hawkears_env.sh [FOLDER]        FOLDER defaults to .cache/hawkears
#
#   FOLDER/venv   HawkEars 2.3 with the torch that pip finds here (CPU or CUDA)
#   FOLDER/root   a HawkEars data root whose checkpoints are our own: they know one song
#
# What is already built is kept, so an interrupted build may be started again.
# PYTHON names the interpreter to build with (default: python3); pip's own settings and
# environment variables apply.
set -eu

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
folder=${1:-.cache/hawkears}
mkdir -p "$folder"
folder=$(CDPATH= cd -- "$folder" && pwd)
venv=$folder/venv
root=$folder/root

if [ ! -e "$venv/complete" ]; then
    "${PYTHON:-python3}" -m venv --clear "$venv"
    pip() { "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "$@"; }
    pip 'torch==2.13.0'
    # --no-deps: their own lists would bring a window toolkit, ONNX and plotting, which
    # analysis never imports, and could replace the torch chosen above.
    pip --no-deps hawkears==2.3.0 britekit==1.8.4 timm==1.0.31 torchaudio==2.11.0 torchvision==0.28.0
    pip 'numpy>=2.0,<2.4' 'av>=18,<19' 'librosa>=0.11,<1' 'soundfile>=0.13,<1' 'omegaconf>=2.3,<3' \
        'click>=8.1,<8.3' 'pandas>=2.0,<2.5' 'polars>=1.30,<2' 'psutil<8' 'scipy>=1.13,<2' \
        pillow pyyaml rich safetensors huggingface_hub
    # Beside a torch without CUDA, torchaudio's CUDA-linked extension cannot load; what
    # HawkEars uses of torchaudio is written in Python.
    "$venv/bin/python" - <<'PYTHON_END'
import importlib.util
import pathlib
import torch

if torch.version.cuda is None:
    library = pathlib.Path(importlib.util.find_spec("torchaudio").origin).parent / "lib"
    for extension in library.glob("*.so"):
        extension.unlink()
PYTHON_END
    touch "$venv/complete"
fi

if [ ! -e "$root/complete" ]; then
    rm -rf "$root"
    "$venv/bin/python" "$here/train_tiny_hawkears.py" "$root"
    touch "$root/complete"
fi

echo "BADC_HAWKEARS_PYTHON=$venv/bin/python"
echo "BADC_HAWKEARS_ROOT=$root"
