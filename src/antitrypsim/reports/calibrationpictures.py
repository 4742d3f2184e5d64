"""Lay out: what a posterior predicts beside what was published."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antitrypsim.reports import style
from antitrypsim.reports.document import Picture

if TYPE_CHECKING:
    from antitrypsim.calibration.posterior.calibration import Calibration, Predicted

_EDGE = 6.0
_BOUND = 1.96


def predicted_picture(found: Calibration) -> Picture:
    """Return every predicted statistic on the scale of its published interval, validation below."""
    groups = [(style.ARMS[0], found.predicted), (style.ARMS[1], found.validated)]
    rows = [(colour, one) for colour, group in groups for one in group]
    with style.settings():
        figure, axes = style.new(width=7.2, height=0.9 + 0.19 * len(rows))
        axes.axvspan(-_BOUND, _BOUND, color=style.RULE, alpha=0.5, linewidth=0)
        for k, (colour, one) in enumerate(rows):
            low, middle, high = (_at(one, x) for x in (one.low, one.middle, one.high))
            axes.plot([low, high], [k, k], color=colour, linewidth=1.4, solid_capstyle="butt")
            axes.plot([middle], [k], "o", color=colour, markersize=3.5)
        axes.set_yticks(range(len(rows)), [f"{one.target} {one.check}" for _, one in rows])
        axes.tick_params(axis="y", labelsize=9, length=0)
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.set_xlim(-_EDGE, _EDGE)
        axes.set_xlabel("distance from the middle of what was published, in its SDs")
        style.quiet(axes)
        svg = style.to_svg(figure, "predicted")
    missed = [f"{one.target} {one.check}" for one in found.missed]
    return Picture(
        "predicted", "Predicted beside published",
        "Band: what is accepted. Lines: 5th to 95th percentile of the draws, with their median; orange: targets "
        "of validation, which taught nothing. What lies further out stands at the edge.",
        f"{len(found.predicted)} statistics beside what is accepted of them. More than half of the draws miss: "
        f"{', '.join(missed) or 'none'}.",
        svg, broad=True,
    )  # fmt: skip


def _at(one: Predicted, value: float) -> float:
    """Return where a value stands: plus and minus 1.96 are the ends of what is accepted."""
    half = (one.data_high - one.data_low) / 2
    place = _BOUND * (value - (one.data_low + half)) / half
    return min(_EDGE, max(-_EDGE, place))
