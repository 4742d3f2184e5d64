"""Fixed-sequence procedure.

Hypotheses in a fixed order, each at the full level once all before it are rejected.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from antitrypsim.statistics.multiplicity import _values


def adjust(p: ArrayLike) -> NDArray[np.float64]:
    """Return adjusted p values, shape (..., hypotheses in their order): the largest so far."""
    known, missing = _values.checked(p)
    return _values.marked(np.maximum.accumulate(known, axis=-1), missing)
