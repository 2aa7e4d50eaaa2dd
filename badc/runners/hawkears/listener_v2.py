"""The process that keeps HawkEars 2.x open: ``PYTHON listener_v2.py SCRATCH OPTION …``.

A question is ``{"audio": path, "output": folder}``. Each is heard by HawkEars' own command,
``hawkears analyze``, so that options, messages and files are what they are on its command line;
only what it loads is kept from one chunk to the next. The answer says no more than that the command
came to its end: whether the chunk was heard is told by what it said and wrote.

``PYTHON listener_v2.py --parse OPTION …`` only asks HawkEars whether it knows these options, and
exits with 2 where it does not.

This file runs under whichever Python holds HawkEars and may import nothing of BADC, save by its
place the child's side of the pipe, which needs nothing but Python either.
"""

import contextlib
import functools
import importlib
import importlib.util
import sys
import tempfile
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

_CHILD_SIDE = Path(__file__).resolve().parent.parent / "resident_child.py"
_WARM_UP_S = 3
_WARM_UP_RATE_HZ = 32_000
_LOADERS = (  # a later HawkEars without one of these loads for each chunk: slower, not wrong
    ("britekit.models.model_loader", "load_from_checkpoint"),
    ("hawkears.core.class_manager", "load_from_checkpoint"),
    ("hawkears.core.occurrence_manager", "OccurrencePickleProvider"),
)


def mend_torchvision() -> None:
    """Declare torchvision's operators where its own library cannot; else do nothing.

    A torch without CUDA may come with a torchvision that was built for CUDA: its library cannot be
    loaded, and importing it then fails because two operators, which HawkEars never calls, were not
    declared.
    """
    torch = importlib.import_module("torch")
    place = importlib.util.find_spec("torchvision")
    if torch.version.cuda is not None or place is None or place.origin is None:
        return
    for library in Path(place.origin).parent.glob("_C*.so"):
        with contextlib.suppress(OSError):
            torch.ops.load_library(str(library))
            return
    declare = torch.library.Library("torchvision", "DEF")
    for name in ("nms", "qnms"):
        declare.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    _kept.append(declare)  # a declaration lasts as long as its library object


_kept: list[object] = []


def keep_what_is_loaded() -> None:
    """Let HawkEars read each checkpoint and table of occurrences once, whoever asks for it.

    A load that fails is not kept: the next chunk tries again.
    """
    for place, name in _LOADERS:
        with contextlib.suppress(ImportError, AttributeError):
            module = importlib.import_module(place)
            load = getattr(module, name)
            if not hasattr(load, "cache_info"):
                setattr(module, name, functools.cache(load))
    with contextlib.suppress(ImportError, AttributeError):
        predictor = importlib.import_module("britekit.core.predictor").Predictor
        predictor.save_manifest = _kept_manifest(predictor.save_manifest)


def _kept_manifest(save: Callable[..., None]) -> Callable[..., None]:
    """Describe models and settings once: the text takes longer to make than a chunk to hear."""
    written: list[bytes] = []

    @functools.wraps(save)
    def save_manifest(predictor: object, output_path: str, *rest: Any) -> None:  # noqa: ANN401
        manifest = Path(output_path, "manifest.yaml")
        if written:
            manifest.write_bytes(written[0])
        else:
            save(predictor, output_path, *rest)
            written.extend([manifest.read_bytes()] if manifest.is_file() else [])

    return save_manifest


def opened(scratch: str, options: list[str]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Load HawkEars and, by hearing silence with it, the models that these options ask for.

    An option that HawkEars does not know is raised here. What else may be wrong is said again
    about every chunk.
    """
    mend_torchvision()
    analyze = importlib.import_module("hawkears.cli").cli.main
    keep_what_is_loaded()

    def hear(question: dict[str, Any]) -> dict[str, Any]:
        # What it does not catch ends this process, as it would end the command's own.
        words = ["analyze", "-i", question["audio"], "-o", question["output"], *options]
        analyze(words, prog_name="hawkears", standalone_mode=False)
        return {"ended": True}

    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        silence = Path(folder, "silence.wav")
        with wave.open(str(silence), "wb") as sound:
            sound.setparams((1, 2, _WARM_UP_RATE_HZ, 0, "NONE", ""))
            sound.writeframes(bytes(2 * _WARM_UP_RATE_HZ * _WARM_UP_S))
        hear({"audio": str(silence), "output": str(Path(folder, "output"))})
    return hear


def parse(options: list[str]) -> int:
    """Return 0 where HawkEars can take these options, else say why not and return 2."""
    mend_torchvision()
    exceptions = importlib.import_module("click.exceptions")
    command = importlib.import_module("hawkears.cli").cli.commands["analyze"]
    try:
        with contextlib.suppress(exceptions.Exit):  # --help and the like
            command.make_context("hawkears analyze", options)
    except exceptions.ClickException as error:
        sys.stderr.write(f"{error.format_message()}\n")
        return 2
    return 0


def main() -> None:
    """Listen, or parse, as the command line says."""
    sys.path.pop(0)  # this folder: its names are not for HawkEars to import
    first, *options = sys.argv[1:]
    sys.argv[:] = ["hawkears"]
    if first == "--parse":
        sys.exit(parse(options))
    place = importlib.util.spec_from_file_location("resident_child", _CHILD_SIDE)
    if place is None or place.loader is None:
        sys.exit(f"{_CHILD_SIDE} cannot be imported.")
    child_side = importlib.util.module_from_spec(place)
    place.loader.exec_module(child_side)
    child_side.serve(lambda: opened(first, options))


if __name__ == "__main__":
    main()
