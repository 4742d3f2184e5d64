"""Are fits as sure as they should be? Trials of known scores, simulated on the emulators, and the ranks of what was true."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from antitrypsim.calibration.posterior.smc import sample
from antitrypsim.experiments.fitting.likelihood import (
    PeopleLikelihood,
    patterns_of,
    triangular,
)
from antitrypsim.experiments.fitting.lived import ANSCOMBE
from antitrypsim.foundations.arrays import Floats
from antitrypsim.foundations.random import generator

PARTICLES, MOVES, LAST_MOVES = 250, 10, 80


def simulated(
    likelihood: PeopleLikelihood, z: Floats, rng: np.random.Generator
) -> PeopleLikelihood:
    """Return the likelihood of a trial of people who live scores z (size,): as many, with as much missing.

    The error of the emulators is drawn too. Values below a limit are not simulated.
    """
    p = likelihood.surface.centre.size
    statistics = likelihood.surface(z[None, :p]) + z[p:] @ likelihood.scale_errors
    off = likelihood.shared @ rng.standard_normal(likelihood.shared.shape[1])
    first = at = 0
    groups = []
    for k, arm in enumerate(likelihood.groups):
        own = statistics[:, at : at + arm.statistics]
        shift, spread = triangular(own, arm.size)
        mean = arm.mean + arm.root @ (shift[0] + off[first : first + arm.size])
        root = arm.root @ spread[0]
        parts = []
        for some in arm.patterns:
            values = np.full((some.count, arm.size), np.nan)
            there = np.concatenate([some.seen, some.below])
            whole = mean + rng.standard_normal((some.count, arm.size)) @ root.T
            values[:, there] = whole[:, there]
            parts.append(values)
        values = np.concatenate(parts)
        deaths = arm.deaths
        if deaths is not None:
            level = own[0, -1] + likelihood.death_errors[k] * rng.standard_normal()
            count = rng.poisson(max((max(level, 0.0) / 2) ** 2 - ANSCOMBE, 0.0))
            deaths = 2 * float(np.sqrt(count + ANSCOMBE))
        groups.append(
            replace(arm, patterns=patterns_of(values, np.zeros(values.shape, bool)), deaths=deaths)
        )
        first, at = first + arm.size, at + arm.statistics
    return replace(likelihood, groups=tuple(groups))


def rank_of_truth(
    likelihood: PeopleLikelihood, seed: int, assumed: PeopleLikelihood | None = None
) -> Floats:
    """Return the share of draws below the truth of every score (size,), of one trial simulated from the prior.

    ``assumed`` is what the sampling takes for the likelihood in its place: one that is too sure must show.
    """
    rng = generator(seed, "fit simulated trial")
    true = rng.standard_normal(likelihood.size)
    data = simulated(likelihood, true, rng)
    if assumed is not None:
        data = replace(assumed, groups=data.groups)
    drawn = sample(data, seed, particles=PARTICLES, moves=MOVES, last_moves=LAST_MOVES).draws
    return np.asarray(np.mean(drawn < true, axis=0))
