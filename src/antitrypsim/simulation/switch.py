"""A regimen that changes into another on a day: one's records before it, the other's from it on."""

from __future__ import annotations

from collections.abc import Iterator

from antitrypsim.simulation.regimen import DoseRecord, InputRecord, Regimen


def switched(before: Regimen, after: Regimen, day: float) -> Regimen:
    """Return what somebody is given who changes from one regimen to another on a day.

    Of ``before`` the doses of earlier days, of ``after`` those of this day and later, each on the
    days that its own regimen says: nothing is made up for. A level that ``before`` holds ends on the
    day, and one that ``after`` holds by then is held from the day on. What was set once with a dose
    (such as a mismatch of cells that are in the body) stays.
    """
    doses = [*_doses(before, first=None, last=day), *_doses(after, first=day, last=None)]
    inputs = list(_begun(before, day))
    given = any(True for _ in _doses(after, first=day, last=None))
    for record in after.inputs:
        inputs += _taken_up(record, day, given)
    name = f"{before.name}, from day {day:g} {after.name}"
    return Regimen(name, tuple(doses), tuple(inputs))


def turns(*regimens: Regimen) -> tuple[float, ...]:
    """Return the days on which any of these regimens gives or sets something, ascending, each once.

    Between two of them it makes no difference on which day somebody changes from one to another,
    unless a level is held (``holds``).
    """
    found = {t for r in regimens for dose in r.doses for t in dose.times}
    found |= {t for r in regimens for course in r.inputs for t in course.times}
    return tuple(sorted(found))


def holds(regimen: Regimen) -> bool:
    """Return whether a regimen holds a level over a span."""
    return any(len(record.times) > 1 for record in regimen.inputs)


def _doses(regimen: Regimen, first: float | None, last: float | None) -> Iterator[DoseRecord]:
    for record in regimen.doses:
        times = tuple(
            t for t in record.times
            if (first is None or t >= first) and (last is None or t < last)
        )  # fmt: skip
        if times:
            yield DoseRecord(record.dose, record.amount, times)


def _begun(regimen: Regimen, day: float) -> Iterator[InputRecord]:
    """Yield the courses that have begun by the day; one that would still change ends on it."""
    for record in regimen.inputs:
        kept = [(t, v) for t, v in zip(record.times, record.values, strict=True) if t < day]
        if not kept:
            continue
        if len(kept) < len(record.times):
            # What a held level ends with is the last value of its course.
            kept.append((day, record.values[-1]))
        yield InputRecord(record.input, tuple(t for t, _ in kept), tuple(v for _, v in kept))


def _taken_up(record: InputRecord, day: float, given: bool) -> Iterator[InputRecord]:
    """Yield a course from the day on, with the value that it has by then."""
    pairs = list(zip(record.times, record.values, strict=True))
    later = [(t, v) for t, v in pairs if t >= day]
    past = [v for t, v in pairs if t < day]
    # A span that is over is over; what is set once matters only to doses that are still to come.
    going_on = bool(later) if len(pairs) > 1 else given
    if past and going_on and (not later or later[0][0] > day):
        later.insert(0, (day, past[-1]))
    if later:
        yield InputRecord(record.input, tuple(t for t, _ in later), tuple(v for _, v in later))
