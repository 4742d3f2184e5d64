"""A second sampler of the same posterior, of another kind: Hamiltonian Monte Carlo on the emulator.

It has no tempering and no particles, and follows slopes: where both agree, neither has got lost
(Neal 2011, doi:10.1201/b10905-6).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from antitrypsim.calibration.posterior.gaussian import linear_update
from antitrypsim.calibration.posterior.likelihood import Likelihood
from antitrypsim.foundations.random import generator

Floats = NDArray[np.float64]

CHAINS = 20
ROUNDS = 200
_WARM, _LEAPS = 300, 8
_AIM = 0.8


def sample_along_slopes(
    likelihood: Likelihood,
    seed: int,
    *,
    chains: int = CHAINS,
    rounds: int = ROUNDS,
    check: Callable[[], None] = lambda: None,
) -> Floats:
    """Return draws of the scores, shape (chains x rounds, p); the same seed gives the same draws."""
    p = likelihood.surface.centre.size
    active = likelihood.surface.active
    rng = generator(seed, "posterior chains")
    idle = rng.standard_normal((chains * rounds, p))
    if not active.size:
        return idle
    here = likelihood.among(active)
    middle = linear_update(here)
    root = middle.root()

    def at(w: Floats) -> Floats:
        return np.asarray(middle.mean + w @ root)

    # Begun wider than the posterior, so that chains which had not mixed would be seen.
    w = 2.0 * rng.standard_normal((chains, active.size))
    size, kept = np.full((chains, 1), 0.3), []
    for turn in range(_WARM + rounds):
        if turn % 10 == 0:
            check()
        push = rng.standard_normal(w.shape)
        # A step of another size each time, so that no orbit closes on itself.
        own = size * rng.uniform(0.6, 1.0, size=(chains, 1))
        value = here.log_posterior(at(w)) - 0.5 * np.sum(push**2, axis=1)
        # An orbit that runs away ends where there is no number, and is refused.
        with np.errstate(over="ignore", invalid="ignore"):
            there, moving = w, push + 0.5 * own * (here.gradient(at(w)) @ root)
            for leap in range(_LEAPS):
                there = there + own * moving
                pull = here.gradient(at(there)) @ root
                moving = moving + (own if leap < _LEAPS - 1 else 0.5 * own) * pull
            found = here.log_posterior(at(there)) - 0.5 * np.sum(moving**2, axis=1)
        better = np.log(rng.uniform(size=chains)) < found - value
        w = np.where(better[:, None], there, w)
        if turn < _WARM:
            # Each chain has a size of its own: one that lies where the slopes are steep would never move.
            size *= np.where(better, 1.0 + 0.5 * (1.0 - _AIM), 1.0 - 0.5 * _AIM)[:, None]
            if turn == _WARM - 1:
                size[:] = np.median(size)
        else:
            kept.append(at(w))
    idle[:, active] = np.concatenate(kept)
    return idle
