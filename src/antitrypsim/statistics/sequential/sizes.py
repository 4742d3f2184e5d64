"""How many participants or events a wanted power takes, with one look and with several.

Sizes are real numbers; round them up. ``ratio`` is treated over control, ``power`` that of rejecting
in the direction of the effect.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from antitrypsim.foundations.errors import InputError
from antitrypsim.statistics.sequential import _checks
from antitrypsim.statistics.sequential._checks import Array
from antitrypsim.statistics.sequential.bounds import Bounds
from antitrypsim.statistics.sequential.chances import chances, drift_for, fixed_drift

Method = Literal["t", "normal"]
METHODS = ("t", "normal")
# The t test needs about two participants more than a known sd would: nothing in so many.
LARGEST = 1e9
# Two arms and one degree of freedom.
SMALLEST = 3.0
# Beyond it scipy's noncentral t distribution gives no number.
FAR = 1e3


@dataclass(frozen=True, eq=False)
class Size:
    """Participants of the two arms, arrays of one shape."""

    treated: Array
    control: Array

    @property
    def total(self) -> Array:
        """Both arms together."""
        return self.treated + self.control


@dataclass(frozen=True, eq=False)
class SequentialSize:
    """Sizes of a trial with looks, in participants or events, as the fixed size was.

    ``fixed``, ``maximum``: with one look, and if it never stops early. ``looks`` (K,): at each
    look. ``expected_null``, ``expected_between``, ``expected_effect``: means without effect, with
    half the effect and with the effect. ``drift``: that of the effect. ``inflation``: maximum over
    fixed.
    """

    fixed: float
    maximum: float
    looks: Array
    expected_null: float
    expected_between: float
    expected_effect: float
    drift: float
    inflation: float


def size_means(
    difference: ArrayLike,
    sd: ArrayLike,
    *,
    power: float,
    alpha: float = 0.025,
    sides: int = 1,
    ratio: float = 1.0,
    method: Method = "t",
) -> Size:
    """Sizes to tell two means apart; ``difference`` and ``sd`` in one unit, of any shape.

    ``t``: exact power of the t test with pooled variance, from the noncentral t distribution;
    ``normal``: as if ``sd`` were known, which ``t`` takes too from a total of 1e9. NaN gives NaN.
    Raises ``InputError`` for a difference of 0, or too small for any number of participants, and
    for a level, power, sd or ratio that cannot be.
    """
    effect = np.abs(_apart(difference, "difference")) / _checks.positive(sd, "the sd")
    ratio = _checks.ratio(ratio)
    drift = _fixed(alpha, sides, power)
    _checks.one_of(method, METHODS, "method")
    # Information of one participant, in 1 / sd^2.
    each = ratio / (1 + ratio) ** 2
    with np.errstate(over="ignore", divide="ignore"):
        total = np.asarray((drift / effect) ** 2 / each)
    if np.isinf(total).any():
        raise InputError("the difference is too small beside the sd for any number of participants")
    if method == "t":
        side = alpha / sides
        total = _grown(lambda n: _missed_t(n, effect * np.sqrt(each * n), side), total, 1 - power)
    return Size(total * ratio / (1 + ratio), total / (1 + ratio))


def size_rates(
    treated: ArrayLike,
    control: ArrayLike,
    *,
    power: float,
    alpha: float = 0.025,
    sides: int = 1,
    ratio: float = 1.0,
) -> Size:
    """Sizes to tell two rates (shares of participants, 0 to 1) apart, of any shape.

    Normal approximation with the pooled variance under no difference and the separate ones under
    the effect (Fleiss, Levin & Paik 2003, Statistical Methods for Rates and Proportions), without
    correction for continuity. Raises ``InputError`` for equal rates, rates not between 0 and 1, and
    as ``size_means``.
    """
    from scipy.special import ndtri

    one, none = _checks.numbers(treated, "rates"), _checks.numbers(control, "rates")
    if any(((rate <= 0) | (rate >= 1)).any() for rate in (one, none)):
        raise InputError("rates must lie between 0 and 1")
    difference = _apart(one - none, "difference of rates")
    ratio = _checks.ratio(ratio)
    _fixed(alpha, sides, power)
    pooled = (ratio * one + none) / (1 + ratio)
    spread = -ndtri(alpha / sides) * np.sqrt((1 + ratio) * pooled * (1 - pooled))
    spread = spread + ndtri(power) * np.sqrt(one * (1 - one) + ratio * none * (1 - none))
    size = (spread / difference) ** 2
    return Size(np.asarray(size), np.asarray(size / ratio))


def events_hazard_ratio(
    hazard_ratio: ArrayLike,
    *,
    power: float,
    alpha: float = 0.025,
    sides: int = 1,
    ratio: float = 1.0,
) -> Array:
    """Events in both arms for a log-rank test, of any shape (Schoenfeld 1983, Biometrics 39, 499).

    Divide by the chance of an event during the trial to get participants. Raises ``InputError`` for
    a hazard ratio of 1, at or below 0, and as ``size_means``.
    """
    log = np.log(_checks.positive(hazard_ratio, "the hazard ratio"))
    effect = _apart(log, "logarithm of the hazard ratio")
    ratio = _checks.ratio(ratio)
    return np.asarray((_fixed(alpha, sides, power) / effect) ** 2 * (1 + ratio) ** 2 / ratio)


def sequential_size(bounds: Bounds, power: float, fixed: float) -> SequentialSize:
    """The size with ``bounds`` where one look would take ``fixed`` participants or events in all.

    Futility bounds are obeyed. Raises ``InputError`` for a size at or below 0 and a power not above
    alpha.
    """
    size = float(_checks.positive(fixed, "the size of a trial with one look"))
    drift = drift_for(bounds, power)
    factor = (drift / fixed_drift(bounds.alpha, bounds.sides, power)) ** 2
    maximum = factor * size
    null, between, effect = (
        maximum * chances(bounds, [0.0, drift / 2, drift]).expected_fraction
    ).tolist()
    looks = maximum * bounds.fractions
    return SequentialSize(size, maximum, looks, null, between, effect, drift, factor)


def drift_of_means(
    difference: ArrayLike,
    sd: ArrayLike,
    treated: ArrayLike,
    control: ArrayLike,
    *,
    alpha: float = 0.025,
    sides: int = 1,
    method: Method = "t",
) -> Array:
    """The drift of a true ``difference`` in a trial of ``treated`` and ``control`` participants.

    ``normal``: difference over its standard error; ``t``: the drift at which a normal test has the
    power of the t test in the direction of the effect. Arguments broadcast.
    """
    from scipy.special import ndtri

    _checks.one_of(method, METHODS, "method")
    side = _checks.level(alpha, sides)
    n1, n2 = _checks.positive(treated, "the size"), _checks.positive(control, "the size")
    spread = _checks.positive(sd, "the sd") * np.sqrt(1 / n1 + 1 / n2)
    drift = _checks.numbers(difference, "the difference") / spread
    if method == "normal":
        return drift
    if (n1 + n2 <= 2).any():
        raise InputError("a t test needs more than 2 participants")
    return np.asarray(
        np.sign(drift) * (ndtri(_power_t(n1 + n2, np.abs(drift), side)) - ndtri(side))
    )


def _fixed(alpha: float, sides: int, power: float) -> float:
    drift = fixed_drift(alpha, sides, power)
    if drift <= 0:
        raise InputError(f"the power must be above {alpha / sides:g}, not {power}")
    return drift


def _apart(values: ArrayLike, what: str) -> Array:
    found = _checks.numbers(values, f"the {what}")
    if (found == 0).any() or np.isinf(found).any():
        raise InputError(f"the {what} must not be 0 or infinite")
    return found


def _power_t(total: Array, drift: Array, side: float) -> Array:
    return 1 - _missed_t(total, drift, side)


def _missed_t(total: Array, drift: Array, side: float) -> Array:
    """The chance that the upper t test with ``total`` - 2 degrees of freedom does not reject."""
    from scipy.special import chdtr, nctdtr, stdtrit

    df = np.asarray(total - 2)
    critical = -stdtrit(df, side)
    missed = np.asarray(nctdtr(df, np.minimum(drift, FAR), critical))
    if (drift > FAR).any():
        # T = (Z + drift) / V, and the chance of a V so small is smooth in Z where the drift is far.
        z, weight = np.polynomial.hermite_e.hermegauss(32)
        with np.errstate(over="ignore"):
            least = df[..., None] * ((drift[..., None] + z) / critical[..., None]) ** 2
        power = chdtr(df[..., None], least) @ (weight / weight.sum())
        missed = np.where(drift > FAR, 1 - power, missed)
    return missed


def _grown(missed: Callable[[Array], Array], start: Array, allowed: float) -> Array:
    """The total from ``start`` upwards, which a known sd would need, that misses no more often."""
    searched = start < LARGEST
    low = np.where(searched, np.maximum(start, SMALLEST), SMALLEST)
    high = low + 4
    for _ in range(64):
        short = searched & ~(missed(high) <= allowed)
        if not short.any():
            break
        low, high = np.where(short, high, low), np.where(short, 2 * high, high)
    else:
        raise InputError(f"no number of participants was found for a power of {1 - allowed:g}")
    # Halving 48 times leaves less than rounding of any size that a trial has.
    for _ in range(48):
        middle = (low + high) / 2
        enough = missed(middle) <= allowed
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return np.where(searched, high, start)
