"""Posterior of a difference of two means, with what is known of the control from outside.

Values are normal with one variance for all arms, of which nothing is known before. The difference
has a normal or flat prior and the control mean a flat, a normal or a two-component prior. With flat
priors the posterior is Student's t. Otherwise all is normal given the variance and a component, so
that the posterior is a mixture of normals over both, the variance being summed over an even grid of
its logarithm, which for so smooth a function is all but exact.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from antitrypsim.foundations.errors import InputError
from antitrypsim.statistics.analysis import _settings
from antitrypsim.statistics.analysis._settings import Options
from antitrypsim.statistics.block import Estimates

Floats = NDArray[np.float64]
BORROWING = ("none", "power", "robust", "commensurate")
ROUNDS = 60
# A quantile has arrived when it moves by no more than this share.
NEAR = 1e-13
# Values of the variance that are summed over, and the chance of what lies beyond at each end.
NODES, TAIL = 121, 1e-12
# Numbers held at once for one chunk of replicates.
ROOM = 3_000_000


@dataclass(frozen=True, slots=True)
class Prior:
    """``mean`` and ``sd`` (may be infinite) of the difference, and its ``margin``.

    ``control``: the components of the prior of the control mean as (weight, mean, variance), the
    variance infinite where it is flat.
    """

    mean: float
    sd: float
    margin: float
    control: tuple[tuple[float, float, float], ...]
    borrowing: str


def prior(options: Options) -> Prior:
    """Return the prior that the options describe; InputError for one that cannot be."""
    mean = _settings.number(options, "prior_mean", 0.0)
    sd = _settings.positive(options, "prior_sd", np.inf, infinite=True)
    margin = _settings.number(options, "margin", 0.0)
    borrowing = _settings.choice(options, "borrowing", BORROWING)
    if borrowing == "none":
        return Prior(mean, sd, margin, ((1.0, 0.0, np.inf),), borrowing)
    weight = _settings.number(options, "weight")
    if not 0 <= weight <= 1:
        raise InputError(f"the option 'weight' must lie between 0 and 1, not {weight:g}")
    outside = _settings.number(options, "external_mean")
    variance = _settings.positive(options, "external_se") ** 2
    if borrowing == "power":
        tempered = variance / weight if weight else np.inf
        return Prior(mean, sd, margin, ((1.0, outside, tempered),), borrowing)
    # One person's worth of information: wide, and proper, as the weights need it to be.
    vague = variance * _settings.whole(options, "external_n", None, 1)
    control = ((weight, outside, variance), (1 - weight, outside, vague))
    return Prior(mean, sd, margin, control, "robust")


@dataclass(frozen=True, slots=True)
class Mixture:
    """A mixture of normals: ``weight``, ``mean`` and ``sd``, each (..., components)."""

    weight: Floats
    mean: Floats
    sd: Floats

    def above(self, x: Floats | float) -> Floats:
        """Return the probability above ``x``, (...) or a number."""
        from scipy.special import ndtr

        z = (self.mean - np.asarray(x)[..., None]) / self.sd
        return np.asarray((self.weight * ndtr(z)).sum(axis=-1))

    def below(self, x: Floats | float) -> Floats:
        """Return the probability below ``x``, without the loss of digits of 1 - above."""
        mirrored = Mixture(self.weight, -self.mean, self.sd)
        return mirrored.above(-np.asarray(x))

    def moments(self) -> tuple[Floats, Floats]:
        """Return mean and standard deviation, each (...)."""
        mean = (self.weight * self.mean).sum(axis=-1)
        spread = self.sd**2 + (self.mean - mean[..., None]) ** 2
        return mean, np.sqrt((self.weight * spread).sum(axis=-1))

    def quantile(self, q: float) -> Floats:
        """Return the quantile, (...), by Newton's steps within an ever closer range."""
        from scipy.special import ndtri

        own = self.mean + ndtri(q) * self.sd
        told = self.weight > 0
        low = np.where(told, own, np.inf).min(axis=-1)
        high = np.where(told, own, -np.inf).max(axis=-1)
        x = (low + high) / 2
        for _ in range(ROUNDS):
            z = (x[..., None] - self.mean) / self.sd
            density = (self.weight * np.exp(-0.5 * z**2) / self.sd).sum(axis=-1) / np.sqrt(
                2 * np.pi
            )
            over = self.below(x) - q
            low, high = np.where(over < 0, x, low), np.where(over >= 0, x, high)
            with np.errstate(divide="ignore", invalid="ignore"):
                new = x - over / density
            new = np.where((new >= low) & (new <= high), new, (low + high) / 2)
            moved, x = np.abs(new - x), new
            if not (moved > NEAR * (high - low + np.abs(x))).any():
                break
        return np.asarray(x)


def estimates(
    mean: Floats, share: Floats, noise: Floats, df: Floats, prior: Prior, level: float,
    control: tuple[Floats, Floats, Floats] | None = None,
) -> Estimates:  # fmt: skip
    """Return what the posterior tells of each difference, or of the mean of one arm, (R, k).

    ``mean`` (R, k) is the estimate and ``share`` (R, k) its variance by that of the values, of which
    ``noise`` (R,) is the estimate on ``df`` (R,) degrees of freedom. ``control``: the mean of the
    control (R,), its share (R,), and the share (R, k) of its covariance with the differences.
    """
    from dataclasses import replace

    from scipy.special import stdtr

    if prior.borrowing != "none" and control is None:
        raise InputError("borrowing for the control needs a control, and there is one arm only")
    known = prior.control[0][2] < np.inf or len(prior.control) > 1
    if prior.sd == np.inf and not known:
        se = np.sqrt(noise[:, None] * share)
        told = Estimates.of(mean, se, df[:, None], level)
        with np.errstate(divide="ignore", invalid="ignore"):
            t = (mean - prior.margin) / se
        p = 2 * stdtr(told.df, -np.abs(t))
        return replace(told, p=p, probability=np.asarray(stdtr(told.df, t)))
    out = np.full((6, *mean.shape), np.nan)
    step = max(1, ROOM // (NODES * len(prior.control) * max(1, mean.shape[1])))
    usable = np.flatnonzero(np.isfinite(noise) & np.isfinite(df))
    for first in range(0, len(usable), step):
        rows = usable[first : first + step]
        some = None if control is None else tuple(each[rows] for each in control)
        mixture = _mixture(mean[rows], share[rows], noise[rows], df[rows], prior, some)
        above, below = mixture.above(prior.margin), mixture.below(prior.margin)
        out[:, rows] = (
            *mixture.moments(), np.minimum(2 * np.minimum(above, below), 1.0),
            mixture.quantile((1 - level) / 2), mixture.quantile((1 + level) / 2), above,
        )  # fmt: skip
    centre, se, p, lower, upper, above = np.where(np.isfinite(mean * share), out, np.nan)
    free = np.full(mean.shape, np.inf)
    return Estimates(centre, se, free, p, lower, upper, probability=above)


def _mixture(
    mean: Floats, share: Floats, noise: Floats, df: Floats, prior: Prior,
    control: tuple[Floats, ...] | None,
) -> Mixture:  # fmt: skip
    """Return the posterior, (R, k, nodes x components)."""
    from scipy.special import chdtri

    ends = np.log(chdtri(df, 1 - TAIL)), np.log(chdtri(df, TAIL))
    x = ends[0][:, None] + (ends[1] - ends[0])[:, None] * np.linspace(0, 1, NODES)
    variance = (df * noise)[:, None] * np.exp(-x)
    log_weight = df[:, None] / 2 * x - np.exp(x) / 2
    # From here on the axes are replicate, difference, node and component.
    log_weight = log_weight[:, None, :, None]
    variance = variance[:, None, :, None]
    centre = mean[:, :, None, None]
    spread = share[:, :, None, None] * variance
    if control is not None:
        here, own, both = control[0][:, None, None, None], control[1], control[2]
        error = own[:, None, None, None] * variance
        turn = (both / own[:, None])[:, :, None, None]
        weight, outside, wide = (np.array(each) for each in zip(*prior.control, strict=True))
        left = 1 / (1 / error + 1 / wide)
        # What the outside moves the control by, the difference follows.
        centre = centre + turn * left * (outside - here) / wide
        spread = spread - turn**2 * (error - left)
        with np.errstate(divide="ignore"):
            log_weight = log_weight + np.log(weight)
        proper = np.isfinite(wide)
        if proper.any():
            log_weight = log_weight + np.where(
                proper, _log_density(here - outside, error + wide), 0
            )
    log_weight = log_weight + np.zeros_like(centre * spread)
    if prior.sd < np.inf:
        log_weight = log_weight + _log_density(centre - prior.mean, spread + prior.sd**2)
        left = 1 / (1 / spread + 1 / prior.sd**2)
        centre = left * (centre / spread + prior.mean / prior.sd**2)
        spread = left
    flat = (*mean.shape, -1)
    log_weight = log_weight.reshape(flat)
    weight = np.exp(log_weight - log_weight.max(axis=-1, keepdims=True))
    weight = weight / weight.sum(axis=-1, keepdims=True)
    shape = np.broadcast(centre, spread).shape
    return Mixture(
        weight, np.broadcast_to(centre, shape).reshape(flat),
        np.sqrt(np.broadcast_to(spread, shape)).reshape(flat),
    )  # fmt: skip


def _log_density(off: Floats, variance: Floats) -> Floats:
    with np.errstate(invalid="ignore"):
        return np.asarray(-0.5 * (off**2 / variance + np.log(variance)))
