"""Simulation-based calibration: does the posterior hold what was true as often as it says?

Data are simulated from scores of the prior, the posterior is drawn, and the rank of what was true among
the draws is uniform if, and only if on average, the sampling is right (Talts et al. 2018, arXiv:1804.06788).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from antitrypsim.calibration.posterior.likelihood import Likelihood
from antitrypsim.calibration.posterior.smc import sample
from antitrypsim.foundations.random import generator

Floats = NDArray[np.float64]
Predict = Callable[[Floats], Floats]

_BINS = 10


@dataclass(frozen=True, eq=False)
class Ranks:
    """Ranks of what was true among ``of`` draws, 0 to ``of``: shape (sets, names)."""

    names: tuple[str, ...]
    ranks: NDArray[np.int64]
    of: int

    def p_values(self) -> Floats:
        """Return, by name, how likely ranks at least as uneven are by chance: chi-square of ten bins."""
        from scipy.stats import chisquare

        bins = self.ranks * _BINS // (self.of + 1)
        counts = np.stack([np.bincount(column, minlength=_BINS) for column in bins.T])
        expected = np.bincount(np.arange(self.of + 1) * _BINS // (self.of + 1)) / (self.of + 1)
        return np.asarray(chisquare(counts, expected * len(self.ranks), axis=1).pvalue)

    @property
    def worst(self) -> float:
        """The smallest p after Bonferroni, at most 1."""
        return min(1.0, float(self.p_values().min()) * len(self.names))


def simulation_based_calibration(
    likelihood: Likelihood,
    seed: int,
    *,
    sets: int = 200,
    scores: Sequence[int],
    names: Sequence[str] = (),
    predict: Predict | None = None,
    predicted: Sequence[str] = (),
    assumed: Floats | None = None,
    simulate: Predict | None = None,
    particles: int = 200,
    of: int = 99,
    check: Callable[[], None] = lambda: None,
) -> Ranks:
    """Return ranks of some ``scores``, and of what ``predict`` (n, p) -> (n, q) says, over simulated data.

    Data come from the emulator with its whole noise, or from ``simulate`` (1, p) -> (1, s), a real simulation,
    with the noise added. ``assumed`` is a covariance that the sampling takes for the noise in its place: half
    of it must show.
    """
    p = likelihood.surface.centre.size
    rng = generator(seed, "simulation-based calibration")
    root = np.linalg.cholesky(likelihood.noise)
    taken = likelihood if assumed is None else replace(likelihood, noise=assumed)
    found = []
    for k in range(sets):
        check()
        true = rng.standard_normal((1, p))
        statistics = (simulate or likelihood.surface)(true)[0]
        data = statistics + root @ rng.standard_normal(len(likelihood.centre))
        drawn = sample(
            replace(taken, centre=data), seed + k, particles=particles, moves=8, last_moves=25
        ).draws
        some = drawn[rng.choice(particles, size=of, replace=False)]
        told = [some[:, list(scores)]] + ([predict(some)] if predict else [])
        truth = [true[:, list(scores)]] + ([predict(true)] if predict else [])
        found.append(np.sum(np.hstack(told) < np.hstack(truth), axis=0))
    given = tuple(names) or tuple(f"score {k}" for k in scores)
    return Ranks((*given, *predicted), np.stack(found), of)
