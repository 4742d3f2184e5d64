"""Permuted-block randomisation within strata.

Lists in blocks that hold the ratio exactly, shuffled.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from antitrypsim.foundations.errors import InputError
from antitrypsim.statistics.allocation import tunnel
from antitrypsim.statistics.allocation._places import numbered, numbers, shares_of, strata_of


def allocate(
    strata: ArrayLike, ratio: Sequence[int], rng: np.random.Generator, *, block: int | None = None
) -> NDArray[np.int8]:
    """Allocate by randomly permuted blocks, kept apart by stratum.

    ``block``: the participants in a block, a multiple of the smallest block, which is the sum of
    the ratio in lowest terms. Each complete block of a stratum holds the arms in the ratio, all
    orders being equally likely: an arm is drawn with the chance of its places left in the block.
    Without ``block`` the list is that of ``tunnel``, which is the smallest block for equal arms and
    as near the ratio for any other. Shapes, empty places and what is drawn from ``rng`` are those
    of the package. Raises ``InputError`` for strata, a ratio or a block that cannot be used.
    """
    if block is None:
        return tunnel.allocate(strata, ratio, rng)
    places, shares = strata_of(strata), shares_of(ratio)
    smallest = int(shares.sum())
    if block < 1 or block % smallest:
        raise InputError(f"a block must be a multiple of {smallest} for this ratio, not {block}")
    drawn = numbers(places, rng)
    kinds, dense = numbered(places)
    replicates = np.arange(places.shape[0])
    # Places left in the block, cumulated over the arms, so that a place is drawn by counting.
    full = (shares * (block // smallest)).cumsum()
    left = np.broadcast_to(full, (replicates.size, kinds, full.size)).copy()
    arm = np.empty(dense.shape, dtype=np.int8)
    arms = np.arange(full.size)
    for k, stratum in enumerate(dense):
        now = left[replicates, stratum]
        place = (drawn[k] * now[:, -1]).astype(np.int64)
        arm[k] = (now <= place[:, None]).sum(axis=1)
        now -= arms >= arm[k][:, None]
        now[now[:, -1] == 0] = full
        left[replicates, stratum] = now
    return np.where(places < 0, np.int8(-1), arm.T)
