"""Enrol a cohort: people live to the day, and those who would not have been found or taken are left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from antitrypsim.foundations.errors import InputError, RunError
from antitrypsim.foundations.random import normals
from antitrypsim.foundations.seed import SEED
from antitrypsim.modelling import Model
from antitrypsim.populations.people import draw_people, population_parameters
from antitrypsim.populations.spec import ELIGIBILITY, Population
from antitrypsim.simulation.draws import ParameterSet
from antitrypsim.simulation.people import People
from antitrypsim.simulation.simulate import live, simulate_all

# Ids of neighbouring places at one try are neighbours, which the random streams like.
_PLACES = 1 << 32
_REDRAW = 32
_MOST_TRIES = 4096
LARGEST = 10_000_000


@dataclass(frozen=True, eq=False)
class Cohort:
    """People who were enrolled, and how many were met and left for which reason."""

    people: People
    met: int
    left: dict[str, int]

    def describe(self) -> str:
        """Return one sentence on who was met and left."""
        reasons = ", ".join(f"{count} {reason}" for reason, count in self.left.items() if count)
        return f"{len(self.people)} enrolled of {self.met} met" + (
            f"; left: {reasons}" if reasons else ""
        )


def enrol(
    model: Model,
    population: Population,
    count: int,
    *,
    seed: int = SEED,
    parameters: ParameterSet | None = None,
    tolerance: float = 1e-4,
    threads: int = 2,
    progress: Callable[[int, int], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Cohort:
    """Return ``count`` people of a population, each with a life behind them up to day 0.

    Each place in the cohort asks for an age, sex, genotype, smoking history and way of being found;
    people of that kind are met until one is alive, would have been found in that way and meets every
    criterion. After 32 in vain the place asks anew. Nobody is changed to fit. A place's person does
    not depend on how many places there are. Raises InputError for a count that is not between 1 and
    10,000,000, RunError when nobody eligible is met.
    """
    if not 1 <= count <= LARGEST:
        raise InputError(f"{count} participants cannot be enrolled; between 1 and {LARGEST:,} can")
    chosen: list[People] = []
    places: list[NDArray[np.int64]] = []
    open_places = np.arange(count, dtype=np.int64)
    left: dict[str, int] = {}
    met, attempt, width = 0, 0, 1
    while open_places.size:
        if attempt >= _MOST_TRIES:
            worst = max(left, key=lambda k: left[k])
            raise RunError(
                f"for {open_places.size} of {count} places nobody eligible was met in {_MOST_TRIES} "
                f"tries; most were left for: {worst}"
            )
        tries = attempt + np.arange(width, dtype=np.int64)
        place = np.repeat(open_places, width)
        number = np.tile(tries, open_places.size)
        people = draw_people(
            model, population, seed, (number // _REDRAW) * _PLACES + place, number * _PLACES + place
        )
        people, suited, reasons = _judge(
            model, population, people, parameters, seed, tolerance, threads, cancel
        )
        first = np.full(open_places.size, width)
        table = suited.reshape(open_places.size, width)
        any_suited = table.any(axis=1)
        first[any_suited] = table[any_suited].argmax(axis=1)
        # People after the one who was taken were never met.
        counted = (np.arange(width)[None, :] <= first[:, None]).ravel()
        met += int(counted.sum())
        for reason, mask in reasons.items():
            left[reason] = left.get(reason, 0) + int((mask & counted).sum())
        rows = np.flatnonzero(any_suited) * width + first[any_suited]
        chosen.append(people.take(rows))
        places.append(open_places[any_suited])
        open_places = open_places[~any_suited]
        attempt += width
        width = int(np.clip(4 * count // max(1, open_places.size), 1, _REDRAW))
        if progress is not None:
            progress(count - int(open_places.size), count)
    order = np.argsort(np.concatenate(places), kind="stable")
    return Cohort(_join(chosen).take(order), met, left)


def _judge(
    model: Model,
    population: Population,
    people: People,
    parameters: ParameterSet | None,
    seed: int,
    tolerance: float,
    threads: int,
    cancel: Callable[[], bool] | None,
) -> tuple[People, NDArray[np.bool_], dict[str, NDArray[np.bool_]]]:
    options = {"seed": seed, "tolerance": tolerance, "threads": threads, "cancel": cancel}
    people, alive = live(model, people, draws=parameters, **options)  # type: ignore[arg-type]
    reasons = {"died before": ~alive}
    suited = alive.copy()
    outputs = sorted(
        {
            ELIGIBILITY[c.quantity][0]
            for c in population.eligibility
            if c.quantity not in ("age", "weight")
        }
        | {"lung.fev1_share", "liver.fibrosis_stage"}
    )
    now = simulate_all(
        model,
        people,
        times=[0.0],
        outputs=outputs,
        draws=parameters,
        **options,  # type: ignore[arg-type]
    )

    def leave(reason: str, mask: NDArray[np.bool_]) -> None:
        nonlocal suited
        reasons[reason] = suited & mask
        suited = suited & ~mask

    found_by = people.labels["found_by"]
    for way, output, sign in (
        ("lung", "lung.fev1_share", -1),
        ("liver", "liver.fibrosis_stage", 1),
    ):
        parameter = population_parameters()[f"{way}_threshold"]
        z = normals(seed, f"{way} threshold", people.ids)[:, 0]
        threshold = parameter.between_patients.transform(parameter.value, z)
        leave(
            f"not found by {way} disease",
            (found_by == way) & (sign * (now[output][:, 0, 0] - threshold) < 0),
        )
    for criterion in population.eligibility:
        output, unit, factor = ELIGIBILITY[criterion.quantity]
        if criterion.quantity == "age":
            value = people.age / 365.25
        elif criterion.quantity == "weight":
            value = people.covariates["person.weight"]
        else:
            value = now[output][:, 0, 0] * factor
        if criterion.min is not None:
            leave(f"{criterion.quantity} below {criterion.min:g} {unit}", value < criterion.min)
        if criterion.max is not None:
            leave(f"{criterion.quantity} above {criterion.max:g} {unit}", value > criterion.max)
    return people, suited, reasons


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
