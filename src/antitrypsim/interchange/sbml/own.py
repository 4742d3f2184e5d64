"""SBML of ours imported: the model, the person and what that person is given, as values again."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from pathlib import Path

from antitrypsim.foundations.plural import so_many
from antitrypsim.foundations.units import YEAR
from antitrypsim.interchange.loss import LossReport
from antitrypsim.interchange.origin import Origin
from antitrypsim.interchange.sbml.read import origin_of, read_sbml
from antitrypsim.interchange.undisturbed import Undisturbed
from antitrypsim.simulation.people import People
from antitrypsim.simulation.regimen import Regimen


@dataclass(frozen=True, eq=False)
class OwnModel:
    """What SBML of ours says: ``origin``, and what was carried and left out of it."""

    origin: Origin
    loss: LossReport

    @property
    def person(self) -> People:
        """The one person."""
        return self.origin.person

    @property
    def regimen(self) -> Regimen:
        """What that person is given."""
        return self.origin.regimen

    @property
    def regimens(self) -> Mapping[Hashable, Regimen]:
        """What that person is given, by the number that the file calls them by, as records have it."""
        return {str(self.person.ids[0]): self.regimen}

    def course(self) -> Undisturbed:
        """Return the life that the file says, without chance events, for ``outputs`` at days since day 0."""
        o = self.origin
        return Undisturbed(o.built(), o.person, o.regimen, o.years, o.draws)


def import_sbml(file: str | Path) -> OwnModel:
    """Return what an SBML file of ours was made of.

    Raises InputError, one sentence naming what, for a file that is no SBML, a model that antitrypsim did not write,
    one of another version, and one that was changed since.
    """
    return own_model(read_sbml(Path(file)), str(file))


def own_model(text: str, place: str) -> OwnModel:
    """Return what SBML of ours as text was made of; ``place`` is what a refusal calls it."""
    origin = origin_of(text, place)
    given = sum(len(dose.times) for dose in origin.regimen.doses)
    person = origin.person
    who = ", ".join(str(label[0]) for label in person.labels.values())
    carried = (
        f"the model with {', '.join(origin.therapies) or 'no therapy'}, equation for equation as it is here",
        f"person {person.ids[0]}, {person.age[0] / YEAR:.1f} years at day 0{': ' if who else ''}{who}",
        f"given: {origin.regimen.name}, {so_many(given, 'dose')}, followed until day {origin.years * YEAR:g}",
    )
    left = (
        ("when chance events happen, which follows from the person's own random streams",)
        if origin.chance
        else ()
    )
    return OwnModel(origin, LossReport(carried, (), left))
