"""Posterior of a difference of two normal means, with what is known of the control from outside.

The variances of the arm means are taken as known, at their estimates. The difference has a normal
or flat prior and the control mean a flat, a normal or a two-component prior; given a component all
is normal, so the posterior is a mixture of at most two normals in closed form.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from antitrypsim.foundations.errors import InputError
from antitrypsim.statistics.analysis import _settings
from antitrypsim.statistics.block import Estimates

Floats = NDArray[np.float64]
BORROWING = ("none", "power", "robust", "commensurate")
HALVINGS = 60


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


def prior(options: Mapping[str, Any]) -> Prior:
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
        """Return the quantile, (...), by halving the range between those of the components."""
        from scipy.special import ndtri

        own = self.mean + ndtri(q) * self.sd
        low, high = own.min(axis=-1), own.max(axis=-1)
        if own.shape[-1] > 1:
            for _ in range(HALVINGS):
                middle = (low + high) / 2
                under = self.below(middle) < q
                low, high = np.where(under, middle, low), np.where(under, high, middle)
        return np.asarray((low + high) / 2)


def posterior(mean: Floats, variance: Floats, prior: Prior) -> Mixture:
    """Return the posterior of each arm's mean less that of the first, (R, arms - 1, components).

    ``mean`` and ``variance`` (R, arms) are those of the arm means. With one arm it is the posterior
    of its own mean, (R, 1, 1).
    """
    variance = np.where(variance > 0, variance, np.nan)
    if mean.shape[1] == 1:
        if prior.borrowing != "none":
            raise InputError("borrowing for the control needs a control, and there is one arm only")
        return _updated(mean[..., None], variance[..., None], np.zeros((1, 1, 1)), prior)
    weight, outside, spread = (np.array(each) for each in zip(*prior.control, strict=True))
    here, error = mean[:, :1, None], variance[:, :1, None]
    control_variance = 1 / (1 / error + 1 / spread)
    control = control_variance * (here / error + outside / spread)
    with np.errstate(divide="ignore"):
        log_weight = np.log(weight) + np.zeros_like(control)
    if len(weight) > 1:
        log_weight = log_weight + _log_density(here - outside, error + spread)
    difference = mean[:, 1:, None] - control
    return _updated(difference, variance[:, 1:, None] + control_variance, log_weight, prior)


def _updated(difference: Floats, variance: Floats, log_weight: Floats, prior: Prior) -> Mixture:
    """Combine the difference that the data tell, given each component, with its own prior."""
    precision = 1 / prior.sd**2
    found = 1 / (1 / variance + precision)
    mean = found * (difference / variance + prior.mean * precision)
    if precision > 0:
        log_weight = log_weight + _log_density(difference - prior.mean, variance + prior.sd**2)
    weight = np.exp(log_weight - log_weight.max(axis=-1, keepdims=True))
    weight = weight / weight.sum(axis=-1, keepdims=True)
    return Mixture(np.broadcast_to(weight, mean.shape), mean, np.sqrt(found))


def _log_density(off: Floats, variance: Floats) -> Floats:
    return np.asarray(-0.5 * (off**2 / variance + np.log(variance)))


def estimates(found: Mixture, margin: float, level: float) -> Estimates:
    """Return what a posterior tells of each difference, (R, arms - 1)."""
    mean, sd = found.moments()
    above, below = found.above(margin), found.below(margin)
    return Estimates(
        estimate=mean,
        se=sd,
        df=np.full(mean.shape, np.inf),
        p=np.minimum(2 * np.minimum(above, below), 1.0),
        lower=found.quantile((1 - level) / 2),
        upper=found.quantile((1 + level) / 2),
        probability=above,
    )
