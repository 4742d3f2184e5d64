"""The parts of a run folder: each a file that is there whole, with one line that says its hash.

A part is written beside its place, brought to the disk and renamed; then its line is. What has no line
does not count, and what is not as its line says is named and made anew.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from antitrypsim.foundations.errors import RunError
from antitrypsim.foundations.files import as_sentence, hash_of, sync, write_bytes, write_file
from antitrypsim.foundations.hashtree import Node
from antitrypsim.foundations.plain import Plain

LINES = "parts.jsonl"
"""The file that has one line a part."""
TABLES = ("lives", "participants", "visits", "events")
"""The tables of a run in parts, each a folder of Parquet files."""


@dataclass(frozen=True)
class Part:
    """One part: rows of ``table`` for ``count`` participants from number ``first`` on.

    ``tree`` are the nodes of its content (``foundations.hashtree``), ``told`` is what is known of it
    beside.
    """

    table: str
    first: int
    count: int
    sha256: str
    tree: tuple[Node, ...] = ()
    told: Plain = field(default_factory=dict)

    @property
    def file(self) -> str:
        """Its place in the folder."""
        return f"{self.table}/part-{self.first:09d}.parquet"

    def line(self) -> str:
        """Return it as one line."""
        said = {**asdict(self), "file": self.file}
        return json.dumps(said, sort_keys=True, allow_nan=False) + "\n"


class Ledger:
    """The parts of a folder that were written; only who holds the folder may add to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._parts = {(part.table, part.first): part for part in _read(folder / LINES)}

    def get(self, table: str, first: int) -> Part | None:
        """Return the part that begins there, None where none was written."""
        return self._parts.get((table, first))

    def of(self, table: str) -> list[Part]:
        """Return the parts of a table in the order of their participants."""
        return sorted(
            (part for part in self._parts.values() if part.table == table),
            key=lambda part: part.first,
        )

    def path(self, part: Part) -> Path:
        """Return the file of a part."""
        return self.folder / part.file

    def add(self, part: Part, data: bytes) -> None:
        """Write a part and its line; raise RunError or InputError where the disk does not take it."""
        home = (self.folder / part.table).resolve()
        home.mkdir(exist_ok=True)
        write_bytes(self.path(part), data)
        sync(home)
        self._parts[part.table, part.first] = part
        try:
            with (self.folder / LINES).open("a", encoding="utf-8", newline="\n") as stream:
                stream.write(part.line())
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as problem:
            raise as_sentence(problem, self.folder / LINES) from problem

    def damaged(self) -> list[Part]:
        """Return the parts whose file is missing or not the one that was written."""
        return [part for part in self._parts.values() if not self._whole(part)]

    def forget(self, parts: Iterable[Part]) -> None:
        """Strike parts out, and bring the lines of those left into order, each once."""
        for part in parts:
            self._parts.pop((part.table, part.first), None)
        order = sorted(self._parts.values(), key=lambda part: (part.table, part.first))
        write_file(self.folder / LINES, "".join(part.line() for part in order))

    def sweep(self) -> None:
        """Remove what no line tells of: half-written files, and parts that did not come to their line."""
        known = {part.file for part in self._parts.values()}
        half = list(self.folder.glob(".*.partial"))
        for table in TABLES:
            half += self.folder.glob(f"{table}/.*.partial")
            half += self.folder.glob(f"{table}/part-*.parquet")
        for file in half:
            if file.relative_to(self.folder).as_posix() not in known:
                file.unlink(missing_ok=True)

    def _whole(self, part: Part) -> bool:
        try:
            return hash_of(self.path(part)) == part.sha256
        except FileNotFoundError:
            return False
        except OSError as problem:
            raise RunError(
                f"this part cannot be read: {problem.strerror}", path=part.file
            ) from problem


def part_of(table: str, first: int, count: int, data: bytes, **told: object) -> Part:
    """Return the line of a part whose file holds ``data``."""
    return Part(table, first, count, hashlib.sha256(data).hexdigest(), (), dict(told))


def part_from(said: Plain) -> Part:
    """Return the part that a line or another process says; raise KeyError or TypeError."""
    tree = tuple((int(level), int(at), str(text)) for level, at, text in said["tree"])
    return Part(said["table"], said["first"], said["count"], said["sha256"], tree, said["told"])


def _read(file: Path) -> Iterator[Part]:
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return
    for line in text.splitlines():
        try:
            yield part_from(json.loads(line))
        except (ValueError, KeyError, TypeError):
            # A line that a power cut has shortened: its part is made anew.
            continue
