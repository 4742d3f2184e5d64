"""The density of the statistic along the looks of a trial that has not stopped.

Recursion of Armitage, McPherson & Rowe (1969, J R Stat Soc A 132, 235) as in Jennison & Turnbull
(2000), chapter 19, with Gauss-Legendre panels in place of Simpson's rule: the integrand is smooth
between the bounds, and panels no wider than a few standard deviations of the step leave only
rounding. Kept on the scale of the score X = Z sqrt t, whose steps are independent.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np

from antitrypsim.statistics.sequential._checks import Array

# Standard deviations kept on either side of the mean: bounds near 9 still lie within.
REACH = 10.0
# In standard deviations of the narrowest step; 16 nodes integrate a normal density over it to 1e-14.
PANEL = 4.0
NODES = 16
FARTHEST = 40.0


class Walk:
    """A statistic on its way through looks at ``fractions``, with mean ``drift`` at the last.

    At each look ask ``above`` and ``below``, then ``go_on`` between two bounds.
    """

    def __init__(self, fractions: Array, drift: float = 0.0) -> None:
        self.fractions = fractions
        self.drift = drift
        self.look = 0
        self._score = np.zeros(1)
        self._mass = np.ones(1)

    @property
    def _step(self) -> float:
        before = self.fractions[self.look - 1] if self.look else 0.0
        return float(self.fractions[self.look] - before)

    def _distance(self, z: float) -> Array:
        score = z * np.sqrt(self.fractions[self.look])
        return np.asarray((self._score + self.drift * self._step - score) / np.sqrt(self._step))

    def above(self, z: float) -> float:
        """The chance of coming to this look and lying at or above ``z``."""
        from scipy.special import ndtr

        return float(self._mass @ ndtr(self._distance(z)))

    def below(self, z: float) -> float:
        """The chance of coming to this look and lying at or below ``z``."""
        from scipy.special import ndtr

        return float(self._mass @ ndtr(-self._distance(z)))

    def beyond(self, z: float, sides: int) -> float:
        """The chance of coming to this look and rejecting there at ``z`` (or at -``z`` too)."""
        return self.above(z) + (self.below(-z) if sides == 2 else 0.0)

    def go_on(self, lower: float, upper: float) -> None:
        """Pass this look between two bounds."""
        t = self.fractions[self.look]
        middle, reach = self.drift * t, REACH * np.sqrt(t)
        low = max(lower * np.sqrt(t), middle - reach)
        high = min(upper * np.sqrt(t), middle + reach)
        after = float(self.fractions[self.look + 1] - t)
        width = PANEL * np.sqrt(min(self._step, after))
        score, weight = _panels(low, high, int(np.ceil((high - low) / width)))
        shift = (score[:, None] - self._score - self.drift * self._step) / np.sqrt(self._step)
        density = np.exp(-0.5 * shift**2) @ self._mass / np.sqrt(2 * np.pi * self._step)
        self._score, self._mass = score, weight * density
        self.look += 1


@cache
def _rule() -> tuple[Array, Array]:
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    return nodes, weights


def _panels(low: float, high: float, count: int) -> tuple[Array, Array]:
    if count < 1:
        return np.empty(0), np.empty(0)
    nodes, weights = _rule()
    half = (high - low) / (2 * count)
    middles = low + half * (2 * np.arange(count) + 1)
    return (middles[:, None] + half * nodes).ravel(), np.tile(half * weights, count)


def crossing(chance: Callable[[float], float], amount: float, low: float, high: float) -> float:
    """The z between ``low`` and ``high`` at which a monotone ``chance`` is ``amount``.

    Solved on the logarithm, so that an error of 1e-20 is spent as exactly as one of 0.01.
    """
    from scipy.optimize import brentq

    wanted = np.log(amount)
    return float(
        brentq(lambda z: np.log(max(chance(z), 1e-320)) - wanted, low, high, xtol=1e-12, rtol=1e-13)
    )
