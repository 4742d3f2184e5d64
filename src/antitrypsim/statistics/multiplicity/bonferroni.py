"""Bonferroni's procedure.

Every p value times the number of hypotheses.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from antitrypsim.statistics.multiplicity import _values


def adjust(p: ArrayLike) -> NDArray[np.float64]:
    """Return p values (..., hypotheses) times the number of hypotheses, at most 1."""
    known, missing = _values.checked(p)
    return _values.marked(known * known.shape[-1], missing)
