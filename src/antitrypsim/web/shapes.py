"""What goes over the wire; the types of the front end are made from these."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

State = Literal["waiting", "running", "done", "failed", "stopped"]


class Shape(BaseModel):
    """Immutable, and no key that is not known."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Question(Shape):
    """One request, as ``to_dict`` writes it, and the seed; None is the usual one."""

    request: dict[str, Any]
    seed: int | None = Field(default=None, strict=True)


class Text(Shape):
    """A question as YAML text."""

    text: str


class Remark(Shape):
    """What a protocol check finds: a ``warning`` or a ``note`` on a key of the protocol."""

    level: Literal["warning", "note"]
    key: str
    sentence: str


class Strip(Shape):
    """A question as YAML, as a command line and as Python, and the hash of what is asked.

    ``remarks`` are what the protocol check finds, where a protocol is asked for.
    """

    yaml: str
    command: str
    python: str
    hash: str
    remarks: tuple[Remark, ...] = ()


class Problem(Shape):
    """A failure in one sentence; ``key`` is the field that it is about."""

    sentence: str
    key: str | None = None
    code: str = "input"


class Job(Shape):
    """One question on its way: ``stage`` is what is being done, ``done`` of ``total`` of it."""

    id: str
    question: Question
    state: State
    stage: str = ""
    done: int = 0
    total: int = 0
    problem: Problem | None = None
    asked: float = 0.0


class ShownCell(Shape):
    """Words in a table, small print below them, a dot of a colour before them."""

    text: str
    mark: str = ""
    colour: str = ""


class ShownTable(Shape):
    """Rows of words under a head; ``columns`` has a letter each, as a report's table has."""

    caption: str
    head: tuple[ShownCell, ...]
    rows: tuple[tuple[ShownCell, ...], ...]
    columns: str
    strong: tuple[int, ...]
    notes: tuple[str, ...]


class ShownPicture(Shape):
    """A picture, which is fetched by its name; its words are read at ``least`` to ``most`` pixels."""

    name: str
    title: str
    caption: str
    alt: str
    least: int
    most: int


class ShownSection(Shape):
    """A part of a report."""

    title: str
    sentences: tuple[str, ...]
    items: tuple[str, ...]
    tables: tuple[ShownTable, ...]
    pictures: tuple[ShownPicture, ...]
    parts: tuple[ShownSection, ...]
    look: str
    laid: str
    folded: bool


class Way(Shape):
    """One course by year: the median of those alive and nine people of ten; None: nobody alive.

    ``unknown_low`` and ``unknown_high`` hold the median in nine draws of ten; empty without draws.
    """

    median: tuple[float | None, ...]
    low: tuple[float | None, ...]
    high: tuple[float | None, ...]
    unknown_low: tuple[float | None, ...]
    unknown_high: tuple[float | None, ...]


class Chart(Shape):
    """Courses of one endpoint, and the same as a table."""

    id: str
    title: str
    years: tuple[float, ...]
    ways: dict[str, Way]
    table: ShownTable


class Year(Shape):
    """What is said of one year: by endpoint the words for each way and the own difference."""

    year: float
    sentences: tuple[str, ...]
    cells: dict[str, tuple[str, ...]]


class Answer(Shape):
    """An answer as the page shows it; ``hash`` is that of its data."""

    hash: str
    title: str
    notices: tuple[str, ...]
    sections: tuple[ShownSection, ...]
    charts: tuple[Chart, ...]
    years: tuple[Year, ...]
