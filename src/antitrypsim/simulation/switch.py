"""A regimen that changes into another on a day: one's records before it, the other's from it on."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from antitrypsim.simulation.given import DoseRecord, HeldLevel, InputRecord
from antitrypsim.simulation.regimen import Regimen


def switched(before: Regimen, after: Regimen, day: float) -> Regimen:
    """Return what somebody is given who changes from one regimen to another on a day.

    Of ``before`` the doses of earlier days, of ``after`` those of this day and later, each on the
    days that its own regimen says: nothing is made up for. A level that ``before`` holds ends on the
    day, and one that ``after`` holds by then is held from the day on. What was set once with a dose
    (such as a mismatch of cells that are in the body) stays, unless ``after`` still gives doses and
    sets it otherwise.
    """
    later = tuple(_doses(after, first=day, last=None))
    doses = (*_doses(before, first=None, last=day), *later)
    name = f"{before.name}, from day {day:g} {after.name}"
    inputs = tuple(_settings(before, after, day, given=bool(later)))
    return Regimen(name, doses, inputs, tuple(_levels(before, after, day)))


def turns(*regimens: Regimen) -> tuple[float, ...]:
    """Return the days on which any of these regimens gives, sets or holds something, each once.

    Ascending. Between two of them it makes no difference on which day somebody changes from one to
    another, unless a level is held (``holds``).
    """
    found = {t for r in regimens for dose in r.doses for t in dose.times}
    found |= {t for r in regimens for setting in r.inputs for t in setting.times}
    ends = {t for r in regimens for level in r.levels for t in (level.start, level.end)}
    return tuple(sorted(t for t in found | ends if t < float("inf")))


def holds(regimen: Regimen) -> bool:
    """Return whether a regimen holds a level over a span."""
    return bool(regimen.levels) or any(len(record.times) > 1 for record in regimen.inputs)


def _doses(regimen: Regimen, first: float | None, last: float | None) -> Iterator[DoseRecord]:
    for record in regimen.doses:
        times = tuple(
            t for t in record.times
            if (first is None or t >= first) and (last is None or t < last)
        )  # fmt: skip
        if times:
            yield from _stopped(replace(record, times=times), math.inf if last is None else last)


def _stopped(record: DoseRecord, day: float) -> Iterator[DoseRecord]:
    """Yield a record of which what is still running in on a day is stopped, and the rest not given."""
    running = [t for t in record.times if record.duration and t + record.duration > day]
    whole = tuple(t for t in record.times if t not in running)
    if whole:
        yield replace(record, times=whole)
    for t in running:
        given = record.amount * (day - t) / record.duration
        yield replace(record, amount=given, times=(t,), duration=day - t)


def _levels(before: Regimen, after: Regimen, day: float) -> Iterator[HeldLevel]:
    for level in before.levels:
        if level.start < day:
            yield replace(level, end=min(level.end, day))
    for level in after.levels:
        if level.end > day:
            yield replace(level, start=max(level.start, day))


def _settings(before: Regimen, after: Regimen, day: float, *, given: bool) -> Iterator[InputRecord]:
    """Yield one course for each input: what was set before the day, then what the other sets."""
    for name in sorted(before.courses.keys() | after.courses.keys()):
        past = [change for change in before.courses.get(name, ()) if change[0] < day]
        other = after.courses.get(name, ())
        later = [change for change in other if change[0] >= day]
        # What is set once with a dose matters only to doses that are still to come.
        by_then = [value for t, value in other if t < day]
        if by_then and given and (not later or later[0][0] > day):
            later.insert(0, (day, by_then[-1]))
        course = [*past, *later]
        if course:
            yield InputRecord(name, tuple(t for t, _ in course), tuple(v for _, v in course))
