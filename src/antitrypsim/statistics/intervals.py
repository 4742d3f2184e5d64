"""Intervals of means, and on which side of no difference an interval lies."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from antitrypsim.statistics.block import Floats

Side = Literal["above", "below", "across", "unknown"]


def mean_half_width(n: NDArray[np.number], sd: Floats, level: float) -> Floats:
    """Return half the width of t intervals of means: ``n``, ``sd`` arrays alike; 0 of fewer than two."""
    import numpy as np
    from scipy.special import stdtrit

    with np.errstate(invalid="ignore", divide="ignore"):
        half = stdtrit(np.maximum(n - 1, 1), (1 + level) / 2) * sd / np.sqrt(n)
    return np.where(n > 1, half, 0.0)


def side_of(lower: float | None, upper: float | None, null: float) -> Side:
    """Return on which side of ``null`` an interval lies; 'unknown' where a limit is missing."""
    if lower is None or upper is None or not (math.isfinite(lower) and math.isfinite(upper)):
        return "unknown"
    if lower <= null <= upper:
        return "across"
    return "above" if lower > null else "below"
