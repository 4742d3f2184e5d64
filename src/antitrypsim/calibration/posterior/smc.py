"""Draws from the posterior on an emulator: tempered sequential Monte Carlo with pCN moves.

Particles begin in the prior; the power of the likelihood rises from 0 to 1 in steps that halve the
effective sample (Del Moral, Doucet and Jasra 2006, doi:10.1111/j.1467-9868.2006.00553.x). After each
step they are resampled and moved by preconditioned Crank-Nicolson proposals, reversible for the normal
that the slopes of the emulator at the mean give, and accepted by Metropolis' rule (Cotter et al. 2013,
doi:10.1214/13-STS421). Scores that no statistic depends on are drawn from the prior, as they are exactly.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from antitrypsim.calibration.posterior.normal import Normal
from antitrypsim.foundations.random import generator

Floats = NDArray[np.float64]

PARTICLES = 2000
MOVES, LAST_MOVES = 30, 300
"""In a hundred directions fewer leave the mean of some direction a quarter of an SD from another seed's."""
_KEPT = 0.5
_LEAST_POWER = 1e-6
_AIM = (0.25, 0.5)


class Weighing(Protocol):
    """A likelihood of scores whose prior is standard normal, as it is sampled; arrays are (n, size)."""

    @property
    def size(self) -> int:
        """How many scores there are."""

    @property
    def active(self) -> NDArray[np.int64]:
        """Positions of the scores that it depends on."""

    def among(self, scores: NDArray[np.int64]) -> Self:
        """Return the same in some of the scores, which must hold all active ones."""

    def tempered(self, power: float) -> Self:
        """Return the same with another power of the likelihood."""

    def loglik(self, z: Floats) -> Floats:
        """Return the log-likelihood, untempered."""

    def log_posterior(self, z: Floats) -> Floats:
        """Return the tempered log posterior."""

    def about(self, z: Floats) -> Normal:
        """Return a normal about scores (size,), as wide as the tempered posterior is there."""


@dataclass(frozen=True, eq=False)
class Sampled:
    """Draws of the scores, shape (draws, p), all of one weight, with how they came about.

    ``powers`` of the likelihood that were passed; ``accepted`` is the share of the last moves.
    """

    draws: Floats
    powers: tuple[float, ...]
    accepted: float


def sample(
    likelihood: Weighing,
    seed: int,
    *,
    particles: int = PARTICLES,
    moves: int = MOVES,
    last_moves: int = LAST_MOVES,
    check: Callable[[], None] = lambda: None,
) -> Sampled:
    """Return draws from the posterior; the same seed gives the same draws.

    ``check`` is called between steps and may raise to stop.
    """
    p = likelihood.size
    active = likelihood.active
    rng = generator(seed, "posterior particles")
    z = rng.standard_normal((particles, p))
    if not active.size:
        return Sampled(z, (1.0,), 1.0)
    here = likelihood.among(active)
    x, power, step, accepted = z[:, active], 0.0, 0.5, 1.0
    powers = []
    while power < 1.0:
        check()
        loglik = here.loglik(x)
        rise = _rise(loglik, 1.0 - power)
        power = 1.0 if rise >= 1.0 - power else power + rise
        powers.append(power)
        weights = normalised(rise * loglik)
        mean = weights @ x
        x = x[_systematic(weights, rng)]
        now = here.tempered(power)
        around = now.about(mean)
        count = last_moves if power >= 1.0 else moves
        x, step, accepted = _moved(now, around, x, rng, count, step)
    z[:, active] = x
    return Sampled(z, tuple(powers), accepted)


def normalised(logs: Floats) -> Floats:
    """Return weights that add up to one from their logarithms."""
    w = np.exp(logs - logs.max())
    return np.asarray(w / w.sum())


def effective(weights: Floats) -> float:
    """Return the effective number of normalised weights."""
    return float(1.0 / np.sum(weights**2))


def _rise(loglik: Floats, most: float) -> float:
    """Return by how much the power may rise until the effective sample is halved."""
    aim = _KEPT * loglik.size

    def left(rise: float) -> float:
        return effective(normalised(rise * loglik))

    if left(most) >= aim:
        return most
    low, high = 0.0, most
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if left(middle) >= aim else (low, middle)
    return max(low, min(_LEAST_POWER, most))


def _systematic(weights: Floats, rng: np.random.Generator) -> NDArray[np.int64]:
    n = weights.size
    ends = np.cumsum(weights)
    ends[-1] = 1.0
    return np.asarray(np.searchsorted(ends, (rng.uniform() + np.arange(n)) / n))


def _moved(
    now: Weighing, around: Normal, x: Floats, rng: np.random.Generator, count: int, step: float
) -> tuple[Floats, float, float]:
    """Move particles ``count`` times; return them, the step and the share that was accepted."""
    root = around.root()
    # The part of the log posterior that the reference does not have: pCN keeps the reference itself.
    precision = np.linalg.inv(around.covariance)

    def beyond(at: Floats) -> Floats:
        off = at - around.mean
        return now.log_posterior(at) + 0.5 * np.einsum(
            "ij,jk,ik->i", off, precision, off, optimize=True
        )

    value = beyond(x)
    share = 1.0
    for _ in range(count):
        fresh = rng.standard_normal(x.shape) @ root
        there = around.mean + np.sqrt(1.0 - step**2) * (x - around.mean) + step * fresh
        found = beyond(there)
        better = np.log(rng.uniform(size=len(x))) < found - value
        x = np.where(better[:, None], there, x)
        value = np.where(better, found, value)
        share = float(np.mean(better))
        if share < _AIM[0]:
            step = max(step * 0.8, 1e-3)
        elif share > _AIM[1]:
            step = min(step * 1.2, 1.0)
    return x, step, share
