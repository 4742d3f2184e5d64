"""What was measured of one person, as a value and from a file."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from antitrypsim.endpoints import ENDPOINTS, Endpoint
from antitrypsim.evidence.aat import grams_per_micromole
from antitrypsim.foundations.cells import check_cells
from antitrypsim.foundations.errors import InputError, UnitError, nearest, shown
from antitrypsim.foundations.plain import Plain
from antitrypsim.foundations.provenance import content_hash
from antitrypsim.foundations.units import YEAR, alike, convert
from antitrypsim.populations.possible import NO_CHILDREN, YOUNGEST, other_units, possible
from antitrypsim.protocols import noise_of

if TYPE_CHECKING:
    import pandas as pd

MOST = 500
"""Values of one person beyond which a file is taken for another one."""
_BYTES = 5_000_000
_WHEN = ("AGE", "DAY", "ADT")
_TEXT = re.compile(
    r"(?P<endpoint>\w+)\s+(?P<value><?[-+.\deE]+)\s*(?P<unit>.*?)\s+(?P<when>at\s+[\d.]+|now)"
)
_COLUMNS = ("USUBJID", "PARAMCD", "AVAL", "AVALU", *_WHEN)


class _Cell(NamedTuple):
    """Where a cell stands; a text of its own has no line."""

    path: str | None
    line: int | None
    column: str

    def error(self, message: str) -> InputError:
        return InputError(message, path=self.path, line=self.line, key=self.column)


@dataclass(frozen=True, order=True)
class Visit:
    """One value: ``day`` since today (0 or negative), the endpoint, and what was seen, in its unit of files.

    A value below the limit of its assay stands for all that lies there.
    """

    day: float
    endpoint: str
    value: float


@dataclass(frozen=True)
class History:
    """What was measured of one person up to today, in order of day."""

    visits: tuple[Visit, ...]

    @property
    def days(self) -> tuple[float, ...]:
        """The days with a value, ascending, each once."""
        return tuple(sorted({one.day for one in self.visits}))

    def to_dict(self) -> Plain:
        """Return plain data."""
        return {"visits": [[v.day, v.endpoint, v.value] for v in self.visits]}

    @property
    def content_hash(self) -> str:
        """Hash of every value."""
        return content_hash(self.to_dict())


def visits_of(texts: Sequence[str], age: float) -> History:
    """Return what texts say of a person who is ``age`` years old today: 'FEV1 2.31 L at 44', 'AATSER 0.31 g/L now'.

    Endpoint (as ``read_visits`` knows them), value or '<' and the limit, unit, and the age in years.
    Raises InputError, one sentence, for anything that cannot be.
    """
    rows = []
    for text in texts:
        found = _TEXT.fullmatch(text.strip())
        if not found:
            raise InputError(
                f"'{shown(text)}' is no measurement; write for example 'FEV1 2.31 L at 44', with the age in years",
                key="measured",
            )
        when = f"{age!r}" if found["when"] == "now" else found["when"][2:].strip()
        rows.append((found["endpoint"], found["value"], found["unit"], when))
    return _history(
        rows, "AGE", [row[3] for row in rows], age, lambda k, _: _Cell(None, None, "measured")
    )


def read_visits(file: str | Path, age: float) -> History:
    """Return what a CSV file says of a person who is ``age`` years old today.

    One row a value, with ADaM's names: PARAMCD (or our name of the endpoint), AVAL (a number, or '<' and the
    limit of the assay), AVALU (its unit) and one of AGE (years at the visit), DAY (days since today, negative
    before) and ADT (a date; the last one is today). USUBJID may be there, of one person. Raises
    InputError with row and column for anything that cannot be.
    """
    frame = _table(Path(file))
    path = str(file)
    when = _when(frame, path)
    rows = zip(frame["PARAMCD"], frame["AVAL"], frame["AVALU"], strict=True)
    return _history(
        rows, when, [*frame[when]], age, lambda k, column: _Cell(path, k + 2, column)
    )  # fmt: skip


def _history(
    rows: Iterable[tuple[str, ...]],
    when: str,
    times: Sequence[str],
    age: float,
    cell: Callable[[int, str], _Cell],
) -> History:
    """Return rows of endpoint, value and unit as a history; ``cell`` says where one stands."""
    days = _days(times, when, age, cell)
    found: dict[tuple[float, str], float] = {}
    for k, (word, number, unit, *_) in enumerate(rows):
        one = _endpoint(word, cell(k, "PARAMCD"))
        value = _value(number, unit, one, cell(k, "AVAL"), cell(k, "AVALU"))
        if found.get((days[k], one.id), value) != value:
            raise cell(k, "AVAL").error(
                f"{one.title} stands there twice for one day, with other values: are these two people?"
            )
        found[days[k], one.id] = value
    history = History(tuple(sorted(Visit(day, id, v) for (day, id), v in found.items())))
    if all(one.value < noise_of(one.endpoint).limit for one in history.visits):
        raise InputError(
            "every value is below the limit of its assay, so that nothing can be learned of the person",
            path=cell(0, "AVAL").path,
        )
    return history


def _table(path: Path) -> pd.DataFrame:
    """Return the cells of a file as text."""
    import pandas as pd

    try:
        if path.stat().st_size > _BYTES:
            raise InputError("this is too large for one person's visits", path=str(path))
        with path.open(encoding="utf-8-sig", newline="") as lines:
            check_cells(lines)
        frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputError("there is no such file", path=str(path)) from None
    except InputError as problem:
        problem.path = str(path)
        raise
    except (
        OSError,
        UnicodeDecodeError,
        pd.errors.ParserError,
        pd.errors.EmptyDataError,
    ) as problem:
        said = str(problem).splitlines()[0]
        raise InputError(f"this cannot be read as a CSV table: {said}", path=str(path)) from None
    frame.columns = pd.Index([str(name).strip().upper() for name in frame.columns])
    for name in frame.columns:
        if name not in _COLUMNS:
            hint = nearest(name, _COLUMNS) or f"; there can be {', '.join(_COLUMNS)}"
            raise InputError(f"nothing reads a column '{shown(name)}'{hint}", path=str(path))
    for name in ("PARAMCD", "AVAL", "AVALU"):
        if name not in frame.columns:
            raise InputError(f"there is no column {name}; it is needed", path=str(path))
    frame = frame.map(str.strip)
    if not 1 <= len(frame) <= MOST:
        said = f"it holds {len(frame):,} values; between 1 and {MOST} can be"
        raise InputError(said, path=str(path))
    people = frame["USUBJID"].unique() if "USUBJID" in frame.columns else ()
    if len(people) > 1:
        raise InputError(
            f"the file holds {len(people)} people; keep the rows of one",
            path=str(path),
            key="USUBJID",
        )
    return frame


def _when(frame: pd.DataFrame, path: str) -> str:
    there = [name for name in _WHEN if name in frame.columns]
    if len(there) != 1:
        raise InputError(
            f"{' and '.join(there) or 'no column'} says when; give one of {', '.join(_WHEN)}",
            path=path,
        )
    return there[0]


def _days(
    times: Sequence[str], when: str, age: float, cell: Callable[[int, str], _Cell]
) -> list[float]:
    """Return the day of each row since today."""
    found = []
    for k, said in enumerate(times):
        try:
            found.append(
                float(date.fromisoformat(said).toordinal()) if when == "ADT" else float(said)
            )
        except ValueError:
            what = "a date such as 2026-03-01" if when == "ADT" else "a number"
            raise cell(k, when).error(f"'{shown(said)}' is not {what}") from None
    if when == "AGE":
        found = [(own - age) * YEAR for own in found]
    elif when == "ADT":
        found = [day - max(found) for day in found]
    for k, day in enumerate(found):
        if not day <= 0.5:
            raise cell(k, when).error(f"'{times[k]}' lies after today, at the age of {age:g}")
        if not day / YEAR + age >= YOUNGEST:
            raise cell(k, when).error(
                f"'{times[k]}' lies before the age of {YOUNGEST:g}, from which a life is simulated: "
                f"{NO_CHILDREN}"
            )
    # Visits of one day, whatever hour: an age in years with two decimals is a day and more.
    return [min(round(day, 1), 0.0) for day in found]


def _endpoint(word: str, where: _Cell) -> Endpoint:
    known = {one.paramcd: one for one in ENDPOINTS.values()} | dict(ENDPOINTS)
    one = known.get(word) or known.get(word.upper()) or known.get(word.lower())
    if one is None:
        raise where.error(f"no endpoint '{shown(word)}'{nearest(word, [*known])}")
    if one.kind != "measurement" or noise_of(one.id).kind == "none":
        raise where.error(
            f"'{one.id}' is not measured with a known noise, so that nothing can be learned from it"
        )
    return one


def _value(cell: str, unit: str, one: Endpoint, where: _Cell, by: _Cell) -> float:
    """Return a value in the endpoint's unit of files; its unit stands ``by`` it."""
    try:
        number = float(cell.removeprefix("<"))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise where.error(f"'{shown(cell)}' is not a number")
    value = _converted(number, unit, one, by)
    least, most = possible(one.id)
    for end, side in ((least, "below"), (most, "above")):
        if end.value is not None and (value < end.value if side == "below" else value > end.value):
            raise where.error(
                f"{one.title} of {value:.4g} {one.unit} is {side} {end.value:g}: {end.why}"
                + _slip(one.id, number, least.value, most.value)
            )
    if not cell.startswith("<"):
        return value
    limit = noise_of(one.id).limit
    if not limit or value > limit * (1 + 1e-6):
        raise where.error(
            f"'{shown(cell)}': the assay of {one.title} "
            + (f"reads from {limit:g} {one.unit} on" if limit else "has no limit")
        )
    return 0.5 * limit


def _converted(number: float, unit: str, one: Endpoint, where: _Cell) -> float:
    """Return a number of some unit in that of the endpoint; AAT may be in grams."""
    if not unit:
        raise where.error(f"the unit is missing; {one.title} is told in {one.unit}")
    if unit in (one.unit, one.formal_unit):
        return number
    grams = one.formal_unit == "µM" and "AAT" in one.title
    try:
        if grams and alike(unit, "g/L"):
            return convert(number, unit, "g/L") / grams_per_micromole()
        return convert(number, unit, one.formal_unit)
    except UnitError:
        raise where.error(
            f"'{shown(unit)}' is no unit of {one.title}; it is told in {one.unit}"
        ) from None


def _slip(id: str, number: float, least: float | None, most: float | None) -> str:
    """Return a guess at the unit that was meant."""
    if least is None or most is None:
        return ""
    fits: Sequence[str] = [
        unit for unit, factor in other_units(id).items() if least < number * factor < most
    ]
    return f"; if it is in {fits[0]}, say so" if fits else ""
