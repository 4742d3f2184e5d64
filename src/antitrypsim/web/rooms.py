"""The rooms of the page: which question each asks, and by which fields.

A form is made from these values, so that a field's name, unit and choices are said once. What a
field is called in a request is its ``name``; a therapy is text, as on the command line.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from antitrypsim.web.drafts import OWN

Kind = Literal[
    "number",
    "whole",
    "numbers",
    "wholes",
    "choice",
    "text",
    "therapy",
    "therapies",
    "mechanisms",
    "lines",
]


class Frozen(BaseModel):
    """A value that the page is told."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Choice(Frozen):
    """One of the values of a field, in words."""

    value: str
    title: str


class Entry(Frozen):
    """A field of a form.

    ``units`` are others in which the field may be filled in; the server turns them into ``unit``, as many of which each is
    as ``factors`` say.
    ``usual`` is what stands there at first, ``missing`` what a request takes that leaves it out; ''
    is 'not known'. ``more`` are fields that are opened by whoever wants them.
    """

    name: str
    title: str
    kind: Kind
    unit: str = ""
    units: tuple[str, ...] = ()
    factors: tuple[float, ...] = ()
    usual: str = ""
    missing: str = ""
    hint: str = ""
    choices: tuple[Choice, ...] = ()
    more: bool = False


class Room(Frozen):
    """A room: ``first`` is what its question says for a first answer.

    Such answers wait for no long question, unless they are as ``long`` as others; ``quick``: all answers are of that kind.
    """

    id: str
    title: str
    asks: str
    lead: str
    verb: str
    again: str = ""
    fields: tuple[Entry, ...]
    first: dict[str, int] = {}
    long: bool = False
    quick: bool = False


class Mechanism(Frozen):
    """A named effect that can be switched off: what it says, and through which products it acts."""

    name: str
    says: tuple[str, ...]
    products: tuple[str, ...]


class House(Frozen):
    """Everything that the page knows before anybody asks; ``describes`` are the fields that say who a person is."""

    version: str
    seed: int
    notice: str
    rooms: tuple[Room, ...]
    therapies: tuple[Choice, ...]
    mechanisms: tuple[Mechanism, ...]
    serum_units: tuple[str, ...]
    describes: tuple[str, ...]


def _plain(*words: str) -> tuple[Choice, ...]:
    return tuple(Choice(value=word, title=word) for word in words)


_CONDITIONS = {
    "alcohol": "Harmful drinking", "metabolic": "Metabolic liver disease", "bronchiectasis": "Bronchiectasis",
}  # fmt: skip


@cache
def rooms() -> Mapping[str, Room]:
    """Return the rooms by their word in the address, in their order."""
    from typing import get_args

    from antitrypsim.calibration.posterior.knowledge import ASKED_PRIOR, PACKAGED
    from antitrypsim.laboratory.design_file.load import bundled_designs
    from antitrypsim.laboratory.designs.group_sequential import Spending
    from antitrypsim.populations.spec import GENOTYPES
    from antitrypsim.protocols import bundled_protocols

    designs = tuple(
        Choice(value=id, title=f"{id}: {title}") for id, title in _sized(bundled_designs()).items()
    )
    protocols = tuple(Choice(value=id, title=f"{id}: {t}") for id, t in bundled_protocols().items())
    genotypes = tuple(
        Choice(value=word, title=word if word == "null" else f"Pi*{word}") for word in GENOTYPES
    )
    smoking = (
        Choice(value="never", title="never"),
        Choice(value="ex", title="stopped"),
        Choice(value="current", title="smokes"),
    )
    known = (Choice(value="", title="not known"), *_plain("yes", "no"))
    protocol = Entry(
        name="protocol", title="Protocol", kind="choice", usual="rapid",
        choices=(*protocols, Choice(value=OWN, title="one of my own")),
    )  # fmt: skip
    switches = Entry(
        name="without", title="Mechanisms", kind="mechanisms",
        hint="what is switched off does nothing, and the lines move"
    )  # fmt: skip
    none = "" if PACKAGED.is_file() else "this version has no posterior yet: as before them"
    posterior = Entry(
        name="posterior", title="They are drawn", kind="choice", usual="", hint=none,
        choices=(Choice(value="", title="as known after the published targets"),
                 Choice(value=ASKED_PRIOR, title="as known before them")),
    )  # fmt: skip
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
                Entry(name="serum", title="Serum AAT", kind="number", unit="µM",
                      **_units("serum"), more=True),
                Entry(name="stiffness", title="Liver stiffness", kind="number", unit="kPa", more=True),
                Entry(name="fev1_within", title="FEV1 within", kind="number", unit="% of predicted", more=True,
                      hint=f"of the described; {_band('fev1')} if left out"),
                Entry(name="serum_within", title="Serum AAT within", kind="number", unit="µM", more=True,
                      hint=f"{_band('serum')} if left out"),
                Entry(name="stiffness_within", title="Stiffness within", kind="number", unit="kPa", more=True,
                      hint=f"{_band('stiffness')} if left out"),
                Entry(name="height", title="Height", kind="number", unit="m",
                      **_units("height"), more=True),
                Entry(name="weight", title="Weight", kind="number", unit="kg",
                      **_units("weight"), more=True),
                Entry(name="bmi", title="Body mass index", kind="number", unit="kg/m²", more=True),
                *(Entry(name=name, title=title, kind="choice", usual="", choices=known, more=True)
                  for name, title in _CONDITIONS.items()),
                Entry(name="measured", title="Measured over the years", kind="lines", more=True,
                      hint="a line each: FEV1 2.31 L at 44, or now; AATSER, PD15, SGRQ likewise"),
                Entry(name="past", title="Given before", kind="lines", more=True,
                      hint="a line each: augmentation:60mg/kg/week from 45 to 48, or to now"),
                Entry(name="therapy", title="Therapy", kind="therapy",
                      hint="product:dose/interval; join with +"),
                switches,
                Entry(name="years", title="Look ahead", kind="number", unit="years", usual="10"),
                Entry(name="people", title="People like this one", kind="whole", usual="100"),
                Entry(name="uncertainty", title="Draws of what nobody knows", kind="whole", usual="0",
                      hint="0 for none; such as 50"),
                posterior,
            ),
        ),
        Room(
            id="compare", title="Compare", asks="compare", verb="Compare",
            lead="Up to four therapies in the same virtual people, with both spreads, and what decides.",
            first={"people": 20, "uncertainty": 0},
            fields=(
                Entry(name="therapies", title="Therapies", kind="therapies",
                      usual="augmentation:60mg/kg/week\nmsc@intravenous:1e8cells/3months",
                      hint="one a line"),
                switches,
                Entry(name="population", title="Whose people", kind="choice", usual="natural-history",
                      choices=protocols),
                Entry(name="people", title="People", kind="whole", usual="40"),
                Entry(name="years", title="Read at", kind="numbers", unit="years", usual="1, 2, 5"),
                Entry(name="uncertainty", title="Draws of what nobody knows", kind="whole", usual="50",
                      hint="0 for none"),
                posterior,
            ),
        ),
        Room(
            id="trial", title="Trial", asks="run", verb="Run one trial", again="Again, with other chance",
            lead="One virtual trial of a protocol, with the true effect beside it, which no trial has.",
            first={"uncertainty": 0}, long=True,
            fields=(
                protocol,
                Entry(name="participants", title="Participants", kind="whole",
                      hint="the protocol's number if left out"),
                Entry(name="uncertainty", title="Draws of what nobody knows", kind="whole", usual="0",
                      hint="0 for none; such as 50 to see which unknown decides"),
                posterior,
            ),
        ),
        Room(
            id="design", title="Design", asks="power", verb="Draw trials",
            lead="The power of a design by its size, from trials drawn by the hundred; twenty of them one by one.",
            first={"people": 60, "replicates": 100, "draws": 0},
            fields=(
                protocol.model_copy(
                    update={"name": "design", "title": "Design", "choices": (*protocol.choices, *designs)}
                ),
                Entry(name="sizes", title="Sizes", kind="wholes", unit="participants",
                      hint="the design's own if left out; such as 60, 120, 240"),
                Entry(name="wanted", title="Wanted power", kind="number", hint="0.9 if left out"),
                Entry(name="replicates", title="Trials drawn", kind="whole", usual="400"),
                Entry(name="people", title="Virtual people", kind="whole", usual="500"),
                Entry(name="draws", title="Draws of what nobody knows", kind="whole", usual="0",
                      hint="0 for none; such as 50"),
                posterior,
                Entry(name="looks", title="Looks on the way", kind="numbers", more=True, unit="shares",
                      hint="of the participants, the last 1: 0.5, 1"),
                Entry(name="bounds", title="Bounds of the looks", kind="choice", more=True,
                      choices=(Choice(value="", title="usual"), *_plain(*get_args(Spending)))),
                Entry(name="futility", title="Given up below", kind="number", more=True,
                      unit="conditional power", hint="at a look; such as 0.1"),
                Entry(name="per_month", title="Found a month", kind="number", more=True, unit="participants"),
                Entry(name="relevant", title="Smallest effect that matters", kind="number", more=True,
                      hint="in the unit of the effect; any benefit if left out"),
            ),
        ),
        Room(
            id="evidence", title="Evidence", asks="evidence", verb="Look up", quick=True,
            lead="What every number rests on: value, spread, grade and source.",
            fields=(
                Entry(name="words", title="Words, or an id", kind="text",
                      hint="such as density, or BIO-B27"),
            ),
        ),
    )  # fmt: skip
    return {room.id: _with_missing(room) for room in found}


def _band(name: str) -> str:
    from antitrypsim.populations.matching import LIKENESS

    return next(f"{each.band:g}" for each in LIKENESS if each.name == name)


def _sized(designs: Mapping[str, str]) -> dict[str, str]:
    """Return the designs whose size is one number: only of those a power curve can be drawn."""
    from antitrypsim.laboratory.design_file.load import bundled_kinds
    from antitrypsim.laboratory.designs import KINDS

    kinds = bundled_kinds()
    return {id: title for id, title in designs.items() if KINDS[kinds[id]].sized}


@cache
def units_of(field: str) -> Mapping[str, float]:
    """Return the other units that a field may be said in, each with its factor to the field's own."""
    from antitrypsim.evidence.aat import grams_per_micromole
    from antitrypsim.foundations.units import convert

    if field == "serum":
        # 1 µM weighs as many g/L as a micromole weighs grams.
        return {
            unit: convert(1.0, unit, "g/L") / grams_per_micromole() for unit in ("g/L", "mg/dL")
        }
    own = {"height": ("m", ("cm",)), "weight": ("kg", ("lb",))}.get(field)
    return {} if own is None else {unit: convert(1.0, unit, own[0]) for unit in own[1]}


def _units(field: str) -> dict[str, Any]:
    return {"units": tuple(units_of(field)), "factors": tuple(units_of(field).values())}


@cache
def serum_units() -> Mapping[str, tuple[float, int]]:
    """Return the units in which serum AAT is shown, its own first: how many 1 µM is, and decimals."""
    from math import log10

    from antitrypsim.endpoints import endpoint

    what = endpoint("serum_aat")
    found = {what.unit: 1.0, **{unit: 1 / factor for unit, factor in units_of("serum").items()}}
    # As many figures in each: a unit that is ten times as large is told with a decimal more.
    return {
        unit: (per, max(0, what.decimals - round(log10(per)))) for unit, per in found.items()
    }  # fmt: skip


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


def _mechanisms() -> tuple[Mechanism, ...]:
    """Return every mechanism, with the products whose therapy it belongs to or acts through."""
    from antitrypsim.organs import organ_modules
    from antitrypsim.therapies import therapy_modules

    says: dict[str, list[str]] = {}
    products: dict[str, list[str]] = {}
    reached: dict[str, list[str]] = {}
    for module in therapy_modules():
        own = list(dict.fromkeys(dose.product for dose in module.doses))
        for effect in module.effects:
            target = getattr(effect.target, "handle", effect.target)
            reached.setdefault(target.name.partition(".")[0], []).extend(own)
    for module in (*therapy_modules(), *organ_modules()):
        acts = [dose.product for dose in module.doses] or reached.get(module.name, [])
        for effect in module.effects:
            if effect.mechanism:
                says.setdefault(effect.mechanism, []).append(effect.why)
                products.setdefault(effect.mechanism, []).extend(acts)
    return tuple(
        Mechanism(name=name, says=tuple(dict.fromkeys(why)), products=tuple(sorted({*products[name]})))
        for name, why in sorted(says.items())
    )  # fmt: skip


@cache
def house() -> House:
    """Return everything that the page knows before anybody asks."""
    from importlib.metadata import version

    from antitrypsim.foundations.seed import SEED
    from antitrypsim.populations.matching import DESCRIBED
    from antitrypsim.protocols import BANNER
    from antitrypsim.protocols.delivery import known_doses
    from antitrypsim.protocols.therapywords import therapy_words

    examples = {
        dose.example: therapy_words(dose.example) for dose in known_doses().values() if dose.example
    }
    return House(
        version=version("antitrypsim"), seed=SEED, notice=BANNER, rooms=tuple(rooms().values()),
        therapies=tuple(Choice(value=text, title=words) for text, words in examples.items()),
        mechanisms=_mechanisms(), serum_units=tuple(serum_units()), describes=DESCRIBED,
    )  # fmt: skip
