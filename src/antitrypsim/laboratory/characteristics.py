"""Operating characteristics: what a design does over many trials, each with its Monte Carlo error."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from antitrypsim.foundations.arrays import Mask, Numbers, Wholes
from antitrypsim.foundations.plain import Plain
from antitrypsim.foundations.units import MONTH
from antitrypsim.laboratory.outcome import Outcome
from antitrypsim.laboratory.replicates import Truth

if TYPE_CHECKING:
    from antitrypsim.laboratory.design_simulation import DesignSimulation


@dataclass(frozen=True, slots=True)
class Measured:
    """A number over replicates with its Monte Carlo standard error; NaN where it is not known."""

    value: float
    error: float

    def to_dict(self) -> dict[str, float | None]:
        """Return plain data, None for what is not known."""
        return {k: v if np.isfinite(v) else None for k, v in asdict(self).items()}


@dataclass(frozen=True)
class Characteristics:
    """What a design does in one state of the world.

    ``power``: share of trials that claim a benefit (the type I error where nothing works, assurance
    over draws of what is unknown). ``wrong_way``: share with a significant difference the wrong way.
    ``right``, ``false_claim``, ``missed_effect``: share that claims an effect that matters; that claims one
    although the true effect is below the relevant one; that claims none although it matters.
    ``bias``, ``coverage``: of the first comparison, by the true effect. ``details``: shares that the
    kind of design tells besides. ``each``: power of each comparison.
    """

    truth: Truth
    replicates: int
    power: Measured
    wrong_way: Measured
    right: Measured
    false_claim: Measured
    missed_effect: Measured
    matters: Measured
    effect: Measured
    bias: Measured
    coverage: Measured
    enrolled: Measured
    screened: Measured
    months: Measured
    stopped: tuple[Measured, ...]
    futile: Measured
    unusable: Measured
    each: tuple[Measured, ...]
    details: dict[str, Measured]

    def to_dict(self) -> Plain:
        """Return plain data."""
        out: Plain = {}
        for name in self.__dataclass_fields__:
            value = getattr(self, name)
            if isinstance(value, Measured):
                value = value.to_dict()
            elif isinstance(value, tuple):
                value = [v.to_dict() for v in value]
            elif isinstance(value, dict):
                value = {k: v.to_dict() for k, v in value.items()}
            elif isinstance(value, Truth):
                value = asdict(value)
            out[name] = value
        return out


def characteristics(lab: DesignSimulation, found: Outcome, truth: Truth) -> Characteristics:
    """Return the operating characteristics of outcomes in one state of the world."""
    group = found.draw if truth.uncertain else None
    relevant = lab.matters(found.trues) & ~np.isnan(found.trues)
    known = np.isfinite(found.true)
    some = np.any(relevant, axis=1)
    right = np.any(found.wins & relevant[:, : found.wins.shape[1]], axis=1)
    false = np.any(found.wins & ~relevant[:, : found.wins.shape[1]], axis=1)
    inside = np.asarray((found.lower <= found.true) & (found.true <= found.upper))
    told = found.usable & known
    stages = int(found.stage.max()) if len(found) else 1

    def share(values: Numbers | Mask, among: Mask | None = None) -> Measured:
        return measured(values, group, among)

    # At typical values the truth is known, and not a sample.
    exact = Measured(float(some[known].mean()) if known.any() else float("nan"), 0.0)
    return Characteristics(
        truth=truth, replicates=len(found),
        power=share(found.win), wrong_way=share(found.lose),
        right=share(right, known), false_claim=share(false, known),
        missed_effect=share(np.asarray(some & ~found.win), known), matters=exact if group is None else share(some, known),
        effect=share(found.true, known),
        bias=share(found.estimate - found.true, told), coverage=share(inside, told),
        enrolled=share(found.enrolled), screened=share(found.screened),
        months=share(found.days / MONTH),
        stopped=tuple(share(found.stage == k) for k in range(1, stages + 1)),
        futile=share(found.futile), unusable=share(~found.usable),
        each=tuple(share(found.wins[:, k]) for k in range(found.wins.shape[1])),
        details={name: share(values) for name, values in found.details.items()},
    )  # fmt: skip


def measured(
    values: Numbers | Mask, group: Wholes | None = None, among: Mask | None = None
) -> Measured:
    """Return a mean and its error; replicates of one draw belong together where ``group`` is given."""
    flags = np.asarray(values).dtype == bool
    values = np.asarray(values, dtype=float)
    keep = np.isfinite(values) if among is None else among & np.isfinite(values)
    values = values[keep]
    if not values.size:
        return Measured(float("nan"), float("nan"))
    if group is None:
        if values.size < 2:
            return Measured(float(values.mean()), float("nan"))
        error = float(values.std(ddof=1) / np.sqrt(values.size))
        if error == 0 and flags:
            # None of n, or all: a share of one in n would still be likely.
            error = 1 / values.size
        return Measured(float(values.mean()), error)
    group = np.asarray(group)[keep]
    size = np.bincount(group)
    total = np.bincount(group, weights=values)
    there = size > 0
    mean = float(values.mean())
    if there.sum() < 2:
        return Measured(mean, float("nan"))
    # Draws are the sample here: a ratio of means, with the spread of what each draw adds to it.
    left = (total - mean * size)[there]
    error = np.sqrt(np.sum(left**2) * there.sum() / (there.sum() - 1)) / values.size
    return Measured(mean, float(error))
