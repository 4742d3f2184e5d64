"""The parts of a run folder: each a file that is there whole, with one line that says its hash.

A part is written beside its place, brought to the disk and renamed; then its line is. What has no line
does not count, and what is not as its line says is named and made anew. A line says of which run it is
and bears a seal: one that was changed, or came from another run, is none.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from antitrypsim.foundations.errors import InputError, RunError, reason_of
from antitrypsim.foundations.files import as_sentence, hash_of, sync, write_bytes, write_file
from antitrypsim.foundations.hashtree import Node
from antitrypsim.foundations.plain import Plain
from antitrypsim.foundations.provenance import content_hash

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

    def line(self, run: str) -> str:
        """Return it as one line of a run."""
        said = json.loads(json.dumps({**asdict(self), "file": self.file, "run": run}))
        whole = {**said, "seal": content_hash(said)}
        return json.dumps(whole, sort_keys=True, allow_nan=False) + "\n"


class Ledger:
    """The parts of a folder that were written; only who holds the folder may add to it.

    With the hash ``run`` of what the folder is of, lines of anything else do not count. Raises InputError
    for a link in the place of a table, where parts of another run could be.
    """

    def __init__(self, folder: Path, run: str = "") -> None:
        self.folder, self.run = folder, run
        for name in TABLES:
            if (folder / name).is_symlink():
                raise InputError(
                    f"'{name}' is a link, and a run keeps its parts in its own folder; put the folder of "
                    "the whole run where there is room", path=str(folder),
                )  # fmt: skip
        self._parts = {(part.table, part.first): part for part in _read(folder / LINES, run)}

    def __len__(self) -> int:
        return len(self._parts)

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
        home = self.folder / part.table
        home.mkdir(exist_ok=True)
        write_bytes(self.path(part), data)
        sync(home)
        self._parts[part.table, part.first] = part
        try:
            with (self.folder / LINES).open("a", encoding="utf-8", newline="\n") as stream:
                stream.write(part.line(self.run))
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as problem:
            raise as_sentence(problem, self.folder / LINES) from problem

    def data(self, part: Part) -> bytes:
        """Return the bytes of a part's file; raise RunError where it is not the one that was written.

        Whoever computes from a part reads it so: it may have been changed since it was checked.
        """
        data = b"" if not self._is_file(part) else self.path(part).read_bytes()
        if hashlib.sha256(data).hexdigest() != part.sha256:
            raise RunError(
                "this part is no longer the one that was written; the same command makes it anew",
                path=part.file,
            )
        return data

    def damaged(self) -> list[Part]:
        """Return the parts whose file is missing or not the one that was written."""
        return [part for part in self._parts.values() if not self._whole(part)]

    def strays(self) -> list[Path]:
        """Return the Parquet files that no line tells of, which whoever reads a folder would count."""
        known = {self.path(part) for part in self._parts.values()}
        found = (file for table in TABLES for file in self.folder.glob(f"{table}/*.parquet"))
        return sorted(file for file in found if file not in known)

    def forget(self, parts: Iterable[Part]) -> None:
        """Strike parts out, and bring the lines of those left into order, each once."""
        for part in parts:
            self._parts.pop((part.table, part.first), None)
        order = sorted(self._parts.values(), key=lambda part: (part.table, part.first))
        write_file(self.folder / LINES, "".join(part.line(self.run) for part in order))

    def sweep(self) -> None:
        """Remove what no line tells of: half-written files, and parts that did not come to their line."""
        known = {part.file for part in self._parts.values()}
        half = list(self.folder.glob(".*.partial"))
        for table in TABLES:
            half += self.folder.glob(f"{table}/.*.partial")
            half += self.folder.glob(f"{table}/part-*.parquet")
        for file in half:
            if file.relative_to(self.folder).as_posix() not in known:
                try:
                    file.unlink(missing_ok=True)
                except OSError as problem:
                    raise as_sentence(problem, file) from problem

    def _is_file(self, part: Part) -> bool:
        # A pipe in its place would be waited for.
        return os.path.isfile(self.path(part))

    def _whole(self, part: Part) -> bool:
        try:
            return self._is_file(part) and hash_of(self.path(part)) == part.sha256
        except FileNotFoundError:
            return False
        except OSError as problem:
            raise RunError(
                f"this part cannot be read: {problem.strerror}", path=part.file
            ) from problem


def has_lines(folder: Path) -> bool:
    """Whether a folder has a line of a part of any run."""
    return any(True for _ in _read(folder / LINES, ""))


def part_of(table: str, first: int, count: int, data: bytes, **told: object) -> Part:
    """Return the line of a part whose file holds ``data``."""
    return Part(table, first, count, hashlib.sha256(data).hexdigest(), (), dict(told))


def part_from(said: Plain) -> Part:
    """Return the part that a line or another process says; raise KeyError or TypeError."""
    tree = tuple((int(level), int(at), str(text)) for level, at, text in said["tree"])
    return Part(said["table"], said["first"], said["count"], said["sha256"], tree, said["told"])


def _read(file: Path, run: str) -> Iterator[Part]:
    try:
        if os.path.lexists(file) and not file.is_file():
            raise InputError("this is no file, and the lines of a run belong here", path=str(file))
        text = file.read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as problem:
        raise InputError(f"this cannot be read: {reason_of(problem)}", path=str(file)) from problem
    for line in text.splitlines():
        try:
            said = json.loads(line)
            # Lines of an earlier version bear no seal; such a run is read, and not gone on with.
            seal = said.pop("seal", None)
            own = seal == content_hash(said) if seal or run else True
            if own and said["table"] in TABLES and run in ("", said.get("run")):
                yield part_from(said)
        except (ValueError, KeyError, TypeError, AttributeError):
            # A line that a power cut has shortened: its part is made anew.
            continue
