"""Tab separated tables of others, with a sentence for each cell that cannot be."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from antitrypsim.foundations.errors import InputError, nearest, shown
from antitrypsim.interchange.text import text_of

LARGEST = 20_000_000
"""Bytes of the largest table that is read."""
_EMPTY = {"", "nan", "NaN", "NA"}


@dataclass(frozen=True)
class Row:
    """One row of a table: cells by column, and where it stands."""

    cells: Mapping[str, str]
    line: int
    path: str

    def error(self, column: str, message: str) -> InputError:
        """Return the error of one cell."""
        return InputError(message, path=self.path, line=self.line, key=column)

    def text(self, column: str, default: str | None = None) -> str:
        """Return a cell; ``default`` where it is empty or not there, an error without one."""
        found = self.cells.get(column, "").strip()
        if found not in _EMPTY:
            return found
        if default is None:
            raise self.error(column, "this cell is empty; it is needed")
        return default

    def number(self, column: str, default: float | None = None) -> float:
        """Return a cell as a finite number."""
        text = self.text(column, None if default is None else "")
        if text == "":
            assert default is not None
            return default
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise self.error(column, f"'{shown(text)}' is not a number")
        return value

    def several(self, column: str) -> tuple[str, ...]:
        """Return the parts of a cell, which semicolons separate."""
        text = self.text(column, "")
        return tuple(part.strip() for part in text.split(";")) if text else ()


def read_table(file: Path, needs: Sequence[str], known: Iterable[str] | None) -> list[Row]:
    """Return the rows of a table; raise InputError for a column that is missing or unknown.

    ``known`` are the columns that may be there beside those that it ``needs``; None for any.
    """
    text = text_of(file, LARGEST)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter="\t", strict=True)
        lines = [(reader.line_num, cells) for cells in reader if any(c.strip() for c in cells)]
    except csv.Error as problem:
        raise InputError(f"this is not a table of tabs: {problem}", path=str(file)) from problem
    if not lines:
        raise InputError("this table is empty; its first line names the columns", path=str(file))
    columns = [name.strip() for name in lines[0][1]]
    for name in needs:
        if name not in columns:
            raise InputError(f"there is no column '{name}'{nearest(name, columns)}", path=str(file))
    for name in columns:
        if columns.count(name) > 1:
            raise InputError(f"the column '{shown(name)}' is there twice", path=str(file))
        if known is not None and name not in {*needs, *known}:
            raise InputError(f"the column '{shown(name)}' is not supported", path=str(file))
    rows = []
    for line, cells in lines[1:]:
        if len(cells) > len(columns):
            raise InputError(
                f"this row has {len(cells)} cells and there are {len(columns)} columns",
                path=str(file), line=line,
            )  # fmt: skip
        rows.append(Row(dict(zip(columns, cells, strict=False)), line, str(file)))
    return rows


def table_text(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table of tabs; numbers as the shortest text that is read back as them."""

    def cell(value: object) -> str:
        if isinstance(value, float):
            return repr(float(value))
        return " ".join(str(value).split())

    lines = ["\t".join(columns), *("\t".join(cell(v) for v in row) for row in rows)]
    return "\n".join(lines) + "\n"
