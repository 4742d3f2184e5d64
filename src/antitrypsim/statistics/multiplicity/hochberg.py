"""Hochberg's step-up procedure (Hochberg 1988, Biometrika 75:800)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from antitrypsim.statistics.multiplicity import _values


def adjust(p: ArrayLike) -> NDArray[np.float64]:
    """Return Hochberg's adjusted p values, shape (..., hypotheses).

    The procedure holds for independent p values and for many that are positively dependent.
    """
    known, missing = _values.checked(p)
    order = np.argsort(-known, axis=-1, kind="stable")
    left = np.arange(1, known.shape[-1] + 1)
    stepped = np.minimum.accumulate(np.take_along_axis(known, order, -1) * left, axis=-1)
    adjusted = np.empty_like(known)
    np.put_along_axis(adjusted, order, stepped, -1)
    return _values.marked(adjusted, missing)
