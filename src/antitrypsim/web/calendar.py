"""Trials of one design in calendar time: who has come, what is known when, and where it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from antitrypsim.foundations.units import YEAR
from antitrypsim.web.replays import EACH, ROUNDS, Axis
from antitrypsim.web.shapes import Calendar, Look, Mark, Run

if TYPE_CHECKING:
    from antitrypsim.foundations.arrays import Reals
    from antitrypsim.laboratory.design_simulation import DesignSimulation
    from antitrypsim.laboratory.outcome import Outcome
    from antitrypsim.laboratory.replicates import Replicates

SHOWN = 10
_PEEPS = tuple(k / 10 for k in range(2, 11))
"""Shares of the participants at which the estimate is told, whether or not the trial looks."""

_FEW = 0.4
"""From this share on the axis holds every interval; earlier ones may reach beyond it."""

_MARKS = 5
_MONTH = YEAR / 12


def calendar(lab: DesignSimulation, size: int) -> Calendar | None:
    """Return some trials of so many participants in calendar time, in the world as the model has it.

    None for a design that neither goes on to its end nor looks on the way at one comparison.
    Positions are shares of the axes.
    """
    from antitrypsim.laboratory.designs.kind import kind_of
    from antitrypsim.laboratory.replicates import Truth
    from antitrypsim.reports.numbers import decimals_for, typeset, unit_words

    kind = kind_of(lab.design)
    if kind.kind not in ("parallel", "group-sequential") or len(lab.arms) != 2:
        return None
    drawn = lab.draw(0, EACH * ROUNDS, size, Truth())
    ended = kind.conduct(lab, drawn)
    n = drawn.shape[1]
    looks = tuple(getattr(kind, "looks", (1.0,)))
    shares = sorted({*_PEEPS, *looks})
    read = {share: _read(lab, drawn, max(2, round(share * n))) for share in shares}
    ends = [
        v for share in shares if share >= _FEW for v in (*read[share][1], *read[share][2])
    ]  # fmt: skip
    ends = [float(v) for v in ends if np.isfinite(v)]
    if not ends:
        return None
    axis = Axis(lab.ratio, [*np.quantile(ends, [0.02, 0.98]), lab.nothing])
    last = float(np.max(drawn.entry[:SHOWN, -1]) + lab.end)
    true = float(lab.true_effects(drawn)[0, 0])
    decimals = decimals_for(1, float(np.nanmedian(read[1.0][2] - read[1.0][1])) / 4)
    unit = unit_words(lab.unit)
    return Calendar(
        sentences=tuple(map(typeset, _sentences(lab, size, ended, looks))),
        axis=typeset(f"{lab.arms[1]} against {lab.arms[0]}{', ' + unit if unit else ''}"),
        marks=axis.marks(), months=_months(last), true=_within(axis.at(true)),
        nothing=_within(axis.at(lab.nothing)),
        runs=tuple(
            _run(k, drawn, ended, read, looks, axis, last, lab.end, decimals) for k in range(SHOWN)
        ),
    )  # fmt: skip


def _read(lab: DesignSimulation, drawn: Replicates, size: int) -> tuple[Reals, Reals, Reals]:
    """Return estimate and limits of each trial, of its first people."""
    found = lab.analyse(lab.block(drawn.first(size)))
    return found.estimate[:, 0], found.lower[:, 0], found.upper[:, 0]


def _run(
    k: int, drawn: Replicates, ended: Outcome, read: dict[float, tuple[Reals, Reals, Reals]],
    looks: tuple[float, ...], axis: Axis, last: float, end: float, decimals: int,
) -> Run:  # fmt: skip
    entry = np.asarray(drawn.entry[k])
    n = entry.size
    found = []
    for share, values in read.items():
        size = max(2, round(share * n))
        day = float(entry[size - 1] + end)
        here = int((entry <= day).sum())
        decided = _decided(ended, k, looks.index(share) + 1) if share in looks else ""
        over = day > float(ended.days[k]) + 1e-6
        at, low, high = (axis.at(float(v[k])) for v in values)
        found.append(
            Look(
                at=round(day / last, 4), value=_within(at), low=_within(low), high=_within(high),
                looks=share in looks, decided=decided, over=over,
                words=_words(day, size, here, n, [float(v[k]) for v in values], decimals, decided),
            )
        )  # fmt: skip
    steps = np.unique(np.linspace(0, n - 1, 21).astype(int))
    come = tuple((round(float(entry[j]) / last, 4), round((j + 1) / n, 4)) for j in steps)
    stop = round(float(ended.days[k]) / last, 4)
    months = float(ended.days[k]) / _MONTH
    told = {"benefit": "claims a benefit", "harm": "claims a harm", "futile": "is given up"}
    ends = _decided(ended, k, int(ended.stage[k]))
    return Run(
        number=k + 1, come=come, looks=tuple(found), end=stop,
        words=f"Trial {k + 1} {told.get(ends, 'claims nothing')} after {months:.0f} months, "
        f"with {int(ended.enrolled[k]):,} of {n:,} participants enrolled.",
    )  # fmt: skip


def _decided(ended: Outcome, k: int, look: int) -> str:
    """Return what a trial decides at a look: nothing more once it has ended."""
    stage = int(ended.stage[k])
    if look != stage:
        return "goes on" if look < stage else ""
    if ended.win[k]:
        return "benefit"
    return "harm" if ended.lose[k] else "futile" if ended.futile[k] else "nothing"


def _words(
    day: float, size: int, here: int, n: int, values: list[float], decimals: int, decided: str
) -> str:
    from antitrypsim.reports.numbers import interval, number, typeset

    estimate, low, high = values
    said = f"{number(estimate, decimals)} {interval(low, high, decimals)}".strip()
    end = f": {decided}" if decided else ""
    return typeset(
        f"Month {day / _MONTH:.0f}, {size:,} seen to the end, {here:,} of {n:,} enrolled, {said}{end}"
    )


def _within(share: float | None) -> float | None:
    return None if share is None else min(1.0, max(0.0, share))


def _months(last: float) -> tuple[Mark, ...]:
    from matplotlib.ticker import MaxNLocator

    whole = last / _MONTH
    values = MaxNLocator(_MARKS, integer=True).tick_values(0, whole)
    return tuple(Mark(at=round(v / whole, 4), text=f"{v:g}") for v in values if 0 <= v <= whole)


def _sentences(
    lab: DesignSimulation, size: int, ended: Outcome, looks: tuple[float, ...]
) -> tuple[str, ...]:
    """Return when trials of this design end, over all that were drawn."""
    count = len(ended)
    months, people = float(ended.days.mean()) / _MONTH, float(ended.enrolled.mean())
    lasts = (
        f"Of {count} such trials of {size:,} planned participants the mean lasts "
        f"{months:.0f} months and enrols {people:,.0f}."
    )
    if len(looks) == 1:
        return (lasts, "Nobody looks before the end: hollow marks show what would have been seen.")
    at = ", ".join(
        f"{int((ended.stage == j + 1).sum())} at {100 * share:g} % of the participants"
        for j, share in enumerate(looks)
    )
    return (f"They end: {at}; {int(ended.futile.sum())} are given up for futility.", lasts)
