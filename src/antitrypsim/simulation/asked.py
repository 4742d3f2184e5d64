"""Who is asked for, on which days and under which regimens, checked before anybody lives."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from antitrypsim.foundations.arrays import Floats, Ints
from antitrypsim.foundations.errors import InputError
from antitrypsim.simulation.people import People
from antitrypsim.simulation.regimen import Regimen
from antitrypsim.simulation.settings import Settings


def regimens_of_each(
    regimen: Regimen | Sequence[Regimen] | None, people: People
) -> tuple[tuple[Regimen, ...], Ints]:
    """Return the different regimens, and which of them each person is given."""
    if regimen is None or isinstance(regimen, Regimen):
        return (regimen or Regimen(),), np.zeros(len(people), dtype=np.int64)
    if len(regimen) != len(people):
        raise InputError(f"there are {len(regimen)} regimens for {len(people)} people")
    different = list(dict.fromkeys(regimen))
    rows = {each: k for k, each in enumerate(different)}
    return tuple(different), np.array([rows[each] for each in regimen], dtype=np.int64)


def seed_of(people: People, settings: Settings) -> int:
    """Return the seed of people's lives; raise InputError where the settings say another."""
    if settings.seed not in (None, people.seed):
        raise InputError(
            f"these people live under seed {people.seed}; under seed {settings.seed} each would live "
            "another life, which is another past too: leave the seed out, or ask for "
            f"people.living_anew({settings.seed})"
        )
    return people.seed


def days_of(times: Sequence[float] | Floats, people: People) -> Floats:
    """Return the days at which people are read; raise InputError for days that nobody has."""
    try:
        days = np.asarray(times, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError("times must be numbers, in days since day 0") from None
    if days.ndim not in (1, 2):
        raise InputError("times must be a list of days, or one list for each person")
    if not np.all(np.isfinite(days)):
        raise InputError("a time is not a number")
    if days.ndim == 2 and days.shape[0] != len(people):
        raise InputError(f"times has {days.shape[0]} rows for {len(people)} people")
    if not len(people):
        raise InputError("there are no people to simulate")
    if not days.size:
        raise InputError("there are no times to read at; write for example times=[0, 365.25]")
    first = np.broadcast_to(days, (len(people), days.shape[-1])).min(axis=1)
    early = np.flatnonzero(first + people.age < people.birth)
    if early.size:
        row = early[0]
        raise InputError(
            f"day {first[row]:g} lies before the life of person {people.ids[row]}, which starts at "
            f"day {people.birth[row] - people.age[row]:g}"
        )
    return days
