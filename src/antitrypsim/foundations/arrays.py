"""Arrays by what they hold."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]
Reals = NDArray[np.floating]
"""Of any width: what a library keeps has 32 bits."""
Ints = NDArray[np.int64]
Wholes = NDArray[np.integer]
"""Of any width: places of arms and people are kept small."""
Numbers = NDArray[np.number]
"""Whole or not."""
Mask = NDArray[np.bool_]
Labels = NDArray[np.object_]

Scalar = TypeVar("Scalar", bound=np.generic)
"""Of a function that gives back the kind of array that it was given."""
