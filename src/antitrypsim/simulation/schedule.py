"""Turn courses of lives and dosing records into the engine's events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from antitrypsim.foundations.arrays import Floats, Ints, Scalar
from antitrypsim.foundations.errors import InputError, nearest
from antitrypsim.modelling.weights import RELATIVE_WEIGHT, WEIGHT
from antitrypsim.simulation.given import DoseRecord
from antitrypsim.simulation.people import People
from antitrypsim.simulation.regimen import Regimen

Block = tuple[Ints, Floats, NDArray[np.int32], Floats]
"""Events side by side: row, age, code and value of each."""


class Addressed(Protocol):
    """Whatever knows what events are called: a kernel, or the lists of a model."""

    @property
    def dose_names(self) -> tuple[str, ...]:
        """Names of the doses; the index is the event code."""

    @property
    def input_names(self) -> tuple[str, ...]:
        """Names of the inputs; -1 - index is the event code."""

    @property
    def input_defaults(self) -> tuple[float, ...]:
        """What each input is until it is set."""


@dataclass(frozen=True)
class Schedule:
    """What happens to people in a span of their lives, and the inputs with which it begins.

    ``offsets`` (people + 1) into ``times`` (age, days), ``codes`` and ``values``: within a person by
    time; at one time courses of life, then inputs, then doses. ``inputs`` is (people, inputs).
    """

    offsets: Ints
    times: Floats
    codes: NDArray[np.int32]
    values: Floats
    inputs: Floats


def schedule_of(
    kernel: Addressed,
    people: People,
    regimens: Sequence[Regimen],
    which: Ints,
    start: Floats,
    end: Floats,
) -> Schedule:
    """Return what happens between two ages; person i is given ``regimens[which[i]]``.

    Raises InputError for an input that the model does not have, for a level of one that people's
    lives set, and for a dose before the life that is simulated.
    """
    lives, settings, doses = _Events(), _Events(), _Events()
    decides = _regimen_inputs(kernel, people, regimens, which, settings)
    _lives(kernel, people, decides, lives)
    for k, regimen in enumerate(regimens):
        rows = np.flatnonzero(which == k)
        for record in sorted(
            regimen.doses, key=lambda d: (d.dose, d.by_weight, d.amount), reverse=True
        ):
            if record.duration:
                # It runs in as an input does, and ``regimen.changes`` says so.
                _not_before(people, rows, record.dose, np.asarray(record.times), start)
                continue
            days = np.asarray(record.times)
            _not_before(people, rows, record.dose, days, start)
            ages = (people.age[rows, None] + days[None, :]).ravel()
            code = kernel.dose_names.index(record.dose)
            amounts = _amounts(record, regimen, people, rows, days)
            doses.add(np.repeat(rows, days.size), ages, code, amounts)
    row, when, codes, values = _joined((lives, settings, doses))
    initial = np.tile(np.asarray(kernel.input_defaults, dtype=np.float64), (len(people), 1))
    before = np.flatnonzero((when < start[row]) & (codes < 0))
    # Of several changes of one input before the start the last one stands.
    before = before[np.argsort(when[before], kind="stable")]
    initial[row[before], -1 - codes[before]] = values[before]
    inside = np.flatnonzero((when >= start[row]) & (when < end[row]))
    order = inside[np.lexsort((inside, when[inside], row[inside]))]
    offsets = np.searchsorted(row[order], np.arange(len(people) + 1)).astype(np.int64)
    return Schedule(offsets, when[order], codes[order], values[order], initial)


class _Events:
    """Events as they are found: (row, age, code, value) in blocks."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []

    def add(self, rows: Ints, ages: Floats, code: int, values: ArrayLike) -> None:
        self.blocks.append(
            (
                rows,
                ages,
                np.full(len(rows), code, dtype=np.int32),
                np.broadcast_to(np.asarray(values, dtype=np.float64), len(rows)),
            )
        )


def _joined(kinds: Sequence[_Events]) -> Block:
    empty = (np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0, dtype=np.int32), np.zeros(0))
    blocks = [empty, *(block for kind in kinds for block in kind.blocks)]
    return (
        np.concatenate([rows for rows, *_ in blocks]),
        np.concatenate([ages for _, ages, *_ in blocks]),
        np.concatenate([codes for *_, codes, _ in blocks]),
        np.concatenate([values for *_, values in blocks]),
    )


def _regimen_inputs(
    kernel: Addressed,
    people: People,
    regimens: Sequence[Regimen],
    which: Ints,
    events: _Events,
) -> dict[str, Floats]:
    """Add what regimens set and hold; return from which age on that decides, by input."""
    defaults = dict(zip(kernel.input_names, kernel.input_defaults, strict=True))
    decides: dict[str, Floats] = {}
    for k, regimen in enumerate(regimens):
        absent = sorted(regimen.inputs_used - defaults.keys())
        if absent:
            raise InputError(f"no input '{absent[0]}'{nearest(absent[0], kernel.input_names)}")
        for level in regimen.levels:
            if level.input in people.courses:
                raise InputError(
                    f"'{level.input}' is part of each person's life and cannot be held over it"
                )
        rows = np.flatnonzero(which == k)
        for name, course in regimen.changes(defaults).items():
            code = -1 - kernel.input_names.index(name)
            for time, value in course:
                events.add(rows, people.age[rows] + time, code, value)
            if course:
                ages = decides.setdefault(name, np.full(len(people), np.inf))
                ages[rows] = people.age[rows] + course[0][0]
    return decides


def _lives(
    kernel: Addressed, people: People, decides: Mapping[str, Floats], events: _Events
) -> None:
    """Add the courses of people's lives, up to the age at which a regimen decides."""
    for name, course in people.courses.items():
        if name not in kernel.input_names:
            continue
        told = np.isfinite(course.times)
        if name in decides:
            told &= course.times < decides[name][:, None]
        rows, columns = np.nonzero(told)
        code = -1 - kernel.input_names.index(name)
        events.add(rows, course.times[rows, columns], code, course.values[rows, columns])


def _amounts(
    record: DoseRecord, regimen: Regimen, people: People, rows: Ints, days: Floats
) -> ArrayLike:
    """Return what enters the model: one amount for all, or one a person and day, days within a person."""
    if not record.by_weight:
        return record.amount
    if WEIGHT not in people.covariates:
        raise InputError(
            f"a dose of '{record.dose}' hangs on body weight, and these people have none"
        )
    relative = np.ones(days.size)
    for day, value in regimen.courses.get(RELATIVE_WEIGHT, ()):
        relative[days >= day] = value
    weight = people.covariates[WEIGHT][rows, None] * relative
    return (record.amount * weight**record.by_weight).ravel()


def _not_before(people: People, rows: Ints, dose: str, days: Floats, start: Floats) -> None:
    if not rows.size or not days.size:
        return
    early = np.flatnonzero(people.age[rows] + days.min() < start[rows])
    if early.size:
        row = rows[early[0]]
        raise InputError(
            f"a dose of '{dose}' at day {days.min():g} lies before the life of person "
            f"{people.ids[row]}, which starts at day {people.birth[row] - people.age[row]:g}"
        )


def repeat_offsets(offsets: Ints, d: int) -> Ints:
    """Return the offsets with every person's span ``d`` times."""
    lengths = np.repeat(np.diff(offsets), d)
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def repeat_rows(offsets: Ints, values: NDArray[Scalar], d: int) -> NDArray[Scalar]:
    """Return the values with every person's span ``d`` times."""
    if d == 1 or not values.size:
        return values
    return np.concatenate([np.tile(values[a:b], d) for a, b in pairwise(offsets)])
