"""Files of trial data as frames: CSV, Parquet, SAS, XPT, Dataset-JSON and NDJSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import TYPE_CHECKING, Any

from antitrypsim.foundations.cells import check_cells
from antitrypsim.foundations.errors import InputError, reason_of, shown

if TYPE_CHECKING:
    import pandas as pd

FORMATS = (".csv", ".parquet", ".xpt", ".sas7bdat", ".json", ".ndjson")

MOST_BYTES = 2**29
"""The largest file that is read at once: text of this size takes several GB as a frame."""

_MISSING = ("", ".", "NA", "N/A", "NaN", "nan", "NULL", "null", "<NA>")
"""What is a missing value in CSV, as SAS, R, databases and pandas write it; None is not: an arm may be called so."""

_NUMBERS = ("integer", "decimal", "float", "double")
_TYPES = (*_NUMBERS, "string", "boolean", "date", "datetime", "time", "URI")
_PANDAS_ZERO = 16.0**-65
_XPT_MEMBER, _XPT_NAMES, _XPT_ROWS = (
    b"HEADER RECORD*******" + word.ljust(8) + b"HEADER RECORD!!!!!!!"
    for word in (b"MEMBER", b"NAMESTR", b"OBS")
)
_XPT = b"HEADER RECORD*******LIB"
_XPT_OLD = b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!"


def read_table(file: str | Path) -> pd.DataFrame:
    """Return the rows of a file; its ending says the format.

    Text is UTF-8; an empty cell is missing. Of SAS dates, numbers are kept as they are. Raises
    InputError, one sentence, for what cannot be read as a table.
    """
    path = Path(file)
    ending = path.suffix.lower()
    if ending not in FORMATS:
        raise InputError(f"a file of trial data ends in {', '.join(FORMATS)}", path=str(file))
    readers: Mapping[str, Callable[[Path], pd.DataFrame]] = {
        ".csv": _csv, ".parquet": _parquet, ".xpt": _xpt, ".sas7bdat": _sas,
        ".json": _json, ".ndjson": _ndjson,
    }  # fmt: skip
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError(
                f"the file has more than {MOST_BYTES // 2**20} MB, which is too much at once; keep "
                "the rows of one parameter",
                path=str(file),
            )
        found = readers[ending](path)
    except OSError as problem:
        raise InputError(
            f"the file cannot be read: {reason_of(problem)}", path=str(file)
        ) from problem
    except UnicodeDecodeError as problem:
        raise InputError(
            "the text is not UTF-8; save the file as UTF-8", path=str(file)
        ) from problem
    except InputError as problem:
        problem.path = problem.path or str(file)
        raise
    except RecursionError as problem:
        raise InputError("this is no table: it is nested too deeply", path=str(file)) from problem
    except Exception as problem:
        # pandas and its readers have dozens of errors for what is no table.
        first = str(problem).splitlines()[0] if str(problem) else type(problem).__name__
        raise InputError(f"this is no table: {first}", path=str(file)) from problem
    return found


def _csv(path: Path) -> pd.DataFrame:
    import pandas as pd

    with path.open(encoding="utf-8-sig", newline="") as lines:
        check_cells(lines)
    return pd.read_csv(path, keep_default_na=False, na_values=_MISSING)


def _parquet(path: Path) -> pd.DataFrame:
    import pandas as pd

    found = pd.read_parquet(path)
    # Ids may have been the index of a frame, which is no column until it is said to be.
    return found.reset_index() if any(found.index.names) else found


def _sas(path: Path) -> pd.DataFrame:
    import pandas as pd

    return _texts(pd.read_sas(path, encoding="utf-8"))


def _xpt(path: Path) -> pd.DataFrame:
    with path.open("rb") as stream:
        head = stream.read(len(_XPT_OLD))
    if not head.startswith(_XPT):
        raise InputError("this is no SAS transport file; its first words are others")
    if head != _XPT_OLD:
        raise InputError(
            "this is a transport file of version 8, and version 5 is read; write it with PROC COPY "
            "and the engine XPORT, or as Dataset-JSON"
        )
    if path.stat().st_size % 80:
        raise InputError("the file is cut off: a transport file is made of records of 80 bytes")
    _one_whole(path)
    found = _sas(path)
    for name in found.columns:
        if found[name].dtype.kind == "f":
            # pandas reads a 0 of these files as the smallest number that they can hold.
            found[name] = found[name].where(found[name].abs() != _PANDAS_ZERO, 0.0)
    return found


def _one_whole(path: Path) -> None:
    """Raise InputError for a transport file that is cut off within a row, or that holds several data sets.

    The format does not say how many rows there are: what stands after the last whole row is blank, or part of a row.
    """
    with path.open("rb") as stream, mmap(stream.fileno(), 0, access=ACCESS_READ) as data:
        member, names, rows = (data.find(each) for each in (_XPT_MEMBER, _XPT_NAMES, _XPT_ROWS))
        if not 0 < member < names < rows:
            raise InputError("the file is cut off: it ends before its first row")
        if data.rfind(_XPT_MEMBER) != member:
            raise InputError(
                "the file holds several data sets, and one is read; write each to a file"
            )
        try:
            size, count = int(data[member + 74 : member + 78]), int(data[names + 54 : names + 58])
            starts = range(names + 80, names + 80 + size * count, size)
            width = sum(int.from_bytes(data[k + 4 : k + 6], "big") for k in starts)
        except ValueError as problem:
            raise InputError(
                "what this transport file says of its columns cannot be read"
            ) from problem
        over = (len(data) - rows - 80) % width if width else 0
        if over and data[len(data) - over :].strip(b" \0"):
            raise InputError("the file is cut off: it ends within a row")


def _texts(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame from SAS, whose empty text is a missing value."""
    for name in frame.columns:
        if frame[name].dtype == object or str(frame[name].dtype) in ("str", "string"):
            frame[name] = frame[name].where(frame[name] != "", None)
    return frame


def _json(path: Path) -> pd.DataFrame:
    whole = _parsed(path.read_text(encoding="utf-8"), "the file")
    if not isinstance(whole, dict) or not isinstance(whole.get("rows"), list):
        raise InputError("this is no Dataset-JSON: it has no list of rows under 'rows'")
    return _frame(whole, whole["rows"])


def _ndjson(path: Path) -> pd.DataFrame:
    lines = path.read_text(encoding="utf-8").splitlines()
    parsed = [_parsed(line, f"line {k + 1}") for k, line in enumerate(lines) if line.strip()]
    if not parsed or not isinstance(parsed[0], dict):
        raise InputError("this is no NDJSON of a data set: its first line does not say what it is")
    return _frame(parsed[0], parsed[1:])


def _parsed(text: str, where: str) -> Any:
    try:
        return json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as problem:
        raise InputError(f"{where} is no JSON or is cut off: {problem.msg.lower()}") from problem


def _no_constant(word: str) -> Any:
    raise InputError(f"'{word}' stands for a number, and JSON has no such number; null is missing")


def _frame(head: Mapping[str, Any], rows: list[Any]) -> pd.DataFrame:
    """Return rows under the columns that the head of a Dataset-JSON names."""
    import pandas as pd

    columns = head.get("columns")
    if not isinstance(columns, list) or not all(
        isinstance(c, dict) and isinstance(c.get("name"), str) for c in columns
    ):
        raise InputError("this is no Dataset-JSON: 'columns' names no columns")
    names = [c["name"] for c in columns]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"the column '{shown(name)}' is there twice", key="columns")
    for k, row in enumerate(rows):
        if not isinstance(row, list) or len(row) != len(names):
            raise InputError(f"row {k + 1} does not have {len(names)} values, as there are columns")
    stated = head.get("records")
    if isinstance(stated, int) and stated != len(rows):
        raise InputError(f"the file says {stated:,} records and holds {len(rows):,}; it is cut off")
    found = {}
    for k, column in enumerate(columns):
        kind = column.get("dataType")
        if kind not in _TYPES:
            raise InputError(f"'{shown(kind)}' is no type of Dataset-JSON", key=names[k])
        values = [row[k] for row in rows]
        if kind in _NUMBERS:
            found[names[k]] = pd.Series(
                [_number(v, names[k], r) for r, v in enumerate(values)], dtype=float
            )
        else:
            found[names[k]] = pd.Series(
                [_word(v, names[k], r) for r, v in enumerate(values)], dtype=object
            )
    return pd.DataFrame(found, columns=names)


def _number(value: Any, name: str, row: int) -> float:
    if value is None or value == "":
        return float("nan")
    try:
        # A decimal is written as text, so that no digit is lost.
        if isinstance(value, bool):
            raise ValueError
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"row {row + 1}: '{shown(value)}' is not a number", key=name) from None


def _word(value: Any, name: str, row: int) -> Any:
    if isinstance(value, list | dict):
        raise InputError(f"row {row + 1}: '{shown(value)}' is not one value", key=name)
    return None if value == "" else value
