"""Whose people live in an experiment: those of a protocol, or people like a described one."""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.plural import so_many
from antitrypsim.foundations.provenance import content_hash
from antitrypsim.modelling import Model
from antitrypsim.populations.cohorts import cohort, cohort_like
from antitrypsim.populations.enrol import Cohort
from antitrypsim.populations.matching import Description
from antitrypsim.populations.persontext import PERSON, parse_person
from antitrypsim.protocols import Protocol, protocol_of
from antitrypsim.simulation.settings import Settings

OLDEST = 105.0

Whose: TypeAlias = Protocol | Description


def whose(population: str | Path | Whose, years: float) -> Whose:
    """Return a protocol, loaded if it is named, or the person that 'person:age=48,sex=male' describes.

    Raises InputError for what is neither, and where ``years`` lead beyond an age that anybody has.
    """
    if isinstance(population, str) and population.startswith(PERSON):
        population = parse_person(population)
    if not isinstance(population, Description):
        return protocol_of(population)
    check_ahead(years, population.age)
    return population


def check_ahead(years: float, age: float) -> None:
    """Raise InputError for years ahead of an age that lead beyond what anybody comes to."""
    if age + years > OLDEST:
        raise InputError(
            f"{years:g} years from the age of {age:g} lead beyond {OLDEST:g}; ask for fewer years",
            key="years",
        )


def met(model: Model, whose: Whose, people: int, settings: Settings) -> Cohort:
    """Return people of a protocol's population, or up to so many who are like a described one.

    Raises as ``cohort`` and ``cohort_like``.
    """
    if isinstance(whose, Description):
        return cohort_like(model, whose, people, settings=settings)
    return cohort(model, whose.population, people, settings=settings)


def title_of(whose: Whose) -> str:
    """Return whose people they are in words."""
    if isinstance(whose, Description):
        return f"the described kind ({whose.words()})"
    return f"{whose.title} ({whose.id})"


def hash_of(whose: Whose) -> str:
    """Return the hash of whose people they are."""
    return content_hash(whose.to_dict()) if isinstance(whose, Description) else whose.content_hash


def fewer(found: int, people: int) -> tuple[str, ...]:
    """Return a warning where fewer people were met than were asked for: those like a person may be rare."""
    if found == people:
        return ()
    return (
        f"{so_many(people, 'person', 'people')} were asked for, and {found} like the described one were met",
    )
