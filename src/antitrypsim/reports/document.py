"""One shape for every report, before it is laid out as text, as a page or as a PDF.

A report is a function of a result that returns a Document: sections of sentences, tables and
pictures. What is decided in it was decided by whoever made the result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Told = Literal["everywhere", "page", "terminal"]
"""Where a section stands: 'page' is HTML and PDF; 'terminal' a short form of what a page has at length."""

Look = Literal["", "answer", "lead", "small", "warning", "failed"]
"""How the sentences of a section look: the answer in bold, a lead, small print, a warning, a failure."""

Laid = Literal["", "cards", "columns", "multiples", "boxes"]
"""How parts, tables and pictures stand beside each other where there is room; 'boxes' are framed."""


@dataclass(frozen=True)
class Cell:
    """Words in a table: ``mark`` is small print below them, which begins with ``strong``.

    ``colour`` puts a dot in that colour before the words.
    """

    text: str
    mark: str = ""
    strong: str = ""
    colour: str = ""

    @property
    def small_print(self) -> str:
        """All of the small print."""
        return "; ".join(part for part in (self.strong, self.mark) if part)


Row = tuple[str | Cell, ...]


@dataclass(frozen=True)
class Table:
    """Rows of words under a head; ``caption`` says what they are, with their unit.

    ``align`` has a letter a column: 'n' a number, to the right; 'v' a value that is not broken; 'w'
    words; 'c' code. Left out, the first column is words, and the others values, or words without a
    head. ``name`` stands for the caption for who cannot see it. ``strong`` and ``lesser`` number the
    rows that stand out and step back. In a ``grouped`` table neighbours with the same first words are
    one group, ``notes`` are small print below, a ``key`` table leads a page.
    """

    caption: str
    head: Row
    rows: tuple[Row, ...]
    align: str = ""
    name: str = ""
    strong: frozenset[int] = frozenset()
    lesser: frozenset[int] = frozenset()
    grouped: bool = False
    notes: tuple[str, ...] = ()
    key: bool = False

    @property
    def columns(self) -> str:
        """The letter of each column."""
        width = len(self.rows[0]) if self.rows else len(self.head)
        others = "v" if self.headed else "w"
        return self.align or ("w" + others * (width - 1))[:width]

    @property
    def headed(self) -> bool:
        """Whether any column has a name."""
        return any(cell(one).text for one in self.head)


@dataclass(frozen=True)
class Picture:
    """A drawn figure as SVG, with what a reader needs beside it and in place of it."""

    name: str
    title: str
    caption: str
    alt: str
    svg: str
    broad: bool = False


@dataclass(frozen=True)
class Section:
    """A part of a report, in the order of its fields; ``items`` are points of a list.

    A section with an ``id`` is in the contents of a page. ``folded`` is opened by whoever wants it.
    """

    title: str = ""
    sentences: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    pictures: tuple[Picture, ...] = ()
    items: tuple[str, ...] = ()
    parts: tuple[Section, ...] = ()
    id: str = ""
    look: Look = ""
    laid: Laid = ""
    folded: bool = False
    told: Told = "everywhere"

    def on(self, medium: Told) -> tuple[Section, ...]:
        """Return the parts that are told there."""
        return told_on(self.parts, medium)


@dataclass(frozen=True)
class Document:
    """Everything that is shown, in order: ``answer`` and ``key`` picture first, with their ``grounds``."""

    title: str
    notices: tuple[str, ...]
    answer: tuple[Section, ...]
    sections: tuple[Section, ...]
    key: Picture | None = None
    grounds: tuple[Section, ...] = ()


def cell(one: str | Cell) -> Cell:
    """Return words as a cell."""
    return Cell(one) if isinstance(one, str) else one


def told_on(sections: Sequence[Section], medium: Told) -> tuple[Section, ...]:
    """Return the sections that are told on a 'page' or in a 'terminal'; all of both 'everywhere'."""
    if medium == "everywhere":
        return tuple(one for one in sections if one.told != "terminal")
    return tuple(one for one in sections if one.told in ("everywhere", medium))


def answered(sentences: Sequence[str]) -> tuple[Section, ...]:
    """Return an answer: its first sentence stands out, the others follow."""
    first, others = tuple(sentences[:1]), tuple(sentences[1:])
    return Section(sentences=first, look="answer"), Section(sentences=others, look="lead")


def pairs(caption: str, rows: Sequence[tuple[str, str]], *, code: bool = False) -> Table:
    """Return names and what they stand for as a table without a head; ``code`` as it is typed."""
    return Table(caption, ("", ""), tuple(rows), align="wc" if code else "ww")


def manifest(rows: Sequence[tuple[str, str]], *parts: Section) -> Section:
    """Return the provenance of a result as the last section of a page."""
    table = Table("", ("What", "Value"), tuple(rows), align="wc", name="Manifest")
    return Section("Manifest", tables=(table,), parts=parts, id="manifest", told="page")


def typed(therapies: Mapping[str, str]) -> Section:
    """Return therapies by their words as the command line takes them, but for those that are alike."""
    rows = [(words, text) for words, text in therapies.items() if words != text]
    table = pairs("As the command line takes them.", rows, code=True)
    return Section(tables=(table,) if rows else (), told="page")
