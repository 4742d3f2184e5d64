"""The p values that a procedure is given."""

from __future__ import annotations

from numbers import Real

import numpy as np
from numpy.typing import ArrayLike, NDArray

from antitrypsim.foundations.errors import InputError

Floats = NDArray[np.float64]


def checked(p: ArrayLike) -> tuple[Floats, NDArray[np.bool_]]:
    """Return p values (..., hypotheses) with NaN put at 1, and where they were NaN."""
    found = numbers(p, "p values")
    if found.ndim == 0 or found.shape[-1] == 0:
        raise InputError("the p values must hold at least one hypothesis on the last axis")
    missing = np.isnan(found)
    known = np.where(missing, 1.0, found)
    if ((known < 0) | (known > 1)).any():
        raise InputError("a p value must lie between 0 and 1")
    return known, missing


def numbers(values: ArrayLike, name: str) -> Floats:
    """Return an array of floats; InputError where it cannot be one."""
    if isinstance(values, Real):
        return np.array(float(values))
    try:
        return np.array(values, dtype=float)
    except (TypeError, ValueError):
        raise InputError(f"the {name} must be numbers in a regular array") from None


def marked(adjusted: Floats, missing: NDArray[np.bool_]) -> Floats:
    """Return adjusted p values, at most 1, with NaN where the p value was."""
    return np.where(missing, np.nan, np.minimum(adjusted, 1.0))
