"""Run some rows of a batch again and put them in their places."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from antitrypsim.engine.kernel import Batch, Courses
from antitrypsim.foundations.arrays import Floats, Ints, Scalar


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


def merge_courses(first: Courses, again: Courses, rows: Ints, per_row: int) -> Courses:
    """Return ``first`` with the given rows replaced by those of ``again``."""

    def put(a: NDArray[Scalar], b: NDArray[Scalar]) -> NDArray[Scalar]:
        out = a.copy()
        out[rows] = b
        return out

    def put_samples(a: Floats, b: Floats) -> Floats:
        if not per_row:
            return a
        out = a.copy().reshape(-1, per_row, a.shape[-1])
        out[rows] = b.reshape(rows.size, per_row, -1)
        return out.reshape(a.shape)

    wide = np.full((*first.hazard_times.shape[:2], again.hazard_times.shape[2]), np.nan)
    wide[:, :, : first.hazard_times.shape[2]] = first.hazard_times
    return replace(
        first,
        states=put_samples(first.states, again.states),
        inputs=put_samples(first.inputs, again.inputs),
        hazard_times=put(wide, again.hazard_times),
        **{
            name: put(getattr(first, name), getattr(again, name))
            for name in (
                "hazard_counts",
                "final_time",
                "final_states",
                "final_inputs",
                "final_step",
                "status",
                "steps",
                "rejected",
            )
        },
    )
