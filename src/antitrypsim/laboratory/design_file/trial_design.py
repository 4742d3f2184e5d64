"""The design file: a trial laid over a protocol, to be run thousands of times and judged."""

from __future__ import annotations

from functools import cached_property, reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, field_validator

from antitrypsim.documents.faults import Part, fault, unknown
from antitrypsim.foundations.provenance import content_hash
from antitrypsim.foundations.seed import SEED
from antitrypsim.laboratory.design_file.conducting import (
    Accrual,
    Allocation,
    Count,
    Intercurrent,
    Leaving,
    Screen,
)
from antitrypsim.laboratory.designs import KINDS
from antitrypsim.laboratory.designs.base import DesignTerms
from antitrypsim.protocols.delivery import Delivery
from antitrypsim.protocols.parts import EndpointPlan, Id, Number, Title, Words

VERSION = 1
if TYPE_CHECKING:
    Kind = DesignTerms
else:
    # Whichever files there are: a kind of design is one of them, told by its word.
    Kind = Annotated[reduce(or_, KINDS.values()), Field(discriminator="kind")]

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
    title: Title = Field(description="the title")
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
    target_power: Probability = Field(
        default=0.9, alias="wanted", description="the power that is wanted"
    )
    design: Kind = Field(
        default=KINDS["parallel"](kind="parallel"), description="the kind of trial"
    )
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
    def _known_kind(cls, value: object) -> object:
        if isinstance(value, dict) and str(value.get("kind")) not in KINDS:
            if "kind" not in value:
                raise fault(f"'kind' is missing: one of {', '.join(KINDS)}")
            raise fault(unknown("kind", str(value["kind"]), KINDS), "kind")
        return value

    @cached_property
    def content_hash(self) -> str:
        """Hash of everything that the file says."""
        return content_hash(self.model_dump(mode="json", by_alias=True))
