"""What goes over the wire; the types of the front end are made from these."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from antitrypsim.foundations.errors import InputError

State = Literal["waiting", "running", "done", "failed", "stopped"]


class Shape(BaseModel):
    """Immutable, and no key that is not known."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Question(Shape):
    """One request, as ``to_dict`` writes it, and the seed; None is the usual one.

    ``protocol`` is the data of a protocol of one's own, which the request calls 'my-trial.yaml'.
    """

    request: dict[str, Any]
    seed: int | None = Field(default=None, strict=True)
    protocol: dict[str, Any] | None = None

    @field_validator("seed", mode="before")
    @classmethod
    def _whole(cls, seed: Any) -> Any:
        # Text is what a page could not say as a number: a word, a fraction, or more than it counts exactly.
        if not isinstance(seed, str):
            return seed
        try:
            return int(seed)
        except ValueError:
            raise InputError(f"'{seed[:20]}' is no seed; take a whole number", key="seed") from None


class Text(Shape):
    """A question or a protocol as YAML text."""

    text: str


class Remark(Shape):
    """What a protocol check finds: a ``warning`` or a ``note`` on a key of the protocol."""

    level: Literal["warning", "note"]
    key: str
    sentence: str


class Step(Shape):
    """A value that a number can be moved to: in words, and as its field says it."""

    text: str
    said: str


class Part(Shape):
    """Words of a sentence; with ``steps``, a number that can be moved, which is ``steps[at]`` now.

    ``field`` then is ``before``, what a step says, and ``after``; ``name`` is what the number is.
    """

    text: str
    field: str = ""
    name: str = ""
    before: str = ""
    after: str = ""
    steps: tuple[Step, ...] = ()
    at: int = 0


class Strip(Shape):
    """A question as YAML, as a command line and as Python, and the hash of what is asked.

    ``remarks`` are what the protocol check finds, where a protocol is asked for; ``protocol`` is the
    text of one's own, to be saved under the name that the command says. ``knowledge`` says which
    posterior the answer's draws are from, ``sentence`` the question in words, where it has such,
    ``person`` the described person as text, by which another question takes people like them.
    """

    yaml: str
    command: str
    python: str
    hash: str
    remarks: tuple[Remark, ...] = ()
    protocol: str = ""
    knowledge: str = ""
    sentence: tuple[Part, ...] = ()
    person: str = ""


class Wider(Shape):
    """An offer to take people from further off: a field, its value, and the words of the offer."""

    field: str
    value: str
    words: str


class Alike(Shape):
    """How many of the library of lives are like a described person, and what would find more."""

    sentence: str
    wider: tuple[Wider, ...] = ()


class Problem(Shape):
    """A failure in one sentence; ``key`` is the field that it is about."""

    sentence: str
    key: str | None = None
    code: str = "input"


class Job(Shape):
    """One question on its way: ``stage`` is what is being done, ``done`` of ``total`` of it.

    ``ready``: the answer can be read, while its report and other files are still being written.
    """

    id: str
    question: Question
    state: State
    stage: str = ""
    done: int = 0
    total: int = 0
    ready: bool = False
    problem: Problem | None = None
    asked: float = 0.0


class Serum(Shape):
    """Lines of treatment given for ``days`` to somebody, or the data of a protocol: its arms to one."""

    lines: tuple[dict[str, Any], ...] = ()
    days: float = 365.25
    genotype: str = "ZZ"
    age: float = 50.0
    sex: str = "female"
    smoking: str = "never"
    protocol: dict[str, Any] | None = None


class Mark(Shape):
    """A mark of an axis: where it stands, as a share of the axis, and what it says."""

    at: float
    text: str


class Scale(Shape):
    """The axis of a concentration as it is marked in one unit."""

    unit: str
    marks: tuple[Mark, ...]


class SerumCourse(Shape):
    """One course: ``points`` are shares of both axes, ``words`` what it is like, by unit."""

    name: str
    points: tuple[tuple[float, float], ...]
    words: dict[str, str]


class SerumTold(Shape):
    """One person's serum AAT, a course an arm, on one axis that is marked in each unit."""

    who: str
    times: tuple[Mark, ...]
    scales: tuple[Scale, ...]
    courses: tuple[SerumCourse, ...]


class Link(Shape):
    """A word of a cell and the address on this page that it leads to."""

    text: str
    href: str


class ShownCell(Shape):
    """Words in a table, small print below them, a dot of a colour before them; ``strong``: the best.

    ``links`` are words of the text or the small print that lead somewhere.
    """

    text: str
    mark: str = ""
    colour: str = ""
    strong: bool = False
    links: tuple[Link, ...] = ()


class ShownTable(Shape):
    """Rows of words under a head; ``columns`` has a letter each, as a report's table has.

    ``beyond`` are the rows that rest on more than what is measured, where a table tells of that;
    ``name`` is that of its file, '' where there is none.
    """

    caption: str
    head: tuple[ShownCell, ...]
    rows: tuple[tuple[ShownCell, ...], ...]
    columns: str
    strong: tuple[int, ...]
    notes: tuple[str, ...]
    beyond: tuple[int, ...] = ()
    name: str = ""


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


class Happening(Shape):
    """What happens to one person: where on the axis of years, as a share of it, and in words."""

    at: float
    kind: Literal["attack", "harm", "death"]
    words: str


class Given(Shape):
    """A dose (``low`` is ``high``) or doses without number, as shares of the axis of years."""

    low: float
    high: float
    words: str


class Single(Shape):
    """One of the people: by endpoint and way what is read of them by year, '' once they are dead.

    ``ends`` is by way where on the axis they die, 1 where they do not; ``marks`` what happens before.
    """

    number: int
    words: str
    sentences: tuple[str, ...]
    courses: dict[str, dict[str, tuple[str, ...]]]
    ends: dict[str, float]
    marks: dict[str, tuple[Happening, ...]]


class Pick(Shape):
    """Somebody to look at, and why."""

    number: int
    words: str


class Hundred(Shape):
    """How many ``people`` are of which of six ``kinds``: ``counts`` by year and step.

    The first two kinds end with what counts as more, which is one of ``steps``.
    """

    id: str
    title: str
    people: int
    kinds: tuple[str, ...]
    steps: tuple[str, ...]
    counts: tuple[tuple[tuple[int, ...], ...], ...]


class Played(Shape):
    """One trial among many: its estimate and limits as shares of the axis; None where there is none.

    ``claims`` is 'benefit', 'harm', or nothing.
    """

    number: int
    at: float | None
    low: float | None
    high: float | None
    claims: Literal["benefit", "harm", ""]
    words: str


class Round(Shape):
    """Twenty trials, and what they taught."""

    sentences: tuple[str, ...]
    trials: tuple[Played, ...]


class World(Shape):
    """Trials of one design in one world: ``true`` and ``nothing`` stand on the axis as the trials do."""

    title: str
    axis: str
    marks: tuple[Mark, ...]
    true: float | None
    nothing: float | None
    rounds: tuple[Round, ...]


class Look(Shape):
    """What is known of one trial at one time: estimate and limits as shares of the axis.

    ``looks``: the trial itself looks then, and what is ``decided`` ('goes on', 'benefit', 'harm',
    'futile', 'nothing'); ``over``: it has ended before.
    """

    at: float
    value: float | None
    low: float | None
    high: float | None
    looks: bool
    decided: str
    over: bool
    words: str


class Run(Shape):
    """One trial in calendar time: ``come`` is the share enrolled by time, ``end`` when it is over."""

    number: int
    come: tuple[tuple[float, float], ...]
    looks: tuple[Look, ...]
    end: float
    words: str


class Calendar(Shape):
    """Trials of one design in calendar time, on one axis of months."""

    sentences: tuple[str, ...]
    axis: str
    marks: tuple[Mark, ...]
    months: tuple[Mark, ...]
    true: float | None
    nothing: float | None
    runs: tuple[Run, ...]


class Point(Shape):
    """A design that was asked about, at one size: where it stands, and the job that it is of.

    ``front``: none has as much power with fewer participants by more than chance in the trials drawn.
    """

    job: str
    at: float
    value: float
    low: float
    high: float
    front: bool
    words: str


class Front(Shape):
    """Power against participants of every design that was asked about, one mark a size."""

    across: tuple[Mark, ...]
    marks: tuple[Mark, ...]
    points: tuple[Point, ...]


class Pins(Shape):
    """Jobs whose answers are to stand side by side."""

    jobs: tuple[str, ...] = Field(min_length=1)


class Answer(Shape):
    """An answer as the page shows it; ``hash`` is that of its data, ``pdf`` whether it is there too."""

    hash: str
    title: str
    notices: tuple[str, ...]
    sections: tuple[ShownSection, ...]
    charts: tuple[Chart, ...]
    years: tuple[Year, ...]
    worlds: tuple[World, ...] = ()
    calendar: Calendar | None = None
    singles: tuple[Single, ...] = ()
    doses: tuple[Given, ...] = ()
    picks: tuple[Pick, ...] = ()
    hundreds: tuple[Hundred, ...] = ()
    pdf: bool = False
