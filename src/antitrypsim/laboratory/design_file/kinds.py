"""The kinds of trial design, each with what it needs."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal, Self, get_args

from pydantic import Field, model_validator

from antitrypsim.documents.faults import Part, fault
from antitrypsim.documents.times import Duration
from antitrypsim.laboratory.design_file.conducting import Count, Share
from antitrypsim.protocols.parts import Number

Looks = Annotated[tuple[Annotated[Number, Field(gt=0, le=1)], ...], Field(min_length=1)]
Spending = Literal["obrien-fleming", "pocock", "lan-demets-obrien-fleming", "lan-demets-pocock"]


def _ascending(looks: tuple[float, ...]) -> None:
    if any(b <= a for a, b in pairwise(looks)):
        raise fault("the looks must rise, such as [0.5, 1]", "looks")
    if looks[-1] != 1:
        raise fault("the last look must be 1, the end of the trial", "looks")


class Parallel(Part):
    """Arms side by side, one analysis at the end."""

    kind: Literal["parallel"]


class DelayedStart(Part):
    """Early against late start of one treatment; judged at the end, when all are treated."""

    kind: Literal["delayed-start"]


class RunIn(Part):
    """People are measured over a time without treatment; who meets the criterion is randomised."""

    kind: Literal["run-in"]
    length: Duration = Field(description="how long people are watched before randomisation")
    min: Number | None = Field(default=None, description="least change of the primary endpoint")
    max: Number | None = Field(default=None, description="most change of the primary endpoint")

    @model_validator(mode="after")
    def _some(self) -> Self:
        if self.min is None and self.max is None:
            raise fault("a run-in selects by 'min', 'max' or both")
        if self.min is not None and self.max is not None and self.min >= self.max:
            raise fault("'min' must lie below 'max'", "min")
        return self


class Crossover(Part):
    """Sequences of treatments; each person is compared with themselves."""

    kind: Literal["crossover"]
    periods: tuple[str, str] = Field(
        description="the visits at the ends of the two periods, at which they are compared"
    )


class NOf1(Part):
    """Each person goes through cycles of treatment and none."""

    kind: Literal["n-of-1"]
    cycles: tuple[tuple[str, str], ...] = Field(
        min_length=1, description="for each cycle, the visit on treatment and the visit off"
    )


class MultiArm(Part):
    """Several arms against one control, with control of the chance of any false claim."""

    kind: Literal["multi-arm"]
    multiplicity: Literal["none", "bonferroni", "holm", "hochberg", "graphical"] = Field(
        default="holm", description="how the comparisons are protected"
    )
    weights: tuple[Number, ...] = Field(default=(), description="graphical: weight of each arm")
    transitions: tuple[tuple[Number, ...], ...] = Field(
        default=(), description="graphical: what a rejected arm hands on to each other"
    )


class SingleArm(Part):
    """One treated arm, held against nothing, a stated history, or people from elsewhere."""

    kind: Literal["single-arm"]
    against: Literal["baseline", "historical", "external"] = Field(
        default="baseline", description="what the change is held against"
    )
    mean: Number | None = Field(default=None, description="historical: the mean change assumed")
    people: Count | None = Field(default=None, description="external: how many untreated people")
    shift: Number = Field(
        default=0.0,
        description="external: by how much their values differ for reasons other than treatment",
    )
    report: Number | None = Field(
        default=None, description="a mean change whose being reported is counted, such as 10"
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.against == "historical") != (self.mean is not None):
            raise fault("'mean' is needed for, and only for, 'against: historical'", "mean")
        if (self.against == "external") != (self.people is not None):
            raise fault("'people' is needed for, and only for, 'against: external'", "people")
        if self.shift and self.against != "external":
            raise fault("'shift' belongs to 'against: external'; leave it out", "shift")
        return self


class Futility(Part):
    """When a trial is given up at a look."""

    rule: Literal["z", "conditional-power"] = Field(description="what is looked at")
    below: Number = Field(description="given up below this")
    binding: bool = Field(default=False, description="whether the bounds count on it")

    @model_validator(mode="after")
    def _range(self) -> Self:
        if self.rule == "conditional-power" and not 0 < self.below < 1:
            raise fault("a conditional power lies between 0 and 1", "below")
        return self


class GroupSequential(Part):
    """Looks on the way, with bounds that keep the type I error."""

    kind: Literal["group-sequential"]
    looks: Looks = Field(description="shares of the participants who have been seen, the last 1")
    bounds: Spending = Field(
        default="lan-demets-obrien-fleming", description="how the type I error is spent"
    )
    futility: Futility | None = Field(default=None, description="when the trial is given up")

    @model_validator(mode="after")
    def _rising(self) -> Self:
        _ascending(self.looks)
        return self


class Reestimation(Part):
    """The number of participants is set anew at an interim look."""

    kind: Literal["sample-size-reestimation"]
    at: Annotated[Number, Field(gt=0, lt=1)] = Field(
        default=0.5, description="share of the planned participants seen by then"
    )
    by: Literal["blinded", "unblinded"] = Field(
        default="blinded",
        description="the pooled spread, or conditional power with stages combined by weights",
    )
    most: Annotated[Number, Field(gt=1, le=10)] = Field(
        default=2.0, description="at most this many times the planned participants"
    )
    assumed: Number | None = Field(
        default=None, description="blinded: the effect that the new number is to show"
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.by == "blinded") != (self.assumed is not None):
            raise fault("'assumed' is needed for, and only for, 'by: blinded'", "assumed")
        return self


class ResponseAdaptive(Part):
    """The chance of each arm follows what has been seen."""

    kind: Literal["response-adaptive"]
    looks: Looks = Field(description="shares of the participants after which it is set anew")
    power: Annotated[Number, Field(ge=0, le=3)] = Field(
        default=0.5, description="0 keeps chances equal, 1 follows the chance of being best"
    )
    control: Annotated[Number, Field(gt=0, lt=1)] = Field(
        default=0.33, description="the chance that stays with the control"
    )

    @model_validator(mode="after")
    def _rising(self) -> Self:
        _ascending(self.looks)
        return self


class Entering(Part):
    """An arm of a platform and when it opens."""

    arm: str = Field(description="the arm id")
    month: Annotated[Number, Field(ge=0)] = Field(description="months after the platform opens")


class Platform(Part):
    """Arms that open at different times and share a control."""

    kind: Literal["platform"]
    arms: tuple[Entering, ...] = Field(min_length=1, description="the treated arms")
    per_arm: Count = Field(description="participants of each treated arm")
    control: Literal["concurrent", "all"] = Field(
        default="concurrent", description="who of the control each arm is held against"
    )
    drift: Number = Field(
        default=0.0,
        description="by how much measured change moves for everybody per calendar year",
    )


class DoseEscalation(Part):
    """A first trial in people: small cohorts, doses rising until harm."""

    kind: Literal["dose-escalation"]
    rule: Literal["3+3", "logistic"] = Field(default="3+3", description="how doses are chosen")
    toxicity: tuple[str, ...] = Field(
        min_length=1, description="event processes of the model that limit the dose"
    )
    within: Duration = Field(default="28 days", description="how long each person is watched")
    background: dict[str, Share] = Field(
        default={}, description="a further chance of toxicity by arm id, where the model has none"
    )
    target: tuple[Share, Share] = Field(
        default=(0.16, 0.33), description="logistic: the chance of toxicity that is sought"
    )
    cohort: Count = Field(default=3, description="people in a cohort")


Kind = Annotated[
    Parallel | DelayedStart | RunIn | Crossover | NOf1 | MultiArm | SingleArm | GroupSequential
    | Reestimation | ResponseAdaptive | Platform | DoseEscalation,
    Field(discriminator="kind"),
]  # fmt: skip

NAMES: tuple[str, ...] = tuple(
    get_args(part.model_fields["kind"].annotation)[0] for part in get_args(get_args(Kind)[0])
)
"""The name of every kind."""
