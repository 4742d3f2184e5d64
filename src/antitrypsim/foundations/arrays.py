"""Arrays by what they hold."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Reals = NDArray[np.floating]
"""Of any width: what a library keeps has 32 bits."""
Ints = NDArray[np.int64]
Wholes = NDArray[np.integer]
"""Of any width: places of arms and people are kept small."""
Mask = NDArray[np.bool_]
Words = NDArray[np.object_]
