"""What is shown, before it is laid out: sentences, tables and pictures in sections."""

from __future__ import annotations

from dataclasses import dataclass, field

from antitrypsim.reports import style


@dataclass(frozen=True)
class Table:
    """Rows of words under a head; ``caption`` says what they are."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Section:
    """A part of a dossier."""

    title: str
    sentences: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    pictures: tuple[style.Picture, ...] = ()


@dataclass(frozen=True)
class Dossier:
    """Everything that is shown, in order; ``answer`` first."""

    title: str
    notices: tuple[str, ...]
    answer: tuple[str, ...]
    sections: tuple[Section, ...]
    key: style.Picture | None = None
    brief: tuple[str, ...] = field(default=())
