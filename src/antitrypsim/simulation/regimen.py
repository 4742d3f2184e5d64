"""Regimens as a value: what is given when, in days since day 0."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.plain import Plain
from antitrypsim.foundations.provenance import SCHEMA_VERSION, content_hash
from antitrypsim.modelling import Model
from antitrypsim.modelling.infusions import infusion_of
from antitrypsim.modelling.weights import RELATIVE_WEIGHT
from antitrypsim.simulation import records
from antitrypsim.simulation.given import (
    Change,
    DoseRecord,
    HeldLevel,
    InputRecord,
    not_givable,
)

if TYPE_CHECKING:
    import pandas as pd

_DAY = 1.0 - 1e-6


@dataclass(frozen=True, eq=False)
class Regimen:
    """What one person receives, immutable; an empty regimen is no treatment.

    Regimens add up, in any order and grouping. Two are equal when the same is given at the same
    times, whatever they are called and however it is written down. Raises InputError for records
    of one input that contradict each other.
    """

    name: str = "untreated"
    doses: tuple[DoseRecord, ...] = ()
    inputs: tuple[InputRecord, ...] = ()
    levels: tuple[HeldLevel, ...] = ()

    def __post_init__(self) -> None:
        both = self.courses.keys() & {level.input for level in self.levels}
        if both:
            raise InputError(f"'{min(both)}' is both set and held; one of the two can be")

    def __add__(self, other: Regimen) -> Regimen:
        names = [each.name for each in (self, other) if each.names] or [self.name]
        return Regimen(
            " + ".join(names),
            self.doses + other.doses,
            self.inputs + other.inputs,
            self.levels + other.levels,
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Regimen) and self._plain == other._plain

    def __hash__(self) -> int:
        return hash(self.content_hash)

    def later(self, days: float) -> Regimen:
        """Return the same so many days later; what a product is (inputs that are set) is so from then on."""
        return Regimen(
            self.name,
            tuple(replace(d, times=tuple(t + days for t in d.times)) for d in self.doses),
            tuple(replace(i, times=tuple(t + days for t in i.times)) for i in self.inputs),
            tuple(replace(v, start=v.start + days, end=v.end + days) for v in self.levels),
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The doses and inputs that are used, each once."""
        return tuple(sorted({d.dose for d in self.doses} | self.inputs_used))

    @property
    def inputs_used(self) -> set[str]:
        """The inputs that are set or held."""
        return {i.input for i in self.inputs} | {level.input for level in self.levels}

    @cached_property
    def infused(self) -> tuple[HeldLevel, ...]:
        """What runs in over a time, as levels of the inputs of ``modelling.infusions``."""
        return tuple(
            HeldLevel(infusion_of(d.dose, d.by_weight), d.amount / d.duration, t, t + d.duration)
            for d in self.doses
            for t in (d.times if d.duration > 0 else ())
        )

    @property
    def earliest(self) -> float:
        """The first day on which anything is given, set or held; infinite where nothing is."""
        given = [t for d in self.doses for t in d.times] + [t for i in self.inputs for t in i.times]
        return min((*given, *(level.start for level in self.levels)), default=math.inf)

    @cached_property
    def within_a_day(self) -> dict[str, float]:
        """The most of each dose that is given within one day, all its records together.

        Of what hangs on body weight: to somebody of ``given.AMOUNTS_AT``.
        """
        found = {}
        for name in dict.fromkeys(record.dose for record in self.doses):
            own = [record for record in self.doses if record.dose == name]
            days = np.concatenate([np.asarray(r.times, dtype=np.float64) for r in own])
            amounts = np.repeat([r.usual for r in own], [len(r.times) for r in own])
            order = np.argsort(days, kind="stable")
            days, amounts = days[order], amounts[order]
            # What is given once a day, to the minute or a rounding, is not given twice within one.
            last = np.searchsorted(days, days + _DAY)
            so_far = np.concatenate([[0.0], np.cumsum(amounts)])
            found[name] = float(np.max(so_far[last] - so_far[:-1], initial=0.0))
        return found

    @cached_property
    def courses(self) -> dict[str, tuple[Change, ...]]:
        """What each input is set to, by input: all its records as one course."""
        found: dict[str, tuple[Change, ...]] = {}
        for record in self.inputs:
            _in_order(record)
            course = _changes(zip(record.times, record.values, strict=True))
            found[record.input] = _agreed(record.input, found.get(record.input, ()), course)
        return dict(sorted(found.items()))

    def held(self, default: float, name: str) -> tuple[Change, ...]:
        """Return the course of an input that is held: the sum of its levels, else ``default``."""
        spans = [level for level in (*self.levels, *self.infused) if level.input == name]
        spans.sort(key=lambda level: level.start, reverse=True)
        days = sorted({day for s in spans for day in (s.start, s.end) if day < math.inf})
        course, now = [], list[HeldLevel]()
        for day in days:
            while spans and spans[-1].start <= day:
                now.append(spans.pop())
            now = [s for s in now if day < s.end]
            # An exact sum is the same in whatever order levels were written.
            course.append((day, math.fsum(s.value for s in now) if now else default))
        return _changes(course)

    def changes(self, defaults: dict[str, float]) -> dict[str, tuple[Change, ...]]:
        """Return the course of every input that is set or held; ``defaults`` by input."""
        held = sorted({level.input for level in (*self.levels, *self.infused)})
        return self.courses | {name: self.held(defaults[name], name) for name in held}

    def check(self, model: Model) -> None:
        """Raise ModelError or InputError unless every record can be given in this model."""
        for record in self.doses:
            model.dose(record.dose)
            if not np.isfinite(record.amount) or record.amount < 0:
                raise InputError(
                    f"a dose of {record.amount:g} cannot be given; it must be 0 or more"
                )
            if not record.times:
                raise InputError(f"no time says when the dose '{record.dose}' is given")
            if any(not np.isfinite(t) for t in record.times):
                raise InputError(f"a time of dose '{record.dose}' is not a number")
            if not 0 <= record.duration < math.inf:
                raise InputError(
                    f"a dose of '{record.dose}' cannot run in over {record.duration:g} days"
                )
            if record.by_weight not in (-1, 0, 1):
                raise InputError(
                    f"a dose of '{record.dose}' cannot hang on weight to the power of "
                    f"{record.by_weight:g}; -1, 0 and 1 can"
                )
        for name, amount in self.within_a_day.items():
            if said := not_givable(amount, model.dose(name).unit):
                raise InputError(f"what is given of {name} within a day adds up to {said}")
        for setting in self.inputs:
            if not setting.times:
                raise InputError(f"no time says when '{setting.input}' is set")
            if not np.all(np.isfinite((*setting.times, *setting.values))):
                raise InputError(f"a time or value of '{setting.input}' is not a number")
            if setting.input == RELATIVE_WEIGHT and not min(setting.values) > 0:
                raise InputError(
                    f"a body weight of {min(setting.values):g} times the first one cannot be; it must be above 0"
                )
        for level in self.levels:
            if not np.isfinite(level.start) or not level.end > level.start:
                raise InputError(
                    f"'{level.input}' cannot be held from day {level.start:g} to day {level.end:g}"
                )
            unit = next(
                (d.unit for d in model.doses if d.holds and d.holds.name == level.input), ""
            )
            if said := not_givable(level.value, unit) if level.value < math.inf else "":
                raise InputError(f"a level of {level.input} is {said}")
            if not np.isfinite(level.value) or level.value < 0:
                raise InputError(f"a level of {level.value:g} cannot be held; it must be 0 or more")

    def to_dict(self) -> Plain:
        """Return plain data; ``from_dict`` reads it back."""
        return {
            "schema": SCHEMA_VERSION,
            "kind": "regimen",
            "name": self.name,
            "doses": [[d.dose, d.amount, list(d.times), *_beside(d)] for d in self.doses],
            "inputs": [[i.input, list(i.times), list(i.values)] for i in self.inputs],
            "levels": [
                # JSON has no infinity.
                [h.input, h.value, h.start, None if h.end == math.inf else h.end]
                for h in self.levels
            ],
        }

    @classmethod
    def from_dict(cls, data: Plain) -> Regimen:
        """Rebuild a regimen from ``to_dict``; raise InputError for another kind or schema."""
        if data.get("kind") != "regimen" or data.get("schema") != SCHEMA_VERSION:
            raise InputError(f"this is not a regimen value of schema {SCHEMA_VERSION}")
        return cls(
            data["name"],
            tuple(
                DoseRecord(d, float(a), tuple(t), float((*more, 0)[0]), int((*more, 0, 0)[1]))
                for d, a, t, *more in data["doses"]
            ),
            tuple(InputRecord(i, tuple(t), tuple(v)) for i, t, v in data["inputs"]),
            tuple(
                HeldLevel(i, float(v), float(s), math.inf if e is None else float(e))
                for i, v, s, e in data.get("levels", ())
            ),
        )

    @cached_property
    def _plain(self) -> list[object]:
        """Everything that is given, in the one way in which it can be written."""
        doses = sorted((d.dose, t, d.amount, *_beside(d)) for d in self.doses for t in d.times)
        held = {level.input for level in self.levels}
        # While nothing is held an input has a default, which only the model knows.
        levels = sorted((name, self.held(math.nan, name)) for name in held)
        return [
            [list(dose) for dose in doses],
            [[name, [list(change) for change in course]] for name, course in self.courses.items()],
            [
                [name, [[day, None if math.isnan(value) else value] for day, value in course]]
                for name, course in levels
            ],
        ]

    @cached_property
    def content_hash(self) -> str:
        """Hash of what is given; neither the name nor the order of the records counts."""
        return content_hash({"schema": SCHEMA_VERSION, "kind": "regimen", "given": self._plain})

    def to_frame(self, id: int | str = 1) -> pd.DataFrame:
        """Return dosing records with NONMEM's columns, all of the one person ``id``.

        A row a dose, by TIME in days; a level or a setting is a row of EVID 2. See
        ``docs/reference/dosing-records.md``; ``from_frame`` reads them back.
        """
        return records.frame_of({id: self})

    @classmethod
    def from_frame(
        cls,
        frame: pd.DataFrame,
        name: str = "dosing records",
        *,
        ignore: Sequence[str] = (),
        run_in: float = records.RUN_IN,
    ) -> Regimen:
        """Read the dosing records of one person; ``regimens_from_frame`` reads those of many.

        Columns as in ``docs/reference/dosing-records.md``; ``ignore`` names others that may be
        passed over, ``run_in`` is how many days a steady state has been dosed before. Raises InputError, with row and column, for what cannot be given as it is
        written, and for records of several people.
        """
        found = regimens_from_frame(frame, name, ignore=ignore, run_in=run_in)
        if len(found) > 1:
            raise InputError(
                f"these are the records of {len(found)} people, and each has a regimen; read them "
                "with regimens_from_frame",
                key="ID",
            )
        return next(iter(found.values()), cls(name))


def regimens_to_frame(regimens: Mapping[records.Id, Regimen]) -> pd.DataFrame:
    """Return the dosing records of several people; ``regimens`` by the id of each.

    Rows by person, then TIME in days, a row a dose. A level or a setting is a row of EVID 2, and
    so is a person who is given nothing. ``regimens_from_frame`` reads them back.
    """
    return records.frame_of(regimens, everybody=True)


def regimens_from_frame(
    frame: pd.DataFrame,
    name: str = "dosing records",
    *,
    ignore: Sequence[str] = (),
    run_in: float = records.RUN_IN,
) -> dict[Hashable, Regimen]:
    """Return what each person is given, by ID in the order of the records; '' without an ID.

    Columns as in ``docs/reference/dosing-records.md``, in small letters too; ``ignore`` names others
    that may be passed over, ``run_in`` is how many days a steady state has been dosed before. Raises InputError, with row (from 1) and column, for what cannot be given
    as it is written.
    """
    found = records.given_in(frame, ignore, run_in)
    return {id: Regimen(name, each.doses, each.inputs, each.levels) for id, each in found.items()}


def _beside(record: DoseRecord) -> list[float]:
    """Return what there is to say of a dose but for what it is, how much and when."""
    if record.by_weight:
        return [record.duration, record.by_weight]
    return [record.duration] if record.duration else []


def _in_order(record: InputRecord) -> None:
    if len(record.times) != len(record.values):
        raise InputError(
            f"'{record.input}' has {len(record.times)} times and {len(record.values)} values"
        )
    if any(
        later <= earlier for earlier, later in zip(record.times, record.times[1:], strict=False)
    ):
        raise InputError(f"the times of '{record.input}' must rise, each once")
    if record.input == RELATIVE_WEIGHT and not all(0 < value < math.inf for value in record.values):
        raise InputError(
            f"'{record.input}' of {min(record.values):g} cannot be; it is a share of body weight, above 0"
        )


def _changes(course: Iterable[Change]) -> tuple[Change, ...]:
    """Return a course without the changes that change nothing."""
    found: list[Change] = []
    for day, value in course:
        same = bool(found) and (
            found[-1][1] == value or (math.isnan(value) and math.isnan(found[-1][1]))
        )
        if not same:
            found.append((float(day), float(value)))
    return tuple(found)


def _agreed(name: str, one: tuple[Change, ...], other: tuple[Change, ...]) -> tuple[Change, ...]:
    """Return what two courses say together; raise InputError where they contradict each other."""
    if not one or not other:
        return one or other
    earlier, later = sorted((one, other))
    begins = later[0][0]
    together = [change for change in earlier if change[0] > begins]
    now = [value for day, value in earlier if day <= begins][-1]
    rest = _changes([(begins, now), *together])
    if rest != later:
        raise InputError(
            f"'{name}' is set to {now:g} and to {later[0][1]:g} at day {begins:g}"
            if now != later[0][1]
            else f"'{name}' is set in two ways after day {begins:g}"
        )
    return earlier


def repeated(
    dose: str,
    amount: float,
    *,
    every: float | None = None,
    start: float = 0.0,
    until: float = 0.0,
    name: str | None = None,
    at: Sequence[float] | None = None,
) -> Regimen:
    """Return a regimen of one dose: ``at`` given days, or from ``start`` each ``every`` days.

    ``until`` is the first day at which no dose is given any more. Raises InputError for an interval
    that is not positive and where no dose would be given.
    """
    if at is not None:
        times = tuple(float(t) for t in at)
    elif every is None:
        times = (float(start),)
    else:
        if not every > 0:
            raise InputError(f"an interval of {every:g} days cannot be; it must be above 0")
        if not until > start:
            raise InputError(
                f"no dose is given from day {start:g} until day {until:g}; let 'until' be later"
            )
        if not until < math.inf:
            raise InputError(f"doses until day {until:g} have no end; say a day")
        count = max(0, int(np.ceil((until - start) / every - 1e-9)))
        times = tuple(float(start + k * every) for k in range(count))
    if not times:
        raise InputError("the list of days 'at' is empty; say at least one")
    return Regimen(name or dose, (DoseRecord(dose, float(amount), times),))
