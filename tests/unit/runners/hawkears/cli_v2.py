"""A stand-in for the 2.x package's hawkears/cli.py: the options and habits of `hawkears analyze`.

It hears what the stand-in for 1.x hears, says what 2.3 says and ends as 2.3 ends.
"""

import argparse
import math
import os
import struct
import sys
import wave


def log(line):
    print(line, file=sys.stderr)


def arguments(words):
    parser = argparse.ArgumentParser(prog="hawkears analyze", allow_abbrev=False)
    for names in (
        ("-c", "--cfg"),
        ("-i", "--input"),
        ("-o", "--output"),
        ("--region",),
        ("--models",),
    ):
        parser.add_argument(*names)
    parser.add_argument("-r", "--rtype", default="audacity")
    parser.add_argument("--label", default="codes")
    parser.add_argument("-m", "--min_score", type=float, default=0.7)
    parser.add_argument("--low-band", action=argparse.BooleanOptionalAction)
    parser.add_argument("--quiet", action="store_true")
    return parser.parse_args(words)


def cli():
    if sys.argv[1] != "analyze":
        sys.exit(2)
    args = arguments(sys.argv[2:])
    if not os.path.isdir("data/ckpt"):
        log("Model checkpoint files not found. Run 'hawkears init' to initialize environment.")
        return
    if "csv" not in args.rtype:
        log(f"Error. invalid rtype value: {args.rtype}")
        return
    os.makedirs(args.output, exist_ok=True)
    if args.low_band and not os.path.isdir("data/ckpt-low-band"):
        log("low_band.yaml not found. Skipping low-band classifier.")
    with open(os.path.join(args.output, "manifest.yaml"), "w") as file:
        settings = open(args.cfg).read() if args.cfg else ""
        file.write(f"models: {args.models}\nlow_band: {args.low_band}\n{settings}")
        file.write(f"root: {os.getcwd()}\nHAWKEARS_DATA_DIR: {os.environ['HAWKEARS_DATA_DIR']}\n")
        file.write(f"sys.path[0]: {sys.path[0]}\n")
    analyze(args)


def analyze(args):
    try:
        with wave.open(args.input) as file:
            rate, count = file.getframerate(), file.getnframes()
            samples = struct.unpack(f"<{count}h", file.readframes(count))
    except Exception as error:
        log(f"Caught exception in audio load of {args.input}: {error}")
        log("Invalid audio duration: 0.0 seconds")
        log(f'Could not load recording "{args.input}": {error}')
        return
    if count / rate < 0.25:
        length = f"(length={count / rate:.2f} seconds, audio_error=None)"
        log(f"No predictions generated for {args.input} {length}")
        return
    if os.path.exists("data/half"):
        seconds = count / rate / 2
        log(
            f"Truncated audio from {args.input} after {seconds:.3f} s of decoded audio; discarded "
            "the damaged packet and all remaining audio: [Errno 1094995529] Invalid data"
        )
    label = {"codes": "COYE", "names": "Common Yellowthroat"}.get(args.label, "Geothlypis trichas")
    level = math.sqrt(sum(s * s for s in samples) / count) / 32768
    with open(os.path.join(args.output, "scores.csv"), "w") as file:
        file.write("recording,name,start_time,end_time,score\n")
        if level > 0.05:
            stem = os.path.splitext(os.path.basename(args.input))[0]
            file.write(f"{stem},{label},0.000,{count / rate + 0.25:.3f},0.951\n")
