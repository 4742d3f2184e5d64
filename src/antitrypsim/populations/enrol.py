"""Enrol a cohort: people live to the day, and those who would not have been found or taken are left."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

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
from antitrypsim.populations.places import Places
from antitrypsim.populations.spec import MOST_PARTICIPANTS, Population
from antitrypsim.simulation.people import People
from antitrypsim.simulation.settings import DEFAULT, Settings
from antitrypsim.simulation.simulate import live, simulate_all
from antitrypsim.uncertainty.draws import ParameterSet

# Ids of neighbouring places at one try are neighbours, which the random streams like.
_PLACES = 1 << 32
_REDRAW = 32
_MOST_TRIES = 4096


@dataclass(frozen=True, eq=False)
class Cohort:
    """People who were enrolled, and how many were met and left for which reason.

    ``left`` counts everybody who was left once, by the first reason that held; ``failing`` counts
    for each reason all for whom it held, whatever else did.
    """

    people: People
    met: int
    left: dict[str, int]
    failing: dict[str, int] = field(default_factory=dict)

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
    meeting = _Meeting(model, population, parameters, settings)
    places = Places(count)
    left: dict[str, int] = {}
    failing: dict[str, int] = {}
    attempt, width = 0, 1
    if count > 2 * ENOUGH:
        # What nobody can meet is told before a large cohort lives.
        meeting.meet(places.open[:ENOUGH], np.arange(2, dtype=np.int64))
    while places.open.size:
        if attempt >= _MOST_TRIES:
            raise _in_vain(places, failing)
        people, judged = meeting.meet(places.open, attempt + np.arange(width, dtype=np.int64))
        met = places.fill(people, judged.suited)
        counts(judged.first_reasons(), met, left)
        counts({"died before": ~judged.alive, **judged.fails}, met, failing)
        attempt += width
        width = _next_width(places)
        settings.tell("enrolling", places.taken, count)
    return Cohort(places.people(), places.met, left, failing)


class _Meeting:
    """People of a population as they are met, live to the day and are judged."""

    def __init__(
        self,
        model: Model,
        population: Population,
        parameters: ParameterSet | None,
        settings: Settings,
    ) -> None:
        self.model = model
        self.population = population
        self.parameters = parameters
        self.settings = replace(settings.silent(), seed=settings.key)
        self.tally = Tally(population)

    def meet(self, places: Ints, tries: Ints) -> tuple[People, Judged]:
        """Meet a person at every try of every place; raise as ``Tally.check``."""
        place, number = np.repeat(places, tries.size), np.tile(tries, places.size)
        people = draw_people(
            self.model,
            self.population,
            self.settings.key,
            (number // _REDRAW) * _PLACES + place,
            number * _PLACES + place,
        )
        people, alive = live(self.model, people, draws=self.parameters, settings=self.settings)
        now = simulate_all(
            self.model, people, times=[0.0], outputs=outputs_judged(self.population),
            draws=self.parameters, settings=self.settings,
        )  # fmt: skip
        judged = judge(self.population, people, alive, now, self.settings.key)
        self.tally.add(judged)
        self.tally.check()
        return people, judged


def _next_width(places: Places) -> int:
    """Return how many people each open place meets at once: more where few places are left."""
    open_places = places.open.size
    width = int(np.clip(4 * places.count // max(1, open_places), 1, _REDRAW))
    if open_places == places.count:
        width = int(np.clip(IN_VAIN // places.count, width, _REDRAW))
    return width


def _in_vain(places: Places, failing: dict[str, int]) -> RunError:
    worst = max(failing, key=lambda reason: failing[reason])
    return RunError(
        f"for {places.open.size} of {places.count} places nobody eligible was met in {_MOST_TRIES} "
        f"tries; most often true of the {places.met:,} met: {worst} ({failing[worst]:,})"
    )
