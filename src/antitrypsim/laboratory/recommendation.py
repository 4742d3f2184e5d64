"""What an appraisal comes to: decided here, said in reports."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from antitrypsim.laboratory.designs.kind import kind_of
from antitrypsim.uncertainty.value_of_information import Information

if TYPE_CHECKING:
    from antitrypsim.laboratory.appraisal import Appraisal
    from antitrypsim.laboratory.search import Candidate

HOPELESS = 0.05
"""No size is worth its patients where an effect that matters is there in fewer of the draws."""

ASSURED = 0.5
"""A power that is wanted is not rested on where fewer trials show it over what is unknown."""


class Recommendation(Enum):
    """What to do with a design as it stands, the first of these that holds."""

    CAUTION = "no claim must rest on this kind of design"
    MISLEADING = "claims too often where nothing works"
    HOPELESS = "an effect that matters is hardly ever there"
    MEASURE_FIRST = "large enough only if typical values are true"
    TOO_SMALL = "too small"
    SOUND = "can answer its question"


class First(Enum):
    """Whether any unknown is worth measuring before a design is chosen."""

    NOTHING = "no unknown changes the choice"
    CHANCE = "none stands out from chance"
    ONE = "the first on the list"


def recommendation(found: Appraisal) -> Recommendation:
    """Return what to do with the design as it stands."""
    nothing, unknown = found.nothing.power, found.unknown
    power, wanted = found.typical.power.value, found.design.target_power
    if kind_of(found.design).caution(""):
        return Recommendation.CAUTION
    if nothing.value - 2 * nothing.error > found.lab.alpha:
        return Recommendation.MISLEADING
    if unknown is not None and unknown.matters.value < HOPELESS:
        return Recommendation.HOPELESS
    if unknown is not None and unknown.power.value < ASSURED and power >= wanted:
        return Recommendation.MEASURE_FIRST
    return Recommendation.TOO_SMALL if power < wanted else Recommendation.SOUND


def above_its_level(found: Appraisal) -> bool:
    """Return whether more claims are made where nothing works than the one-sided level allows."""
    nothing = found.nothing.power
    return nothing.value - 2 * nothing.error > found.lab.alpha / 2


def measure_first(worth: Information) -> First:
    """Return whether the unknown at the head of the list is worth measuring first."""
    top = worth.unknowns[0]
    if top.worth[-1] <= 0:
        return First.NOTHING
    return First.CHANCE if top.worth[-1] <= worth.chance else First.ONE


def smallest(tried: list[Candidate], wanted: float) -> Candidate | None:
    """Return the design with the wanted power that takes the fewest people; None if none has it."""
    fine = [c for c in tried if c.power.value >= wanted]
    return min(fine, key=lambda c: (c.patients, c.cost)) if fine else None
