"""Arrays by what they hold."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Reals = NDArray[np.float64] | NDArray[np.float32]
"""Numbers of either width: those of a library are kept as 32 bits."""
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
Words = NDArray[np.object_]
