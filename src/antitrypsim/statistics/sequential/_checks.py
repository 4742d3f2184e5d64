"""What every function here asks of its numbers, each refusal one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real

import numpy as np
from numpy.typing import ArrayLike, NDArray

from antitrypsim.foundations.errors import InputError, nearest

Array = NDArray[np.float64]

# Nearer looks would need a finer grid than the integration lays.
CLOSEST = 1e-3
# The bounds of more take minutes, and no trial has so many.
MOST_LOOKS = 50
# No trial gives one arm a million times the people of the other.
MOST_UNEQUAL = 1e6


def looks(fractions: ArrayLike) -> Array:
    """Ascending information fractions, the last one 1."""
    found = numbers(fractions, "the information fractions")
    told = ", ".join(f"{value:g}" for value in np.ravel(found))
    if found.ndim != 1 or not found.size:
        raise InputError("the information fractions must be a list of at least one number")
    if not found[0] > 0:
        raise InputError(f"the first look must lie above information fraction 0, not at {told}")
    if not (np.diff(found) > 0).all():
        raise InputError(f"the looks must be at ascending information fractions, not {told}")
    if found[-1] != 1:
        raise InputError(f"the last look must be at information fraction 1, not {found[-1]:g}")
    if (np.diff(found, prepend=0.0) < CLOSEST).any():
        raise InputError(f"the looks must be at least {CLOSEST:g} apart and from 0, not {told}")
    if len(found) > MOST_LOOKS:
        raise InputError(f"there is room for {MOST_LOOKS} looks, not for {len(found)}")
    return found


def numbers(values: ArrayLike, what: str) -> Array:
    """``values`` as floats."""
    try:
        return np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise InputError(f"{what} must be numbers, not {values!r}") from None


def level(alpha: float, sides: int) -> float:
    """The error allowed on one side, below a half."""
    if sides not in (1, 2):
        raise InputError(f"a test has 1 or 2 sides, not {sides}")
    alpha = single(alpha, "alpha")
    if not 0 < alpha < sides / 2:
        raise InputError(f"alpha must lie between 0 and {sides / 2:g}, not {alpha}")
    return alpha / sides


def share(value: float, what: str) -> float:
    """A number strictly between 0 and 1."""
    found = single(value, what)
    if not 0 < found < 1:
        raise InputError(f"{what} must lie between 0 and 1, not {value}")
    return found


def single(value: float, what: str) -> float:
    """One number."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise InputError(f"{what} must be a number, not {value!r}")
    return float(value)


def positive(values: ArrayLike, what: str) -> Array:
    """Numbers above 0; NaN goes through, for the replicate that has none."""
    found = numbers(values, what)
    if (found <= 0).any() or np.isinf(found).any():
        raise InputError(f"{what} must be above 0 and finite")
    return found


def ratio(value: float) -> float:
    """An allocation ratio, treated over control."""
    found = single(value, "the allocation ratio")
    if not 1 / MOST_UNEQUAL <= found <= MOST_UNEQUAL:
        raise InputError(
            f"the allocation ratio must be above 0, from {1 / MOST_UNEQUAL:g} to "
            f"{MOST_UNEQUAL:g}, not {value}"
        )
    return found


def one_of(name: str, known: Sequence[str], what: str) -> str:
    """A known name."""
    if name not in known:
        raise InputError(f"there is no {what} '{name}'{nearest(str(name), tuple(known))}")
    return name
