"""Mean and SD of numbers that come in parts: the same bits however they are cut and ordered.

A sum of floats depends on its order. Here every number is a whole number times a power of two, whole
numbers are added without rounding, and only the answer is rounded.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike

_BITS = 53
_HALF = 27
# Of so many numbers whole halves of 27 bits add up within 64 bits.
_MOST = 1 << 35


class Moments:
    """How many finite numbers there were, their sum and the sum of their squares."""

    def __init__(self) -> None:
        self.count = 0
        self._sum: dict[int, int] = {}
        self._squares: dict[int, int] = {}

    def add(self, values: ArrayLike) -> None:
        """Count numbers in; what is not finite is left out."""
        x = np.asarray(values, dtype=np.float64).ravel()
        x = x[np.isfinite(x)]
        if x.size > _MOST:
            raise ValueError("too many numbers at once")
        self.count += int(x.size)
        _add(self._sum, x)
        # A square is rounded once, by itself, and so alike wherever it is added.
        _add(self._squares, x * x)

    @property
    def mean(self) -> float:
        """The mean; NaN of nothing."""
        return float(_total(self._sum) / self.count) if self.count else np.nan

    @property
    def sd(self) -> float | None:
        """The SD with n - 1; None of fewer than two."""
        if self.count < 2:
            return None
        total = _total(self._sum)
        left = _total(self._squares) - total * total / self.count
        return float(np.sqrt(float(max(left, Fraction(0)) / (self.count - 1))))


def _add(found: dict[int, int], x: np.ndarray) -> None:
    parts, exponents = np.frexp(x)
    whole = np.ldexp(parts, _BITS).astype(np.int64)
    high, low = whole >> _HALF, whole & ((1 << _HALF) - 1)
    for exponent in np.unique(exponents):
        mine = exponents == exponent
        added = (int(high[mine].sum()) << _HALF) + int(low[mine].sum())
        key = int(exponent) - _BITS
        found[key] = found.get(key, 0) + added


def _total(found: Mapping[int, int]) -> Fraction:
    if not found:
        return Fraction(0)
    least = min(found)
    whole = sum(value << (exponent - least) for exponent, value in found.items())
    return Fraction(whole) * Fraction(2) ** least
