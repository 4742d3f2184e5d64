"""Dosing records: regimens as a table with NONMEM's columns, written and read."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from antitrypsim.foundations.errors import InputError, nearest, shown
from antitrypsim.foundations.plain import Plain
from antitrypsim.simulation.given import Change, DoseRecord, HeldLevel, InputRecord

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "ID", "TIME", "AMT", "RATE", "EVID", "CMT", "ADDL", "II", "SS", "DV", "MDV", "LEVEL", "UNTIL",
    "SETTING",
)  # fmt: skip
"""What is written. All but the last three are NONMEM's."""

Id = TypeVar("Id", bound=Hashable)

MOST_DOSES = 100_000
"""The most doses that one row may ask for by ADDL."""

_NEEDED = ("TIME", "AMT", "CMT")
_OVER = ("DUR", "TINF")
"""Days over which a dose runs in, as RATE says in other words."""

BY_WEIGHT = "BYWT"
"""The power of body weight by which an amount is multiplied."""

_READ = (*COLUMNS, *_OVER, BY_WEIGHT, "C")
_SAME = 1e-9
"""By how much, as a share, two ways to write one duration may differ by rounding."""

RUN_IN = 365.25
"""Days before a row of SS from which on its dose is given, so that what it does is steady by then.

What leaves the body with a half-life of a month is within 3 in 10,000 of its steady state.
"""


class Given(Protocol):
    """What a person is given, as it is written down; a ``regimen.Regimen`` is."""

    @property
    def doses(self) -> tuple[DoseRecord, ...]:
        """Doses at their times."""

    @property
    def levels(self) -> tuple[HeldLevel, ...]:
        """Levels that are held."""

    @property
    def courses(self) -> Mapping[str, tuple[Change, ...]]:
        """What each input is set to."""


@dataclass(frozen=True)
class Records:
    """What the records of one person say."""

    doses: tuple[DoseRecord, ...]
    inputs: tuple[InputRecord, ...]
    levels: tuple[HeldLevel, ...]


def frame_of(regimens: Mapping[Id, Given], *, everybody: bool = False) -> pd.DataFrame:
    """Return dosing records; with ``everybody``, those who are given nothing have a row too."""
    import pandas as pd

    rows = []
    for id, regimen in regimens.items():
        own = _rows(id, regimen)
        if not own and everybody:
            own = [_row(id, 0.0, EVID=2)]
        rows += sorted(own, key=lambda row: row["TIME"])
    told = [name for name in ("DUR", BY_WEIGHT) if any(row[name] != 0 for row in rows)]
    return pd.DataFrame(rows, columns=[*COLUMNS, *told])


def _row(id: Hashable, time: float, **told: object) -> Plain:
    row = dict.fromkeys(COLUMNS, math.nan)
    plain = {
        "AMT": 0.0,
        "RATE": 0.0,
        "DUR": 0.0,
        BY_WEIGHT: 0,
        "ADDL": 0,
        "II": 0.0,
        "SS": 0,
        "MDV": 1,
        "CMT": "",
    }
    return {**row, **plain, "ID": id, "TIME": time, **told}


def _rows(id: Hashable, regimen: Given) -> list[Plain]:
    settings = [
        _row(id, t, EVID=2, CMT=name, SETTING=v)
        for name, course in regimen.courses.items()
        for t, v in course
    ]
    levels = [
        _row(id, h.start, EVID=2, CMT=h.input, LEVEL=h.value, UNTIL=h.end) for h in regimen.levels
    ]
    doses = []
    for d in regimen.doses:
        # The duration too: an amount over a rate is another number in its last digit.
        over = {"RATE": d.amount / d.duration, "DUR": d.duration} if d.duration else {}
        weighed = {BY_WEIGHT: d.by_weight}
        doses += [_row(id, t, EVID=1, CMT=d.dose, AMT=d.amount, **over, **weighed) for t in d.times]
    return [*settings, *levels, *doses]


def given_in(
    frame: pd.DataFrame, ignore: Sequence[str], run_in: float = RUN_IN
) -> dict[Hashable, Records]:
    """Return what each person is given, as ``regimen.regimens_from_frame``."""
    if not 0 < run_in < math.inf:
        raise InputError(f"a run-in of {run_in:g} days cannot be; it must be above 0")
    if not hasattr(frame, "columns"):
        raise InputError(f"dosing records are a data frame, not {type(frame).__name__}")
    table = frame.rename(columns={c: str(c).strip().upper() for c in frame.columns})
    _known(list(table.columns), {each.upper() for each in ignore})
    columns = {c: table[c].tolist() for c in table.columns if c in _READ}
    people: dict[Hashable, _Person] = {}
    written: dict[str, Hashable] = {}
    for k in range(len(table)):
        row = _Row(k + 1, {c: values[k] for c, values in columns.items()})
        if not row.commented():
            id = row.id() if "ID" in columns else ""
            _one_way(row, id, written)
            people.setdefault(id, _Person(run_in)).take(row)
    return {id: person.records() for id, person in people.items()}


def _one_way(row: _Row, id: Hashable, written: dict[str, Hashable]) -> None:
    """Raise InputError for an id that stands in the table as a number and as a word, as 1 and '1.0'."""
    try:
        plain = f"{float(str(id)):.17g}"
    except ValueError:
        plain = str(id).strip()
    before = written.setdefault(plain, id)
    if type(before) is not type(id) or before != id:
        raise row.fault("ID", f"{before!r} and {id!r} are one id in two ways; write it in one")


def _known(columns: list[str], ignore: set[str]) -> None:
    for column in columns:
        if columns.count(column) > 1:
            raise InputError("the column is there twice", key=column)
        if column not in _READ and column not in ignore:
            hint = nearest(column, tuple(each for each in _READ if each != BY_WEIGHT))
            raise InputError(
                f"nothing reads this column{hint}; leave it out, or name it in ignore=['{column}']",
                key=column,
            )
    for column in _NEEDED:
        if column not in columns:
            raise InputError(
                f"dosing records need the columns {', '.join(_NEEDED)}, and '{column}' is missing",
                key=column,
            )


class _Row:
    """One row of the table; ``number`` counts from 1."""

    def __init__(self, number: int, values: dict[str, Any]) -> None:
        self.number = number
        self.values = {c: None if _is_missing(v) else v for c, v in values.items()}

    def fault(self, column: str, sentence: str) -> InputError:
        return InputError(f"row {self.number}: {sentence}", key=column)

    def number_in(self, column: str, default: float | None = None) -> float:
        value = self.values.get(column)
        if value is None:
            if default is not None:
                return default
            raise self.fault(column, "there is no number")
        try:
            number = math.nan if isinstance(value, bool) else float(value)
        except (TypeError, ValueError, OverflowError):
            number = math.nan
        if math.isnan(number):
            raise self.fault(column, f"'{shown(value)}' is not a number")
        return number

    def finite(self, column: str, default: float | None = None, low: float = -math.inf) -> float:
        number = self.number_in(column, default)
        if not low <= number < math.inf or number == -math.inf:
            least = "a finite number" if low == -math.inf else f"a number of {low:g} or more"
            raise self.fault(column, f"{number:g} cannot be; {least} can")
        return number

    def whole(self, column: str, default: int) -> int:
        number = self.number_in(column, float(default))
        if not math.isfinite(number) or number != int(number) or number < 0:
            raise self.fault(column, f"{number:g} is not a whole number of 0 or more")
        # Above this a number of 64 bits is no longer exact, and nobody means it.
        if number >= 2**53:
            raise self.fault(column, f"{number:g} is too large")
        return int(number)

    def commented(self) -> bool:
        """Whether the column C says that the row does not count."""
        mark = self.values.get("C")
        if mark in (None, 0, "0"):
            return False
        if str(mark).strip().upper() in ("C", "#"):
            return True
        raise self.fault("C", f"'{shown(mark)}' is not C, which would take the row out, nor empty")

    def id(self) -> Hashable:
        id = self.values["ID"]
        if id is None:
            raise self.fault("ID", "nobody is named")
        if not isinstance(id, Hashable):
            raise self.fault("ID", f"'{shown(id)}' is no id; a number or a word is")
        return int(id) if isinstance(id, float) and id.is_integer() else id

    def target(self) -> str:
        name = self.values.get("CMT")
        if not isinstance(name, str):
            raise self.fault(
                "CMT",
                f"'{'' if name is None else shown(name)}' names no dose; write 'product/route', such as "
                "augmentation/intravenous, or for a level or setting the input",
            )
        return name.strip()


def _is_missing(value: object) -> bool:
    # NONMEM writes a full stop for nothing, and R writes NA.
    if isinstance(value, str):
        return value.strip() in ("", ".", "NA")
    # Whether pandas' own NA differs from itself cannot be said, so it is asked for first.
    return value is None or type(value).__name__ == "NAType" or bool(value != value)


def _duration(row: _Row, amount: float) -> float:
    """Return the days over which a dose runs in, 0 for one that is given at once."""
    rate = row.number_in("RATE", 0.0)
    said = {c: row.finite(c, 0.0, low=0.0) for c in _OVER}
    over = max(said.values())
    if min(said.values()) and said["DUR"] != said["TINF"]:
        raise row.fault("TINF", f"the dose runs in over {said['DUR']:g} days by DUR")
    if rate == -1 or (rate == -2 and not over):
        what = "rate" if rate == -1 else "duration"
        raise row.fault(
            "RATE",
            f"{rate:g} takes the {what} from the program that the file was written for; write it as a "
            f"number, in {'RATE' if rate == -1 else 'DUR'}",
        )
    if rate == -2:
        return over
    if not 0 <= rate < math.inf:
        raise row.fault("RATE", f"{rate:g} cannot be; a number of 0 or more can")
    if not rate:
        return over
    if not amount:
        raise row.fault("RATE", "nothing runs in at this rate, since there is no amount")
    if over and abs(amount / rate - over) > _SAME * over:
        raise row.fault(
            "RATE", f"at this rate the dose runs in over {amount / rate:g} days, not over {over:g}"
        )
    return over or amount / rate


def _by_weight(row: _Row) -> int:
    power = row.number_in(BY_WEIGHT, 0.0)
    if power not in (-1, 0, 1):
        raise row.fault(BY_WEIGHT, f"{power:g} cannot be; -1, 0 and 1 can")
    return int(power)


class _Person:
    """What the rows of one person say, so far."""

    def __init__(self, run_in: float) -> None:
        self.run_in = run_in
        self.doses: dict[tuple[str, float, float, int], list[float]] = {}
        self.steady: list[tuple[_Row, float]] = []
        self.given: list[tuple[str, float]] = []
        self.settings: dict[str, dict[float, float]] = {}
        self.levels: list[HeldLevel] = []

    def take(self, row: _Row) -> None:
        if row.whole("MDV", 0) > 1:
            raise row.fault("MDV", "this is 0 or 1")
        amount = row.finite("AMT", 0.0, low=0.0)
        # Without EVID NONMEM takes a row with an amount for a dose.
        kind = row.whole("EVID", int(amount != 0))
        if kind not in (0, 1, 2):
            raise row.fault("EVID", f"{kind} cannot be given; 0, 1 and 2 can")
        if kind == 1:
            self._dose(row)
            return
        if amount != 0:
            raise row.fault("AMT", f"a row of EVID {kind} gives nothing, and here is an amount")
        self._input(row, kind)

    def _dose(self, row: _Row) -> None:
        for column in ("LEVEL", "SETTING", "UNTIL"):
            if row.values.get(column) is not None:
                raise row.fault(column, "this belongs to a row of EVID 2, and this is a dose")
        start, amount = row.finite("TIME"), row.finite("AMT", low=0.0)
        more, interval = row.whole("ADDL", 0), row.finite("II", 0.0, low=0.0)
        steady = row.whole("SS", 0)
        if steady > 2:
            raise row.fault("SS", f"{steady} cannot be given; 0, 1 and 2 can")
        if more and not interval > 0:
            raise row.fault("II", f"{more} more doses need an interval above 0")
        if steady and not interval > 0:
            raise row.fault("II", "a steady state needs the interval of its doses, above 0")
        if interval and not more and not steady:
            raise row.fault("ADDL", f"an interval of {interval:g} days says nothing without ADDL")
        before = math.ceil(self.run_in / interval) if steady else 0
        if more >= MOST_DOSES:
            raise row.fault("ADDL", f"{more:,} more doses are too many; {MOST_DOSES:,} can be")
        if before >= MOST_DOSES:
            raise row.fault(
                "II", f"{before:,} doses before a steady state are too many; {MOST_DOSES:,} can be"
            )
        target = row.target()
        kind = (target, amount, _duration(row, amount), _by_weight(row))
        times = self.doses.setdefault(kind, [])
        if steady == 1:
            self.steady.append((row, start))
        self.given += [(target, start + k * interval) for k in range(more + 1)]
        times += [start + k * interval for k in range(-before, more + 1)]

    def _input(self, row: _Row, kind: int) -> None:
        for column in ("ADDL", "II", "SS", "RATE", BY_WEIGHT, *_OVER):
            if row.number_in(column, 0.0) != 0:
                raise row.fault(column, "this belongs to a dose, and nothing is dosed here")
        level, setting = (row.values.get(column) for column in ("LEVEL", "SETTING"))
        if level is None and row.values.get("UNTIL") is not None:
            raise row.fault("UNTIL", "this says how long a LEVEL is held, and there is none")
        if level is None and setting is None:
            row.finite("TIME")
            return
        column = "SETTING" if level is None else "LEVEL"
        if kind != 2 or (level is not None and setting is not None):
            raise row.fault(column, "a LEVEL or a SETTING stands alone in a row of EVID 2")
        start, name = row.finite("TIME"), row.target()
        if level is None:
            course = self.settings.setdefault(name, {})
            value = row.finite("SETTING")
            if course.setdefault(start, value) != value:
                raise row.fault(
                    "SETTING", f"'{name}' is {course[start]:g} at that time in a row before"
                )
            return
        end = row.number_in("UNTIL", math.inf)
        if not end > start:
            raise row.fault("UNTIL", f"day {end:g} does not come after day {start:g}")
        self.levels.append(HeldLevel(name, row.finite("LEVEL", low=0.0), start, end))

    def _alone(self) -> None:
        """Raise InputError where a steady state of SS 1 would wipe out doses given before it."""
        for row, start in self.steady:
            # NONMEM empties every compartment, whatever filled it.
            for name, time in self.given:
                if time < start:
                    raise row.fault(
                        "SS",
                        f"a steady state of 1 would undo what is given of '{name}' before day {start:g}, and what "
                        "is in a body stays there; 2 adds to it",
                    )

    def records(self) -> Records:
        self._alone()
        return Records(
            tuple(
                DoseRecord(dose, amount, tuple(sorted(times)), over, by_weight)
                for (dose, amount, over, by_weight), times in self.doses.items()
            ),
            tuple(
                InputRecord(i, *zip(*sorted(course.items()), strict=True))
                for i, course in self.settings.items()
            ),
            tuple(self.levels),
        )
