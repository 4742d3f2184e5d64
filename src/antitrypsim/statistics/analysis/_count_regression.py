"""Negative binomial regression on arm and covariates, in many replicates at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from antitrypsim.statistics.analysis import _columns, _newton, _regression
from antitrypsim.statistics.analysis._columns import Columns
from antitrypsim.statistics.analysis._dispersion import Profile

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
# So little dispersion leaves a Poisson regression but for rounding.
NONE = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """``log_rate`` (R, arms) of the average person, ``covariance`` (R, arms, arms), both NaN where
    there is none; ``alpha`` (R,): dispersion, 0 if Poisson; ``left`` (R, n): who is analysed.
    ``apart`` (R,): whether the arms can be told from the covariates.
    """

    log_rate: Floats
    covariance: Floats
    alpha: Floats
    left: Bools
    apart: Bools


def fit(
    count: NDArray[np.number],
    exposure: NDArray[np.floating],
    arm: NDArray[np.integer],
    arms: int,
    columns: Columns,
) -> Fit:
    """Fit counts with log link by maximum likelihood together with their dispersion.

    ``count``, ``exposure`` and ``arm`` are (R, n). The covariance is from the expected information
    at that dispersion. NaN for an arm without an event or of fewer than two people, and everywhere
    where no finite maximum is, or the arms cannot be told from the covariates. People of whom a
    number is unknown are left out, and so are those of an arm, or of a level of a factor, without
    an event, whose rate is 0 at the maximum.
    """
    known = np.isfinite(count) & (exposure > 0) & np.isfinite(exposure) & columns.known & (arm >= 0)
    some = known & (np.where(known, count, 0) > 0)
    inside = np.stack([known & (arm == k) for k in range(arms)], axis=2)
    people, events = inside.sum(axis=1), (inside & some[:, :, None]).sum(axis=1)
    left = known & ~_regression.of_levels(columns, some, known)
    left &= np.where(known, np.take_along_axis(events > 0, arm.clip(0).astype(int), axis=1), False)
    prepared = _columns.prepare(columns, arm, arms, left)
    x = _regression.columns(inside, prepared.z, left)
    free = np.concatenate([events > 0, prepared.live], axis=1) & prepared.fine[:, None]
    usable = free[:, :arms] & (people > 1)
    with np.errstate(all="ignore"):
        model = _Model(
            np.where(left, count, 0.0).astype(float), np.where(left, exposure, 0.0), x, free, left
        )
        beta, alpha = model.fit()
        mu = model.spread(model.fitted(beta))
        weight = mu / (1 + alpha[:, None] * mu)
        covariance = _newton.inverse(_regression.information(x, weight), free)
    lost = (free & np.isnan(beta)).any(axis=1) | np.isnan(alpha)
    bad = ~usable | lost[:, None]
    cut = covariance[:, :arms, :arms]
    return Fit(
        np.where(bad, np.nan, model.level + beta[:, :arms]),
        np.where(bad[:, :, None] | bad[:, None, :], np.nan, cut),
        np.where(lost, np.nan, alpha),
        left,
        prepared.fine,
    )


class _Model(Profile):
    """Columns ``x`` (R, n, p) with the coefficients that are ``free`` (R, p), for people ``left``."""

    def __init__(self, y: Floats, time: Floats, x: Floats, free: Bools, left: Bools) -> None:
        super().__init__(y[left], np.nonzero(left)[0], len(y))
        self.x, self.free, self.left, self.all_y = x, free, left, y
        # Coefficients are beside the rate of all, so that none is far from 0.
        self.level = np.log(y.sum(axis=1) / time.sum(axis=1))[:, None]
        self.offset = np.where(left, np.log(np.where(left, time, 1.0)) + self.level, -np.inf)

    def spread(self, x: Floats) -> Floats:
        """Return ``x`` (N,) at its places, (R, n), 0 elsewhere."""
        out = np.zeros(self.left.shape)
        out[self.left] = x
        return out

    def _log(self, beta: Floats) -> Floats:
        return np.asarray(self.offset + np.einsum("rnp,rp->rn", self.x, np.nan_to_num(beta)))

    def fitted(self, beta: Floats) -> Floats:
        """Return the expected counts, (N,)."""
        return np.asarray(np.exp(self._log(beta))[self.left])

    def poisson(self) -> Floats:
        """Return the coefficients without dispersion, NaN where there are none."""
        return self.settle(np.zeros(self.free.shape), np.full(self.replicates, NONE))

    def settle(self, beta: Floats, alpha: Floats) -> Floats:
        """Return the best coefficients, from ``beta`` on."""
        start = np.nan_to_num(beta)
        each = np.maximum(alpha, NONE)[:, None]

        def evaluate(step: Floats) -> tuple[Floats, Floats, Floats]:
            log = self._log(start + step)
            mu = np.exp(log)
            grown = 1 + each * mu
            terms = np.where(
                self.left,
                self.all_y * np.where(self.left, log, 0.0)
                - (self.all_y + 1 / each) * np.log1p(each * mu),
                0.0,
            )
            slope = np.einsum("rnp,rn->rp", self.x, (self.all_y - mu) / grown)
            weight = mu * (1 + each * self.all_y) / grown**2
            return terms.sum(axis=1), slope, _regression.information(self.x, weight)

        return start + _newton.maximise(evaluate, self.free)[0]

    def bend(self, mu: Floats, each: Floats) -> Floats:
        """Return what moving coefficients add to the curve of the profile, (R,)."""
        grown = (1 + each * mu) ** 2
        cross = np.einsum("rnp,rn->rp", self.x, self.spread((self.y - mu) * mu / grown))
        information = _regression.information(self.x, self.spread(mu * (1 + each * self.y) / grown))
        back = np.nan_to_num(_newton.inverse(information, self.free))
        return np.asarray(np.einsum("rp,rpq,rq->r", cross, back, cross))
