"""From waves of runs to a likelihood: emulators of the statistics, and which of them can be used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from antitrypsim.calibration.posterior.data import Datum
from antitrypsim.calibration.posterior.likelihood import Likelihood
from antitrypsim.calibration.posterior.surface import Surface, fit_surface, join, shrunk_covariance
from antitrypsim.calibration.posterior.waves import Wave
from antitrypsim.foundations.errors import RunError

Floats = NDArray[np.float64]

LEAST_R2 = 0.3
"""Below it a statistic is not emulated."""
_LEAST_OWN = 0.1
"""So much of what runs of other people leave is the emulator's at the least: how large chance is, is known only roughly."""
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


def emulate(
    waves: Sequence[Wave], groups: Sequence[str] = (), others: Wave | None = None
) -> Emulated:
    """Return the likelihood on emulators of the last wave's statistics.

    Each statistic is fitted to the last wave and to all waves, and the fit is taken that errs less in
    the last. In the noise: the published error, that of the emulators (their errors correlate between
    statistics), and the middle Monte Carlo variance. ``groups`` names the group of each score.

    ``others`` are runs of which each had people of its own. What they differ by in the middle is the luck of the
    people whom all waves share, and is added to the emulators; what they differ by beyond it, less their own Monte Carlo
    variance, is the emulators' error. Raises RunError where nothing can be emulated.
    """
    last = waves[-1]
    lived = [np.array([k not in w.failed for k in range(len(w.scores))]) for w in waves]
    scores = np.concatenate([w.scores[ok] for w, ok in zip(waves, lived, strict=True)])
    values = np.concatenate([w.scaled[ok] for w, ok in zip(waves, lived, strict=True)])
    own = int(lived[-1].sum())
    judged = np.arange(len(scores)) >= len(scores) - own
    fitted = fit_surface(scores[judged], values[judged], groups=groups)
    surface, residuals, r2, error = fitted.surface, fitted.residuals, fitted.r2, fitted.error
    if len(waves) > 1:
        whole = fit_surface(scores, values, judged, groups)
        better = np.nan_to_num(whole.error, nan=np.inf) < np.nan_to_num(error, nan=np.inf)
        surface = join(surface, whole.surface, better)
        residuals = np.where(better, whole.residuals[judged], residuals)
        r2, error = np.where(better, whole.r2, r2), np.where(better, whole.error, error)
    sd, chance = np.array([d.sd for d in last.data]), last.chance
    between = shrunk_covariance(residuals) + np.diag(chance)
    if others is not None:
        surface, between, chance = _by_others(surface, others)
        error = np.sqrt(np.diag(between))
    seen = np.isfinite(values[judged]).mean(axis=0)
    quality = tuple(
        Quality(
            d.label, float(r2[k]), float(error[k] / sd[k]), float(np.sqrt(chance[k]) / sd[k]),
            _why(float(seen[k]), float(r2[k]), float(error[k] / sd[k])),
        )
        for k, d in enumerate(last.data)
    )  # fmt: skip
    used = np.array([k for k, one in enumerate(quality) if not one.why], dtype=np.int64)
    if not used.size:
        raise RunError(
            "no statistic can be emulated from these runs; take more runs or more people"
        )
    noise = np.diag(sd[used] ** 2) + between[np.ix_(used, used)]
    centre = np.array([last.data[k].centre for k in used])
    return Emulated(
        Likelihood(surface.of(used), centre, noise), used, last.data, quality, chance[used]
    )


def _by_others(surface: Surface, others: Wave) -> tuple[Surface, Floats, Floats]:
    """Return emulators put right by runs of other people, the covariance of their errors, and the runs' chance."""
    lived = [k for k in range(len(others.scores)) if k not in others.failed]
    left = (others.scaled - surface(others.scores))[lived]
    count = np.isfinite(left).sum(axis=0)
    known = count > 1
    shift = np.zeros(len(count))
    shift[known] = np.nanmean(left[:, known], axis=0)
    left = left - shift
    variance = np.zeros(len(count))
    variance[known] = np.nanmean(left[:, known] ** 2, axis=0)
    whole = shrunk_covariance(left)
    # A run without the number counts as none, and not as one that is met.
    size = np.sqrt(
        np.divide(variance, np.diag(whole), out=np.ones_like(variance), where=np.diag(whole) > 0)
    )
    whole = whole * np.outer(size, size)
    chance = others.chance
    # Chance of the runs themselves is no error of the emulators; correlations stay as they are.
    own = np.maximum(variance - chance, _LEAST_OWN * variance)
    kept = np.sqrt(np.divide(own, variance, out=np.ones_like(own), where=variance > 0))
    between = whole * np.outer(kept, kept)
    # The shift is known from so many runs.
    between[np.diag_indices(len(count))] += variance / np.maximum(count, 1)
    return replace(surface, intercept=surface.intercept + shift), between, chance


def _why(seen: float, r2: float, error: float) -> str:
    if seen < LEAST_SEEN:
        return f"{100 * (1 - seen):.0f} % of the runs have no such number"
    # Where the runs hardly differ beyond what was published, a small R2 is no fault of the emulator.
    if r2 < LEAST_R2 and error > 1.0:
        return f"not emulated: R2 {max(r2, 0):.2f}, error {error:.1f} published SDs"
    return ""
