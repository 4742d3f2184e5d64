"""Advance people who may have any number of events: rows that run out of chance are run again with more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from antitrypsim.engine.kernel import Batch, Courses
from antitrypsim.foundations.arrays import Floats, Ints, Scalar
from antitrypsim.foundations.errors import RunError

_MOST_BLOCKS = 64
_OUT_OF_THRESHOLDS = 3


def batch_rows(batch: Batch, rows: Ints, per_row: int, thresholds: Floats) -> Batch:
    """Return the given rows of a batch, each with ``per_row`` samples, with other thresholds."""

    def some(values: NDArray[Scalar] | None) -> NDArray[Scalar] | None:
        return None if values is None else values[rows]

    offsets = batch.event_offsets
    assert offsets is not None
    lengths = np.diff(offsets)[rows]
    picked = np.concatenate([np.arange(offsets[r], offsets[r + 1]) for r in rows])
    return replace(
        batch,
        constants=batch.constants[rows],
        start=batch.start[rows],
        end=batch.end[rows],
        initial_states=some(batch.initial_states),
        initial_inputs=some(batch.initial_inputs),
        event_offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        event_times=batch.event_times[picked],
        event_codes=batch.event_codes[picked],
        event_values=batch.event_values[picked],
        sample_offsets=np.arange(rows.size + 1, dtype=np.int64) * per_row,
        sample_times=batch.sample_times.reshape(-1, per_row)[rows].ravel()
        if per_row
        else batch.sample_times,
        thresholds=thresholds,
        hazard_counts=some(batch.hazard_counts),
    )


def advance_all(
    advance: Callable[[Batch], Courses],
    batch: Batch,
    per_row: int,
    thresholds: Callable[[Ints, int], Floats],
) -> tuple[Courses, tuple[Floats, ...]]:
    """Return the courses of a batch, and the event times of each process, (rows, events), NaN padded.

    ``thresholds(rows, blocks)`` gives rows more exponentials. Each process is as wide as the most
    events that anybody had of it, so that one person with hundreds of one kind widens nothing else.
    Raises RunError for an absurd rate of events.
    """
    course = advance(batch)
    times = [course.hazard_times[:, k] for k in range(course.hazard_times.shape[1])]
    blocks = 1
    while np.any(course.status == _OUT_OF_THRESHOLDS):
        blocks *= 4
        if blocks > _MOST_BLOCKS:
            raise RunError("a person has thousands of events of one kind; the event rate is absurd")
        rows = np.flatnonzero(course.status == _OUT_OF_THRESHOLDS)
        again = advance(batch_rows(batch, rows, per_row, thresholds(rows, blocks)))
        times = [_put(old, again.hazard_times[:, k], rows) for k, old in enumerate(times)]
        course = _merged(course, again, rows, per_row)
    return course, tuple(times)


def _put(old: Floats, new: Floats, rows: Ints) -> Floats:
    """Return event times (rows, events) with those of some rows replaced."""
    filled = np.flatnonzero(np.isfinite(new).any(axis=0))
    most = max(old.shape[1], int(filled[-1]) + 1 if filled.size else 0)
    wide = np.full((old.shape[0], most), np.nan)
    wide[:, : old.shape[1]] = old
    wide[rows] = np.nan
    wide[rows, : min(most, new.shape[1])] = new[:, :most]
    return wide


def _merged(first: Courses, again: Courses, rows: Ints, per_row: int) -> Courses:
    """Return ``first`` with the given rows replaced, in place, by those of ``again``, without event times."""
    for name in (
        "hazard_counts", "final_time", "final_states", "final_inputs", "final_step", "status", "steps",
        "rejected",
    ):  # fmt: skip
        getattr(first, name)[rows] = getattr(again, name)
    if per_row:
        for name in ("states", "inputs"):
            # Samples may be most of the memory there is: no copy of them is made.
            whole, part = getattr(first, name), getattr(again, name)
            width = whole.shape[-1]
            whole.reshape(-1, per_row, width)[rows] = part.reshape(rows.size, per_row, width)
    return replace(first, hazard_times=first.hazard_times[:, :, :0])
