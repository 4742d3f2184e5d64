"""Means, SDs and products of numbers that come in parts: the same bits however they are cut and ordered.

A sum of floats depends on its order. Here every number is a whole number times a power of two, whole
numbers are added without rounding, and only the answer is rounded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import ceil, floor

import numpy as np
from numpy.typing import ArrayLike

_BITS = 53
# Bits of a number that one showing tells.
_DIGIT = 8
_HALF = 27
# Of so many numbers halves of 27 bits add up within the 53 bits of a float.
_MOST = 1 << 24


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


class Products:
    """How many rows there were, and the sums of the products of each two of their ``size`` columns."""

    def __init__(self, size: int) -> None:
        self.count = 0
        self.size = size
        self._sums: dict[tuple[int, int], dict[int, int]] = {
            (i, j): {} for i in range(size) for j in range(i, size)
        }

    def add(self, rows: ArrayLike) -> None:
        """Count rows (n, size) of finite numbers in."""
        x = np.asarray(rows, dtype=np.float64)
        self.count += len(x)
        for (i, j), found in self._sums.items():
            _add(found, x[:, i] * x[:, j])

    def total(self) -> np.ndarray:
        """Return the sums, (size, size)."""
        out = np.zeros((self.size, self.size))
        for (i, j), found in self._sums.items():
            out[i, j] = out[j, i] = float(_total(found))
        return out


class Quantiles:
    """Quantiles of ``count`` finite numbers that are shown several times, as numpy's, in little memory.

    Show all numbers by ``add``, then call ``step``, while they are ``wanting``: each time the ranks that
    are sought are known to as many bits more. What is not finite is left out.
    """

    def __init__(self, shares: Sequence[float], count: int) -> None:
        self._at = [share * (count - 1) for share in shares]
        ranks = {rank for at in self._at for rank in (floor(at), ceil(at))} if count else set()
        # What each rank is known to begin with, and its rank among the numbers that begin so.
        self._known = {rank: (0, rank) for rank in ranks}
        self._left = 64 if count else 0
        self._counts: dict[int, np.ndarray] = {}

    @property
    def wanting(self) -> bool:
        """Whether the numbers have to be shown once more."""
        return self._left > 0

    def add(self, values: ArrayLike) -> None:
        """Show some of the numbers."""
        x = np.asarray(values, dtype=np.float64).ravel()
        if not self.wanting:
            return
        keys = _ordered(x[np.isfinite(x)])
        for begin in {begin for begin, _ in self._known.values()}:
            mine = keys if self._left == 64 else keys[keys >> np.uint64(self._left) == begin]
            digits = (mine >> np.uint64(self._left - _DIGIT)) & np.uint64((1 << _DIGIT) - 1)
            found = np.bincount(digits.astype(np.int64), minlength=1 << _DIGIT)
            self._counts[begin] = self._counts.get(begin, 0) + found

    def step(self) -> None:
        """Go on to the next bits, all numbers having been shown."""
        if not self.wanting:
            return
        for rank, (begin, within) in self._known.items():
            up_to = self._counts[begin].cumsum()
            digit = int(np.searchsorted(up_to, within, side="right"))
            before = int(up_to[digit - 1]) if digit else 0
            self._known[rank] = ((begin << _DIGIT) | digit, within - before)
        self._counts = {}
        self._left -= _DIGIT

    def values(self) -> np.ndarray:
        """Return the quantiles; NaN of nothing."""
        if not self._known:
            return np.full(len(self._at), np.nan)
        out = []
        for at in self._at:
            low, high = (_number(self._known[rank][0]) for rank in (floor(at), ceil(at)))
            part = at - floor(at)
            # As numpy's, which goes from the nearer end.
            out.append(
                low + (high - low) * part if part < 0.5 else high - (high - low) * (1 - part)
            )
        return np.array(out)


def _ordered(x: np.ndarray) -> np.ndarray:
    """Return floats as whole numbers that are ordered as they are."""
    bits = (x + 0.0).view(np.uint64)
    top = np.uint64(1 << 63)
    return np.where(bits & top, ~bits, bits | top)


def _number(key: int) -> float:
    top = 1 << 63
    bits = key ^ top if key & top else ~key & ((1 << 64) - 1)
    return float(np.array(bits, dtype=np.uint64).view(np.float64))


def _add(found: dict[int, int], x: np.ndarray) -> None:
    for first in range(0, x.size, _MOST):
        _add_some(found, x[first : first + _MOST])


def _add_some(found: dict[int, int], x: np.ndarray) -> None:
    parts, exponents = np.frexp(x)
    whole = np.ldexp(parts, _BITS).astype(np.int64)
    least = int(exponents.min())
    at = exponents - least
    # So few halves of 27 bits add up to whole numbers that floats hold.
    high = np.bincount(at, (whole >> _HALF).astype(float))
    low = np.bincount(at, (whole & ((1 << _HALF) - 1)).astype(float))
    for k in np.flatnonzero((high != 0) | (low != 0)):
        key = least + int(k) - _BITS
        found[key] = found.get(key, 0) + (int(high[k]) << _HALF) + int(low[k])


def _total(found: Mapping[int, int]) -> Fraction:
    if not found:
        return Fraction(0)
    least = min(found)
    whole = sum(value << (exponent - least) for exponent, value in found.items())
    return Fraction(whole) * Fraction(2) ** least
