"""Lay out: a forest of all comparisons, each endpoint on its own axis, beside published numbers."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from antitrypsim.endpoints import endpoint
from antitrypsim.reports import style
from antitrypsim.reports.numbers import good, interval, number, typeset
from antitrypsim.reports.published import PLANNED
from antitrypsim.statistics.analysis import ANALYSES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from antitrypsim.reports.published import Beside
    from antitrypsim.reports.results import Line, Result
    from antitrypsim.reports.trial import TrialReport

# Inches: a row of one line of words, what a panel has besides its rows, and the part of that above.
_ROW, _HEAD, _ABOVE = 0.24, 0.68, 0.32
# Above this range the labels of an axis are powers of ten.
_FAR = 30.0
# Shares of the width: labels, axis, and the rest for the numbers.
_LEFT, _MIDDLE = 0.335, 0.3
_LINE, _LONGEST = 0.145, 21
# Letters of a title and of what stands at the other end of its line.
_ABREAST = 62


@dataclass(frozen=True)
class Mark:
    """One row of a panel."""

    label: str
    estimate: float
    lower: float | None
    upper: float | None
    decimals: int
    colour: str
    published: bool
    hollow: bool


@dataclass(frozen=True)
class Panel:
    """The rows that share an axis."""

    title: str
    ratio: bool
    side: str
    marks: tuple[Mark, ...]


def panels(report: TrialReport, colour: dict[str, str]) -> list[Panel]:
    """Return the comparisons of each analysis at its last visit, with the published ones."""
    found: list[Panel] = []
    used: set[Beside] = set()
    for result in report.results:
        last = result.last
        lines = [line for line in result.contrasts if line.when == last]
        if not lines or ANALYSES[result.plan.analysis].unit == "events":
            continue
        kind = "ratio" if lines[0].scale == "ratio" else "difference"
        if ANALYSES[result.plan.analysis].per_year:
            kind = "slope difference"
        real = [
            p for p in report.published
            if p.endpoint == result.endpoint and p not in used
            and (p.what.partition(",")[0] == kind or (kind == "ratio" and "ratio" in p.what))
        ]  # fmt: skip
        used.update(real)
        found.append(_panel(report, result, lines, real, colour))
    return found


def _panel(
    report: TrialReport, result: Result, lines: list[Line], real: list[Beside],
    colour: dict[str, str],
) -> Panel:  # fmt: skip
    several = len(report.groups) > 3
    last = lines[0].when
    timed = any(one.when and one.when != last for one in real)
    marks = []
    for one in (p for p in real if p.simulated is not None and p.how != PLANNED):
        assert one.simulated is not None
        at = f", {one.when}" if one.when else ""
        marks += [
            _mark(one.simulated, colour, f"this trial{at}"),
            _published(one, f"published{at}"),
        ]
    at = f", {last}" if timed else ""
    marks += [_mark(line, colour, line.label if several else f"this trial{at}") for line in lines]
    for one in real:
        if one.simulated is None or one.how == PLANNED:
            words = one.when if timed else "registered primary" if one.registered else one.of
            marks.append(_published(one, f"published{', ' if timed else ': '}{words}".rstrip(": ")))
    ratio = lines[0].scale == "ratio"
    unit = f" ({result.quotient})" if ratio else f" ({lines[0].unit})" if lines[0].unit else ""
    when = f", {last}" if last and not timed else ""
    title = f"{endpoint(result.endpoint).title}{unit}{when}"
    return Panel(title, ratio, _side(result, title), tuple(marks))


def _side(result: Result, title: str) -> str:
    """Return which side is better, and for whom where that has room beside the title."""
    if not result.favours:
        return "more is better" if result.better == "higher" else "less is better"
    side = result.favours.partition(" favours ")[0].split()[-2:]
    told = " ".join(side) + " favours " + result.favours.partition(" favours ")[2].rstrip(".")
    return told if len(title) + len(told) <= _ABREAST else f"{' '.join(side)} is better"


def draw_forest(report: TrialReport, colour: dict[str, str]) -> Figure | None:
    """Draw the forest, or nothing where no arms are compared."""
    found = panels(report, colour)
    if not found:
        return None
    heights = [_row(panel) * len(panel.marks) for panel in found]
    whole = sum(heights) + _HEAD * len(found)
    figure = style.bare(style.WIDTH, whole)
    top = whole
    for panel, height in zip(found, heights, strict=True):
        top -= _ABOVE
        axes = figure.add_axes((_LEFT, (top - height) / whole, _MIDDLE, height / whole))
        _draw_panel(axes, panel)
        y = (top + 0.09) / whole
        figure.text(0, y, panel.title, fontweight="bold", va="bottom")
        figure.text(1, y, panel.side, color=style.MUTED, va="bottom", ha="right")
        top -= height + _HEAD - _ABOVE
    return figure


def _mark(line: Line, colour: dict[str, str], label: str) -> Mark:
    return Mark(label, line.estimate, line.lower, line.upper, line.decimals,
                colour.get(line.arm, style.INK), False, False)  # fmt: skip


def _published(one: Beside, label: str) -> Mark:
    return Mark(label, one.value, one.lower, one.upper, one.decimals, style.PUBLISHED, True,
                not one.comparable)  # fmt: skip


def _draw_panel(axes: Axes, panel: Panel) -> None:
    null = 1.0 if panel.ratio else 0.0
    if panel.ratio:
        axes.set_xscale("log")
    for row, mark in enumerate(panel.marks):
        ends = [end for end in (mark.lower, mark.upper) if end is not None and good(end)]
        if len(ends) == 2:
            axes.plot(ends, [row, row], color=mark.colour, linewidth=1.6)
        axes.plot(
            mark.estimate, row, "D" if mark.published else "o", color=mark.colour,
            markersize=5 if mark.published else 6,
            markerfacecolor=style.PAPER if mark.hollow else mark.colour,
        )  # fmt: skip
        limits = interval(mark.lower, mark.upper, mark.decimals)
        values = typeset(f"{number(mark.estimate, mark.decimals)} {limits}".strip())
        axes.annotate(values, (1.03, row), xycoords=("axes fraction", "data"), va="center",
                      fontsize=9.5, annotation_clip=False)  # fmt: skip
    axes.axvline(null, color=style.INK, linewidth=0.9, zorder=0)
    axes.set_ylim(len(panel.marks) - 0.4, -0.6)
    axes.set_yticks(range(len(panel.marks)), [_folded(mark.label) for mark in panel.marks])
    axes.tick_params(labelsize=9.5)
    style.quiet(axes, grid="x")
    axes.spines["left"].set_visible(False)
    if panel.ratio:
        _plain_log(axes, panel, null)
        return
    low, high = axes.get_xlim()
    pad = 0.04 * (high - low)
    axes.set_xlim(min(low, null - pad), max(high, null + pad))
    axes.locator_params(axis="x", nbins=4)


def _plain_log(axes: Axes, panel: Panel, null: float) -> None:
    """Label a log axis with plain numbers and show the null."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    values = [v for m in panel.marks for v in (m.estimate, m.lower, m.upper) if v and good(v)]
    low, high = min(*values, null) / 1.15, max(*values, null) * 1.15
    axes.set_xlim(low, high)
    wide = (0.05, 0.1, 0.25, 0.5, 1, 2, 4, 10, 20)
    decades = tuple(10.0**power for power in range(-6, 7, 2 if high / low > _FAR**2 else 1))
    near = (0.6, 0.8, 1, 1.25, 1.6)
    ticks = near if high / low < 4 else wide if high / low < _FAR else decades
    choice = [t for t in ticks if low <= t <= high]
    axes.xaxis.set_major_locator(FixedLocator(choice))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def _row(panel: Panel) -> float:
    """Return the height of a panel's rows, in inches: that of the label with the most lines."""
    most = max(_folded(mark.label).count("\n") for mark in panel.marks)
    return _ROW + _LINE * most


def _folded(label: str) -> str:
    return "\n".join(textwrap.wrap(label, _LONGEST))
