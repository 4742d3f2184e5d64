"""From waves of runs to a likelihood: emulators of the statistics, and which of them can be used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from antitrypsim.calibration.posterior.data import Datum
from antitrypsim.calibration.posterior.likelihood import Likelihood
from antitrypsim.calibration.posterior.surface import (
    Fitted,
    Surface,
    fit_surface,
    join,
    shrunk_covariance,
)
from antitrypsim.calibration.posterior.waves import Wave
from antitrypsim.foundations.errors import RunError

Floats = NDArray[np.float64]

LEAST_R2 = 0.3
"""Below it a statistic is not emulated."""
RECENT = 3
"""How many waves are the last ones."""
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
    """The likelihood of the data that are ``used`` (positions), and how well each of all is emulated."""

    likelihood: Likelihood
    used: NDArray[np.int64]
    data: tuple[Datum, ...]
    quality: tuple[Quality, ...]


@dataclass(frozen=True, eq=False)
class Fit:
    """Emulators of every statistic of waves: their ``surface``, ``r2``, and what is not known of them.

    ``between`` is the covariance of their errors with chance in it, ``error`` the SD of each error alone, ``chance`` the variance of Monte Carlo,
    ``seen`` the share of runs that have the statistic, all on the scale of each datum.
    """

    data: tuple[Datum, ...]
    surface: Surface
    r2: Floats
    error: Floats
    between: Floats
    chance: Floats
    seen: Floats

    @classmethod
    def to(cls, waves: Sequence[Wave], groups: Sequence[str] = ()) -> Fit:
        """Fit each statistic to the last wave, to the last three and to all; that is taken which errs least in the last.

        Waves come ever closer to where the posterior lies: early ones tell most of what bends far off, late ones of what is near.
        ``groups`` names the group of each score.
        """
        last = waves[-1]
        spans = sorted({1, min(RECENT, len(waves)), len(waves)})
        first, *others = (_fitted(waves[-span:], groups) for span in spans)
        surface, residuals, r2, error = first.surface, first.residuals, first.r2, first.error
        for fitted in others:
            better = np.nan_to_num(fitted.error, nan=np.inf) < np.nan_to_num(error, nan=np.inf)
            surface = join(surface, fitted.surface, better)
            residuals = np.where(better, fitted.residuals, residuals)
            r2, error = np.where(better, fitted.r2, r2), np.where(better, fitted.error, error)
        between = shrunk_covariance(residuals) + np.diag(last.chance)
        seen = np.isfinite(last.scaled[last.lived]).mean(axis=0)
        return cls(last.data, surface, r2, error, between, last.chance, seen)

    def put_right(self, others: Wave) -> Fit:
        """Return it put right by runs of which each had people of its own.

        What they differ by in the middle is the luck of the people whom all waves share, and is added; what
        they differ by beyond it, less their own Monte Carlo variance, is the emulators' error.
        """
        left = (others.scaled - self.surface(others.scores))[others.lived]
        count = np.isfinite(left).sum(axis=0)
        known = count > 1
        shift, variance = np.zeros(len(count)), np.zeros(len(count))
        shift[known] = np.nanmean(left[:, known], axis=0)
        left = left - shift
        variance[known] = np.nanmean(left[:, known] ** 2, axis=0)
        # Chance of the runs themselves is no error of the emulators; correlations stay as they are.
        own = np.maximum(variance - others.chance, _LEAST_OWN * variance)
        whole = shrunk_covariance(left)
        size = np.diag(whole)
        kept = np.sqrt(np.divide(own, size, out=np.ones_like(own), where=size > 0))
        between = whole * np.outer(kept, kept)
        # The shift is known from so many runs.
        between[np.diag_indices(len(count))] += variance / np.maximum(count, 1)
        surface = replace(self.surface, intercept=self.surface.intercept + shift)
        return replace(
            self, surface=surface, error=np.sqrt(np.diag(between)), between=between, chance=others.chance
        )  # fmt: skip

    def emulated(self) -> Emulated:
        """Return the likelihood on what can be used; raise RunError where that is nothing."""
        sd = np.array([d.sd for d in self.data])
        error, chance = self.error / sd, np.sqrt(self.chance) / sd
        quality = tuple(
            Quality(d.label, float(r2), float(e), float(c), _why(float(seen), float(r2), float(e)))
            for d, r2, e, c, seen in zip(self.data, self.r2, error, chance, self.seen, strict=True)
        )
        used = np.array([k for k, one in enumerate(quality) if not one.why], dtype=np.int64)
        if not used.size:
            raise RunError(
                "no statistic can be emulated from these runs; take more runs or more people"
            )
        noise = np.diag(sd[used] ** 2) + self.between[np.ix_(used, used)]
        centre = np.array([self.data[k].centre for k in used])
        return Emulated(Likelihood(self.surface.of(used), centre, noise), used, self.data, quality)


def _fitted(waves: Sequence[Wave], groups: Sequence[str]) -> Fitted:
    """Return emulators of waves, judged by the last, whose residuals alone are kept."""
    scores = np.concatenate([w.scores[w.lived] for w in waves])
    values = np.concatenate([w.scaled[w.lived] for w in waves])
    judged = np.arange(len(scores)) >= len(scores) - len(waves[-1].lived)
    found = fit_surface(scores, values, judged, groups)
    return replace(found, residuals=found.residuals[judged])


def emulate(
    waves: Sequence[Wave], groups: Sequence[str] = (), others: Wave | None = None
) -> Emulated:
    """Return the likelihood on emulators of the last wave's statistics, put right by runs of ``others``.

    In the noise: the published error, and that of the emulators (their errors correlate between statistics) with
    the middle Monte Carlo variance of the waves, or as ``others`` show it. Raises RunError where nothing can be emulated.
    """
    fit = Fit.to(waves, groups)
    return (fit if others is None else fit.put_right(others)).emulated()


def _why(seen: float, r2: float, error: float) -> str:
    if seen < LEAST_SEEN:
        return f"{100 * (1 - seen):.0f} % of the runs have no such number"
    # Where the runs hardly differ beyond what was published, a small R2 is no fault of the emulator.
    if r2 < LEAST_R2 and error > 1.0:
        return f"not emulated: R2 {max(r2, 0):.2f}, error {error:.1f} published SDs"
    return ""
