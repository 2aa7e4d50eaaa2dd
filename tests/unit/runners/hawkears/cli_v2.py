"""A stand-in for the 2.x package's hawkears/cli.py: the options and habits of `hawkears analyze`.

It hears what the stand-in for 1.x hears, says what 2.3 says and ends as 2.3 ends. Files in the
root's data folder make it misbehave: half, hang, crash, memory, thread.
"""

import ctypes
import glob
import logging
import math
import os
import struct
import sys
import threading
import time
import wave

import click
from hawkears.core import class_manager


@click.group()
def cli():
    pass


@cli.command("analyze")
@click.argument("input_arg", required=False, type=click.Path(exists=True))
@click.option("-c", "--cfg", type=click.Path(exists=True))
@click.option("-i", "--input", "input_path", type=click.Path(exists=True))
@click.option("-o", "--output")
@click.option("-r", "--rtype", default="audacity")
@click.option("--region")
@click.option("--models", type=click.IntRange(1, 6))
@click.option("--label", default="codes")
@click.option("-m", "--min_score", type=float, default=0.7)
@click.option("--low-band/--no-low-band", default=None)
@click.option("--quiet", is_flag=True)
def analyze(input_arg, cfg, input_path, output, rtype, models, low_band, label, **_):
    if input_arg is not None and input_path is not None:
        raise click.UsageError("INPUT_PATH cannot be specified as both.")
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(message)s", force=True)
    if not os.path.isdir("data/ckpt"):
        logging.error(
            "Model checkpoint files not found. Run 'hawkears init' to initialize environment."
        )
        return
    if "csv" not in rtype:
        logging.error(f"Error. invalid rtype value: {rtype}")
        return
    os.makedirs(output, exist_ok=True)
    for path in sorted(glob.glob("data/ckpt/*.ckpt")):
        class_manager.load_from_checkpoint(path)
    if low_band and not os.path.isdir("data/ckpt-low-band"):
        logging.error("File low_band.yaml not found. Skipping low-band classifier.")
    with open(os.path.join(output, "manifest.yaml"), "w") as file:
        settings = open(cfg).read() if cfg else ""
        file.write(f"models: {models}\nlow_band: {low_band}\n{settings}")
        file.write(f"root: {os.getcwd()}\nHAWKEARS_DATA_DIR: {os.environ['HAWKEARS_DATA_DIR']}\n")
        file.write(f"sys.path[0]: {sys.path[0]}\npid: {os.getpid()}\n")
    misbehave()
    hear(input_path, output, label)
    print("Analyzing 1 recording(s)... 100%")


def misbehave():
    if os.path.exists("data/hang"):
        time.sleep(600)
    if os.path.exists("data/crash"):
        ctypes.string_at(0)
    if os.path.exists("data/memory"):
        raise RuntimeError("CUDA out of memory. Tried to allocate 20.00 MiB.")
    if os.path.exists("data/thread"):
        thread = threading.Thread(target=lambda: 1 / 0)
        thread.start()
        thread.join()


def hear(path, output, label):
    try:
        with wave.open(path) as file:
            rate, count = file.getframerate(), file.getnframes()
            samples = struct.unpack(f"<{count}h", file.readframes(count))
    except Exception as error:
        logging.error(f"Caught exception in audio load of {path}: {error}")
        logging.error("Invalid audio duration: 0.0 seconds")
        logging.error(f'Could not load recording "{path}": {error}')
        return
    if count / rate < 0.25:
        length = f"(length={count / rate:.2f} seconds, audio_error=None)"
        logging.warning(f"No predictions generated for {path} {length}")
        return
    if os.path.exists("data/half"):
        logging.warning(
            f"Truncated audio from {path} after {count / rate / 2:.3f} s of decoded audio; "
            "discarded the damaged packet and all remaining audio: [Errno 1094995529] Invalid data"
        )
    name = {"codes": "COYE", "names": "Common Yellowthroat"}.get(label, "Geothlypis trichas")
    level = math.sqrt(sum(s * s for s in samples) / count) / 32768
    with open(os.path.join(output, "scores.csv"), "w") as file:
        file.write("recording,name,start_time,end_time,score\n")
        if level > 0.05:
            stem = os.path.splitext(os.path.basename(path))[0]
            file.write(f"{stem},{name},0.000,{count / rate + 0.25:.3f},0.951\n")
