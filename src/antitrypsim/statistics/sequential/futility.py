"""Futility bounds and conditional power.

When to give up: fixed bounds, beta spending, conditional power.
Lan and Wittes 1988, Biometrics 44:579; Pampallona, Tsiatis and Kim 2001, Drug Inf J 35:1113.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.plural import so_many, verb
from antitrypsim.statistics.sequential import _checks
from antitrypsim.statistics.sequential._checks import Array
from antitrypsim.statistics.sequential.spending import FAMILIES, check_parameter

CRITICAL = 1.959963984540054
"""z of a one-sided 2.5 %."""


@dataclass(frozen=True, slots=True)
class FixedFutility:
    """Give up at or below ``z``, one for each look but the last; -inf or None where never."""

    z: Sequence[float | None]

    def lower(self, fractions: Array) -> Array:
        """Bounds at all looks, that of the last -inf."""
        given = [-np.inf if value is None else value for value in self.z]
        found = _checks.numbers(given, "futility bounds")
        if len(found) != len(fractions) - 1:
            raise InputError(
                f"{so_many(len(fractions), 'look')} {verb(len(fractions), 'needs', 'need')} "
                f"{so_many(len(fractions) - 1, 'futility bound')}, "
                f"not {len(found)}"
            )
        if np.isnan(found).any() or (found == np.inf).any():
            raise InputError("a futility bound must be a number, -inf or None")
        return np.append(found, -np.inf)


@dataclass(frozen=True, slots=True)
class BetaSpending:
    """Give up so that the type II error 1 - ``power`` is spent by a spending function.

    ``family`` and ``parameter`` as in ``spent``. The drift is the one at which all of it is spent
    exactly when the last bounds meet (Pampallona, Tsiatis & Kim 2001, Drug Inf J 35, 1113).
    """

    family: str
    power: float
    parameter: float | None = None

    def __post_init__(self) -> None:
        _checks.one_of(self.family, FAMILIES, "spending function")
        check_parameter(self.family, self.parameter)
        _checks.share(self.power, "the power")


@dataclass(frozen=True, slots=True)
class ConditionalPower:
    """Give up where conditional power is below ``threshold``.

    ``drift``: that of the planned effect; None for the trend seen so far.
    """

    threshold: float
    drift: float | None = None

    def __post_init__(self) -> None:
        _checks.share(self.threshold, "the threshold of conditional power")
        if self.drift is not None and not np.isfinite(_checks.single(self.drift, "the drift")):
            raise InputError(f"the drift must be finite, not {self.drift}")

    def lower(self, fractions: Array, last: float) -> Array:
        """The z at each look whose conditional power to reach ``last`` is the threshold."""
        from scipy.special import ndtri

        t = fractions[:-1]
        gain = np.sqrt(1 - t) * ndtri(self.threshold)
        if self.drift is None:
            found = np.sqrt(t) * (last + gain)
        else:
            found = (last + gain - self.drift * (1 - t)) / np.sqrt(t)
        return np.append(found, -np.inf)


Futility = FixedFutility | BetaSpending | ConditionalPower


def conditional_power(
    z: ArrayLike,
    fraction: ArrayLike,
    drift: ArrayLike | None = None,
    *,
    critical: ArrayLike = CRITICAL,
    enlarged: ArrayLike = 1.0,
) -> Array:
    """The chance that the last statistic reaches ``critical``, given ``z`` at ``fraction``.

    All arguments broadcast, NaN gives NaN. ``drift``: mean of the last statistic as planned; None
    for the trend z / sqrt(fraction). ``enlarged``: second stage over the planned one, in
    information, the stages keeping their planned weights. Looks in between are not counted.
    Source: Lan & Wittes 1988, Biometrics 44, 579. Raises ``InputError`` for a fraction not between
    0 and 1, or an enlargement at or below 0.
    """
    from scipy.special import ndtr

    z = _checks.numbers(z, "z")
    t = _checks.numbers(fraction, "the interim")
    if ((t <= 0) | (t >= 1)).any():
        raise InputError("the interim must lie above information fraction 0 and below 1")
    mean = z / np.sqrt(t) if drift is None else _checks.numbers(drift, "the drift")
    more = _checks.positive(enlarged, "the enlargement")
    last = _checks.numbers(critical, "the critical value")
    return np.asarray(
        ndtr(mean * np.sqrt((1 - t) * more) - (last - np.sqrt(t) * z) / np.sqrt(1 - t))
    )
