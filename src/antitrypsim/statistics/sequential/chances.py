"""Stopping probabilities, power and expected information of group-sequential bounds.

Where trials stop, with what power, and how much information that takes.
Jennison and Turnbull 2000, Group Sequential Methods with Applications to Clinical Trials.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from antitrypsim.foundations.errors import InputError
from antitrypsim.statistics.sequential import _checks
from antitrypsim.statistics.sequential._checks import Array
from antitrypsim.statistics.sequential._walk import Walk
from antitrypsim.statistics.sequential.bounds import Bounds

# A trial of one look has a power of 1 but for rounding long before.
FARTHEST_DRIFT = 1e4


@dataclass(frozen=True, eq=False)
class Chances:
    """Chances of stopping at each look, arrays (..., K), ``...`` being the shape of ``drift``.

    ``efficacy``: rejecting in favour of the treated arm. ``harm``: rejecting against it, 0 unless
    the test has two sides. ``futility``: giving up, 0 at the last look. What is left has come to the
    last look without rejecting.
    """

    fractions: Array
    drift: Array
    efficacy: Array
    harm: Array
    futility: Array

    @property
    def power(self) -> Array:
        """The chance of rejecting in favour of the treated arm, of the shape of ``drift``."""
        return np.asarray(self.efficacy.sum(axis=-1))

    @property
    def expected_fraction(self) -> Array:
        """Mean information fraction at the stop, of the shape of ``drift``."""
        early = (self.efficacy + self.harm + self.futility)[..., :-1]
        return 1 - early @ (1 - self.fractions[:-1])


def chances(bounds: Bounds, drift: ArrayLike, *, obey: bool = True) -> Chances:
    """Chances of stopping under each ``drift``, the mean of the last statistic, of any shape.

    ``obey``: futility bounds are obeyed, binding or not. Raises ``InputError`` for one not finite.
    """
    drifts = _checks.numbers(drift, "the drift")
    if not np.isfinite(drifts).all():
        raise InputError("the drift must be finite")
    found = np.array([_one(bounds, float(value), obey) for value in drifts.ravel()])
    found = found.reshape(*drifts.shape, 3, len(bounds.fractions))
    return Chances(bounds.fractions, drifts, found[..., 0, :], found[..., 1, :], found[..., 2, :])


def _one(bounds: Bounds, drift: float, obey: bool) -> Array:
    looks = len(bounds.fractions)
    lower = bounds.lower if obey else np.where(bounds.sides == 2, -bounds.efficacy, -np.inf)
    walk = Walk(bounds.fractions, drift)
    found = np.zeros((3, looks))
    for look, high in enumerate(bounds.efficacy):
        low = float(lower[look])
        found[0, look] = walk.above(high)
        if bounds.sides == 2:
            found[1, look] = walk.below(-high)
        if look < looks - 1:
            # Exactly 0 where there is no futility bound, not what rounding leaves.
            if bounds.sides == 1 or low > -high:
                found[2, look] = walk.below(low) - found[1, look]
            walk.go_on(low, high)
    return found


def drift_for(bounds: Bounds, power: float, *, obey: bool = True) -> float:
    """The drift at which the trial has ``power``.

    Raises ``InputError`` for a power not in (alpha, 1), or one that the bounds leave to no drift.
    """
    from scipy.optimize import brentq
    from scipy.special import ndtri

    _checks.share(power, "the power")
    if power <= bounds.alpha:
        raise InputError(f"the power must be above alpha, not {power}")

    def gap(drift: float) -> float:
        return float(_one(bounds, drift, obey)[0].sum()) - power

    most = -ndtri(bounds.alpha) + ndtri(power) + 1.0
    while gap(most) < 0:
        most *= 2
        if most > FARTHEST_DRIFT:
            raise InputError(f"with these bounds no effect has a power of {power}")
    return float(brentq(gap, 0.0, most, xtol=1e-12))


def fixed_drift(alpha: float, sides: int, power: float) -> float:
    """The drift at which a trial with one look has ``power``, rejecting for the treated arm."""
    from scipy.special import ndtri

    side = _checks.level(alpha, sides)
    return float(ndtri(_checks.share(power, "the power")) - ndtri(side))


def inflation(bounds: Bounds, power: float, *, obey: bool = True) -> float:
    """Largest information over that of a trial with one look and the same alpha and power."""
    fixed = fixed_drift(bounds.alpha, bounds.sides, power)
    return (drift_for(bounds, power, obey=obey) / fixed) ** 2
