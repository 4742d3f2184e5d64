"""Enrol a cohort: people live to the day, and those who would not have been found or taken are left."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from antitrypsim.foundations.arguments import whole
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
    count, seed = whole(count, "count"), settings.key
    living = replace(settings.silent(), seed=seed)
    if not 1 <= count <= MOST_PARTICIPANTS:
        raise InputError(
            f"{count:,} participants cannot be enrolled; between 1 and {MOST_PARTICIPANTS:,} can"
        )
    chosen: list[People] = []
    places: list[NDArray[np.int64]] = []
    open_places = np.arange(count, dtype=np.int64)
    left: dict[str, int] = {}
    failing: dict[str, int] = {}
    met, attempt, width = 0, 0, 1
    tally = Tally(population)

    def meet(at: NDArray[np.int64], tries: NDArray[np.int64]) -> tuple[People, Judged]:
        place, number = np.repeat(at, tries.size), np.tile(tries, at.size)
        people = draw_people(
            model, population, seed, (number // _REDRAW) * _PLACES + place, number * _PLACES + place
        )
        found = _met(model, population, people, parameters, living)
        tally.add(found[1])
        tally.check()
        return found

    if count > 2 * ENOUGH:
        # What nobody can meet is told before a large cohort lives.
        meet(open_places[:ENOUGH], np.arange(2, dtype=np.int64))
    while open_places.size:
        if attempt >= _MOST_TRIES:
            worst = max(failing, key=lambda k: failing[k])
            raise RunError(
                f"for {open_places.size} of {count} places nobody eligible was met in {_MOST_TRIES} "
                f"tries; most often true of the {met:,} met: {worst} ({failing[worst]:,})"
            )
        people, judged = meet(open_places, attempt + np.arange(width, dtype=np.int64))
        first = np.full(open_places.size, width)
        table = judged.suited.reshape(open_places.size, width)
        any_suited = table.any(axis=1)
        first[any_suited] = table[any_suited].argmax(axis=1)
        # People after the one who was taken were never met.
        counted = (np.arange(width)[None, :] <= first[:, None]).ravel()
        met += int(counted.sum())
        counts(judged.first_reasons(), counted, left)
        counts({"died before": ~judged.alive, **judged.fails}, counted, failing)
        rows = np.flatnonzero(any_suited) * width + first[any_suited]
        chosen.append(people.take(rows))
        places.append(open_places[any_suited])
        open_places = open_places[~any_suited]
        attempt += width
        width = int(np.clip(4 * count // max(1, open_places.size), 1, _REDRAW))
        if open_places.size == count:
            width = int(np.clip(IN_VAIN // count, width, _REDRAW))
        settings.tell("enrolling", count - int(open_places.size), count)
    order = np.argsort(np.concatenate(places), kind="stable")
    return Cohort(_join(chosen).take(order), met, left, failing)


def _met(
    model: Model,
    population: Population,
    people: People,
    parameters: ParameterSet | None,
    settings: Settings,
) -> tuple[People, Judged]:
    people, alive = live(model, people, draws=parameters, settings=settings)
    now = simulate_all(
        model, people, times=[0.0], outputs=outputs_judged(population), draws=parameters,
        settings=settings,
    )  # fmt: skip
    return people, judge(population, people, alive, now, settings.key)


def _join(parts: list[People]) -> People:
    parts = [p for p in parts if len(p)]
    first = parts[0]

    def together(get: object) -> NDArray:  # type: ignore[type-arg]
        return np.concatenate([get(p) for p in parts])  # type: ignore[operator]

    snapshot = first.snapshot
    assert snapshot is not None
    return replace(
        first,
        ids=together(lambda p: p.ids),
        covariates={k: together(lambda p, k=k: p.covariates[k]) for k in first.covariates},
        effects={k: together(lambda p, k=k: p.effects[k]) for k in first.effects},
        birth=together(lambda p: p.birth),
        age=together(lambda p: p.age),
        courses={
            k: replace(
                c,
                times=together(lambda p, k=k: p.courses[k].times),
                values=together(lambda p, k=k: p.courses[k].values),
            )
            for k, c in first.courses.items()
        },
        labels={k: together(lambda p, k=k: p.labels[k]) for k in first.labels},
        snapshot=replace(
            snapshot,
            states=together(lambda p: p.snapshot.states),
            hazard_counts=together(lambda p: p.snapshot.hazard_counts),
        ),
    )
