"""Which columns go together: groups linked by correlation."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

CORRELATED = 0.5
"""Two scores are linked where they correlate by more, and by more than chance among so many."""


def linked_groups(scores: NDArray[np.float64]) -> list[list[int]]:
    """Return the groups of linked columns of scores (draws, p), singles too, in order.

    Columns that do not vary are linked to none.
    """
    n, p = scores.shape
    if p < 2:
        return [[k] for k in range(p)]
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components

    with np.errstate(divide="ignore", invalid="ignore"):
        correlation = np.nan_to_num(np.corrcoef(scores.T))
    chance = float(np.sqrt(4.0 * np.log(p) / n))
    count, label = connected_components(
        csr_matrix(np.abs(correlation) > max(CORRELATED, chance)), directed=False
    )
    return [[int(k) for k in np.flatnonzero(label == group)] for group in range(count)]
