"""In what two runs differ: what they are of, and which of their numbers."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.hashtree import Node, joined, nodes_of, root
from antitrypsim.foundations.plain import Plain
from antitrypsim.runs.folder import read_run
from antitrypsim.runs.large_result import MANIFEST, RESULTS, SUMMARY, LargeRun, read_large
from antitrypsim.runs.ledger import TABLES, Ledger
from antitrypsim.runs.plan import is_large
from antitrypsim.trials.part import row_leaves

_KEYS = ("plan", "analysis", "endpoint", "visit", "arm", "contrast", "time")
_NUMBERS = ("n", "estimate", "se", "lower", "upper", "p")


@dataclass(frozen=True)
class Change:
    """A number of a result that differs; ``row`` says which in words, None stands for no number."""

    row: str
    number: str
    one: float | None
    other: float | None


@dataclass(frozen=True)
class RunDifference:
    """What two runs are of and do not share, and the numbers that differ, the largest change first.

    ``only`` are rows that one of them lacks; ``files`` are tables and files of two runs in parts that are
    not the same although their lines say so; ``same`` says whether every course and every row is the same to
    the bit.
    """

    same: bool
    identity: tuple[tuple[str, str, str], ...]
    changes: tuple[Change, ...]
    only: tuple[str, ...]
    files: tuple[str, ...] = ()


def difference(one: Path, other: Path) -> RunDifference:
    """Return in what two run folders differ; raise InputError for one that is none or unfinished."""
    a, b = _read(one), _read(other)
    about = tuple(
        (key, str(a.about.get(key)), str(b.about.get(key)))
        for key in dict.fromkeys((*a.about, *b.about))
        if a.about.get(key) != b.about.get(key)
    )
    changes = [
        Change(row, number, a.rows[row].get(number), b.rows[row].get(number))
        for row in a.rows
        if row in b.rows
        for number in _NUMBERS
        if a.rows[row].get(number) != b.rows[row].get(number)
    ]
    only = tuple(row for row in (*a.rows, *b.rows) if (row in a.rows) != (row in b.rows))
    alike = a.content == b.content
    files = tuple(_unlike(a.large, b.large)) if alike and a.large and b.large else ()
    same = alike and not (changes or only or files)
    return RunDifference(same, about, tuple(sorted(changes, key=_size, reverse=True)), only, files)


def _unlike(one: LargeRun, other: LargeRun) -> Iterator[str]:
    """Return what differs of two runs in parts that say the same: lines can be forged, and rows are read."""
    a, b = Ledger(one.folder), Ledger(other.folder)
    for table in TABLES:
        if _hashes(a, table) != _hashes(b, table) and _content(a, table) != _content(b, table):
            yield table
    for name in (RESULTS, SUMMARY):
        if one.manifest["files"][name] != other.manifest["files"][name]:
            yield name
    if any(one.manifest[key] != other.manifest[key] for key in ("enrolled", "failed", "rows")):
        yield MANIFEST


def _hashes(ledger: Ledger, table: str) -> list[str]:
    return [part.sha256 for part in ledger.of(table)]


def _content(ledger: Ledger, table: str) -> str:
    """Return one hash of a table's rows, however it is cut into parts and whatever wrote them."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    nodes: tuple[Node, ...] = ()
    count = 0
    for part in ledger.of(table):
        rows = pq.read_table(pa.BufferReader(ledger.data(part)))
        if "USUBJID" in rows.column_names:
            # Visits follow each other within a part; person by person they do so in any.
            ids = rows.column("USUBJID").to_numpy().astype(str)
            rows = rows.take(np.lexsort((ids, np.char.str_len(ids))))
        nodes = joined((*nodes, *nodes_of(row_leaves(rows), count)))
        count += rows.num_rows
    return root(nodes, count)


@dataclass(frozen=True)
class _Read:
    about: Plain
    content: Any
    rows: Mapping[str, Plain]
    large: LargeRun | None = None


def _read(folder: Path) -> _Read:
    if is_large(folder):
        large = read_large(folder, check=True)
        identity = {k: v for k, v in large.manifest["identity"].items() if k != "part_size"}
        return _Read(identity, large.manifest["content"], _by_name(large.rows), large)
    if not (folder / "manifest.json").is_file():
        raise InputError("this is no run folder", path=str(folder))
    run = read_run(folder)
    manifest, rows = run.manifest, json.loads((folder / "results.json").read_text("utf-8"))
    about = {
        "protocol": manifest["protocol"]["hash"],
        "participants": manifest["participants"],
        "seed": manifest["seed"],
        "tolerance": manifest["tolerance"],
        "model": manifest["hashes"]["model"],
        "parameters": manifest["hashes"]["parameters"],
        "posterior": manifest["hashes"].get("posterior", "none"),
        "versions": manifest["versions"],
    }
    # Pages of pictures are no numbers.
    files = {k: v for k, v in manifest["files"].items() if k.endswith(".parquet")}
    return _Read(about, (manifest["hashes"], files), _by_name(rows))


def _by_name(rows: Any) -> dict[str, Plain]:
    return {
        ", ".join(str(row[key]) for key in _KEYS if row.get(key) is not None): row for row in rows
    }


def _size(change: Change) -> float:
    if change.one is None or change.other is None:
        return math.inf
    return abs(change.one - change.other) / max(abs(change.one), abs(change.other), 1e-300)
