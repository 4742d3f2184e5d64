"""Measured values in files, with ADaM's names: an endpoint, a number or '<' and a limit, and its unit."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from antitrypsim.documents.trialdata import FORMATS, read_table
from antitrypsim.endpoints import ENDPOINTS, Endpoint
from antitrypsim.evidence.aat import grams_per_micromole
from antitrypsim.foundations.cells import check_cells
from antitrypsim.foundations.errors import InputError, UnitError, nearest, shown
from antitrypsim.foundations.plural import so_many
from antitrypsim.foundations.units import alike, convert
from antitrypsim.populations.possible import other_units, possible
from antitrypsim.protocols import noise_of

if TYPE_CHECKING:
    import pandas as pd

_PARENTHESES = re.compile(r".*\(([^()]+)\)\s*")
_NO_VALUE = ("", ".", "NA", "NaN")


class Cell(NamedTuple):
    """Where a cell stands; a text of its own has no line."""

    path: str | None
    line: int | None
    column: str

    def error(self, message: str) -> InputError:
        """Return the error that says so there."""
        return InputError(message, path=self.path, line=self.line, key=self.column)


def text_table(file: str | Path, most_bytes: int | None = None) -> pd.DataFrame:
    """Return the cells of a file as text, its columns in capitals; its ending says the format.

    What has another ending is read as CSV. Raises InputError, one sentence, for what is no table.
    """
    path = Path(file)
    if path.suffix.lower() != ".csv" and path.suffix.lower() in FORMATS:
        frame = read_table(path).map(_as_text)
    else:
        frame = _csv(path, most_bytes)
    frame.columns = [str(name).strip().upper() for name in frame.columns]
    for name in frame.columns[frame.columns.duplicated()]:
        raise InputError("the column is there twice", path=str(path), key=shown(name))
    return frame.map(str.strip)


def _as_text(value: object) -> str:
    from pandas import Timestamp, isna

    if value is None or isna(value):  # type: ignore[call-overload]
        return ""
    if isinstance(value, Timestamp):
        return value.date().isoformat()
    # A number of a binary file has all of its digits; a whole one is written as one.
    return f"{value:.0f}" if isinstance(value, float) and value.is_integer() else str(value)


def _csv(path: Path, most_bytes: int | None) -> pd.DataFrame:
    import pandas as pd

    try:
        if most_bytes is not None and path.stat().st_size > most_bytes:
            raise InputError("this is too large for one person's visits", path=str(path))
        with path.open(encoding="utf-8-sig", newline="") as lines:
            check_cells(lines)
        return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
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


def values_in(frame: pd.DataFrame, path: str) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the rows of a table that hold a value as it was measured, with PARAMCD, AVAL and AVALU, and what was left.

    A unit that has no column is the one in parentheses at the end of PARAM, as ADaM writes it. Left are rows
    without a value, rows that were derived (DTYPE, such as a value carried forward) and rows that are not for
    analysis (ANL01FL). Raises InputError where a column is missing.
    """
    frame = frame.copy()
    for name in ("PARAMCD", "AVAL"):
        if name not in frame.columns:
            near = nearest(name, [*frame.columns])
            raise InputError(f"there is no column {name}; it is needed{near}", path=path)
    if "AVALU" not in frame.columns:
        if "PARAM" not in frame.columns:
            near = nearest("AVALU", [*frame.columns])
            raise InputError(f"there is no column AVALU; it is needed{near}", path=path)
        found = frame["PARAM"].str.extract(_PARENTHESES, expand=False)
        frame["AVALU"] = found.fillna("")
    left, kept = [], frame
    for name, what in (
        ("AVAL", "without a value"),
        ("DTYPE", "derived and not measured (DTYPE)"),
        ("ANL01FL", "not for analysis (ANL01FL)"),
    ):
        if name not in kept.columns:
            continue
        out = kept[name].isin(_NO_VALUE)
        if name == "DTYPE":
            out = ~out
        # A flag that no row has says nothing.
        elif name == "ANL01FL" and bool(out.all()):
            continue
        if out.any():
            left.append(f"{so_many(int(out.sum()), 'row')} {what}")
            kept = kept[~out]
    return kept, tuple(left)


def endpoint_of(word: str, where: Cell) -> Endpoint:
    """Return the endpoint that a PARAMCD, or our name, stands for; raise InputError for none that is measured."""
    known = {one.paramcd: one for one in ENDPOINTS.values()} | dict(ENDPOINTS)
    one = known.get(word) or known.get(word.upper()) or known.get(word.lower())
    if one is None:
        raise where.error(f"no endpoint '{shown(word)}'{nearest(word, [*known])}")
    if one.kind != "measurement" or noise_of(one.id).kind == "none":
        raise where.error(
            f"'{one.id}' is not measured with a known noise, so that nothing can be learned from it"
        )
    return one


def value_of(cell: str, unit: str, one: Endpoint, where: Cell, by: Cell) -> float:
    """Return a value in the endpoint's unit of files; its unit stands ``by`` it.

    '<' and the limit of the assay, or less, is half the limit. Raises InputError for what no living adult has.
    """
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


def _converted(number: float, unit: str, one: Endpoint, where: Cell) -> float:
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
