"""What happens to one person as programs: when each input is set and each dose given."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from antitrypsim.foundations.arrays import Floats
from antitrypsim.foundations.errors import InputError
from antitrypsim.modelling import Model
from antitrypsim.modelling.model import DoseLine
from antitrypsim.simulation.people import People
from antitrypsim.simulation.regimen import Regimen
from antitrypsim.simulation.schedule import schedule_of

_NEAR = 1e-7
"""Days within which two things happen at once: rounding parts them, and a solver stumbles over it."""


@dataclass(frozen=True)
class Program:
    """One thing that happens at ``times`` (days since the start of the course), with ``values``.

    ``what`` is an input, or a dose 'product/route'. Of what happens at one time the higher ``priority``
    comes first. Where there is an interval ``every``, time k is exactly times[0] + every * k.
    """

    what: str
    times: tuple[float, ...]
    values: tuple[float, ...]
    priority: int
    every: float | None = None


@dataclass(frozen=True)
class _Addressed:
    dose_names: tuple[str, ...]
    input_names: tuple[str, ...]
    input_defaults: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Course:
    """One person from age ``start`` to age ``end`` (days): the inputs at its start, what happens then."""

    start: float
    end: float
    inputs: Floats
    programs: tuple[Program, ...]

    @cached_property
    def given(self) -> tuple[str, ...]:
        """What happens, each once."""
        return tuple(dict.fromkeys(program.what for program in self.programs))


def course_of(model: Model, person: People, regimen: Regimen, start: float, end: float) -> Course:
    """Return what happens to the one person between two ages, as the engine has it.

    Raises InputError for several people, ModelError or InputError for a regimen that does not fit.
    """
    if len(person) != 1:
        raise InputError(f"a course is of one person, and these are {len(person)}")
    regimen.check(model)
    names = _Addressed(
        tuple(line.name for line in model.doses),
        tuple(handle.name for handle in model.inputs),
        tuple(float(handle.default) for handle in model.inputs),
    )
    events = schedule_of(
        names, person, (regimen,), np.zeros(1, dtype=np.int64), np.array([start]), np.array([end])
    )
    found: dict[tuple[str, float | None], list[tuple[float, float]]] = {}
    inputs = events.inputs[0].copy()
    for time, code, value in zip(events.times, events.codes, events.values, strict=True):
        if code < 0 and time == start:
            inputs[-1 - code] = value
            continue
        # A dose of another size is a series of its own; an input goes on.
        key: tuple[str, float | None] = (
            (names.dose_names[code], float(value))
            if code >= 0
            else (names.input_names[-1 - code], None)
        )
        found.setdefault(key, []).append((float(time - start), float(value)))
    # Inputs before doses, and those in the order in which the engine gives them.
    order = sorted(found, key=lambda k: (k[1] is None, k[0], k[1] or 0.0))
    programs: list[Program] = []
    taken = np.zeros(0)
    for k, key in enumerate(order, start=1):
        for part in _once_each(found[key]):
            times, every = _timed(np.array([t for t, _ in part]), taken)
            taken = np.unique(np.concatenate([taken, times]))
            values = tuple(v for _, v in part)
            programs.append(Program(key[0], tuple(map(float, times)), values, k, every))
    return Course(start, end, inputs, tuple(reversed(programs)))


def _timed(times: Floats, taken: Floats) -> tuple[Floats, float | None]:
    """Return the times, and the interval if one gives them all.

    What is at once with something that is ``taken`` already is at the very same number.
    """
    if times.size > 1:
        every = round(float(times[-1] - times[0]) / (times.size - 1), 9)
        regular = times[0] + every * np.arange(times.size)
        if np.all(np.abs(regular - times) < _NEAR) and np.all(_at(regular, taken) == regular):
            return regular, every
    return _at(times, taken), None


def _at(times: Floats, taken: Floats) -> Floats:
    """Return each time, or the one of ``taken`` that is at once with it."""
    if not taken.size:
        return times
    after = np.clip(np.searchsorted(taken, times), 1, max(taken.size - 1, 1))
    before = taken[after - 1]
    nearest = taken[np.minimum(after, taken.size - 1)]
    nearest = np.where(np.abs(before - times) <= np.abs(nearest - times), before, nearest)
    return np.where(np.abs(nearest - times) < _NEAR, nearest, times)


def _once_each(happened: list[tuple[float, float]]) -> list[list[tuple[float, float]]]:
    """Split what happens twice at one time, as two records of one dose may say, into courses."""
    parts: list[list[tuple[float, float]]] = []
    for event in happened:
        part = next((p for p in parts if p[-1][0] < event[0]), None)
        if part is None:
            parts.append([event])
        else:
            part.append(event)
    return parts


def dose_line(model: Model, name: str) -> DoseLine | None:
    """Return the dose of that name, or None for an input."""
    return next((line for line in model.doses if line.name == name), None)
