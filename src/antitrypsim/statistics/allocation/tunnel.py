"""A list that keeps every arm at its share after each participant, whatever the ratio."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from antitrypsim.foundations.errors import InputError
from antitrypsim.statistics.allocation._places import (
    Floats,
    Integers,
    numbered,
    numbers,
    shares_of,
    strata_of,
)

_LARGEST = 1 << 62


def allocate(strata: ArrayLike, ratio: Sequence[int], rng: np.random.Generator) -> NDArray[np.int8]:
    """Allocate along a brick tunnel, kept apart by stratum.

    After each participant of a stratum the number in every arm is its exact share rounded up or
    down (of four arms or more it may be one further off), so that a stratum has the ratio itself
    wherever that comes out whole; equal arms are permuted blocks of one each. With two arms every
    participant has the chances of the ratio (the brick tunnel of Kuznetsova and Tymofyeyev, compared
    in 2015, Stat Med 34:4031, doi:10.1002/sim.6601); with more unequal ones the chances at a single
    place may differ from it. Shapes, empty places and what is drawn from ``rng`` are those of the
    package. Raises ``InputError`` for strata or a ratio that cannot be used.
    """
    places, shares = strata_of(strata), shares_of(ratio)
    whole = int(shares.sum())
    if whole * (places.shape[1] + 1) > _LARGEST:
        raise InputError(f"the parts of the ratio are too large for {places.shape[1]:,} people")
    drawn = numbers(places, rng)
    kinds, dense = numbered(places)
    replicates = np.arange(places.shape[0])
    before = np.zeros((replicates.size, kinds), dtype=np.int64)
    counts = np.zeros((replicates.size, kinds, shares.size), dtype=np.int64)
    arm = np.empty(dense.shape, dtype=np.int8)
    for k, stratum in enumerate(dense):
        cell = (replicates, stratum)
        limits = _chances(counts[cell], before[cell], shares, whole).cumsum(axis=1)
        # The last limit is 1, which no number reaches: nobody comes to an arm without a chance.
        arm[k] = (drawn[k][:, None] >= limits / limits[:, -1:]).sum(axis=1)
        before[cell] += 1
        counts[(*cell, arm[k])] += 1
    return np.where(places < 0, np.int8(-1), arm.T)


def _chances(counts: Integers, before: Integers, shares: Integers, whole: int) -> Floats:
    """Return what the chances of the arms (R, A) are proportional to.

    ``counts`` (R, A): who is in each arm; ``before`` (R,): how many there are in the stratum.
    """
    least, rest = np.divmod(before[:, None] * shares, whole)
    least_then, rest_then = np.divmod((before[:, None] + 1) * shares, whole)
    rises = least_then > least
    # Below its share rounded up an arm is caught up at this pace, and at the whole number it must.
    with np.errstate(divide="ignore", invalid="ignore"):
        pace = np.where(rises, rest_then / rest, shares / (whole - rest))
    full = counts >= least_then + (rest_then > 0)
    late = np.maximum(least_then - counts, 0)
    forced = (late > 0).any(axis=1, keepdims=True)
    return np.where(forced, late, np.where(full, 0.0, pace))
