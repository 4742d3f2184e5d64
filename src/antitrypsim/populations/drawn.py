"""A cohort drawn from the library of lives: each place meets lives as ``enrol`` meets people, none twice.

The lives of a kind stand in one order. A place meets the next of its kind that no place before it has met,
whether these were taken or left: whoever has been left once is less likely to be suited again, and would
make the cohort another one than that of people who are met anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from antitrypsim.foundations.arrays import Floats, Ints
from antitrypsim.foundations.random import uniforms
from antitrypsim.foundations.seed import SEED
from antitrypsim.foundations.units import YEAR
from antitrypsim.modelling import Model
from antitrypsim.populations.eligibility import Judged, Tally, counts, judge, outputs_judged
from antitrypsim.populations.enrol import REDRAW, Cohort, enrol_at, keys
from antitrypsim.populations.lives_read import Kind, LivesRead, persons
from antitrypsim.populations.people import Demographics, Sought, make_people
from antitrypsim.populations.places import joined
from antitrypsim.populations.possible import YOUNGEST
from antitrypsim.populations.shelf import PART, UNTIL, Shelf, ids_in
from antitrypsim.populations.spec import Population
from antitrypsim.simulation.people import People
from antitrypsim.simulation.settings import Settings
from antitrypsim.simulation.simulate import live
from antitrypsim.uncertainty.draws import ParameterSet

MOST_PLACES = 2048
"""The places that are drawn from the library: a larger cohort's further ones meet people anew."""
# A place that has met so many asks for somebody rare; more lives would be made than are met anew.
_TRIES = 4 * REDRAW
# Parts of a kind that one cohort may use.
_PARTS = 128
# Lives looked at together; no answer depends on it.
_LOOK = 48


def can_draw(population: Population) -> bool:
    """Return whether lives are read at every age that is asked for: to half a year, and within its range."""
    age = population.age
    return age.max <= UNTIL and age.sd > 0 and age.max - age.min >= 1


def draw(
    shelf: Shelf,
    model: Model,
    population: Population,
    first: int,
    count: int,
    *,
    parameters: ParameterSet | None = None,
    settings: Settings,
) -> Cohort:
    """Return who takes ``count`` places from number ``first`` on; one life takes one place of a cohort.

    Whoever is taken lives once more to the day, in ``model`` at the error that is asked for, and is judged
    by that. A place that has met 128 lives in vain, or all that one cohort may use, goes on by meeting
    people anew; ``Cohort.anew`` counts them. A place's person does not depend on how many places there
    are. Raises as ``enrol``.
    """
    search = _Search(shelf, population, first, count, settings)
    taken = list(search.taken())
    met, left, failing = search.met, search.left, search.failing
    kept = np.zeros(len(taken), dtype=bool)
    parts: list[People] = []
    if taken:
        people, judged = _met_again(model, population, taken, parameters, settings)
        kept = judged.suited
        counts(judged.first_reasons(), ~kept, left)
        counts({**judged.gone(), **judged.fails}, ~kept, failing)
        parts.append(people.take(kept))
    places = np.array([one.place for one in taken], dtype=np.int64)
    slots = dict(search.open) | {
        one.place: one.slot for one, fits in zip(taken, kept, strict=True) if not fits
    }
    order, failed = [places[kept]], []
    for slot in sorted(set(slots.values())):
        numbers = np.array(sorted(p for p, at in slots.items() if at == slot), dtype=np.int64)
        anew = enrol_at(
            model, population, numbers, slot, parameters=parameters,
            settings=settings.during("meeting people anew"),
        )  # fmt: skip
        met += anew.met
        for total, more in ((left, anew.left), (failing, anew.failing)):
            for reason, number in more.items():
                total[reason] = total.get(reason, 0) + number
        parts.append(anew.people)
        order.append(numbers)
        failed += [] if anew.failed is None else [anew.failed]
    at = np.argsort(np.concatenate(order), kind="stable")
    return Cohort(
        joined(parts).take(at), met, left, failing, joined(failed) if failed else None,
        lives=shelf.key, anew=len(slots), remade=tuple(shelf.remade),
    )  # fmt: skip


@dataclass(frozen=True)
class _Taken:
    """A life that a place has taken: its number among its kind, its age then, and what was asked for."""

    place: int
    slot: int
    kind: Kind
    number: int
    age: float
    ascertainment: str


def _met_again(
    model: Model,
    population: Population,
    taken: Sequence[_Taken],
    parameters: ParameterSet | None,
    settings: Settings,
) -> tuple[People, Judged]:
    """Return those who were taken, with their states on the day, and judged by what they are on it."""
    order: list[int] = []
    pieces: list[Demographics] = []
    ids = np.empty(len(taken), dtype=np.int64)
    for kind in sorted({one.kind for one in taken}):
        rows = [k for k, one in enumerate(taken) if one.kind == kind]
        numbers = np.array([taken[k].number for k in rows], dtype=np.int64)
        ids[rows] = ids_in(kind, numbers)
        pieces.append(persons(SEED, kind, numbers))
        order += rows
    who = Demographics.joined(pieces).take(np.argsort(order))
    who = replace(who, age=np.array([one.age for one in taken]))
    words = {name: [getattr(one.kind, name) for one in taken] for name in Kind._fields}
    words["ascertainment"] = [one.ascertainment for one in taken]
    labels = {name: np.array(each, dtype=object) for name, each in words.items()}
    people = make_people(model, SEED, ids, who, labels)
    lived = live(
        model, people, outputs=outputs_judged(population), draws=parameters, keep_failed=True,
        settings=replace(settings.silent(), seed=SEED),
    )  # fmt: skip
    return lived.people, judge(population, lived, SEED)


@dataclass
class _Search:
    """Places of a population, in their order, that meet lives of the library.

    The places before ``first`` are asked too: what they met nobody else meets. ``open``: those that found
    nobody, with how often each has asked.
    """

    shelf: Shelf
    population: Population
    first: int
    count: int
    settings: Settings
    met: int = 0
    left: dict[str, int] = field(default_factory=dict)
    failing: dict[str, int] = field(default_factory=dict)
    open: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._outputs = outputs_judged(self.population)
        self._tally = Tally(self.population)
        self._places = np.arange(self.first + self.count, dtype=np.int64)
        self._asked: list[Sought] = []
        self._queues: dict[Kind, _Queue] = {}

    def taken(self) -> Iterator[_Taken]:
        """Yield the life that each place takes; raise as ``Tally.check``."""
        for place in self._places.tolist():
            self.settings.check()
            found = self._meet(place)
            if found is not None and place >= self.first:
                yield found
            self.settings.tell("enrolling", max(0, place + 1 - self.first), self.count)

    def _meet(self, place: int) -> _Taken | None:
        """Return the first life that suits a place; who asks in vain is written down."""
        for slot in range(_TRIES // REDRAW):
            sought = self._sought(slot)
            words = {name: str(each[place]) for name, each in sought.labels.items()}
            kind = Kind(*(words[name] for name in Kind._fields))
            queue = self._queues.get(kind)
            if queue is None:
                queue = self._queues[kind] = _Queue(self.shelf, kind, self._outputs)
            tries = 0
            while tries < REDRAW:
                if not queue.open():
                    self._left_open(place, slot)
                    return None
                rows, years = queue.suit(self.population, float(sought.age[place]))
                rows, years = rows[: REDRAW - tries], years[: REDRAW - tries]
                if not rows.size:
                    queue.passed(_LOOK)
                    continue
                labels = {name: np.full(rows.size, word, object) for name, word in words.items()}
                people, judged = queue.lives.met(self.population, rows, years, labels)
                suited = judged.suited
                last = int(suited.argmax()) if suited.any() else rows.size - 1
                self._count(place, judged, np.arange(rows.size) <= last)
                number = queue.number(rows[last])
                tries += last + 1
                if suited[last]:
                    queue.after(rows[last])
                    age = float(people.age[last]) / YEAR
                    return _Taken(place, slot, kind, number, age, words["ascertainment"])
                if tries < REDRAW:
                    queue.passed(_LOOK)
                else:
                    queue.after(rows[last])
        self._left_open(place, _TRIES // REDRAW)
        return None

    def _left_open(self, place: int, slot: int) -> None:
        if place >= self.first:
            self.open[place] = slot

    def _count(
        self, place: int, judged: Judged, met: np.ndarray[tuple[int], np.dtype[np.bool_]]
    ) -> None:
        if place >= self.first:
            self.met += int(met.sum())
            counts(judged.first_reasons(), met & ~judged.suited, self.left)
            counts({**judged.gone(), **judged.fails}, met, self.failing)
        if self.first == 0:
            self._tally.add(judged)
            self._tally.check()

    def _sought(self, slot: int) -> Sought:
        """Return whom all places ask for when they ask so often."""
        while len(self._asked) <= slot:
            tries = np.array([len(self._asked) * REDRAW], dtype=np.int64)
            slots, _ = keys(self._places, tries)
            self._asked.append(Sought.drawn(self.population, SEED, slots))
        return self._asked[slot]


class _Queue:
    """The lives of a kind in their order, of which the first are met already."""

    def __init__(self, shelf: Shelf, kind: Kind, outputs: Sequence[str]) -> None:
        self._shelf = shelf
        self._kind = kind
        self._outputs = outputs
        self._part = 0
        self._row = 0
        self._read()

    def open(self) -> bool:
        """Return whether there is another life."""
        if self._row >= PART and self._part < _PARTS:
            self._part, self._row = self._part + 1, 0
            if self._part < _PARTS:
                self._read()
        return self._part < _PARTS

    def suit(self, population: Population, age: float) -> tuple[Ints, Ints]:
        """Return the rows of the next lives that somebody of an age can be, and the year of each."""
        rows = np.arange(self._row, min(self._row + _LOOK, PART))
        years = self.lives.years(population, rows, np.full(rows.size, age))
        ages: Floats = self._start[rows] + years
        within = (ages >= population.age.min) & (ages <= population.age.max)
        fit = within & (self._chance[rows] < self.lives.likely(rows, ages))
        return rows[fit], years[fit]

    def passed(self, count: int) -> None:
        """Go on after so many lives."""
        self._row = min(self._row + count, PART)

    def after(self, row: int) -> None:
        """Go on after a row."""
        self._row = int(row) + 1

    def number(self, row: int) -> int:
        """Return the number of a life among those of its kind."""
        return self._part * PART + int(row)

    def _read(self) -> None:
        self.lives: LivesRead = self._shelf.part(self._kind, self._part, self._outputs)
        self._start = self.lives.offset + YOUNGEST
        self._chance = uniforms(SEED, "life met", self.lives.ids)[:, 0]
