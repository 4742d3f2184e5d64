"""The checks that all ways to allocate share, and the layout of their random numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from antitrypsim.foundations.errors import InputError

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


def shares_of(ratio: Sequence[int]) -> Integers:
    """Return the ratio in lowest terms, shape (A,)."""
    found = np.asarray(ratio)
    whole = found.ndim == 1 and 0 < found.size <= 127 and found.dtype.kind in "iu"
    if not whole or np.any(found < 1):
        told = tuple(ratio) if found.ndim == 1 else ratio
        raise InputError(f"the ratio needs a positive whole number for each arm, not {told}")
    return found.astype(np.int64) // int(np.gcd.reduce(found))


def strata_of(strata: ArrayLike, *, factors: bool = False) -> NDArray[np.integer]:
    """Return the strata, shape (R, n), or the levels, shape (R, n, F), where ``factors``."""
    found = np.asarray(strata)
    if factors and found.ndim == 2:
        found = found[:, :, None]
    if found.dtype.kind not in "iu" or found.ndim != (3 if factors else 2):
        kind = "levels of factors" if factors else "strata"
        raise InputError(f"{kind} must be whole numbers by replicate and participant")
    return found


def numbers(strata: NDArray[np.integer], rng: np.random.Generator) -> Floats:
    """Return a number between 0 and 1 for each place, shape (n, R): participants first.

    Rows are filled in turn, so the first m do not depend on how many there are.
    """
    return rng.random((strata.shape[1], strata.shape[0]))


def numbered(strata: NDArray[np.integer]) -> tuple[int, NDArray[np.integer]]:
    """Return how many strata there are, and (n, R) the strata numbered anew from 0.

    Unused stratum numbers then cost no room.
    """
    known, dense = np.unique(strata, return_inverse=True)
    return known.size, dense.reshape(strata.shape).T
