"""Enrol a cohort: people live to the day, and those who would not have been found or taken are left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Protocol

import numpy as np

from antitrypsim.foundations.arguments import whole
from antitrypsim.foundations.arrays import Ints
from antitrypsim.foundations.errors import InputError, RunError
from antitrypsim.modelling import Model
from antitrypsim.populations.eligibility import (
    ENOUGH,
    IN_VAIN,
    Judged,
    Tally,
    counts,
    judge,
    outputs_judged,
)
from antitrypsim.populations.people import draw_people
from antitrypsim.populations.places import Places, joined
from antitrypsim.populations.spec import (
    MOST_PARTICIPANTS,
    Population,
)
from antitrypsim.simulation.people import People
from antitrypsim.simulation.settings import DEFAULT, Settings
from antitrypsim.simulation.simulate import live
from antitrypsim.uncertainty.draws import ParameterSet

# Ids of neighbouring places at one try are neighbours, which the random streams like.
_PLACES = 1 << 32
REDRAW = 32
"""After so many people met in vain a place asks anew."""
_MOST_TRIES = 4096
# Places that meet people together: what is held at once does not grow with the cohort.
_AT_ONCE = 16_384


@dataclass(frozen=True, eq=False)
class Cohort:
    """People who were enrolled, and how many were met and left for which reason.

    ``left`` counts everybody who was left once, by the first reason that held; ``failing`` counts
    for each reason all for whom it held, whatever else did. ``failed`` are those of them whose
    course could not be integrated, None where there are none. ``lives`` is the key of the library of
    lives that they were drawn from, nothing where all were met anew, ``anew`` how many of them were met
    anew all the same, and ``remade`` the parts of it that were damaged and made anew.
    """

    people: People
    met: int
    left: dict[str, int]
    failing: dict[str, int] = field(default_factory=dict)
    failed: People | None = None
    lives: str = ""
    anew: int = 0
    remade: tuple[str, ...] = ()

    def told(self) -> str:
        """Return a sentence on the library of lives that people were drawn from; nothing without one."""
        if not self.lives:
            return ""
        said = "They were drawn from the library of lives"
        said += f", {self.anew} of them met anew beside it." if self.anew else "."
        if self.remade:
            said += f" Not as it was written, and made anew: {', '.join(self.remade)}."
        return said

    def describe(self) -> str:
        """Return one sentence on who was met and left, and on more whom a reason held for."""
        reasons = ", ".join(
            f"{count} {reason}" + (f" ({more} in all)" if more > count else "")
            for reason, count in self.left.items()
            if (more := self.failing.get(reason, count))
        )
        return f"{len(self.people)} enrolled of {self.met} met" + (
            f"; left: {reasons}" if reasons else ""
        )


def enrol(
    model: Model,
    population: Population,
    count: int,
    *,
    parameters: ParameterSet | None = None,
    settings: Settings = DEFAULT,
) -> Cohort:
    """Return ``count`` people of a population, each with a life behind them up to day 0.

    Each place in the cohort asks for an age, sex, genotype, smoking history and way of being found;
    people of that kind are met until one is alive, would have been found in that way and meets every
    criterion. After 32 in vain the place asks anew. Nobody is changed to fit. A place's person does
    not depend on how many places there are. Raises InputError for a count that is not between 1 and
    1,000,000 and for a criterion that none of the first 2,000 meets, RunError when nobody eligible
    is met.
    """
    count = whole(count, "count")
    if not 1 <= count <= MOST_PARTICIPANTS:
        raise InputError(
            f"{count:,} participants cannot be enrolled; between 1 and {MOST_PARTICIPANTS:,} can"
        )
    return fill(_Meeting(model, population, parameters, settings), count, settings)


def enrol_places(
    model: Model,
    population: Population,
    first: int,
    count: int,
    *,
    parameters: ParameterSet | None = None,
    settings: Settings = DEFAULT,
) -> Cohort:
    """Return who takes ``count`` places from number ``first`` on: those whom ``enrol`` puts there.

    A course that cannot be integrated leaves its person out as one who is not eligible, and
    ``Cohort.failed`` says who they are. Only with the places from 0 on a criterion that nobody meets
    is refused early. Raises as ``enrol``.
    """
    meeting = _Meeting(model, population, parameters, settings, keep_failed=True)
    meeting.checked = first == 0
    return _fill(meeting, Places(count, first), settings)


def enrol_at(
    model: Model,
    population: Population,
    numbers: Ints,
    slot: int,
    *,
    parameters: ParameterSet | None = None,
    settings: Settings = DEFAULT,
) -> Cohort:
    """Return who takes the places of some ``numbers`` that have asked ``slot`` times in vain elsewhere.

    A course that cannot be integrated is as in ``enrol_places``. Raises as ``enrol``.
    """
    meeting = _Meeting(model, population, parameters, settings, keep_failed=True)
    return _fill(meeting, Places.of(numbers), settings, slot * REDRAW)


class Meets(Protocol):
    """Whoever lets the places of a cohort meet people, and judges these."""

    def meet(self, places: Ints, tries: Ints) -> tuple[People, Judged]:
        """Meet a person at every try of every place, by place; raise as ``Tally.check``."""


def fill(meeting: Meets, count: int, settings: Settings) -> Cohort:
    """Return a cohort of the first suited person that each place meets; raise as ``enrol``."""
    if count > 2 * ENOUGH:
        # What nobody can meet is told before a large cohort lives.
        meeting.meet(np.arange(ENOUGH, dtype=np.int64), np.arange(2, dtype=np.int64))
    parts = []
    for first in range(0, count, _AT_ONCE):
        tell = partial(_tell, settings, first, count)
        size = min(_AT_ONCE, count - first)
        parts.append(_fill(meeting, Places(size, first), replace(settings, progress=tell)))
    return parts[0] if len(parts) == 1 else together(parts)


def _tell(settings: Settings, before: int, total: int, stage: str, done: int, _: int) -> None:
    settings.tell(stage, before + done, total)


def _fill(meeting: Meets, places: Places, settings: Settings, attempt: int = 0) -> Cohort:
    """Meet people until all places are taken, each first at try ``attempt``."""
    left: dict[str, int] = {}
    failing: dict[str, int] = {}
    failed: list[People] = []
    width = 1
    while places.open.size:
        if attempt >= _MOST_TRIES:
            raise _in_vain(places, failing)
        people, judged = meeting.meet(places.open, attempt + np.arange(width, dtype=np.int64))
        met = places.fill(people, judged.suited)
        counts(judged.first_reasons(), met, left)
        counts({**judged.gone(), **judged.fails}, met, failing)
        if judged.failed is not None and (met & judged.failed).any():
            failed.append(people.take(np.flatnonzero(met & judged.failed)))
        attempt += width
        width = _next_width(places)
        settings.tell("enrolling", places.taken, places.count)
    return Cohort(places.people(), places.met, left, failing, joined(failed) if failed else None)


def together(parts: Sequence[Cohort]) -> Cohort:
    """Return the cohorts of neighbouring places as one; those after one that was drawn were met anew."""
    left: dict[str, int] = {}
    failing: dict[str, int] = {}
    for total, each in ((left, "left"), (failing, "failing")):
        for part in parts:
            for reason, count in getattr(part, each).items():
                total[reason] = total.get(reason, 0) + count
    failed = [part.failed for part in parts if part.failed is not None]
    drawn = parts[0]
    return Cohort(
        joined([part.people for part in parts]), sum(part.met for part in parts), left, failing,
        joined(failed) if failed else None, drawn.lives,
        drawn.anew + sum(len(part.people) for part in parts[1:]) if drawn.lives else 0, drawn.remade,
    )  # fmt: skip


def keys(places: Ints, tries: Ints) -> tuple[Ints, Ints]:
    """Return what keys whom each place asks for at each try, and whom it meets; both by place."""
    place, number = np.repeat(places, tries.size), np.tile(tries, places.size)
    return (number // REDRAW) * _PLACES + place, number * _PLACES + place


class _Meeting:
    """People of a population as they are met, live to the day and are judged."""

    def __init__(
        self,
        model: Model,
        population: Population,
        parameters: ParameterSet | None,
        settings: Settings,
        *,
        keep_failed: bool = False,
    ) -> None:
        self.model = model
        self.population = population
        self.parameters = parameters
        self.settings = replace(settings.silent(), seed=settings.key)
        self.keep_failed = keep_failed
        self.checked = True
        self.tally = Tally(population)

    def meet(self, places: Ints, tries: Ints) -> tuple[People, Judged]:
        """Meet a person at every try of every place; raise as ``Tally.check``."""
        slots, ids = keys(places, tries)
        people = draw_people(self.model, self.population, self.settings.key, slots, ids)
        lived = live(
            self.model, people, outputs=outputs_judged(self.population),
            draws=self.parameters, keep_failed=self.keep_failed, settings=self.settings,
        )  # fmt: skip
        judged = judge(self.population, lived, self.settings.key)
        if self.checked:
            self.tally.add(judged)
            self.tally.check()
        return lived.people, judged


def _next_width(places: Places) -> int:
    """Return how many people each open place meets at once: more where few places are left."""
    open_places = places.open.size
    width = int(np.clip(4 * places.count // max(1, open_places), 1, REDRAW))
    if open_places == places.count:
        width = int(np.clip(IN_VAIN // places.count, width, REDRAW))
    return width


def _in_vain(places: Places, failing: dict[str, int]) -> RunError:
    worst = max(failing, key=lambda reason: failing[reason])
    return RunError(
        f"for {places.open.size} of {places.count} places nobody eligible was met in {_MOST_TRIES} "
        f"tries; most often true of the {places.met:,} met: {worst} ({failing[worst]:,})"
    )
