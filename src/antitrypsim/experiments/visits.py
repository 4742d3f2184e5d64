"""What was measured of one person, as a value and from a file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from antitrypsim.experiments.values import Cell, endpoint_of, text_table, value_of, values_in
from antitrypsim.foundations.errors import InputError, shown
from antitrypsim.foundations.plain import Plain
from antitrypsim.foundations.provenance import content_hash
from antitrypsim.foundations.units import YEAR
from antitrypsim.populations.possible import NO_CHILDREN, YOUNGEST
from antitrypsim.protocols import noise_of

if TYPE_CHECKING:
    import pandas as pd

MOST = 500
"""Values of one person beyond which a file is taken for another one."""
_BYTES = 5_000_000
_WHEN = ("ADT", "DAY", "ADY", "AGE")
_TEXT = re.compile(
    r"(?P<endpoint>\w+)\s+(?P<value><?[-+.\deE]+)\s*(?P<unit>.*?)\s+(?P<when>at\s+[\d.]+|now)"
)
_READ = ("USUBJID", "PARAMCD", "AVAL", "AVALU", "DTYPE", "ANL01FL")


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
    """What was measured of one person up to today, in order of day.

    ``passed_over`` says what a file held beside it that was not read.
    """

    visits: tuple[Visit, ...]
    passed_over: tuple[str, ...] = field(default=(), compare=False)

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
        rows, "AGE", [row[3] for row in rows], age, lambda k, _: Cell(None, None, "measured")
    )


def read_visits(file: str | Path, age: float) -> History:
    """Return what a file says of a person who is ``age`` years old today.

    CSV, or any other format of trial data. One row a value, with ADaM's names: PARAMCD (or our name of the endpoint),
    AVAL (a number, or '<' and the limit of the assay), AVALU (its unit; or in parentheses at the end of PARAM) and
    one of ADT (a date; the last one is today), DAY (days since today, negative before), ADY (days since anything; the
    last one is today) and AGE (years at the visit). USUBJID may be there, of one person; other columns are passed over. Raises
    InputError with row and column for anything that cannot be.
    """
    frame, left = _table(Path(file))
    path = str(file)
    when = _when(frame, path)
    others = [str(name) for name in frame.columns if name not in (*_READ, when)]
    if others:
        left = (f"{'column' if len(others) == 1 else 'columns'} {', '.join(others)}", *left)
    rows = zip(frame["PARAMCD"], frame["AVAL"], frame["AVALU"], strict=True)
    numbers = [int(k) for k in frame.index]
    found = _history(
        rows, when, [*frame[when]], age, lambda k, column: Cell(path, numbers[k] + 2, column)
    )  # fmt: skip
    return replace(found, passed_over=left)


def _history(
    rows: Iterable[tuple[str, ...]],
    when: str,
    times: Sequence[str],
    age: float,
    cell: Callable[[int, str], Cell],
) -> History:
    """Return rows of endpoint, value and unit as a history; ``cell`` says where one stands."""
    days = _days(times, when, age, cell)
    found: dict[tuple[float, str], float] = {}
    for k, (word, number, unit, *_) in enumerate(rows):
        one = endpoint_of(word, cell(k, "PARAMCD"))
        value = value_of(number, unit, one, cell(k, "AVAL"), cell(k, "AVALU"))
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


def _table(path: Path) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the rows of a file that hold a value, as text, and what was passed over."""
    frame, left = values_in(text_table(path, _BYTES), str(path))
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
    return frame, left


def _when(frame: pd.DataFrame, path: str) -> str:
    """Return the column that says when: a date before a day, and either before an age.

    ADaM's AGE is that at the start and the same in every row; one that changes says when by itself.
    """
    there = [name for name in _WHEN if name in frame.columns]
    if not there:
        raise InputError(f"no column says when; give one of {', '.join(_WHEN)}", path=path)
    if len(there) > 1 and "AGE" in there and frame["AGE"].nunique() > 1:
        raise InputError(
            f"AGE changes from row to row and {there[0]} says when too; keep one of the two",
            path=path,
        )
    return there[0]


def _days(
    times: Sequence[str], when: str, age: float, cell: Callable[[int, str], Cell]
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
    elif when in ("ADT", "ADY"):
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
