"""A stand-in for HawkEars 1.x's analyze.py: its flags, files and habits; a level meter for a net.

It knows one bird, which is anything loud. It reads WAV alone and needs nothing but Python.
"""

import argparse
import csv
import glob
import logging
import math
import os
import struct
import sys
import threading
import time
import wave

WINDOW_S, STEP_S, LOUD = 3.0, 1.5, 0.05
AUDIO = (".wav", ".flac", ".mp3", ".ogg")


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("-b", "--band", type=int, default=1)
    parser.add_argument("-d", "--debug", action="store_true")
    parser.add_argument("--embed", action="store_true")
    parser.add_argument("--fast", action="store_true")
    parser.add_argument("-e", "--end", type=str, default="")
    parser.add_argument("-i", "--input", type=str, default="")
    parser.add_argument("-o", "--output", type=str, default="")
    parser.add_argument("--overlap", type=float, default=1.5)
    parser.add_argument("-m", "--merge", type=int, default=1)
    parser.add_argument("-p", "--min_score", type=float, default=0.8)
    parser.add_argument("--recurse", action="store_true")
    parser.add_argument("--rtype", type=str, default="audacity")
    parser.add_argument("-s", "--start", type=str, default="")
    parser.add_argument("--threads", type=int, default=3)
    for name in ("--date", "--filelist", "--region"):
        parser.add_argument(name, type=str, default=None)
    for name in ("--lat", "--lon"):
        parser.add_argument(name, type=float, default=None)
    return parser.parse_args()


def recordings(path):
    if os.path.isdir(path):
        files = sorted(entry.path for entry in os.scandir(path) if entry.is_file())
        return [file for file in files if os.path.splitext(file)[1].lower() in AUDIO]
    if os.path.splitext(path)[1].lower() not in AUDIO:
        logging.error(f"Error: {path} is not a directory or an audio file")
        sys.exit()
    return [path]


def load_models():
    paths = sorted(glob.glob("data/ckpt/*.ckpt"))
    if not paths:
        logging.error("Error: no checkpoints found in data/ckpt")
        sys.exit()
    for path in paths:
        with open("model.txt", "a") as file:
            file.write(f"{path} loaded by {os.getpid()}\n")
        if path.endswith("slow.ckpt"):
            time.sleep(600)
        if path.endswith("broken.ckpt"):
            threading.Thread(target=lambda: 1 / 0).start()


def levels(path):
    try:
        with wave.open(path) as file:
            rate, count = file.getframerate(), file.getnframes()
            samples = struct.unpack(f"<{count}h", file.readframes(count))
    except Exception as error:
        logging.error(f"Caught exception in audio load of {path}: {error}")
        return
    start = 0.0
    while start < count / rate:
        window = samples[int(start * rate) : int((start + WINDOW_S) * rate)]
        level = math.sqrt(sum(s * s for s in window) / len(window)) / 32768
        if level >= LOUD:
            yield start, start + WINDOW_S, min(1.0, 0.9 + level / 10)
        start += STEP_S


def merged(labels):
    kept = []
    for start, end, score in labels:
        if kept and kept[-1][1] >= start:
            kept[-1] = (kept[-1][0], end, max(score, kept[-1][2]))
        else:
            kept.append((start, end, score))
    return kept


def main():
    args = arguments()
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.INFO,
        format="%(asctime)s.%(msecs)03d %(message)s",
        datefmt="%H:%M:%S",
    )
    logging.info("Initializing")
    if args.rtype.lower() not in ("audacity", "csv", "both"):
        logging.error('Error: --rtype argument must be "audacity", "csv" or "both".')
        sys.exit()
    os.makedirs(args.output, exist_ok=True)
    paths = recordings(args.input)
    load_models()
    rows = []
    for path in paths:
        logging.info(f"Thread 1: Analyzing {path}")
        labels = [label for label in levels(path) if label[2] >= args.min_score]
        if args.merge:
            labels = merged(labels)
        rows += [(os.path.basename(os.path.realpath(path)), *label) for label in labels]
        if args.rtype.lower() != "csv":
            stem = os.path.splitext(os.path.basename(path))[0]
            with open(os.path.join(args.output, f"{stem}_HawkEars.txt"), "w") as file:
                file.writelines(f"{start}\t{end}\tCOYE;{score}\n" for start, end, score in labels)
    with open(os.path.join(args.output, "HawkEars_summary.txt"), "w") as file:
        file.write(f"version {open('version.txt').read().strip()}\nregion {args.region}\n")
    if args.rtype.lower() == "audacity":
        return
    with open(os.path.join(args.output, "HawkEars_labels.csv"), "w", newline="") as file:
        table = csv.writer(file)
        table.writerow("filename start_time end_time class_name class_code score".split())
        for name, start, end, score in sorted(rows):
            row = (name, f"{start:.3f}", f"{end:.3f}", "Common Yellowthroat", "COYE")
            table.writerow((*row, f"{score:.3f}"))


main()
