"""How every picture looks: colours, fonts, and SVG that stands inside a page."""

from __future__ import annotations

import re
from io import BytesIO, StringIO
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from antitrypsim.evidence.grade import GRADES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK = "#1f2933"
MUTED = "#52606d"
RULE = "#cbd2d9"
PAPER = "#ffffff"
REFERENCE = "#616e7c"
PUBLISHED = "#1f2933"
ARMS = ("#0072b2", "#b84c00", "#00755a", "#8f4f9f", "#8a6d00")
"""Blue, vermilion, green, purple and ochre after Okabe and Ito, darkened so that words in these
colours can be read on white (contrast above 4.5 to 1)."""

GRADE_COLOURS = dict(zip(GRADES, ("#00755a", "#0072b2", "#8a6d00", "#b84c00"), strict=True))
"""A colour for each grade of a parameter, best first."""

FONTS = "system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'Liberation Sans', sans-serif"
SETTINGS: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "axes.titlesize": 10,
    "axes.labelsize": 10,
    "xtick.labelsize": 10,
    "ytick.labelsize": 10,
    "axes.edgecolor": RULE,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "svg.fonttype": "none",
    # A dollar sign in somebody's title is no formula.
    "text.parse_math": False,
    "figure.dpi": 100,
    # The page shows through, so that the shadow at the edge of a box that scrolls is seen.
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
}
WIDTH = 5.4

# The smallest font that can be read and the largest wanted, in CSS pixels, and where an SVG says how wide and high.
_READABLE, _LARGEST = 9, 16.5
_VIEW = re.compile(r'viewBox="0 0 ([\d.]+) ')
_FONT = re.compile(r"font(?:-size)?: [^;\"']*?([\d.]+)px")


def colours(arms: list[str], reference: str | None) -> dict[str, str]:
    """Return a colour for each arm; the reference is grey."""
    others = [arm for arm in arms if arm != reference]
    found = {arm: ARMS[k % len(ARMS)] for k, arm in enumerate(others)}
    return found | ({reference: REFERENCE} if reference else {})


def new(width: float = WIDTH, height: float = 3.4, **grid: Any) -> tuple[Figure, Any]:
    """Return a figure and its axes, without any global state; call within ``settings``."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure, figure.subplots(**grid)


def bare(width: float, height: float) -> Figure:
    """Return a figure without axes, for one that lays itself out."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    return figure


def settings() -> Any:
    """Return the context in which pictures are drawn and saved."""
    import matplotlib

    return matplotlib.rc_context(SETTINGS)


def quiet(axes: Axes, *, grid: str = "y") -> None:
    """Take away what says nothing, and leave light lines to read values from."""
    axes.grid(True, axis=grid, color="#e4e7eb", linewidth=0.7)  # type: ignore[arg-type]
    axes.set_axisbelow(True)
    axes.tick_params(length=0)


def spread_labels(places: list[float], least: float) -> list[float]:
    """Return places moved apart so that neighbours are at least ``least`` from each other."""
    order = sorted(range(len(places)), key=lambda k: places[k])
    moved = list(places)
    for _ in range(50):
        for a, b in pairwise(order):
            lack = least - (moved[b] - moved[a])
            if lack > 1e-12:
                moved[a] -= lack / 2
                moved[b] += lack / 2
    return moved


def to_svg(figure: Figure, name: str) -> str:
    """Return the figure as SVG for a page: words stay words, ids do not clash."""
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    text, dpi = StringIO(), figure.dpi
    with matplotlib.rc_context({**SETTINGS, "svg.hashsalt": name}):
        # What savefig does, but for drawing all once more beforehand to lay it out.
        figure.set_facecolor(SETTINGS["savefig.facecolor"])
        FigureCanvasSVG(figure).print_svg(text, metadata={"Date": None, "Creator": None})
        figure.set_dpi(dpi)
    svg = text.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r"'DejaVu Sans'[^;\"]*", FONTS.replace('"', "'"), svg)
    for mark in (r'id="', r'href="#', r"url\(#"):
        svg = re.sub(mark, lambda m: f"{m.group(0)}{name}-", svg)
    return svg.strip()


def widths(svg: str) -> tuple[float, float]:
    """Return between which widths in CSS pixels the words of an SVG are neither small nor huge."""
    size = _VIEW.search(svg)
    width = float(size[1]) if size else 0.0
    fonts = [float(found) for found in _FONT.findall(svg)] or [_LARGEST]
    return _READABLE * width / min(fonts), _LARGEST * width / max(fonts)


def to_png(figure: Figure, dpi: int = 150) -> bytes:
    """Return the figure as PNG."""
    data = BytesIO()
    with settings():
        figure.savefig(data, format="png", dpi=dpi, facecolor=PAPER)
    return data.getvalue()
