"""Looks on the way, with bounds that keep the type I error, and giving up for futility.

A look rests on the participants who have had their last reading by then; those who came since are
enrolled and are counted, but are not yet in the analysis.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from antitrypsim.laboratory.design_file.in_force import alpha_of
from antitrypsim.laboratory.outcome import Outcome
from antitrypsim.statistics import sequential
from antitrypsim.statistics.block import Estimates

if TYPE_CHECKING:
    from antitrypsim.laboratory.design_file.trial_design import TrialDesign
    from antitrypsim.laboratory.design_simulation import DesignSimulation
    from antitrypsim.laboratory.replicates import Replicates
    from antitrypsim.protocols import Protocol

KINDS = ("group-sequential",)


def conduct(lab: DesignSimulation, drawn: Replicates) -> Outcome:
    """Run the trials to the look at which each ends; estimates are those of that look, naive."""
    bounds = bounds_of(lab)
    rows, n = drawn.shape
    sizes = [max(2, round(f * n)) for f in lab.kind.looks]
    stage = np.zeros(rows, dtype=int)
    win, lose, futile, usable = (np.zeros(rows, dtype=bool) for _ in range(4))
    estimate, lower, upper, days = (np.full(rows, np.nan) for _ in range(4))
    enrolled = np.full(rows, n)
    for k, size in enumerate(sizes):
        part = drawn.first(size)
        found = lab.analyse(lab.block(part))
        z = signed_z(lab, found)[:, 0]
        last = k == len(sizes) - 1
        with np.errstate(invalid="ignore"):
            good, bad = z >= bounds.efficacy[k], z <= -bounds.efficacy[k]
            give_up = (z <= bounds.futility[k]) & ~good & (not last)
        ends = (stage == 0) & (good | bad | give_up | last)
        day = part.entry[:, -1] + lab.end
        here = (drawn.entry <= day[:, None]).sum(axis=1)
        for held, value in (
            (win, good), (lose, bad), (futile, give_up), (usable, np.isfinite(z)),
            (estimate, found.estimate[:, 0]), (lower, found.lower[:, 0]),
            (upper, found.upper[:, 0]), (days, day), (enrolled, here), (stage, k + 1),
        ):  # fmt: skip
            np.copyto(held, value, where=ends, casting="unsafe")
    trues = lab.true_effects(drawn)
    return Outcome(
        win=win, lose=lose, usable=usable, wins=win[:, None], estimate=estimate, lower=lower,
        upper=upper, true=trues[:, 0], trues=trues, enrolled=enrolled, screened=drawn.screened,
        days=days, stage=stage, futile=futile, draw=drawn.draw,
    )  # fmt: skip


def bounds_of(lab: DesignSimulation) -> sequential.Bounds:
    """Return the bounds on the scale of z, one-sided at half the two-sided level."""
    return _bounds(lab.kind, lab.alpha)


def check(design: TrialDesign, protocol: Protocol) -> None:
    """Raise InputError for looks and a futility rule that leave no bounds."""
    _bounds(design.design, alpha_of(design, protocol))


def _bounds(said: Any, alpha: float) -> sequential.Bounds:
    futility: Any = None
    if said.futility is not None and len(said.looks) > 1:
        if said.futility.rule == "z":
            futility = sequential.FixedFutility([said.futility.below] * (len(said.looks) - 1))
        else:
            futility = sequential.ConditionalPower(said.futility.below)
    binding = said.futility is not None and said.futility.binding
    return sequential.boundaries(
        said.looks, alpha / 2, kind=said.bounds, futility=futility, binding=binding
    )


def signed_z(lab: DesignSimulation, found: Estimates) -> NDArray[Any]:
    """Return estimates as standard normal deviates, above 0 for a benefit: (R, comparisons)."""
    from scipy.special import ndtri

    with np.errstate(invalid="ignore"):
        size = -ndtri(np.maximum(found.p, 1e-300) / 2)
    return np.where(lab.better(found), size, -size)
