"""In what two runs differ: what they are of, and which of their numbers."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.plain import Plain
from antitrypsim.runs.folder import read_run
from antitrypsim.runs.large_result import read_large
from antitrypsim.runs.plan import is_large

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

    ``only`` are rows that one of them lacks; ``same`` says whether every course and every row is the
    same to the bit.
    """

    same: bool
    identity: tuple[tuple[str, str, str], ...]
    changes: tuple[Change, ...]
    only: tuple[str, ...]


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
    same = a.content == b.content and not changes and not only
    return RunDifference(same, about, tuple(sorted(changes, key=_size, reverse=True)), only)


@dataclass(frozen=True)
class _Read:
    about: Plain
    content: Any
    rows: Mapping[str, Plain]


def _read(folder: Path) -> _Read:
    if is_large(folder):
        large = read_large(folder, check=True)
        identity = {k: v for k, v in large.manifest["identity"].items() if k != "part_size"}
        return _Read(identity, large.manifest["content"], _by_name(large.rows))
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
