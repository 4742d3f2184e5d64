"""Trials of one design one by one: twenty at a time, where the therapy works and where nothing does."""

from __future__ import annotations

from math import floor, log10
from typing import TYPE_CHECKING

import numpy as np

from antitrypsim.foundations.arrays import Reals
from antitrypsim.web.shapes import Mark, Played, Round, World

if TYPE_CHECKING:
    from antitrypsim.laboratory.design_simulation import DesignSimulation
    from antitrypsim.laboratory.replicates import Truth

EACH = 20
ROUNDS = 5
_MARKS = 5
_MARGIN = 0.04


def replays(lab: DesignSimulation, size: int) -> tuple[World, ...]:
    """Return trials of so many participants in two worlds, by the first comparison of the primary analysis.

    Empty for a design that is no parallel trial of two arms or more: what it decides is no single
    interval. Positions are shares of one axis, which is the same for both worlds.
    """
    from antitrypsim.laboratory.replicates import Truth
    from antitrypsim.reports.numbers import decimals_for

    if lab.design.design.kind != "parallel" or len(lab.arms) < 2:
        return ()
    worlds = [(truth, *_drawn(lab, truth, size)) for truth in (Truth(), Truth(null=True))]
    ends = np.concatenate([found[k] for _, found, _ in worlds for k in (1, 2)])
    ends = ends[np.isfinite(ends)]
    if len(ends) == 0:
        return ()
    axis = Axis(lab.ratio, [*np.quantile(ends, [0.0, 1.0]), lab.nothing])
    spread = float(np.nanmedian(worlds[0][1][2] - worlds[0][1][1]))
    decimals = decimals_for(1, spread / 4)
    return tuple(
        _world(lab, size, truth, found, true, axis, decimals) for truth, found, true in worlds
    )


def _drawn(lab: DesignSimulation, truth: Truth, size: int) -> tuple[tuple[Reals, ...], float]:
    """Return estimate, limits, p and which way it is claimed of each trial, and the true effect."""
    drawn = lab.draw(0, EACH * ROUNDS, size, truth)
    found = lab.analyse(lab.block(drawn))
    win, lose = lab.claims(found)
    way = np.where(win, 1.0, np.where(lose, -1.0, 0.0))
    told = (found.estimate, found.lower, found.upper, found.p, way)
    return tuple(each[:, 0] for each in told), float(lab.true_effects(drawn)[0, 0])


class Axis:
    """One axis for all: where values stand on it, as shares of it, and its marks."""

    def __init__(self, ratio: bool, values: list[float]) -> None:
        self.ratio = ratio
        low, high = min(map(self._scaled, values)), max(map(self._scaled, values))
        room = _MARGIN * (high - low)
        self.low, self.high = low - room, high + room

    def _scaled(self, value: float) -> float:
        # Quotients are as far apart as their logarithms.
        return float(np.log(max(value, 1e-12))) if self.ratio else float(value)

    def at(self, value: float) -> float | None:
        """Return where a value stands; None where there is none."""
        if not np.isfinite(value):
            return None
        return round((self._scaled(value) - self.low) / (self.high - self.low), 4)

    def marks(self) -> tuple[Mark, ...]:
        """Return round values on the axis."""
        from matplotlib.ticker import MaxNLocator

        from antitrypsim.reports.numbers import typeset

        values = MaxNLocator(_MARKS).tick_values(self.low, self.high)
        kept = [float(v) for v in values if self.low <= v <= self.high]
        said = [np.exp(v) if self.ratio else v for v in kept]
        return tuple(
            Mark(at=round((v - self.low) / (self.high - self.low), 4), text=typeset(f"{w:.3g}"))
            for v, w in zip(kept, said, strict=True)
        )


def _world(
    lab: DesignSimulation, size: int, truth: Truth, found: tuple[Reals, ...], true: float, axis: Axis, decimals: int
) -> World:  # fmt: skip
    from antitrypsim.reports.numbers import (
        interval,
        number,
        p_value,
        typeset,
        unit_words,
        with_unit,
    )

    estimate, low, high, p, way = found
    unit = unit_words(lab.unit)
    effect = lab.nothing if truth.null else true
    there = bool(np.isfinite(effect)) and lab.sign * (effect - lab.nothing) > 1e-9
    amount = (
        with_unit(number(effect, _enough(effect, decimals)), unit) if np.isfinite(effect) else ""
    )

    def trial(k: int) -> Played:
        words = (number(estimate[k], decimals), interval(low[k], high[k], decimals), p_value(p[k]))
        return Played(
            number=k + 1, at=axis.at(estimate[k]), low=axis.at(low[k]), high=axis.at(high[k]),
            claims="benefit" if way[k] > 0 else "harm" if way[k] < 0 else "",
            words=typeset(", ".join(part for part in (" ".join(words[:2]).strip(), words[2]) if part)),
        )  # fmt: skip

    def told(k: int) -> Round:
        mine = slice(k * EACH, (k + 1) * EACH)
        wins, harms = int((way[mine] > 0).sum()), int((way[mine] < 0).sum())
        return Round(
            sentences=tuple(
                map(typeset, _sentences(lab, size, there, truth.null, amount, wins, harms))
            ),
            trials=tuple(trial(j) for j in range(mine.start, mine.stop)),
        )

    compared = f"{lab.arms[1]} against {lab.arms[0]}"
    return World(
        title="Where nothing works" if truth.null else "As the model has it",
        axis=typeset(f"{compared}{', ' + unit if unit else ''}"), marks=axis.marks(),
        true=axis.at(effect), nothing=axis.at(lab.nothing),
        rounds=tuple(told(k) for k in range(ROUNDS)),
    )  # fmt: skip


def _sentences(
    lab: DesignSimulation,
    participants: int,
    there: bool,
    null: bool,
    amount: str,
    wins: int,
    harms: int,
) -> tuple[str, ...]:
    """Return what twenty trials taught."""
    size = f"of {participants:,} participants"
    claim = "claims" if wins == 1 else "claim"
    what = f"{wins} of these {EACH} trials {size} {claim} a benefit (p of at most {lab.alpha:g})"
    harm = f"; {harms} {'claims' if harms == 1 else 'claim'} a harm" if harms else ""
    if there:
        missed = EACH - wins
        which = "They" if missed == EACH else f"The other {missed}"
        others = "" if not missed else (
            f" {which} did not see it: that a trial claims nothing does not mean that nothing is there."
        )  # fmt: skip
        return (f"The true effect is {amount} in all of them.", f"{what}{harm}.{others}")
    chance = (
        f"Where nothing works, chance alone claims something in about 1 of {1 / lab.alpha:.0f} trials, "
        "half of them a benefit: that is what the level of p allows, and p says no more."
    )
    if null:
        return ("Every difference here is chance.", f"{what}{harm}.", chance)
    known = (
        f"The true effect is {amount}, no benefit."
        if amount
        else "The effect has no one true value."
    )
    return (known, f"{what}{harm}.")


def _enough(effect: float, decimals: int) -> int:
    """Return as many decimals as tell an effect from none: 0.0023 is not 0.00."""
    if 0 < abs(effect) < 0.5 * 10.0**-decimals:
        return 1 - floor(log10(abs(effect)))
    return decimals
