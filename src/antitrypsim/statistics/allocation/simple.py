"""Simple randomisation.

Each participant's arm drawn by itself.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from antitrypsim.statistics.allocation._places import numbers, shares_of, strata_of


def allocate(strata: ArrayLike, ratio: Sequence[int], rng: np.random.Generator) -> NDArray[np.int8]:
    """Draw every arm independently, with chances in the ratio, whatever the stratum.

    Shapes, empty places and what is drawn from ``rng`` are those of the package. Raises
    ``InputError`` for strata or a ratio that cannot be used.
    """
    places, shares = strata_of(strata), shares_of(ratio)
    limits = shares.cumsum()
    drawn = np.searchsorted(limits, numbers(places, rng) * limits[-1], side="right").T
    return np.where(places < 0, -1, drawn).astype(np.int8)
