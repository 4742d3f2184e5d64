"""Lay out: one's own data over what the model predicts of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antitrypsim.endpoints import endpoint
from antitrypsim.reports import style
from antitrypsim.reports.document import Picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from antitrypsim.experiments.fitting.found import Fit, Seen

_PERCENTILES = ("10th", "50th", "90th")


def predictive_check(found: Fit) -> Picture:
    """Return observed percentiles over bands of trials like this one, an axis for each arm and endpoint."""
    arms = [arm for arm, _ in found.used.people]
    ends = [e for e, _ in found.used.values]
    colours = style.colours(arms, None)
    with style.settings():
        figure, axes = style.new(
            width=1.2 + 3.0 * len(arms), height=0.6 + 2.3 * len(ends), nrows=len(ends), ncols=len(arms),
            squeeze=False, sharex=True, sharey="row",
        )  # fmt: skip
        for i, end in enumerate(ends):
            what = endpoint(end)
            for j, arm in enumerate(arms):
                here = axes[i][j]
                _bands(here, [s for s in found.seen if (s.arm, s.endpoint) == (arm, end)], colours[arm])  # fmt: skip
                if i == 0:
                    here.set_title(arm)
                if j == 0:
                    here.set_ylabel(f"{what.title} ({what.unit})")
                if i == len(ends) - 1:
                    here.set_xlabel("days since randomisation")
                style.quiet(here)
        svg = style.to_svg(figure, "predictive-check")
    off = outside(found)
    return Picture(
        "predictive-check", "Your data over what the posterior predicts of them",
        "Lines: 10th, 50th and 90th percentile of the people measured. Bands: where these percentiles of trials as large and as "
        "complete as yours lie in 90 % of cases.",
        f"{len(found.seen)} visits in {len(arms)} arms; {off} of {3 * len(found.seen)} observed percentiles lie outside their band.",
        svg, broad=True,
    )  # fmt: skip


def _bands(axes: Axes, rows: list[Seen], colour: str) -> None:
    days = [row.day for row in rows]
    # A single visit is drawn as wide as a week.
    wide = len(days) > 1
    for k, _ in enumerate(_PERCENTILES):
        low, high, seen = ([getattr(row, part)[k] for row in rows] for part in ("low", "high", "seen"))  # fmt: skip
        if wide:
            axes.fill_between(days, low, high, color=colour, alpha=0.2, linewidth=0)
        else:
            axes.vlines(days, low, high, color=colour, alpha=0.2, linewidth=8)
        axes.plot(
            days, seen, "o-" if k == 1 else "o--", color=style.INK, markersize=3, linewidth=1.2
        )


def outside(found: Fit) -> int:
    """Return how many observed percentiles lie outside their band."""
    return sum(
        not low <= seen <= high
        for row in found.seen
        for seen, low, high in zip(row.seen, row.low, row.high, strict=True)
    )
