"""The sequentially rejective graphical procedure (Bretz et al. 2009, Stat Med 28:586).

Each hypothesis holds a share of alpha, its weight; when it is rejected the share passes to the
others along the arrows of a graph. Holm's procedure, fixed sequences, fallback and gatekeeping are
graphs: two primary hypotheses with weights 1/2 that pass their share to secondary ones of weight 0
are a gate.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from antitrypsim.foundations.errors import InputError
from antitrypsim.statistics.multiplicity import _values

Floats = NDArray[np.float64]
ROUNDING = 1e-9


def adjust(p: ArrayLike, weights: ArrayLike, transitions: ArrayLike) -> Floats:
    """Return adjusted p values, shape (..., H) as ``p``.

    ``weights`` (H,): the shares of alpha at the start, at least 0 and at most 1 in all.
    ``transitions`` (H, H): from row to column, the part of a share that passes on rejection; each
    at least 0, at most 1 in all in a row, and 0 on the diagonal. A hypothesis that never holds a
    share has adjusted p 1. Raises ``InputError`` for a graph that is none of this.
    """
    known, missing = _values.checked(p)
    count = known.shape[-1]
    share, passing = _graph(weights, transitions, count)
    flat = known.reshape(-1, count)
    return _values.marked(_rejected_in_turn(flat, share, passing).reshape(known.shape), missing)


def _rejected_in_turn(p: Floats, weights: Floats, transitions: Floats) -> Floats:
    """Return adjusted p values (R, H), each replicate going through its own order of rejection."""
    replicates, count = p.shape
    row = np.arange(replicates)
    share = np.tile(weights, (replicates, 1))
    passing = np.tile(transitions, (replicates, 1, 1))
    waiting = np.ones(p.shape, dtype=bool)
    adjusted = np.ones(p.shape)
    largest = np.zeros(replicates)
    for _ in range(count):
        held = waiting & (share > 0)
        scaled = np.full(p.shape, np.inf)
        np.divide(p, share, out=scaled, where=held)
        next_one = np.argmin(scaled, axis=1)
        # Where no hypothesis left holds a share the smallest is infinite, and so it stays at 1.
        largest = np.minimum(np.maximum(largest, scaled[row, next_one]), 1.0)
        # Such a replicate names a hypothesis that may have had its turn: it must keep its value.
        turn = held[row, next_one]
        adjusted[row[turn], next_one[turn]] = largest[turn]
        waiting[row[turn], next_one[turn]] = False
        # Without a turn no share moves: what is named has none, or no arrow left.
        out, into = passing[row, next_one], passing[row, :, next_one]
        share += share[row, next_one][:, None] * out
        loop = 1 - into * out
        through = passing + into[:, :, None] * out[:, None, :]
        passing = np.zeros_like(passing)
        np.divide(through, loop[:, :, None], out=passing, where=loop[:, :, None] > ROUNDING)
        passing[:, np.arange(count), np.arange(count)] = 0.0
        passing[row, next_one] = 0.0
        passing[row, :, next_one] = 0.0
    return adjusted


def _graph(weights: ArrayLike, transitions: ArrayLike, count: int) -> tuple[Floats, Floats]:
    """Return weights and transitions as arrays; InputError for what is no graph."""
    share = _values.numbers(weights, "weights")
    passing = _values.numbers(transitions, "transitions")
    if share.shape != (count,):
        raise InputError(f"the graph needs a weight for each of the {count} hypotheses")
    if passing.shape != (count, count):
        raise InputError(f"the transitions of the graph must be {count} rows of {count} numbers")
    if not (np.isfinite(share).all() and np.isfinite(passing).all()):
        raise InputError("the weights and transitions of a graph must be finite")
    if (share < 0).any() or share.sum() > 1 + ROUNDING:
        raise InputError("the weights of a graph must not be negative, nor above 1 in all")
    if (passing < 0).any() or (passing.sum(axis=1) > 1 + ROUNDING).any():
        raise InputError("the transitions of a graph must not be negative, nor above 1 in a row")
    if np.diag(passing).any():
        raise InputError("a hypothesis of a graph cannot pass its share to itself")
    return share, passing
