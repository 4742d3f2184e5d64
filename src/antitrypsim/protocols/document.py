"""The document that says a whole trial: its keys, and what follows from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from antitrypsim.documents.faults import Part, fault
from antitrypsim.documents.times import days
from antitrypsim.foundations.errors import ProtocolError
from antitrypsim.foundations.plain import Plain
from antitrypsim.foundations.provenance import content_hash
from antitrypsim.populations.spec import MOST_PARTICIPANTS, Population
from antitrypsim.protocols.delivery import by_name, known_doses
from antitrypsim.protocols.parts import (
    Arm,
    Assessment,
    BandedId,
    Claimed,
    Dropout,
    Endpoints,
    Epoch,
    FactId,
    Id,
    Number,
    Published,
    Reference,
    StratumId,
    Title,
    Visits,
    Words,
)  # fmt: skip

if TYPE_CHECKING:
    from antitrypsim.foundations.arrays import Ints
    from antitrypsim.modelling import Model
    from antitrypsim.protocols.delivery import AnyDose, Delivery
    from antitrypsim.simulation.regimen import Regimen

BANNER = "For research; not for the care of an individual."
"""Stands beside every context of use."""

CALIBRATED = (
    "The data of this trial were used to fit the model: agreement with them proves nothing."
)
"""Stands beside every result of a protocol in the role 'calibration'."""

VERSION = 1
Role = Literal["calibration", "prediction", "demonstration"]


class ProtocolDocument(Part):
    """What a protocol says, each part for itself; that the parts agree is held by ``Protocol``."""

    antitrypsim: int = Field(
        strict=True,
        description="version of this file format, 1",
        json_schema_extra={"const": VERSION},
    )
    id: Id = Field(description="a short name that stays the same")
    title: Title = Field(description="the title of the trial")
    question: Words = Field(description="what the trial asks, in plain words")
    context_of_use: Words = Field(description="what its results are for, and what they are not for")
    role: Role = Field(
        description="calibration (its data were used to fit the model), prediction or demonstration"
    )
    references: tuple[Reference, ...] = Field(default=(), description="where the design is from")
    facts: tuple[FactId, ...] = Field(
        default=(), description="rows of the evidence table that the design rests on"
    )
    population: Population = Field(description="who takes part: shares, ages and criteria")
    participants: Annotated[int, Field(strict=True)] = Field(
        description=f"how many are randomised, up to {MOST_PARTICIPANTS:,}",
        json_schema_extra={"minimum": 1, "maximum": MOST_PARTICIPANTS},
    )
    allocation: dict[str, Annotated[int, Field(strict=True, ge=1)]] = Field(
        description="by arm id, how many participants; if they do not add up to 'participants', a "
        "ratio such as 2 to 1"
    )
    stratify_by: tuple[StratumId, ...] = Field(
        default=(), description="within which groups blocks are randomised"
    )
    bands: dict[BandedId, tuple[Number, ...]] | None = Field(
        default=None,
        description="where one group of a number ends and the next begins, by the word that is stratified "
        "by: 'age: [50]', 'fibrosis_stage: [2, 3]'",
    )
    epochs: tuple[Epoch, ...] = Field(
        min_length=1, description="the stretches of the trial, in order"
    )
    arms: tuple[Arm, ...] = Field(min_length=1, description="the groups of participants")
    visits: Visits = Field(
        min_length=1, description="a list of id and time, or a unit and a table of times"
    )
    assessments: tuple[Assessment, ...] = Field(min_length=1, description="what is measured when")
    dropout: Dropout = Field(default=Dropout(yearly=0.0), description="who leaves the trial")
    endpoints: Endpoints = Field(description="what the trial is judged by")
    published: tuple[Published, ...] = Field(default=(), description="what the real trial reported")
    claimed: tuple[Claimed, ...] = Field(
        default=(),
        description="results claimed without a source, to be worked backwards; never evidence",
    )
    notes: tuple[Words, ...] = Field(
        default=(), description="what is assumed, unknown or different from the real trial"
    )

    @field_validator("antitrypsim")
    @classmethod
    def _readable_version(cls, version: int) -> int:
        if version != VERSION:
            raise fault(f"this software reads version {VERSION} of the format, not {version}")
        return version

    @property
    def notices(self) -> tuple[str, ...]:
        """What every output of this protocol must say."""
        return (BANNER, CALIBRATED) if self.role == "calibration" else (BANNER,)

    @cached_property
    def length_days(self) -> float:
        """Days from randomisation to the end of the last epoch."""
        return sum(days(epoch.length) for epoch in self.epochs)

    def epoch_days(self) -> dict[str, tuple[float, float]]:
        """Return for each epoch id its first day and the day at which it has ended."""
        found, start = {}, 0.0
        for epoch in self.epochs:
            end = start + days(epoch.length)
            found[epoch.id] = (start, end)
            start = end
        return found

    def visit_days(self) -> dict[str, float]:
        """Return for each visit id its day since randomisation, earliest first."""
        found = {visit.id: days(visit.time) for visit in self.visits}
        return dict(sorted(found.items(), key=lambda item: item[1]))

    def assessment_visits(self, endpoint: str) -> tuple[str, ...]:
        """Return the visits at which ``endpoint`` is measured, earliest first; none for events."""
        order = self.visit_days()
        for assessment in self.assessments:
            if assessment.endpoint == endpoint and assessment.visits is not None:
                asked = order if assessment.visits == "all" else assessment.visits
                return tuple(visit for visit in order if visit in asked)
        return ()

    def arm_sizes(self, participants: int | None = None) -> dict[str, int]:
        """Return how many participants each arm has; they add up to ``participants``.

        By default the protocol's own number; an arm has none where too few take part. Largest
        remainders, earlier arms first: of shares that are not whole a trial rounds one or another
        up, as its list falls.
        """
        count = self.participants if participants is None else participants
        parts = {arm.id: self.allocation[arm.id] for arm in self.arms}
        whole = sum(parts.values())
        sizes = {arm: count * part // whole for arm, part in parts.items()}
        left = count - sum(sizes.values())
        remainders = sorted(parts, key=lambda arm: -(count * parts[arm] % whole))
        for arm in remainders[:left]:
            sizes[arm] += 1
        return sizes

    def dropout_of(self, arm: str) -> float:
        """Return the share of an arm that leaves within a year."""
        return self.dropout.by_arm.get(arm, self.dropout.yearly)

    def regimens(self, model: Model | None = None) -> dict[str, Regimen]:
        """Return what each arm receives, by arm id: times in days since randomisation.

        ``model`` is needed only for therapies from elsewhere. No dose falls on the end of its epoch
        or later. Raises ProtocolError for a dose that the model does not have.
        """
        from antitrypsim.simulation.regimen import Regimen

        doses = known_doses() if model is None else by_name(model.doses)
        spans = self.epoch_days()
        found = {}
        for arm in self.arms:
            whole = Regimen()
            for epoch, (start, end) in spans.items():
                for delivery in arm.treatment.get(epoch, ()):
                    whole += _given(delivery, doses, self.id, start, end)
            found[arm.id] = replace(whole, name=arm.id)
        return found

    def regimens_of(
        self, places: Sequence[int] | Ints, model: Model | None = None
    ) -> dict[str, Regimen | list[Regimen]]:
        """Return what those who take the ``places`` (from 0) receive under each arm, by arm id.

        One regimen where everybody is given the same, else one a place. Beyond the protocol's own number of
        participants people repeat from the first on. Raises as ``regimens``.
        """
        from antitrypsim.protocols.persons import own_regimens

        found: dict[str, Regimen | list[Regimen]] = {}
        for arm, plan in zip(self.arms, self.regimens(model).values(), strict=True):
            own = own_regimens(arm, plan) if self.by_person(arm.id) else {}
            numbers = [int(place) % self.participants + 1 for place in places] if own else []
            found[arm.id] = [own.get(number, plan) for number in numbers] if own else plan
        return found

    def check_drawn(self, model: Model | None = None) -> None:
        """Raise ProtocolError where anything is given before randomisation, from which draws of the unknown begin."""
        from antitrypsim.protocols.persons import own_regimens

        for k, (arm, plan) in enumerate(zip(self.arms, self.regimens(model).values(), strict=True)):
            own = own_regimens(arm, plan) if self.by_person(arm.id) else {}
            if min(each.earliest for each in (plan, *own.values())) < 0:
                raise ProtocolError(
                    f"'{arm.id}' is given something before randomisation, and draws from what is unknown begin "
                    "there; leave 'before' out, or draw nothing",
                    key=f"arms[{k}]",
                )

    def by_person(self, arm: str) -> bool:
        """Whether single participants of an arm are given otherwise than planned."""
        return any(a.id == arm and (a.persons or a.records is not None) for a in self.arms)

    def therapies(self) -> tuple[str, ...]:
        """Return the names of the packaged therapies that any arm receives."""
        from antitrypsim.therapies import therapies_in

        return therapies_in(
            delivery.name
            for arm in self.arms
            for deliveries in arm.treatment.values()
            for delivery in deliveries
        )

    def to_dict(self) -> Plain:
        """Return plain data with the keys of the file."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)

    @cached_property
    def content_hash(self) -> str:
        """Hash of everything that the protocol says."""
        return content_hash(self.to_dict())

    @classmethod
    def json_schema(cls) -> Plain:
        """Return the JSON Schema (2020-12) of the file, for editors and forms."""
        schema = cls.model_json_schema(by_alias=True)
        return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _given(
    delivery: Delivery, doses: Mapping[str, AnyDose], protocol: str, start: float, end: float
) -> Regimen:
    try:
        return delivery.given(delivery.dose_of(doses), start, end)
    except PydanticCustomError as problem:
        raise ProtocolError(str(problem), key=protocol) from problem
