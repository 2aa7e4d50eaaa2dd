"""How pictures look: one calm style, dark on light, colours that colour-blind readers can tell."""

import base64
import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import matplotlib as mpl
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from PIL import Image

INK = "#22302f"
MUTED = "#6b7977"
RULE = "#dfe4e1"
PAPER = "#ffffff"
ACCENT = "#1d6b6b"
WARM = "#c4692b"
ABSENT = "#f0f2f1"
HATCH = "#c3cbc8"
SEQUENCE = LinearSegmentedColormap.from_list(
    "depth", ["#f3f7f5", "#c3dfd8", "#7fbbb3", "#358c8a", "#125a60", "#0b3441"]
)
# Okabe and Ito's colours, the faint yellow left out; what has no colour of its own is grey
SPECIES_COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9")
OTHER_COLOUR = "#b9c1bf"

WIDTH_IN = 9.6
_PNG_COLOURS = 64
_MEASURED_FONT = "DejaVu Sans"  # comes with matplotlib; what readers see is their own
_SHOWN_FONTS = "'Inter', 'Helvetica Neue', 'Arial', 'Noto Sans', 'DejaVu Sans', sans-serif"

_STYLE = {
    "font.family": _MEASURED_FONT,
    "font.size": 10,
    "text.color": INK,
    "text.parse_math": False,  # a label may hold dollar signs
    "axes.edgecolor": RULE,
    "axes.labelcolor": MUTED,
    "axes.labelsize": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.facecolor": PAPER,
    "figure.facecolor": PAPER,
    "xtick.color": MUTED,
    "ytick.color": INK,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9.5,
    "xtick.major.size": 3,
    "ytick.major.size": 0,
    "ytick.major.pad": 6,
    "svg.fonttype": "none",  # letters stay letters: sharp, small, in any script
    "svg.hashsalt": "badc",  # the same picture is the same bytes
    "hatch.linewidth": 0.6,
    "axes.unicode_minus": False,
}


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture to be put into the page.

    Attributes:
        uri: the whole picture as a ``data:`` address.
        alt: what it shows, in words, for those who cannot see it.
        width, height: natural size in pixels.
    """

    uri: str
    alt: str
    width: int
    height: int


@contextmanager
def house_style() -> Iterator[None]:
    """Draw in the house style; letters that the measuring font lacks are no warning."""
    with mpl.rc_context(_STYLE), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        warnings.filterwarnings("ignore", message="Matplotlib currently does not support")
        yield


def as_svg(figure: Figure, alt: str) -> Picture:
    """Return a finished figure as a sharp, small picture."""
    stream = io.BytesIO()
    figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    text = stream.getvalue().decode().replace(f"'{_MEASURED_FONT}'", _SHOWN_FONTS)
    width, height = figure.get_size_inches() * 96
    return Picture(data_uri("image/svg+xml", text.encode()), alt, round(width), round(height))


def as_png(figure: Figure, alt: str, dpi: int = 110) -> Picture:
    """Return a finished figure as pixels: for pictures with very many parts."""
    drawn, stream = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, format="png", dpi=dpi)
    # few colours make a noisy picture half as large, and nobody can tell
    few = Image.open(drawn).convert("RGB").quantize(_PNG_COLOURS, kmeans=1)
    few.save(stream, format="png", optimize=True)
    return Picture(data_uri("image/png", stream.getvalue()), alt, *few.size)


def data_uri(kind: str, content: bytes) -> str:
    """Return ``content`` as an address that needs no network."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
