"""Negative binomial rates by arm with a common dispersion, in many replicates at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from antitrypsim.statistics.analysis._cells import Cells

Floats = NDArray[np.float64]

LOW, HIGH = np.log(1e-6), np.log(1e4)
ROUNDS = 80
NEAR = 1e-10


def rates(
    count: NDArray[Any], exposure: NDArray[Any], arm: NDArray[Any], arms: int
) -> tuple[Floats, Floats, Floats]:
    """Return log rates, their variances, both (R, arms), and the dispersion (R,), 0 if Poisson.

    ``count``, ``exposure`` and ``arm`` are (R, n). The estimates are those of ``_counts.fit`` with
    one rate an arm. NaN for an arm without an event or of fewer than two people, and everywhere
    where the dispersion has no finite estimate. People without a count or exposure are left out.
    """
    known = np.isfinite(count) & (exposure > 0) & np.isfinite(exposure)
    cells = Cells.of(arm, arms, known)
    # An arm without an event has rate 0 and says nothing on the dispersion.
    some = np.zeros(cells.shape, dtype=bool)
    some[:] = cells.sums(count[cells.kept].astype(float)) > 0
    seen = cells.each(some)
    kept = cells.kept.copy()
    kept[cells.kept] = seen
    usable = some & (cells.sums() > 1)
    cells = Cells.of(arm, arms, kept)
    y, time = count[cells.kept].astype(float), exposure[cells.kept].astype(float)
    with np.errstate(all="ignore"):
        model = _Model(cells, y, time)
        log_rate, alpha = model.fit()
        fitted = np.exp(cells.each(log_rate)) * time
        weight = cells.sums(fitted / (1 + cells.each(model.spread(alpha)) * fitted))
        log_rate = np.where(usable, log_rate, np.nan)
        variance = np.where(usable, 1 / weight, np.nan)
    failed = np.isnan(alpha)
    log_rate[failed], variance[failed] = np.nan, np.nan
    return log_rate, variance, alpha


class _Model:
    """The profile likelihood of the log dispersion: at each, the rates are at their best."""

    def __init__(self, cells: Cells, y: Floats, time: Floats) -> None:
        self.cells, self.y, self.time = cells, y, time
        replicates = cells.shape[0]
        most = int(y.max(initial=0.0)) + 1
        seen = np.bincount(
            cells.replicate * most + y.astype(np.intp), minlength=replicates * most
        ).reshape(replicates, most)
        # How many counts are above 0, 1, ...: all that the slope in the dispersion needs of them.
        self.above = seen.sum(axis=1, keepdims=True) - np.cumsum(seen, axis=1)
        self.log_rate = np.log(cells.sums(y) / cells.sums(time))

    def spread(self, alpha: Floats) -> Floats:
        """Return a number of each replicate for each of its arms."""
        return np.broadcast_to(alpha[:, None], self.cells.shape)

    def fit(self) -> tuple[Floats, Floats]:
        """Return log rates (R, arms) and dispersions (R,), 0 if Poisson, NaN if not finite."""
        poisson = self.log_rate.copy()
        mu = np.exp(self.cells.each(poisson)) * self.time
        excess = self.cells.sums((self.y - mu) ** 2 - self.y).sum(axis=1)
        square = self.cells.sums(mu**2).sum(axis=1)
        replicates = self.cells.shape[0]
        wide = (excess > 0) & (self.slope(np.full(replicates, LOW))[0] > 0)
        self.log_rate = poisson.copy()
        endless = wide & ~(self.slope(np.full(replicates, HIGH))[0] < 0)
        self.log_rate = poisson.copy()
        low, high = np.full(replicates, LOW), np.full(replicates, HIGH)
        at = np.clip(np.log(np.where(wide, excess / square, 1.0)), LOW + 1, HIGH - 1)
        going = wide & ~endless
        for _ in range(ROUNDS):
            if not going.any():
                break
            slope, curve = self.slope(at)
            low, high = np.where(slope > 0, at, low), np.where(slope > 0, high, at)
            newton = at - slope / curve
            inside = (curve < 0) & (newton > low) & (newton < high)
            moved = np.where(inside, newton, (low + high) / 2)
            moved = np.where(going, moved, at)
            going &= ~(np.abs(moved - at) < NEAR)
            at = moved
        self.slope(at)
        log_rate = np.where(wide[:, None], self.log_rate, poisson)
        alpha = np.where(wide, np.exp(at), 0.0)
        return log_rate, np.where(endless | going, np.nan, alpha)

    def slope(self, log_alpha: Floats) -> tuple[Floats, Floats]:
        """Return the slope in the dispersion of the profile, and its own in the log dispersion."""
        cells, y = self.cells, self.y
        each = np.exp(cells.each(self.spread(log_alpha)))
        alpha = np.exp(log_alpha)
        for _ in range(ROUNDS):
            mu = np.exp(cells.each(self.log_rate)) * self.time
            grown = 1 + each * mu
            information = cells.sums(mu * (1 + each * y) / grown**2)
            step = cells.sums((y - mu) / grown) / information
            step = np.clip(np.nan_to_num(step), -1.0, 1.0)
            self.log_rate = self.log_rate + step
            if not (np.abs(step) > NEAR).any():
                break
        log = np.log1p(each * mu)
        first = log / each**2 - (y + 1 / each) * mu / grown
        second = (
            -2 * log / each**3 + 2 * mu / (each**2 * grown) + (y + 1 / each) * (mu / grown) ** 2
        )
        cross = cells.sums((y - mu) * mu / grown**2)
        j = np.arange(self.above.shape[1])
        ratio = j / (1 + alpha[:, None] * j)
        slope = (self.above * ratio).sum(axis=1) + cells.sums(first).sum(axis=1)
        curve = cells.sums(second).sum(axis=1) - (self.above * ratio**2).sum(axis=1)
        curve = curve + np.nan_to_num(cross**2 / information).sum(axis=1)
        return slope, alpha * curve
