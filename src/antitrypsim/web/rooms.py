"""The rooms of the page: which question each asks, and by which fields.

A form is made from these values, so that a field's name, unit and choices are said once. What a
field is called in a request is its ``name``; a therapy is text, as on the command line.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict

Kind = Literal["number", "whole", "numbers", "wholes", "choice", "text", "therapy", "therapies"]


class Frozen(BaseModel):
    """A value that the page is told."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Choice(Frozen):
    """One of the values of a field, in words."""

    value: str
    title: str


class Entry(Frozen):
    """A field of a form.

    ``usual`` is what stands there at first, ``missing`` what a request takes that leaves it out; ''
    is 'not known'. ``more`` are fields that are opened by whoever wants them.
    """

    name: str
    title: str
    kind: Kind
    unit: str = ""
    usual: str = ""
    missing: str = ""
    hint: str = ""
    choices: tuple[Choice, ...] = ()
    more: bool = False


class Room(Frozen):
    """A room: ``first`` is what its question says for a quick first answer."""

    id: str
    title: str
    asks: str
    lead: str
    verb: str
    again: str = ""
    fields: tuple[Entry, ...]
    first: dict[str, int] = {}


class House(Frozen):
    """Everything that the page knows before anybody asks."""

    version: str
    seed: int
    notice: str
    rooms: tuple[Room, ...]
    therapies: tuple[Choice, ...]


def _plain(*words: str) -> tuple[Choice, ...]:
    return tuple(Choice(value=word, title=word) for word in words)


@cache
def rooms() -> Mapping[str, Room]:
    """Return the rooms by their word in the address, in their order."""
    from antitrypsim.populations.spec import GENOTYPES
    from antitrypsim.protocols import bundled_protocols

    protocols = tuple(Choice(value=id, title=f"{id}: {t}") for id, t in bundled_protocols().items())
    genotypes = tuple(
        Choice(value=word, title=word if word == "null" else f"Pi*{word}") for word in GENOTYPES
    )
    smoking = (
        Choice(value="never", title="never"),
        Choice(value="ex", title="stopped"),
        Choice(value="current", title="smokes"),
    )
    protocol = Entry(
        name="protocol", title="Protocol", kind="choice", usual="rapid", choices=protocols
    )
    found = (
        Room(
            id="person", title="Person", asks="patient", verb="Show the course",
            lead="The course of people like one, without and with a therapy.",
            first={"people": 20, "uncertainty": 0},
            fields=(
                Entry(name="genotype", title="Genotype", kind="choice", usual="ZZ", choices=genotypes),
                Entry(name="age", title="Age", kind="number", unit="years", usual="50"),
                Entry(name="sex", title="Sex", kind="choice", usual="female", choices=_plain("female", "male")),
                Entry(name="smoking", title="Smoking", kind="choice", usual="never", choices=smoking),
                Entry(name="quit_age", title="Stopped at", kind="number", unit="years", more=True,
                      hint="of somebody who stopped"),
                Entry(name="fev1", title="FEV1", kind="number", unit="% of predicted"),
                Entry(name="serum", title="Serum AAT", kind="number", unit="µM", more=True),
                Entry(name="stiffness", title="Liver stiffness", kind="number", unit="kPa", more=True),
                Entry(name="height", title="Height", kind="number", unit="m", more=True),
                Entry(name="weight", title="Weight", kind="number", unit="kg", more=True),
                Entry(name="therapy", title="Therapy", kind="therapy",
                      hint="product:dose/interval; join with +"),
                Entry(name="years", title="Look ahead", kind="number", unit="years", usual="10"),
                Entry(name="people", title="People like this one", kind="whole", usual="100"),
                Entry(name="uncertainty", title="Draws of what nobody knows", kind="whole", usual="0",
                      hint="0 for none; such as 50"),
            ),
        ),
        Room(
            id="compare", title="Compare", asks="compare", verb="Compare",
            lead="Up to four therapies in the same virtual people, with both spreads, and what decides.",
            fields=(
                Entry(name="therapies", title="Therapies", kind="therapies",
                      usual="augmentation:60mg/kg/week\nmsc@intravenous:1e8cells/3months",
                      hint="one a line"),
                Entry(name="population", title="Whose people", kind="choice", usual="natural-history",
                      choices=protocols),
                Entry(name="people", title="People", kind="whole", usual="40"),
                Entry(name="years", title="Read at", kind="numbers", unit="years", usual="1, 2, 5"),
                Entry(name="uncertainty", title="Draws of what is unknown", kind="whole", usual="50"),
            ),
        ),
        Room(
            id="trial", title="Trial", asks="run", verb="Run one trial", again="Again, with other chance",
            lead="One virtual trial of a protocol, with the true effect beside it, which no trial has.",
            fields=(
                protocol,
                Entry(name="participants", title="Participants", kind="whole",
                      hint="the protocol's number if left out"),
            ),
        ),
        Room(
            id="design", title="Design", asks="power", verb="Draw trials",
            lead="The power of a design by its size, from trials drawn by the hundred.",
            fields=(
                protocol.model_copy(update={"name": "design", "title": "Design"}),
                Entry(name="sizes", title="Sizes", kind="wholes", unit="participants", usual="60, 120, 240"),
                Entry(name="wanted", title="Wanted power", kind="number", hint="such as 0.9"),
                Entry(name="replicates", title="Trials drawn", kind="whole", usual="400"),
                Entry(name="people", title="Virtual people", kind="whole", usual="500"),
                Entry(name="draws", title="Draws of what is unknown", kind="whole", usual="0"),
            ),
        ),
        Room(
            id="evidence", title="Evidence", asks="evidence", verb="Look up",
            lead="What every number rests on: value, spread, grade and source.",
            fields=(
                Entry(name="words", title="Words, or an id", kind="text",
                      hint="such as density, or BIO-B27"),
            ),
        ),
    )  # fmt: skip
    return {room.id: _with_missing(room) for room in found}


def _with_missing(room: Room) -> Room:
    """Return a room whose fields say what its request takes where they are left out."""
    from antitrypsim.runs.requests import requests

    known = requests()[room.asks].model_fields

    def text(value: object) -> str:
        if isinstance(value, tuple):
            return ", ".join(map(text, value))
        return f"{value:g}" if isinstance(value, float) else str(value)

    def missing(name: str) -> str:
        info = known[name]
        return "" if info.is_required() or info.default is None else text(info.default)

    fields = tuple(f.model_copy(update={"missing": missing(f.name)}) for f in room.fields)
    return room.model_copy(update={"fields": fields})


@cache
def house() -> House:
    """Return everything that the page knows before anybody asks."""
    from importlib.metadata import version

    from antitrypsim.foundations.seed import SEED
    from antitrypsim.protocols import BANNER
    from antitrypsim.protocols.delivery import known_doses
    from antitrypsim.protocols.therapywords import therapy_words

    examples = {
        dose.example: therapy_words(dose.example) for dose in known_doses().values() if dose.example
    }
    return House(
        version=version("antitrypsim"), seed=SEED, notice=BANNER, rooms=tuple(rooms().values()),
        therapies=tuple(Choice(value=text, title=words) for text, words in examples.items()),
    )  # fmt: skip
