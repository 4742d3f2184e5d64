"""What a table of comma-separated cells must be before anything reads it: as many cells as names in every row."""

from __future__ import annotations

import csv
from collections.abc import Iterable

from antitrypsim.foundations.errors import InputError, shown

_OTHERS = {";": "semicolons", "\t": "tabs", " ": "spaces"}
"""What others separate cells by."""


def check_cells(lines: Iterable[str], *, before: int = 0) -> None:
    """Raise InputError, one sentence with the line, for a table whose cells do not stand under its names.

    ``lines`` begin with the names; ``before`` lines stand above them in the file. Readers of tables take a row of too
    many cells for one with a name in front and so move all cells by one column, fill a row of too few, and take the
    first of two columns of one name; none of them says so.
    """
    reader = csv.reader(lines, strict=True)
    try:
        names = [name.strip() for name in next(reader, [])]
        if not any(names):
            raise InputError("this is no table: it is empty, and its first line names the columns")
        if len(names) == 1:
            for mark, word in _OTHERS.items():
                if mark in names[0]:
                    raise InputError(
                        f"the cells are separated by {word}; save the table with commas between them, and with "
                        "decimal points"
                    )
        seen: set[str] = set()
        for name in names:
            if name and name.upper() in seen:
                raise InputError("the column is there twice", key=shown(name))
            seen.add(name.upper())
        number = 0
        for cells in reader:
            if not any(cell.strip() for cell in cells) and len(cells) < 2:
                continue
            number += 1
            if len(cells) != len(names):
                raise InputError(
                    f"row {number} has {len(cells)} cells, and there are {len(names)} columns",
                    line=before + reader.line_num,
                )
    except csv.Error as problem:
        raise InputError(
            f"this is not a table of commas: {problem}", line=before + reader.line_num
        ) from problem
