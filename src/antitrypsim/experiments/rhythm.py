"""When a true course is read off, and how events on it are counted: one rule for every command.

What accumulates (lung density, stiffness, polymer) is read on the day that is asked for. Serum is
drawn before a dose. What rises and falls with the doses (free elastase, FEV1 under cells) is averaged
over one round of them up to that day, so that neither peaks nor troughs are picked. The rhythm is that
of the therapy itself: what it is compared with does not move its answer. Of several therapies given
together the longest round counts. Each endpoint's file says which of the three it is.

Values are those of the model, and no instrument's: they are not cut to what one can show. Only
measurements are (``protocols.assessments``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from antitrypsim.endpoints import Endpoint, endpoint
from antitrypsim.foundations.units import YEAR
from antitrypsim.simulation.results import Results
from antitrypsim.simulation.simulate import simulate

if TYPE_CHECKING:
    from antitrypsim.modelling import Model
    from antitrypsim.simulation.people import People
    from antitrypsim.simulation.regimen import Regimen

PER = 100.0
"""Person-years to which events are told."""

_READINGS = 24
_GOLDEN = (5**0.5 - 1) / 2

Floats = NDArray[np.float64]
Reading = tuple[str, tuple[float, ...]]
"""An endpoint's id, and the days over which it is averaged."""


def reading_days(what: Endpoint, regimen: Regimen, day: float) -> tuple[float, ...]:
    """Return the days, rising, over which an endpoint is averaged to be told at ``day``.

    Of a regimen whose doses do not go on at that day, and of one without any, it is the day itself.
    """
    rounds = _rounds(regimen, day)
    if not rounds or what.read == "on the day":
        return (day,)
    if what.read == "before a dose":
        return (_before_a_dose(rounds),)
    *shorter, window = sorted(gap for _, gap in rounds)
    if window > day:
        return (day,)
    k = np.arange(_READINGS)
    parts = (k + 0.5) / _READINGS * window
    if shorter:
        # Even steps may meet a shorter rhythm at one and the same phase; so each is moved within it.
        parts = np.sort((parts + shorter[-1] * ((_GOLDEN * k) % 1.0)) % window)
    return tuple(float(d) for d in day - window + parts)


def _rounds(regimen: Regimen, day: float) -> list[tuple[Floats, float]]:
    """Return the days of the doses up to a day and the last interval, of each line that goes on."""
    found = []
    for record in regimen.doses:
        times = np.unique(record.times)
        times = times[times <= day]
        if times.size > 1 and day - times[-1] <= times[-1] - times[-2]:
            found.append((times, float(times[-1] - times[-2])))
    return found


def _before_a_dose(rounds: list[tuple[Floats, float]]) -> float:
    """Return the last dose before which every line has gone furthest through its own interval."""

    def gone(at: float) -> float:
        # What is given on the day itself is given after the reading.
        since = [(at - times[times < at - 1e-6].max(initial=-np.inf), gap) for times, gap in rounds]
        return float(sum(min(1.0, days / gap) for days, gap in since))

    return max((float(times[-1]) for times, _ in rounds), key=lambda at: (round(gone(at), 6), at))


@dataclass(frozen=True, eq=False)
class Course:
    """What is read off the course of some people: ``values`` by reading, shape (people, draws).

    A value is in the endpoint's unit, NaN of the dead. ``events`` are those of ``Results``.
    """

    values: Mapping[Reading, Floats]
    events: Mapping[str, Floats]

    def first(self, people: int) -> Course:
        """Return the course of the first people only."""
        return Course(
            {reading: found[:people] for reading, found in self.values.items()},
            {event: days[:people] for event, days in self.events.items()},
        )

    def lived(self, day: float) -> Floats:
        """Return the years that each person lives up to a day, shape (people, draws)."""
        return np.asarray(np.fmin(self.events["death"][:, :, 0], day) / YEAR)

    def counted(self, event: str, day: float) -> Floats:
        """Return each person's events after day 0 up to a day or death, shape (people, draws)."""
        when = self.events[event]
        last = YEAR * self.lived(day)[..., None]
        return np.asarray(np.sum((when > 0) & (when <= last), axis=2), dtype=np.float64)

    def rate(self, event: str, day: float) -> Floats:
        """Return events per 100 person-years up to a day, for each draw."""
        years = self.lived(day).sum(axis=0)
        return np.asarray(PER * self.counted(event, day).sum(axis=0) / years)


def course_of(
    model: Model, people: People, regimen: Regimen, readings: Iterable[Reading], **options: Any
) -> Course:
    """Let people live a regimen and read it off; options and errors as of ``simulate``.

    It is read off chunk by chunk, so that the many days of a round need not all be kept.
    """
    wanted = sorted(set(readings))
    times = sorted({0.0, *(day for _, days in wanted for day in days)})
    at = {day: k for k, day in enumerate(times)}
    outputs = sorted({endpoint(id).output for id, _ in wanted})
    values: dict[Reading, list[Floats]] = {reading: [] for reading in wanted}
    chunks = []
    for part in simulate(model, people, regimen, times=times, outputs=outputs, **options):
        for (id, days), found in values.items():
            what = endpoint(id)
            read = part[what.output][:, :, [at[day] for day in days]].mean(axis=2)
            found.append(read * what.factor)
        chunks.append(replace(part, values=part.values[..., :0], outputs=()))
    events = Results.join(chunks).events
    return Course({reading: np.concatenate(found) for reading, found in values.items()}, events)
