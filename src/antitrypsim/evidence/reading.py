"""Read a parameter file and say where in it something is wrong."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, final

from antitrypsim.foundations.errors import EvidenceError, nearest

FIXED = "fixed"
"""The table of a parameter file that holds, by name, the numbers that are not drawn."""
REFUSED = "refused"
"""The table of a parameter file that holds, by route, why a product makes no sense by it."""
_TABLES = (FIXED, REFUSED)


@final
@dataclass(frozen=True, slots=True)
class Entry:
    """One table of a TOML file: its name, its keys and the text around it."""

    path: str
    text: str
    name: str
    body: Mapping[str, Any]

    def error(self, message: str, key: str | None = None) -> EvidenceError:
        """Build the failure for ``key`` of this entry, with the line where it stands."""
        full = f"{self.name}.{key}" if key else self.name
        return EvidenceError(message, path=self.path, line=self._line(key), key=full)

    @property
    def own_name(self) -> str:
        """The name without the table that holds it."""
        table, _, name = self.name.partition(".")
        return name if table in _TABLES and name else self.name

    def check_name(self) -> None:
        """Refuse a name that cannot be written in an equation.

        Raises:
            EvidenceError: the name is none of Python's.
        """
        if not self.own_name.isidentifier():
            raise self.error("not a usable name; use letters, digits and underscores")

    def check_keys(self, required: Sequence[str], optional: Sequence[str]) -> None:
        """Refuse keys that are unknown or missing.

        Raises:
            EvidenceError: with the nearest known key, or with what is missing.
        """
        known = (*required, *optional)
        for key in self.body:
            if key not in known:
                hint = nearest(key, known) or f"; the keys are {', '.join(known)}"
                raise self.error(f"no key '{key}'{hint}", key)
        for key in required:
            if key not in self.body:
                raise self.error(f"'{key}' is missing; every entry must give it")

    def number(self, key: str) -> float:
        """Give a finite number.

        Raises:
            EvidenceError: the key does not hold one.
        """
        value = self.body[key]
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise self.error(f"{value!r} is not a number; write it without quotes", key)
        if not math.isfinite(value):
            raise self.error(f"{value} cannot be used; it must be a finite number", key)
        return float(value)

    def words(self, key: str, *, may_be_empty: bool = False) -> str:
        """Give a text, stripped.

        Raises:
            EvidenceError: the key holds something else, or nothing where something must stand.
        """
        value = self.body.get(key, "")
        if not isinstance(value, str):
            raise self.error(f"{value!r} is not text; write it between quotes", key)
        if not value.strip() and not may_be_empty:
            raise self.error(f"'{key}' is empty; it must say something", key)
        return value.strip()

    def ids(self, key: str) -> tuple[str, ...]:
        """Give a list of ids, each once.

        Raises:
            EvidenceError: the key does not hold a list of texts.
        """
        value = self.body.get(key, [])
        if not isinstance(value, list) or not all(isinstance(id, str) for id in value):
            raise self.error(f"{value!r} is not a list of ids; write it like ['BIO-A19']", key)
        return tuple(dict.fromkeys(value))

    def _line(self, key: str | None) -> int | None:
        lines = self.text.splitlines()
        header = re.compile(rf"\s*\[\s*[\"']?{re.escape(self.name)}[\"']?\s*[\].]")
        start = next((n for n, line in enumerate(lines, 1) if header.match(line)), None)
        if start is None and self.own_name != self.name:
            # An entry of one line below the header of its table.
            table = self.name.partition(".")[0]
            return Entry(self.path, self.text, table, {})._line(self.own_name)
        if start is None or key is None:
            return start
        assignment = re.compile(rf"\s*[\"']?{re.escape(key)}[\"']?\s*[=.]")
        for number, line in enumerate(lines[start:], start + 1):
            if assignment.match(line):
                return number
            if line.lstrip().startswith("["):
                break
        return start


def read_entries(path: Path, table: str = "") -> list[Entry]:
    """Read a parameter file as its tables, in their order: those of ``table``, or the parameters.

    Raises:
        EvidenceError: the file cannot be read, is not TOML, or holds something outside a table.
    """
    place = str(path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise EvidenceError(
            f"the file cannot be read ({problem}); it must be a TOML file in UTF-8", path=place
        ) from problem
    try:
        content = dict(_loaded(text))
    except tomllib.TOMLDecodeError as problem:
        said = re.search(r"at line (\d+)", str(problem))
        raise EvidenceError(
            f"not valid TOML ({problem}); write [name] and then key = value lines",
            path=place,
            line=int(said.group(1)) if said else None,
        ) from problem
    _check_tables(content, place)
    held = {name: content.pop(name, {}) for name in _TABLES}
    if table:
        content = {f"{table}.{name}": body for name, body in held[table].items()}
        _check_tables(content, place)
    return [Entry(place, text, name, body) for name, body in content.items()]


@lru_cache(maxsize=64)
def _loaded(text: str) -> Mapping[str, Any]:
    # Parameters, fixed numbers and refusals are of one file, which each reads for itself.
    return tomllib.loads(text)


def _check_tables(content: Mapping[str, object], place: str) -> None:
    for name, body in content.items():
        if not isinstance(body, dict):
            raise EvidenceError(
                f"'{name}' stands outside a table; put it under a [name]", path=place, key=name
            )
