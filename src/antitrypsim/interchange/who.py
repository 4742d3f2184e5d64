"""Which one person is exported, and what that person is given."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from antitrypsim.foundations.arguments import whole
from antitrypsim.foundations.errors import InputError, nearest, shown
from antitrypsim.modelling import Model
from antitrypsim.populations.enrol import enrol
from antitrypsim.populations.possible import OLDEST, YOUNGEST
from antitrypsim.populations.spec import AgeRange, Population
from antitrypsim.protocols import load_protocol
from antitrypsim.protocols.therapytext import parse_therapy
from antitrypsim.simulation.people import People
from antitrypsim.simulation.regimen import Regimen
from antitrypsim.simulation.settings import DEFAULT, Settings
from antitrypsim.therapies import build_model, therapies_in


@dataclass(frozen=True, eq=False)
class Case:
    """A model that holds what is given, one person, and the regimen."""

    model: Model
    person: People
    regimen: Regimen


def described(
    therapy: str | None, years: float, *, genotype: str, age: float, sex: str, smoking: str,
    number: int = 1, settings: Settings = DEFAULT,
) -> Case:  # fmt: skip
    """Return the ``number``-th person met of such genotype, age, sex and smoking, and a therapy.

    Raises InputError for a description or therapy that cannot be.
    """
    if sex not in ("female", "male"):
        raise InputError(f"'{sex}' is not a sex that is known; write female or male")
    if not YOUNGEST <= age <= OLDEST:
        raise InputError(f"{age:g} years of age cannot be; {YOUNGEST:g} to {OLDEST:g} can")
    regimen = Regimen() if therapy is None else parse_therapy(therapy, years)
    try:
        population = Population(
            genotype={genotype: 1.0},  # type: ignore[dict-item]
            age=AgeRange(mean=age, sd=0, max=OLDEST),
            male=1.0 if sex == "male" else 0.0,
            smoking={smoking: 1.0},  # type: ignore[dict-item]
        )
    except ValueError as problem:
        raise InputError(" ".join(str(problem).split())) from problem
    model = build_model(therapies=therapies_in(regimen.names))
    return Case(model, _one(model, population, number, settings), regimen)


def participant(
    protocol: str | Path, arm: str | None, *, number: int = 1, settings: Settings = DEFAULT
) -> Case:
    """Return the ``number``-th participant of a protocol, and what an arm of it is given.

    Without ``arm`` it is the first one. Raises InputError for an unknown protocol or arm.
    """
    found = load_protocol(protocol)
    arms = [each.id for each in found.arms]
    if arm is not None and arm not in arms:
        hint = nearest(arm, arms) or f"; there is {', '.join(arms)}"
        raise InputError(f"no arm '{shown(arm)}' in {found.id}{hint}")
    model = build_model(therapies=found.therapies())
    own = found.regimens_of([number - 1])[arms[0] if arm is None else arm]
    regimen = own if isinstance(own, Regimen) else own[0]
    return Case(model, _one(model, found.population, number, settings), regimen)


def _one(model: Model, population: Population, number: int, settings: Settings) -> People:
    count = whole(number, "number", 1)
    return enrol(model, population, count, settings=settings).people.take([count - 1])
