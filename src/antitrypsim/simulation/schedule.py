"""Turn courses of lives and dosing records into the engine's events."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from antitrypsim.foundations.errors import InputError, nearest
from antitrypsim.simulation.kernel import Kernel
from antitrypsim.simulation.people import People
from antitrypsim.simulation.regimen import Regimen

Floats = NDArray[np.float64]


def events_of(
    kernel: Kernel, people: People, regimen: Regimen, start: Floats, end: Floats
) -> tuple[NDArray[np.int64], Floats, NDArray[np.int32], Floats]:
    """Return offsets (people + 1), times (age, days), codes and values of every event in a span.

    Within a person, by time; at one time in the order: courses of life, regimen inputs, doses.
    Raises InputError for an input that the model does not have.
    """
    n = len(people)
    times: list[Any] = []
    codes: list[Any] = []
    values: list[Any] = []
    who: list[Any] = []

    def add(row: Any, time: Any, code: int, value: Any) -> None:
        who.append(row)
        times.append(time)
        codes.append(np.full(len(time), code, dtype=np.int32))
        values.append(value)

    for name, course in people.courses.items():
        if name in kernel.input_names:
            rows, columns = np.nonzero(np.isfinite(course.times))
            add(
                rows,
                course.times[rows, columns],
                -1 - kernel.input_names.index(name),
                course.values[rows, columns],
            )
    for change in regimen.inputs:
        if change.input not in kernel.input_names:
            raise InputError(
                f"no input '{change.input}'{nearest(change.input, kernel.input_names)}"
            )
        code = -1 - kernel.input_names.index(change.input)
        for time, value in zip(change.times, change.values, strict=True):
            add(np.arange(n), people.age + time, code, np.full(n, value))
    for record in regimen.doses:
        days = np.asarray(record.times)
        add(
            np.repeat(np.arange(n), days.size),
            (people.age[:, None] + days[None, :]).ravel(),
            kernel.dose_names.index(record.dose),
            np.full(n * days.size, record.amount),
        )
    if not who:
        return (
            np.zeros(n + 1, dtype=np.int64),
            np.zeros(0),
            np.zeros(0, dtype=np.int32),
            np.zeros(0),
        )
    row, when = np.concatenate(who), np.concatenate(times)
    # An input set before the start is part of the initial inputs, not an event.
    inside = np.flatnonzero((when >= start[row]) & (when < end[row]))
    order = inside[np.lexsort((inside, when[inside], row[inside]))]
    offsets = np.searchsorted(row[order], np.arange(n + 1)).astype(np.int64)
    return offsets, when[order], np.concatenate(codes)[order], np.concatenate(values)[order]


def inputs_at(kernel: Kernel, people: People, start: Floats) -> Floats:
    """Return the inputs (people, inputs) that courses of life have set before ``start``, else defaults."""
    inputs = np.tile(np.asarray(kernel.input_defaults, dtype=np.float64), (len(people), 1))
    for k, name in enumerate(kernel.input_names):
        course = people.courses.get(name)
        if course is None or not course.times.size:
            continue
        before = np.sum(np.isfinite(course.times) & (course.times < start[:, None]), axis=1)
        rows = np.flatnonzero(before > 0)
        inputs[rows, k] = course.values[rows, before[rows] - 1]
    return inputs


def repeat_offsets(offsets: NDArray[np.int64], d: int) -> NDArray[np.int64]:
    """Return the offsets with every person's span ``d`` times."""
    lengths = np.repeat(np.diff(offsets), d)
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def repeat_rows(offsets: NDArray[np.int64], values: Any, d: int) -> Any:
    """Return the values with every person's span ``d`` times."""
    if d == 1 or not values.size:
        return values
    return np.concatenate([np.tile(values[a:b], d) for a, b in pairwise(offsets)])
