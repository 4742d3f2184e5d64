"""A fixed number: a limit, the number behind a word, an exponent; the same for everybody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import final

from antitrypsim.evidence.grade import Grade, read_grade, read_rests_on
from antitrypsim.evidence.reading import FIXED, read_entries
from antitrypsim.evidence.registry import Registry, load_registry
from antitrypsim.foundations.errors import EvidenceError, nearest

_REQUIRED = ("value", "unit", "meaning", "grade", "rests_on")
_OPTIONAL = ("note",)


@final
@dataclass(frozen=True, slots=True)
class Fixed:
    """A number that is not drawn: it neither differs between people nor has an uncertainty.

    ``value`` is in ``unit``; one that is written without a decimal point is whole, and enters an
    equation exactly. What is not known well enough to be fixed is a parameter.
    """

    name: str
    module: str
    value: float
    unit: str
    meaning: str
    grade: Grade
    rests_on: tuple[str, ...]
    note: str = ""

    @property
    def id(self) -> str:
        """The name with its module: ``module.name``."""
        return f"{self.module}.{self.name}"

    @property
    def source(self) -> str:
        """The facts that it rests on, or the reason where it rests on none."""
        return ", ".join(self.rests_on) or self.note


class FixedNumbers:
    """The fixed numbers of one file, each read as an attribute; an absent one is an error."""

    def __init__(self, path: Path, numbers: dict[str, Fixed]) -> None:
        self._path, self._numbers = path, numbers

    def __getattr__(self, name: str) -> Fixed:
        # Names of Python's own, such as those by which a copy is made, are not asked of the file.
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self._numbers:
            hint = nearest(name, tuple(self._numbers)) or f"; write it under [{FIXED}.{name}]"
            raise EvidenceError(f"no fixed number '{name}'{hint}", path=str(self._path))
        return self._numbers[name]

    def __iter__(self) -> Iterator[Fixed]:
        return iter(self._numbers.values())


def load_fixed(path: Path, module: str, registry: Registry | None = None) -> FixedNumbers:
    """Read the fixed numbers of a ``parameters.toml``: its tables ``[fixed.name]``.

    ``registry`` holds the facts that may be named; without one it is the packaged registry.

    Raises:
        EvidenceError: the file cannot be read or breaks a rule; it names path, line and key.
    """
    known = registry if registry is not None else load_registry()
    numbers = {}
    for entry in read_entries(Path(path), FIXED):
        entry.check_name()
        entry.check_keys(_REQUIRED, _OPTIONAL)
        grade = read_grade(entry)
        if grade == "fitted":
            raise entry.error("a fitted value has an uncertainty; make it a parameter", "grade")
        whole = isinstance(entry.body["value"], int)
        value = entry.number("value")
        numbers[entry.own_name] = Fixed(
            name=entry.own_name,
            module=module,
            value=int(value) if whole else value,
            unit=entry.words("unit"),
            meaning=entry.words("meaning"),
            grade=grade,
            rests_on=read_rests_on(entry, grade, known),
            note=entry.words("note", may_be_empty=True),
        )
    return FixedNumbers(Path(path), numbers)
