"""The rows of one's own trial or cohort as people: what was seen of each, in which arm, and until when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from antitrypsim.endpoints import endpoint
from antitrypsim.experiments.values import Cell, endpoint_of, text_table, value_of, values_in
from antitrypsim.foundations.arrays import Floats, Ints, Mask
from antitrypsim.foundations.errors import InputError, nearest, shown
from antitrypsim.foundations.plural import so_many
from antitrypsim.foundations.provenance import content_hash
from antitrypsim.foundations.units import YEAR
from antitrypsim.populations.possible import OLDEST, YOUNGEST
from antitrypsim.protocols import Protocol, noise_of
from antitrypsim.protocols.assessments import MeasurementNoise

if TYPE_CHECKING:
    import pandas as pd

MOST_COLUMNS = 16
"""Endpoints times visits that are held against the model together; more visits are thinned."""
_ARMS = ("ARM", "TRT01P", "TRTP", "TRT01A", "TRTA", "ACTARM")
_SEX = {"M": 1.0, "MALE": 1.0, "F": 0.0, "FEMALE": 0.0}
_STARTS = ("RANDDT", "TRTSDT")
_NEAR, _NEAR_SHARE = 3.0, 0.05
"""A row belongs to a visit within so many days, and so much of the time since randomisation."""
_SCREENING = 31.0
_CENTIMETRES = 3.0
_DEATH = ("DTHDY", "DTHFL", "EOSSTT")
_READ = (
    "USUBJID", "PARAMCD", "AVAL", "AVALU", "PARAM", "DTYPE", "ANL01FL", "AGE", "SEX", "HEIGHT", "HEIGHTBL",
    "EOSDY", *_DEATH,
)  # fmt: skip


@dataclass(frozen=True, order=True)
class Column:
    """An endpoint on a day since randomisation."""

    endpoint: str
    day: float

    @property
    def logarithmic(self) -> bool:
        """Whether it is told as a logarithm: where measurement errs by a share, people differ by shares too."""
        return noise_of(self.endpoint).kind == "relative"

    def scaled(self, values: Floats) -> Floats:
        """Return values in the endpoint's unit on the scale on which they are held against the model."""
        if not self.logarithmic:
            return np.asarray(values, dtype=np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(values > 0, np.log(np.where(values > 0, values, 1.0)), np.nan)

    def plain(self, scaled: Floats) -> Floats:
        """Return values in the endpoint's unit."""
        return np.exp(scaled) if self.logarithmic else np.asarray(scaled)


@dataclass(frozen=True, eq=False)
class TrialData:
    """People by endpoint and day.

    ``values`` (people, columns), on the scale of each column, NaN where nothing was measured; of what is ``below`` the limit
    of an assay the limit. ``arm`` (people,) numbers ``arms``. ``followed`` are days until death, leaving or the end, and
    ``died`` says who did, both None where the data do not say; ``covariates`` are known of everybody. ``left`` says
    what was not used and why; ``rows`` counts the values that were.
    """

    arms: tuple[str, ...]
    columns: tuple[Column, ...]
    ids: tuple[str, ...]
    arm: Ints
    values: Floats
    below: Mask
    followed: Floats | None
    died: Mask | None
    covariates: Mapping[str, Floats]
    left: tuple[str, ...]

    @property
    def rows(self) -> int:
        """How many values are used."""
        return int(np.isfinite(self.values).sum())

    @property
    def content_hash(self) -> str:
        """Hash of everything that a fit reads."""
        return content_hash(
            [self.arms, [[c.endpoint, c.day] for c in self.columns], self.arm, self.values, self.below,
             self.followed, self.died, dict(self.covariates)]
        )  # fmt: skip

    def of(self, arm: int) -> tuple[Ints, Ints]:
        """Return the people of an arm, and the columns that anybody of it has."""
        people = np.flatnonzero(self.arm == arm)
        return people, np.flatnonzero(np.isfinite(self.values[people]).any(axis=0))


def noise_in(protocol: Protocol, id: str) -> MeasurementNoise:
    """Return the noise of an endpoint as the protocol has it measured."""
    own = [each.noise for each in protocol.assessments if each.endpoint == id]
    return noise_of(id, own[0] if own else None)


def read_trial(
    file: str | Path, protocol: Protocol, subjects: str | Path | None = None
) -> TrialData:
    """Return what a long table says of the people of a protocol.

    One row a value, with ADaM's names or those of a run folder's visits: USUBJID, the arm (ARM, TRT01P, TRTP; by its id or title;
    not needed of one arm), PARAMCD, AVAL, AVALU (or in parentheses at the end of PARAM), and when: ADY (days of a study, or
    days since randomisation where any is 0), DAY (since randomisation), AVISIT (the id of a visit), or ADT with RANDDT or
    TRTSDT. AGE, SEX and HEIGHT are made use of where everybody has them; DTHDY, DTHFL, EOSSTT and EOSDY say who died and left when.
    ``subjects`` is an ADSL that is joined by USUBJID. Raises InputError, one sentence with row and column, for what cannot be.
    """
    path = str(file)
    table = text_table(file)
    if not len(table):
        raise InputError("it holds no rows", path=path)
    if "USUBJID" not in table.columns:
        raise InputError("there is no column USUBJID, so nobody knows whose the rows are", path=path)  # fmt: skip
    if subjects is not None:
        table = _joined(table, text_table(subjects), path, str(subjects))
    rows, left = values_in(table, path)
    if not len(rows):
        raise InputError("no row holds a value that was measured", path=path)
    reader = _Reader(rows, protocol, path)
    others = [
        str(n) for n in table.columns if n not in (*_READ, reader.when, reader.named, *_STARTS)
    ]
    if others:
        left = (
            f"{'column' if len(others) == 1 else 'columns'} {', '.join(others)}: not read",
            *left,
        )
    return reader.read(list(left))


def _joined(rows: pd.DataFrame, subjects: pd.DataFrame, path: str, other: str) -> pd.DataFrame:
    if "USUBJID" not in subjects.columns:
        raise InputError("there is no column USUBJID", path=other)
    twice = np.flatnonzero(subjects["USUBJID"].duplicated())
    if twice.size:
        k = int(twice[0])
        raise Cell(other, k + 2, "USUBJID").error(f"'{shown(subjects['USUBJID'].iloc[k])}' stands there twice")  # fmt: skip
    unknown = ~rows["USUBJID"].isin(subjects["USUBJID"])
    if unknown.any():
        k = int(np.flatnonzero(unknown)[0])
        raise Cell(path, k + 2, "USUBJID").error(
            f"'{shown(rows['USUBJID'].iloc[k])}' is not among the subjects of {other}"
        )
    for name in ("ARM", "SEX"):
        if name in rows.columns and name in subjects.columns:
            theirs = rows["USUBJID"].map(subjects.set_index("USUBJID")[name])
            if (wrong := np.flatnonzero(theirs != rows[name])).size:
                k = int(wrong[0])
                raise Cell(path, k + 2, name).error(
                    f"'{shown(rows[name].iloc[k])}' is '{shown(theirs.iloc[k])}' in {other}"
                )
    new = [name for name in subjects.columns if name not in rows.columns]
    return rows.merge(subjects[["USUBJID", *new]], on="USUBJID", how="left")


class _Reader:
    """Rows of values as they are read for a protocol."""

    def __init__(self, rows: pd.DataFrame, protocol: Protocol, path: str) -> None:
        self.rows, self.protocol, self.path = rows, protocol, path
        self.lines = [int(k) + 2 for k in rows.index]
        self.ids = [*rows["USUBJID"]]
        self.named = next((name for name in _ARMS if name in rows.columns), "")
        self.when = next((n for n in ("ADY", "DAY", "ADT", "AVISIT") if n in rows.columns), "")
        if not self.when:
            raise InputError("no column says when; give ADY, DAY, ADT or AVISIT", path=path)
        if blank := next((k for k, id in enumerate(self.ids) if not id), None):
            raise self.cell(blank, "USUBJID").error("it is empty")

    def cell(self, row: int, column: str) -> Cell:
        return Cell(self.path, self.lines[row], column)

    def read(self, left: list[str]) -> TrialData:
        people = list(dict.fromkeys(self.ids))
        arms = self.arms()
        days = self.days()
        age = self.ages(days)
        sex = self.one_each("SEX")
        whole = self.values(days)
        died, followed = self.ends(people, days)
        seen, columns = self.columns(days, whole, people, left)
        number = {id: k for k, id in enumerate(people)}
        values = np.full((len(people), len(columns)), np.nan)
        below = np.zeros(values.shape, dtype=bool)
        limits = {id: noise_in(self.protocol, id).limit for id in {c.endpoint for c in columns}}
        at = {column: j for j, column in enumerate(columns)}
        for (id, column), value in seen.items():
            i, j, limit = number[id], at[column], limits[column.endpoint]
            below[i, j] = value < limit
            values[i, j] = column.scaled(np.array(max(value, limit)))
        if not np.isfinite(values).any():
            raise InputError("no value can be held against the model on its scale", path=self.path)
        if (below | ~np.isfinite(values)).all():
            raise InputError(
                "every value is below the limit of its assay, so that nothing can be learned",
                path=self.path, key="AVAL",
            )  # fmt: skip
        kept = np.flatnonzero(np.isfinite(values).any(axis=1) | (died is not None))
        if idle := len(people) - kept.size:
            left.append(f"{so_many(idle, 'person', 'people')} without a value that is used")
        order = [a.id for a in self.protocol.arms if a.id in set(arms.values())]
        covariates = self.covariates(people, age, sex)
        return TrialData(
            tuple(order), columns, tuple(people[k] for k in kept),
            np.array([order.index(arms[people[k]]) for k in kept], dtype=np.int64),
            values[kept], below[kept],
            None if followed is None else followed[kept], None if died is None else died[kept],
            {name: each[kept] for name, each in covariates.items()}, tuple(left),
        )  # fmt: skip

    def one_each(self, name: str, known: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return what a column says of each person, by what ``known`` words mean; raise InputError where it says two things."""
        found: dict[str, str] = {}
        if name not in self.rows.columns:
            return found
        for k, (id, word) in enumerate(zip(self.ids, self.rows[name], strict=True)):
            if known is not None:
                word = known[word.lower()]
            if word and found.setdefault(id, word) != word:
                raise self.cell(k, name).error(
                    f"'{shown(id)}' is '{shown(word)}' here and '{shown(found[id])}' before: are these two people?"
                )
        return found

    def arms(self) -> dict[str, str]:
        known = {a.id.lower(): a.id for a in self.protocol.arms}
        known |= {a.title.lower(): a.id for a in self.protocol.arms if a.title}
        if not self.named:
            if len(self.protocol.arms) > 1:
                raise InputError(
                    f"no column says the arm; give ARM or TRT01P, one of {', '.join(a.id for a in self.protocol.arms)}",
                    path=self.path,
                )
            return dict.fromkeys(self.ids, self.protocol.arms[0].id)
        for k, word in enumerate(self.rows[self.named]):
            if word.lower() not in known:
                ids = [a.id for a in self.protocol.arms]
                raise self.cell(k, self.named).error(
                    f"the protocol has no arm '{shown(word)}'" + (nearest(word, ids) or f"; it has {', '.join(ids)}")
                )  # fmt: skip
        return self.one_each(self.named, known)

    def number(self, k: int, name: str, *, empty: bool = False) -> float:
        word = self.rows[name].iloc[k]
        if empty and word in ("", "."):
            return float("nan")
        try:
            found = float(word)
        except ValueError:
            found = float("inf")
        if not np.isfinite(found):
            raise self.cell(k, name).error(f"'{shown(word)}' is not a number")
        return found

    def days(self) -> Floats:
        """Return the day of each row since randomisation, of a visit of the protocol where one is near."""
        n = len(self.rows)
        if self.when == "AVISIT":
            known = self.protocol.visit_days()
            for k, word in enumerate(self.rows["AVISIT"]):
                if word not in known:
                    raise self.cell(k, "AVISIT").error(
                        f"the protocol has no visit '{shown(word)}'{nearest(word, [*known])}; or say the day in ADY"
                    )
            return np.array([known[word] for word in self.rows["AVISIT"]])
        if self.when == "ADT":
            found = self.dates()
        else:
            found = np.array([self.number(k, self.when) for k in range(n)])
            if self.when == "ADY" and not (found == 0).any():
                # A study has no day 0: day 1 is that of randomisation.
                found = np.where(found > 0, found - 1, found)
        visits = np.array([*self.protocol.visit_days().values()])
        first, last = min(0.0, float(visits.min())), self.protocol.length_days
        nearby = visits[np.abs(found[:, None] - visits).argmin(axis=1)]
        near = np.abs(found - nearby) <= _NEAR + _NEAR_SHARE * np.abs(nearby)
        snapped = np.where(near, nearby, np.where((found < 0) & (found >= -_SCREENING), 0.0, found))
        for k in range(n):
            if not first - 0.5 <= snapped[k]:
                born = " and before they were born" if found[k] < -OLDEST * YEAR else ""
                raise self.cell(k, self.when).error(
                    f"'{shown(self.rows[self.when].iloc[k])}' is {-found[k]:.0f} days before randomisation{born}; the "
                    f"protocol begins on day {first:g}"
                )
            if snapped[k] > last + 0.5:
                raise self.cell(k, self.when).error(
                    f"'{shown(self.rows[self.when].iloc[k])}' is after the end of the protocol on day {last:g}; make it longer"
                )
        return np.minimum(snapped, last)

    def dates(self) -> Floats:
        start = next((name for name in _STARTS if name in self.rows.columns), None)
        if start is None:
            raise InputError(
                "ADT is a date, and no RANDDT or TRTSDT says when each began; give one, or the days in ADY",
                path=self.path,
            )

        def ordinal(k: int, name: str) -> int:
            word = self.rows[name].iloc[k]
            try:
                return date.fromisoformat(word[:10]).toordinal()
            except ValueError:
                raise self.cell(k, name).error(f"'{shown(word)}' is not a date such as 2026-03-01") from None  # fmt: skip

        rows = range(len(self.rows))
        return np.array([float(ordinal(k, "ADT") - ordinal(k, start)) for k in rows])

    def ages(self, days: Floats) -> dict[str, float]:
        """Return each person's age in years at the first row; ADaM's does not change."""
        found: dict[str, float] = {}
        if "AGE" not in self.rows.columns:
            return found
        for k, id in enumerate(self.ids):
            age = self.number(k, "AGE", empty=True)
            if np.isnan(age):
                continue
            if not age + days[k] / YEAR >= YOUNGEST or not age <= OLDEST:
                raise self.cell(k, "AGE").error(
                    f"somebody of {age:g} on day {days[k]:g} cannot be; ages are from {YOUNGEST:g} to {OLDEST:g} years"
                )
            found.setdefault(id, age)
        return found

    def values(self, days: Floats) -> list[tuple[str, float]]:
        """Return the endpoint and the value of each row, in its unit."""
        found: list[tuple[str, float]] = []
        seen: dict[tuple[str, str, str], float] = {}
        exact = self.rows[self.when]
        cells = zip(self.rows["PARAMCD"], self.rows["AVAL"], self.rows["AVALU"], strict=True)
        for k, (word, number, unit) in enumerate(cells):
            one = endpoint_of(word, self.cell(k, "PARAMCD"))
            value = value_of(number, unit, one, self.cell(k, "AVAL"), self.cell(k, "AVALU"))
            key = (self.ids[k], one.id, exact.iloc[k])
            if seen.setdefault(key, value) != value:
                raise self.cell(k, "AVAL").error(
                    f"{one.title} of '{shown(self.ids[k])}' stands there twice for one time, with other values: are these two people?"
                )
            found.append((one.id, value))
        return found

    def columns(
        self,
        days: Floats,
        whole: Sequence[tuple[str, float]],
        people: Sequence[str],
        left: list[str],
    ) -> tuple[dict[tuple[str, Column], float], tuple[Column, ...]]:
        """Return one value a person and column, and the columns, thinned where there are too many."""
        wanted = {id: [a.day for a in _grid(days, whole, id)] for id in {e for e, _ in whole}}
        most = MOST_COLUMNS // len(wanted)
        if most < 1:
            raise InputError(
                f"{len(wanted)} endpoints are more than are held against the model together; keep {MOST_COLUMNS} or fewer",
                path=self.path, key="PARAMCD",
            )  # fmt: skip
        seen: dict[tuple[str, Column], float] = {}
        again = thinned = 0
        kept = {id: _spread(sorted(set(each)), most) for id, each in wanted.items()}
        for k, (id, value) in enumerate(whole):
            day = _nearest(wanted[id], days[k])
            if day not in kept[id]:
                thinned += 1
            elif (self.ids[k], Column(id, day)) in seen:
                again += 1
            else:
                seen[self.ids[k], Column(id, day)] = value
        if thinned:
            left.append(
                f"{so_many(thinned, 'value')} at visits between others: of each endpoint {so_many(most, 'visit')} "
                "are held against the model"
            )
        if again:
            left.append(
                f"{so_many(again, 'value')} of a visit that the person has a value of before"
            )
        return seen, tuple(sorted({column for _, column in seen}))

    def ends(self, people: Sequence[str], days: Floats) -> tuple[Mask | None, Floats | None]:
        """Return who died, and until which day each was followed; None where nothing says so."""
        there = [name for name in _DEATH if name in self.rows.columns]
        if not there:
            return None, None
        died = np.zeros(len(people), dtype=bool)
        followed = np.zeros(len(people))
        at = {id: k for k, id in enumerate(people)}
        for k, id in enumerate(self.ids):
            i = at[id]
            followed[i] = max(followed[i], days[k])
        for name in ("EOSDY", "DTHDY"):
            if name in self.rows.columns:
                for k, id in enumerate(self.ids):
                    day = self.number(k, name, empty=True)
                    if np.isnan(day):
                        continue
                    i = at[id]
                    if name == "DTHDY":
                        died[i] = True
                        if days[k] > day + _NEAR + _NEAR_SHARE * day:
                            raise self.cell(k, self.when).error(
                                f"'{shown(id)}' is measured on day {days[k]:g} and died on day {day:g}"
                            )
                        followed[i] = day
                    else:
                        followed[i] = max(followed[i], day)
        for id, word in self.one_each("DTHFL").items():
            died[at[id]] |= word == "Y"
        for id, word in self.one_each("EOSSTT").items():
            died[at[id]] |= word.upper() in ("DIED", "DEATH")
        return died, np.minimum(followed, self.protocol.length_days)

    def covariates(
        self, people: Sequence[str], age: Mapping[str, float], sex: Mapping[str, str]
    ) -> dict[str, Floats]:
        """Return what is known of everybody and explains some of how they differ."""
        found: dict[str, Floats] = {}
        if all(id in age for id in people):
            found["age"] = np.array([age[id] for id in people])
        if all(sex.get(id, "").upper() in _SEX for id in people):
            found["male"] = np.array([_SEX[sex[id].upper()] for id in people])
        name = next((n for n in ("HEIGHTBL", "HEIGHT") if n in self.rows.columns), None)
        if name is not None:
            own = {id: self.number(k, name, empty=True) for k, id in enumerate(self.ids)}
            tall = np.array([own[id] for id in people])
            if np.isfinite(tall).all():
                found["height"] = np.where(tall > _CENTIMETRES, tall / 100, tall)
        return found


def _grid(days: Floats, whole: Sequence[tuple[str, float]], id: str) -> list[Column]:
    """Return the days on which an endpoint is held against the model: those that are near each other are one."""
    own = sorted({float(days[k]) for k, (e, _) in enumerate(whole) if e == id})
    found: list[float] = []
    for day in own:
        if not found or day - found[-1] > _NEAR + _NEAR_SHARE * abs(found[-1]):
            found.append(day)
    return [Column(id, day) for day in found]


def _nearest(days: Sequence[float], day: float) -> float:
    return min(days, key=lambda each: abs(each - day))


def _spread(days: Sequence[float], most: int) -> set[float]:
    """Return at most so many of the days, the first and the last among them."""
    if len(days) <= most:
        return set(days)
    if most == 1:
        return {days[-1]}
    return {days[round(k * (len(days) - 1) / (most - 1))] for k in range(most)}


def title_of(column: Column) -> str:
    """Return a column in words."""
    return f"{endpoint(column.endpoint).title} on day {column.day:g}"
