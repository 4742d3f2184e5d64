"""What goes over the wire while a protocol or a therapy is written: the draft, its check, the words of the form."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from antitrypsim.web.shapes import Problem, Remark, Shape


class Draft(Shape):
    """A protocol that is being written, as plain data, or the text or the bundled id it begins from."""

    data: dict[str, Any] | None = None
    text: str = ""


class Moment(Shape):
    """A dose: its day in the epoch, and that day as a protocol's file says it."""

    day: float
    said: str


class Lane(Shape):
    """When one line of an arm's treatment is given: days of its epoch.

    ``moments`` are empty for a level that is held and where there are too many to be drawn.
    """

    arm: str
    epoch: str
    line: int
    held: bool
    first: float
    last: float
    doses: int
    moments: tuple[Moment, ...]
    missed: tuple[str, ...]


class Drafted(Shape):
    """A draft as data and text; ``problem`` is what is wrong, or else there are the rest.

    ``remarks`` are what the check finds, ``lanes`` when doses fall, ``visits`` and ``epochs`` their
    days since randomisation, ``length`` the days of the whole trial.
    """

    data: dict[str, Any]
    text: str
    problem: Problem | None = None
    remarks: tuple[Remark, ...] = ()
    lanes: tuple[Lane, ...] = ()
    visits: dict[str, float] = Field(default={})
    epochs: dict[str, tuple[float, float]] = Field(default={})
    length: float = 0.0


class Therapy(Shape):
    """A therapy as text or as lines of treatment, of which the text is made; given for ``years``."""

    text: str = ""
    lines: tuple[dict[str, Any], ...] | None = None
    years: float = 1.0


class TherapyTold(Shape):
    """A therapy as text, in words, and line by line; ``problem`` is what is wrong with it."""

    text: str
    words: str
    lines: tuple[dict[str, Any], ...]
    lanes: tuple[Lane, ...] = ()
    problem: Problem | None = None


class Measured(Shape):
    """An endpoint: ``event`` where it is watched throughout and not at visits."""

    id: str
    title: str
    unit: str
    event: bool


class Analysed(Shape):
    """An analysis: the kinds of endpoint that it fits, and whether it is of one visit."""

    id: str
    title: str
    kinds: tuple[str, ...]
    at_visit: bool


class Route(Shape):
    """A route of a product; ``why`` is the reason on record where it makes no sense.

    ``usual`` are lines of treatment as it is mostly given or was tried, its own first.
    """

    route: str
    title: str
    unit: str
    held: bool
    record: str
    why: str
    usual: tuple[dict[str, Any], ...]


class Detail(Shape):
    """What may be said of a product beside its dose: a number from low to high, or a word."""

    name: str
    meaning: str
    words: tuple[str, ...]
    needed: str
    low: float
    high: float


class Product(Shape):
    """What can be given, and by which routes."""

    product: str
    title: str
    routes: tuple[Route, ...]
    details: tuple[Detail, ...]


class Grouping(Shape):
    """What sorts people into groups at the start; ``banded``, a number that needs bands, in ``unit``."""

    word: str
    title: str
    unit: str
    banded: bool


class Vocabulary(Shape):
    """The words of which a protocol is made.

    ``kinds`` is the kind of each endpoint, ``quantities`` the unit of each that eligibility may ask
    for, ``days`` how many days a unit of time has, ``nothing`` the draft that is begun from.
    """

    endpoints: tuple[Measured, ...]
    analyses: tuple[Analysed, ...]
    kinds: dict[str, str]
    quantities: dict[str, str]
    products: tuple[Product, ...]
    genotypes: tuple[str, ...]
    smoking: tuple[str, ...]
    ascertainment: tuple[str, ...]
    groupings: tuple[Grouping, ...]
    days: dict[str, float]
    nothing: dict[str, Any]
    own: str
