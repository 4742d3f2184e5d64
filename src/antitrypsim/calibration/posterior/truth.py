"""The truth check: draws of the posterior through the real simulation, reweighted by what it says."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from antitrypsim.calibration.posterior.emulate import Emulated
from antitrypsim.calibration.posterior.psis import TRUSTED, smoothed
from antitrypsim.calibration.posterior.smc import effective
from antitrypsim.calibration.posterior.waves import Wave

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Truth:
    """Draws that were lived: their ``weights`` and Pareto's ``k``, and how many targets each meets.

    ``met`` (draws, data) says which bounded statistic each draw meets; ``shift`` is the largest change of
    any score's mean by the weights, in posterior SDs.
    """

    draws: int
    people: int
    weights: Floats
    k: float
    effective: float
    shift: float
    met: NDArray[np.bool_]

    @property
    def trusted(self) -> bool:
        """Whether the weights may be trusted; if not, another wave is needed."""
        return self.k <= TRUSTED

    @property
    def share_meeting(self) -> float:
        """The share of draws that meet at least nine tenths of the statistics."""
        return float(np.mean(self.met.mean(axis=1) >= 0.9))


def truth_of(emulated: Emulated, wave: Wave, people: int) -> Truth:
    """Return how posterior draws, which ``wave`` lived, fare in the real simulation.

    The weight of a draw is its likelihood by the simulation, with the published error and Monte
    Carlo's, over that by the emulator. A draw without a number that counts has no weight.
    """
    data = [emulated.data[k] for k in emulated.used]
    at = {d.label: j for j, d in enumerate(wave.data)}
    columns = [at[d.label] for d in data]
    values = wave.scaled[:, columns]
    sd = np.array([d.sd for d in data])
    variance = sd**2 + wave.chance[columns]
    centre = np.array([d.centre for d in data])
    real = -0.5 * np.sum((values - centre) ** 2 / variance, axis=1)
    lived = np.isfinite(real)
    logs = real[lived] - emulated.likelihood.loglik(wave.scores[lived])
    weights = np.zeros(len(real))
    k = float("inf")
    if lived.any():
        weights[lived], k = smoothed(logs)
    spread = wave.scores.std(axis=0)
    moved = weights @ wave.scores - wave.scores.mean(axis=0)
    shift = float(np.max(np.abs(moved[spread > 0]) / spread[spread > 0], initial=0.0))
    met = np.stack(
        [d.met(wave.values[:, at[d.label]]) for d in emulated.data if d.label in at], axis=1
    )
    share = effective(weights) if lived.any() else 0.0
    return Truth(len(real), people, weights, k, share, shift, met)
