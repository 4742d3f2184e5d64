"""Holm's step-down procedure (Holm 1979, Scand J Stat 6:65)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from antitrypsim.statistics.multiplicity import _values


def adjust(p: ArrayLike) -> NDArray[np.float64]:
    """Return Holm's adjusted p values, shape (..., hypotheses)."""
    known, missing = _values.checked(p)
    order = np.argsort(known, axis=-1, kind="stable")
    left = np.arange(known.shape[-1], 0, -1)
    stepped = np.maximum.accumulate(np.take_along_axis(known, order, -1) * left, axis=-1)
    adjusted = np.empty_like(known)
    np.put_along_axis(adjusted, order, stepped, -1)
    return _values.marked(adjusted, missing)
