"""The dispersion of negative binomial counts by maximum likelihood, in many replicates at once."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

from antitrypsim.foundations.errors import InputError

Floats = NDArray[np.float64]

LOW, HIGH = np.log(1e-6), np.log(1e4)
ROUNDS = 80
NEAR = 1e-10
# The likelihood takes a step for each event of the person with the most.
MOST = 100_000


def possible(count: NDArray[np.number]) -> None:
    """Raise InputError where a participant has more events than can be analysed."""
    largest = float(np.nanmax(count, initial=0.0))
    if largest > MOST:
        raise InputError(
            f"a participant has {largest:g} events, and at most {MOST} can be analysed"
        )


class Profile(ABC):
    """The profile likelihood of the log dispersion: at each, the regression is at its best.

    ``y`` (N,): counts. ``replicate`` (N,): that of each. Subclasses know the regression, whose
    coefficients are ``beta`` (R, p).
    """

    def __init__(self, y: Floats, replicate: NDArray[np.intp], replicates: int) -> None:
        self.y, self.replicate, self.replicates = y, replicate, replicates
        most = int(y.max(initial=0.0)) + 1
        seen = np.bincount(
            replicate * most + y.astype(np.intp), minlength=replicates * most
        ).reshape(replicates, most)
        # How many counts are above 0, 1, ...: all that the slope in the dispersion needs of them.
        self.above = seen.sum(axis=1, keepdims=True) - np.cumsum(seen, axis=1)
        self.beta = np.zeros((replicates, 0))

    @abstractmethod
    def fitted(self, beta: Floats) -> Floats:
        """Return the expected counts, (N,)."""

    @abstractmethod
    def poisson(self) -> Floats:
        """Return the coefficients without dispersion, (R, p)."""

    @abstractmethod
    def settle(self, beta: Floats, alpha: Floats) -> Floats:
        """Return the best coefficients at dispersions ``alpha`` (R,), from ``beta`` on."""

    @abstractmethod
    def bend(self, mu: Floats, each: Floats) -> Floats:
        """Return what moving coefficients add to the curve of the profile, (R,)."""

    def sums(self, x: Floats) -> Floats:
        """Return sums of ``x`` (N,) by replicate."""
        return np.bincount(self.replicate, weights=x, minlength=self.replicates).astype(float)

    def fit(self) -> tuple[Floats, Floats]:
        """Return coefficients (R, p) and dispersions (R,), 0 if Poisson, NaN if not finite."""
        poisson = self.poisson()
        # Twice the slope of the likelihood in alpha at 0: not above 0 means no overdispersion.
        excess, square = self.scatter(poisson)
        self.beta = poisson.copy()
        wide = (excess > 0) & (self._slope(np.full(self.replicates, LOW))[0] > 0)
        self.beta = poisson.copy()
        endless = wide & ~(self._slope(np.full(self.replicates, HIGH))[0] < 0)
        self.beta = poisson.copy()
        low, high = np.full(self.replicates, LOW), np.full(self.replicates, HIGH)
        at = np.clip(np.log(np.where(wide, excess / square, 1.0)), LOW + 1, HIGH - 1)
        going = wide & ~endless
        for _ in range(ROUNDS):
            if not going.any():
                break
            slope, curve = self._slope(at)
            low, high = np.where(slope > 0, at, low), np.where(slope > 0, high, at)
            newton = at - slope / curve
            inside = (curve < 0) & (newton > low) & (newton < high)
            moved = np.where(inside, newton, (low + high) / 2)
            moved = np.where(going, moved, at)
            going &= ~(np.abs(moved - at) < NEAR)
            at = moved
        self._slope(at)
        beta = np.where(wide[:, None], self.beta, poisson)
        alpha = np.where(wide, np.exp(at), 0.0)
        return beta, np.where(endless | going, np.nan, alpha)

    def scatter(self, beta: Floats) -> tuple[Floats, Floats]:
        """Return the squares of counts off those expected, less the counts, and of those, (R,)."""
        mu = self.fitted(beta)
        return self.sums((self.y - mu) ** 2 - self.y), self.sums(mu**2)

    def _slope(self, log_alpha: Floats) -> tuple[Floats, Floats]:
        """Return the slope in the dispersion of the profile, and its own in the log dispersion."""
        alpha = np.exp(log_alpha)
        self.beta = self.settle(self.beta, alpha)
        first, second, bend = self.sides(alpha)
        j = np.arange(self.above.shape[1])
        ratio = j / (1 + alpha[:, None] * j)
        slope = (self.above * ratio).sum(axis=1) + first
        curve = second - (self.above * ratio**2).sum(axis=1) + bend
        return slope, alpha * curve

    def sides(self, alpha: Floats) -> tuple[Floats, Floats, Floats]:
        """Return what is not of counts alone in slope and curve, and what coefficients add, (R,)."""
        each = alpha[self.replicate]
        mu = self.fitted(self.beta)
        first, second = by_dispersion(self.y, mu, each)
        return self.sums(first), self.sums(second), self.bend(mu, each)


def by_dispersion(y: Floats, mu: Floats, each: Floats | float) -> tuple[Floats, Floats]:
    """Return each person's share of slope and curve, but for the terms of counts alone."""
    grown = 1 + each * mu
    log = np.log1p(each * mu)
    first = log / each**2 - (y + 1 / each) * mu / grown
    second = -2 * log / each**3 + 2 * mu / (each**2 * grown) + (y + 1 / each) * (mu / grown) ** 2
    return first, second
