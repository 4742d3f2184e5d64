"""The design file: a trial laid over a protocol, to be run thousands of times and judged."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, field_validator

from antitrypsim.documents.faults import Part, fault, unknown
from antitrypsim.documents.kindred import begins
from antitrypsim.documents.loading import document_from, text_of
from antitrypsim.documents.yamltext import YamlText
from antitrypsim.foundations.errors import InputError, ProtocolError, nearest
from antitrypsim.foundations.provenance import content_hash
from antitrypsim.foundations.seed import SEED
from antitrypsim.protocols.conducting import (
    Accrual,
    Allocation,
    Count,
    Intercurrent,
    Leaving,
    Screen,
)
from antitrypsim.protocols.delivery import Delivery
from antitrypsim.protocols.kinds import NAMES, Kind, Parallel
from antitrypsim.protocols.load import load_protocol
from antitrypsim.protocols.parts import EndpointPlan, Id, Number, Words
from antitrypsim.protocols.protocol import Protocol

VERSION = 1
FIRST = "trial_design"
_BUNDLED = Path(__file__).resolve().parent / "designs"
Probability = Annotated[Number, Field(gt=0, lt=1)]


class LibrarySize(Part):
    """How many virtual people trials are drawn from, and how much of the unknown is drawn."""

    people: Count = Field(default=2000, description="people who live at typical values")
    draws: Annotated[int, Field(strict=True, ge=0)] = Field(
        default=100, description="draws of what is unknown; 0 for no assurance"
    )
    per_draw: Count = Field(default=200, description="people who live each draw")


class Costs(Part):
    """What a trial costs, in any one currency; every number is the designer's."""

    currency: Words = Field(default="units", description="the name of the currency")
    fixed: Annotated[Number, Field(ge=0)] = Field(default=0.0, description="of the whole trial")
    per_participant: Annotated[Number, Field(ge=0)] = Field(default=0.0, description="of each")
    per_visit: Annotated[Number, Field(ge=0)] = Field(default=0.0, description="of each visit")
    per_month: Annotated[Number, Field(ge=0)] = Field(default=0.0, description="of each month")
    screened: Annotated[Number, Field(ge=0)] = Field(
        default=0.0, description="of each person who is screened and not taken"
    )
    treatment: dict[str, Annotated[Number, Field(ge=0)]] = Field(
        default={}, description="by arm id, of each participant in it"
    )


class Worth(Part):
    """What conclusions are worth, in the currency of the costs; every number is the designer's."""

    right_claim: Number = Field(description="of claiming an effect that matters")
    wrong_claim: Number = Field(default=0.0, description="of claiming one that does not; negative")
    missed: Number = Field(default=0.0, description="of missing one that matters; negative")


class Search(Part):
    """What is tried: every combination of what is listed; a list left out stays as it is."""

    participants: tuple[Count, ...] = Field(default=(), description="numbers of participants")
    endpoints: tuple[EndpointPlan, ...] = Field(default=(), description="primary endpoints")
    treatments: dict[Id, tuple[Delivery, ...]] = Field(
        default={}, description="by a name, what the treated arm gets: dose, interval and route"
    )
    populations: dict[str, tuple[Screen, ...]] = Field(
        default={}, description="by a name, criteria on measured values at screening"
    )
    visits: dict[str, tuple[str, ...]] = Field(
        default={}, description="by a name, the visits that are kept"
    )
    until: tuple[str, ...] = Field(
        default=(), description="visits at which the trial ends: its duration"
    )


class TrialDesign(Part):
    """A trial design: what is asked, on which protocol, how it is conducted and judged."""

    trial_design: int = Field(strict=True, description="version of this file format, 1")
    id: Id = Field(description="a short name that stays the same")
    title: Words = Field(description="the title")
    question: Words = Field(description="what the trial asks, in plain words")
    context_of_use: Words = Field(
        default="To choose between designs; not evidence that a treatment works.",
        description="what its results are for, and what they are not for",
    )
    protocol: Words = Field(description="the protocol, bundled or a file: people, arms, visits")
    primary: EndpointPlan | None = Field(
        default=None, description="what decides; the protocol's primary endpoint if left out"
    )
    alpha: Annotated[Number, Field(gt=0, lt=0.5)] | None = Field(
        default=None, description="two-sided type I error; the protocol's if left out"
    )
    relevant: Number | None = Field(
        default=None,
        description="the smallest effect that matters to patients, in the unit of the effect; "
        "any benefit if left out",
    )
    participants: Count | None = Field(
        default=None, description="how many take part; the protocol's number if left out"
    )
    visits: tuple[str, ...] = Field(
        default=(), description="the visits that are kept, from day 0 on; all if left out"
    )
    until: str | None = Field(
        default=None,
        description="the visit at which the trial ends; the protocol's end if left out",
    )
    sizes: tuple[Count, ...] = Field(default=(), description="numbers at which power is told")
    wanted: Probability = Field(default=0.9, description="the power that is wanted")
    design: Kind = Field(default=Parallel(kind="parallel"), description="the kind of trial")
    allocation: Allocation = Field(default=Allocation(), description="how arms are given")
    accrual: Accrual = Field(default=Accrual(), description="how people are found")
    screening: tuple[Screen, ...] = Field(default=(), description="criteria on measured values")
    leaving: Leaving = Field(default=Leaving(), description="who leaves the trial")
    intercurrent: tuple[Intercurrent, ...] = Field(
        default=(), description="events that bear on the endpoint, and the estimand's strategy"
    )
    library: LibrarySize = Field(default=LibrarySize(), description="whom trials are drawn from")
    replicates: Count = Field(default=2000, description="trials that are drawn")
    seed: Annotated[int, Field(strict=True)] = Field(default=SEED, description="keys all chance")
    costs: Costs = Field(default=Costs(), description="what trials cost")
    worth: Worth | None = Field(default=None, description="what conclusions are worth")
    search: Search | None = Field(default=None, description="which designs are tried")
    notes: tuple[Words, ...] = Field(default=(), description="what is assumed or unknown")

    @field_validator("trial_design")
    @classmethod
    def _readable_version(cls, version: int) -> int:
        if version != VERSION:
            raise fault(f"this software reads version {VERSION} of the format, not {version}")
        return version

    @field_validator("design", mode="before")
    @classmethod
    def _known_kind(cls, value: Any) -> Any:
        if isinstance(value, dict) and value.get("kind") not in NAMES:
            if "kind" not in value:
                raise fault(f"'kind' is missing: one of {', '.join(NAMES)}")
            raise fault(unknown("kind", str(value["kind"]), NAMES), "kind")
        return value

    @cached_property
    def content_hash(self) -> str:
        """Hash of everything that the file says."""
        return content_hash(self.model_dump(mode="json"))


def load_design(source: str | Path) -> tuple[TrialDesign, Protocol]:
    """Return the design that a YAML file says, or a bundled one, and its protocol.

    A protocol's own id or file is taken as a parallel design of that protocol. A protocol named in a
    file is looked for beside it. Raises ProtocolError, one sentence with file, line and key.
    """
    bundled = tuple(f.stem for f in sorted(_BUNDLED.glob("*.yaml")))
    file = _BUNDLED / f"{source}.yaml" if str(source) in bundled else Path(source)
    if file.suffix.lower() not in (".yaml", ".yml"):
        try:
            plain = load_protocol(source)
        except ProtocolError as problem:
            raise _neither(str(source), bundled, problem) from problem
        return _plain(plain)
    parsed = YamlText(text_of(file, FIRST), str(file), begins(FIRST))
    if isinstance(parsed.data, dict) and "antitrypsim" in parsed.data:
        return _plain(load_protocol(source))
    design = document_from(TrialDesign, parsed.data, FIRST, path=str(file), text=parsed)
    try:
        protocol = load_protocol(beside(file, design.protocol))
    except ProtocolError as problem:
        if problem.path is None:
            problem.path, problem.key = str(file), "protocol"
            problem.line = parsed.line_of(("protocol",))
        raise
    try:
        check_design(design, protocol)
    except InputError as problem:
        problem.path = problem.path or str(file)
        if problem.line is None and problem.key is not None:
            problem.line = parsed.line_of(_where(problem.key))
        raise
    return design, protocol


def beside(file: Path, name: str) -> str | Path:
    """Return the file of a protocol beside a design, or the name as it stands."""
    beside = file.parent / name
    try:
        return beside if beside.is_file() else name
    except (OSError, ValueError):
        # A name that no file can have is no file.
        return name


def _where(key: str) -> tuple[str | int, ...]:
    parts = key.replace("[", ".[").split(".")
    return tuple(int(p[1:-1]) if p.startswith("[") else p for p in parts)


def bundled_designs() -> dict[str, str]:
    """Return the titles of the designs that come with the package, by id."""
    from ruamel.yaml import YAML

    reader = YAML(typ="safe", pure=True)
    files = sorted(_BUNDLED.glob("*.yaml"))
    return {f.stem: str(reader.load(f.read_text(encoding="utf-8"))["title"]) for f in files}


def _plain(protocol: Protocol) -> tuple[TrialDesign, Protocol]:
    said: dict[str, Any] = {
        "trial_design": VERSION, "id": protocol.id, "title": protocol.title,
        "question": protocol.question, "context_of_use": protocol.context_of_use,
        "protocol": protocol.id,
    }  # fmt: skip
    design = TrialDesign.model_validate(said)
    check_design(design, protocol)
    return design, protocol


def _neither(source: str, bundled: tuple[str, ...], problem: ProtocolError) -> ProtocolError:
    from antitrypsim.protocols.load import bundled_protocols

    hint = nearest(source, (*bundled, *bundled_protocols()))
    if not hint:
        return problem
    return ProtocolError(f"no design or protocol '{source}'{hint}")


def check_design(design: TrialDesign, protocol: Protocol) -> None:
    """Raise ProtocolError, one sentence, for a design that cannot be on this protocol."""
    from antitrypsim.protocols.designrules import check

    check(design, protocol)
