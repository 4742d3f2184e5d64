"""Negative binomial rates by arm with a common dispersion, in many replicates at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from antitrypsim.statistics.analysis._cells import Cells
from antitrypsim.statistics.analysis._dispersion import Profile

Floats = NDArray[np.float64]

ROUNDS = 80
NEAR = 1e-10


def rates(
    count: NDArray[np.number], exposure: NDArray[np.floating], arm: NDArray[np.integer], arms: int
) -> tuple[Floats, Floats, Floats]:
    """Return log rates, their variances, both (R, arms), and the dispersion (R,), 0 if Poisson.

    ``count``, ``exposure`` and ``arm`` are (R, n). The estimates are those of
    ``_count_regression.fit`` with one rate an arm, in closed form at each dispersion. NaN for an arm without an event or of fewer than two people, and everywhere
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
        fitted = model.fitted(log_rate)
        weight = cells.sums(fitted / (1 + alpha[cells.replicate] * fitted))
        log_rate = np.where(usable, log_rate, np.nan)
        variance = np.where(usable, 1 / weight, np.nan)
    failed = np.isnan(alpha)
    log_rate[failed], variance[failed] = np.nan, np.nan
    return log_rate, variance, alpha


class _Model(Profile):
    """One rate an arm."""

    def __init__(self, cells: Cells, y: Floats, time: Floats) -> None:
        super().__init__(y, cells.replicate, cells.shape[0])
        self.cells, self.time = cells, time

    def fitted(self, beta: Floats) -> Floats:
        """Return the counts expected at log rates (R, arms)."""
        return np.asarray(np.exp(self.cells.each(beta)) * self.time)

    def poisson(self) -> Floats:
        """Return events over time."""
        return np.asarray(np.log(self.cells.sums(self.y) / self.cells.sums(self.time)))

    def settle(self, beta: Floats, alpha: Floats) -> Floats:
        """Return the best log rates, from ``beta`` on."""
        each = alpha[self.replicate]
        for _ in range(ROUNDS):
            mu = self.fitted(beta)
            grown = 1 + each * mu
            step = self.cells.sums((self.y - mu) / grown) / self._information(mu, each)
            step = np.clip(np.nan_to_num(step), -1.0, 1.0)
            beta = beta + step
            if not (np.abs(step) > NEAR).any():
                break
        return beta

    def bend(self, mu: Floats, each: Floats) -> Floats:
        """Return what the rates give up as the dispersion moves, (R,)."""
        cross = self.cells.sums((self.y - mu) * mu / (1 + each * mu) ** 2)
        return np.asarray(np.nan_to_num(cross**2 / self._information(mu, each)).sum(axis=1))

    def _information(self, mu: Floats, each: Floats) -> Floats:
        return self.cells.sums(mu * (1 + each * self.y) / (1 + each * mu) ** 2)
