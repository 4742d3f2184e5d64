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

_TINY = 1e-9


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

    What a run shows is the statistic of its draw and chance. Before it the emulator knew that statistic
    but for its error; after it both are known together, as two normals are. The weight of a draw is the
    likelihood after over the likelihood before: where chance is larger than the emulator's error the run
    can say nothing, and it is one. A draw without a number that counts has no weight.
    """
    data = [emulated.data[k] for k in emulated.used]
    at = {d.label: j for j, d in enumerate(wave.data)}
    columns = [at[d.label] for d in data]
    values = wave.scaled[:, columns]
    likelihood = emulated.likelihood
    published = np.diag([d.sd**2 for d in data])
    error = likelihood.noise - published
    chance = np.diag(wave.chance[columns])
    gain, remains = updated(published, error, chance)
    before = likelihood.surface(wave.scores)
    after = before + (values - before) @ gain.T
    real = log_normal(after - likelihood.centre, remains)
    lived = np.isfinite(real)
    logs = real[lived] - log_normal(before[lived] - likelihood.centre, likelihood.noise)
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


def updated(published: Floats, error: Floats, chance: Floats) -> tuple[Floats, Floats]:
    """Return how far a run moves an emulator that errs, and the covariance of data about it after the run.

    All are covariances (s, s): ``published`` of the data, ``error`` of the emulator, ``chance`` of the run.
    """
    # A statistic that is emulated exactly, and has no chance, is known as well after a run as before.
    gain = error @ np.linalg.inv(error + chance + _TINY * published)
    left = published + error - gain @ error
    return gain, (left + left.T) / 2


def log_normal(off: Floats, covariance: Floats) -> Floats:
    """Return the log density of rows (n, s) of a normal about 0."""
    root = np.linalg.cholesky(covariance)
    white = np.linalg.solve(root, off.T)
    return np.asarray(-0.5 * np.sum(white * white, axis=0) - np.log(np.diag(root)).sum())
