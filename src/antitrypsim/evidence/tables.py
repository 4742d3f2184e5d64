"""Read the packaged tables of text."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from antitrypsim.foundations.errors import EvidenceError


def read_lines(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the line and the cells, by column, of each row of a csv file with exactly ``columns``.

    Raises:
        EvidenceError: the file cannot be read, its columns differ, or a row is too short or too long.
    """
    place = str(path)
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            reader = csv.reader(stream)
            header = next(reader, [])
            if header != list(columns):
                raise EvidenceError(
                    f"the columns are {', '.join(header) or 'missing'}; "
                    f"they must be {', '.join(columns)}",
                    path=place,
                    line=1,
                )
            for cells in reader:
                if len(cells) != len(columns):
                    raise EvidenceError(
                        f"the row has {len(cells)} cells; it must have {len(columns)}",
                        path=place,
                        line=reader.line_num,
                    )
                yield reader.line_num, dict(zip(columns, cells, strict=True))
    except (OSError, UnicodeDecodeError) as problem:
        raise EvidenceError(
            f"the table cannot be read ({problem}); it must be a csv file in UTF-8", path=place
        ) from problem


def read_rows(path: Path, columns: Sequence[str]) -> dict[str, dict[str, str]]:
    """Read a csv file with exactly ``columns``, of which ``id`` is one, as rows by id.

    Raises:
        EvidenceError: the file cannot be read, its columns differ, a row is too short or too
            long, or an id is missing or stands twice.
    """
    rows: dict[str, dict[str, str]] = {}
    for line, row in read_lines(path, columns):
        if not row["id"] or row["id"] in rows:
            raise EvidenceError(
                "the id is missing or stands twice; every row needs an id of its own",
                path=str(path),
                line=line,
                key=row["id"] or None,
            )
        rows[row["id"]] = row
    return rows
