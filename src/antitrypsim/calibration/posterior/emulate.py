"""From waves of runs to a likelihood: emulators of the statistics, and which of them can be used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from antitrypsim.calibration.posterior.data import Datum
from antitrypsim.calibration.posterior.likelihood import Likelihood
from antitrypsim.calibration.posterior.surface import fit_surface, join, shrunk_covariance
from antitrypsim.calibration.posterior.waves import Wave
from antitrypsim.foundations.errors import RunError

Floats = NDArray[np.float64]

LEAST_R2 = 0.3
"""Below it a statistic is not emulated."""
LEAST_SEEN = 0.8
"""A statistic that fewer of the runs have is left out."""


@dataclass(frozen=True)
class Quality:
    """How well a statistic is emulated: ``error`` in published SDs, ``r2`` over the last wave.

    ``why`` says why it is left out of the likelihood; nothing where it is in.
    """

    label: str
    r2: float
    error: float
    chance: float
    why: str


@dataclass(frozen=True, eq=False)
class Emulated:
    """The likelihood of the data that are ``used`` (positions), and how well each of all is emulated.

    ``chance`` is Monte Carlo's variance of each used datum on its scale.
    """

    likelihood: Likelihood
    used: NDArray[np.int64]
    data: tuple[Datum, ...]
    quality: tuple[Quality, ...]
    chance: Floats


def emulate(waves: Sequence[Wave]) -> Emulated:
    """Return the likelihood on emulators of the last wave's statistics.

    Each statistic is fitted to the last wave and to all waves, and the fit is taken that errs less in
    the last. In the noise: the published error, that of the emulators (their errors correlate between
    statistics), and the middle Monte Carlo variance. Raises RunError where nothing can be emulated.
    """
    last = waves[-1]
    lived = [np.array([k not in w.failed for k in range(len(w.scores))]) for w in waves]
    scores = np.concatenate([w.scores[ok] for w, ok in zip(waves, lived, strict=True)])
    values = np.concatenate([w.scaled[ok] for w, ok in zip(waves, lived, strict=True)])
    own = int(lived[-1].sum())
    judged = np.arange(len(scores)) >= len(scores) - own
    fitted = fit_surface(scores[judged], values[judged])
    surface, residuals, r2, error = fitted.surface, fitted.residuals, fitted.r2, fitted.error
    if len(waves) > 1:
        whole = fit_surface(scores, values, judged)
        better = np.nan_to_num(whole.error, nan=np.inf) < np.nan_to_num(error, nan=np.inf)
        surface = join(surface, whole.surface, better)
        residuals = np.where(better, whole.residuals[judged], residuals)
        r2, error = np.where(better, whole.r2, r2), np.where(better, whole.error, error)
    sd = np.array([d.sd for d in last.data])
    seen = np.isfinite(values[judged]).mean(axis=0)
    quality = tuple(
        Quality(
            d.label, float(r2[k]), float(error[k] / sd[k]), float(np.sqrt(last.chance[k]) / sd[k]),
            _why(float(seen[k]), float(r2[k]), float(error[k] / sd[k])),
        )
        for k, d in enumerate(last.data)
    )  # fmt: skip
    used = np.array([k for k, one in enumerate(quality) if not one.why], dtype=np.int64)
    if not used.size:
        raise RunError(
            "no statistic can be emulated from these runs; take more runs or more people"
        )
    noise = np.diag(sd[used] ** 2 + last.chance[used]) + shrunk_covariance(residuals[:, used])
    centre = np.array([last.data[k].centre for k in used])
    return Emulated(
        Likelihood(surface.of(used), centre, noise), used, last.data, quality, last.chance[used]
    )


def _why(seen: float, r2: float, error: float) -> str:
    if seen < LEAST_SEEN:
        return f"{100 * (1 - seen):.0f} % of the runs have no such number"
    # Where the runs hardly differ beyond what was published, a small R2 is no fault of the emulator.
    if r2 < LEAST_R2 and error > 1.0:
        return f"not emulated: R2 {max(r2, 0):.2f}, error {error:.1f} published SDs"
    return ""
