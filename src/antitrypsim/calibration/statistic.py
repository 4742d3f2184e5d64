"""Statistics that a study computes, each with its Monte Carlo error."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from antitrypsim.calibration.intervals import Z95

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Statistic:
    """One number that a study computes; ``error`` is Monte Carlo's, 0 for an exact one.

    ``label`` names its row of ``measured.csv``. ``detail`` is a sentence for the report where the number alone
    would mislead.
    """

    label: str
    value: float
    error: float = 0.0
    detail: str = ""


def mean_of(label: str, values: Floats) -> Statistic:
    """Return the mean of independent values."""
    v = values[np.isfinite(values)]
    if not v.size:
        return _nobody(label)
    return Statistic(label, float(v.mean()), float(v.std() / np.sqrt(v.size)))


def _nobody(label: str) -> Statistic:
    """Return the statistic of nobody, which is no number: too few people were simulated."""
    return Statistic(label, float("nan"), float("inf"), "nobody of this kind among so few people")


def fold_of(label: str, values: Floats, control: Floats) -> Statistic:
    """Return the quotient of two means of independent people."""
    seen = [v[np.isfinite(v)] for v in (values, control)]
    if not min(v.size for v in seen):
        return _nobody(label)
    fold = float(seen[0].mean() / seen[1].mean())
    relative = sum(float(v.var() / v.size / v.mean() ** 2) for v in seen)
    return Statistic(label, fold, abs(fold) * float(np.sqrt(relative)))


def ratio_of(label: str, top: Floats, bottom: Floats, unit: float = 1.0) -> Statistic:
    """Return the quotient of two sums over the same people, times ``unit``: events over time, say.

    Its error is that of people drawn anew, each with both of their numbers.
    """
    whole = float(np.sum(bottom))
    if whole <= 0:
        return _nobody(label)
    ratio = float(np.sum(top)) / whole
    error = float(np.sqrt(np.sum((top - ratio * bottom) ** 2))) / whole
    return Statistic(label, unit * ratio, unit * error)


def odds_ratio_of(label: str, flags: Flags, control: Flags) -> Statistic:
    """Return the odds of a flag over those among others; half a person is added to each count."""
    counts = [
        float(np.sum(one == said)) + 0.5 for one in (flags, control) for said in (True, False)
    ]
    ratio = counts[0] * counts[3] / (counts[1] * counts[2])
    return Statistic(label, ratio, ratio * float(np.sqrt(sum(1 / count for count in counts))))


def correlation_of(label: str, one: Floats, other: Floats) -> Statistic:
    """Return the correlation of two numbers of the same people.

    Its error is from what each person moves it by, which holds for any distribution: of normal numbers it is
    (1 - r²)/√n, and where few people have most of a change it is several times that.
    """
    both = np.isfinite(one) & np.isfinite(other)
    if both.sum() < 3:
        return _nobody(label)
    x, y = ((v[both] - v[both].mean()) / v[both].std() for v in (one, other))
    r = float(np.mean(x * y))
    moved = x * y - r * (x * x + y * y) / 2
    return Statistic(label, r, float(moved.std() / np.sqrt(both.sum())))


def slope_of(label: str, values: Floats, against: Floats) -> Statistic:
    """Return the least-squares slope of values against another number of the same people.

    Its error holds where the scatter differs along the line (White 1980, doi:10.2307/1912934).
    """
    both = np.isfinite(values) & np.isfinite(against)
    if both.sum() < 3:
        return _nobody(label)
    y, x = (v[both] - v[both].mean() for v in (values, against))
    whole = float(x @ x)
    slope = float(x @ y) / whole
    return Statistic(label, slope, float(np.sqrt(np.sum((x * (y - slope * x)) ** 2))) / whole)


def sd_of(label: str, values: Floats) -> Statistic:
    """Return the standard deviation of independent values."""
    v = values[np.isfinite(values)]
    if v.size < 2:
        return _nobody(label)
    centred = (v - v.mean()) ** 2
    error = float(centred.std() / np.sqrt(v.size) / (2 * v.std()))
    return Statistic(label, float(v.std(ddof=1)), error)


def share_of(label: str, flags: Flags) -> Statistic:
    """Return a share in per cent."""
    if not flags.size:
        return _nobody(label)
    p = float(np.mean(flags))
    # All or none of few is not certain: half a person is added to either side.
    q = p if 0 < p < 1 else (flags.sum() + 0.5) / (flags.size + 1)
    return Statistic(label, 100 * p, 100 * float(np.sqrt(q * (1 - q) / flags.size)))


def quantile_of(label: str, values: Floats, q: float) -> Statistic:
    """Return a quantile; its error from the order statistics about it."""
    v = np.sort(values[np.isfinite(values)])
    if not v.size:
        return _nobody(label)
    # From the 95 % interval: of counts, which are tied, the neighbours of a quantile say too little.
    half = Z95 * np.sqrt(q * (1 - q) / v.size)
    ends = np.quantile(v, [max(q - half, 0), min(q + half, 1)])
    error = float(ends[1] - ends[0]) / (2 * Z95)
    return Statistic(label, float(np.quantile(v, q)), error)


GROUPS = 20


def jackknifed(people: int, of: Callable[[Ints], Floats]) -> Floats:
    """Return the errors of statistics ``of`` people, by their positions, who are left out a twentieth at a time.

    It is for what has no formula. Error: √((g - 1)/g Σ(without a group - their mean)²).
    """
    everybody = np.arange(people)
    without = np.stack([of(everybody[everybody % GROUPS != k]) for k in range(GROUPS)])
    centred = without - without.mean(axis=0)
    return np.asarray(np.sqrt((GROUPS - 1) / GROUPS * np.sum(centred**2, axis=0)))


def in_order(label: str, *pairs: bool) -> Statistic:
    """Return how many neighbours of a published order stand in that order."""
    return Statistic(label, float(sum(pairs)))


def quotient(one: float, other: float) -> float:
    """Return one number over another, NaN where that is nil: values far out can leave nothing to divide by."""
    return one / other if other else float("nan")


def over(label: str, one: Statistic, other: Statistic) -> Statistic:
    """Return the quotient of two statistics of different people."""
    if not other.value:
        return _nobody(label)
    ratio = one.value / other.value
    return Statistic(
        label, ratio, float(np.hypot(one.error, ratio * other.error) / abs(other.value))
    )


def less(label: str, one: Statistic, other: Statistic) -> Statistic:
    """Return the difference of two statistics of different people."""
    return Statistic(label, one.value - other.value, float(np.hypot(one.error, other.error)))
