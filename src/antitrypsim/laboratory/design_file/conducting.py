"""How a trial is conducted: allocation, accrual, screening, leaving, and what comes between."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self, get_args

from pydantic import Field, model_validator

from antitrypsim.documents.faults import Part, fault, unknown
from antitrypsim.documents.times import Duration
from antitrypsim.endpoints import ENDPOINTS
from antitrypsim.populations.spec import Ascertainment, Genotype, Smoking, Stratum
from antitrypsim.protocols.parts import EndpointId, FactorId, Id, Number, Words

Share = Annotated[Number, Field(ge=0, lt=1)]
Count = Annotated[int, Field(strict=True, ge=1)]
Strategy = Literal[
    "treatment-policy", "hypothetical", "composite", "while-on-treatment", "principal-stratum"
]

LIKELY = 0.8
"""The chance of the arm that balances best, as Pocock and Simon's method is mostly used (assumed)."""

_LEVELS: Mapping[str, tuple[str, ...]] = {
    "genotype": get_args(Genotype), "sex": ("female", "male"), "smoking": get_args(Smoking),
    "ascertainment": get_args(Ascertainment),
}  # fmt: skip


class Allocation(Part):
    """How places are given to arms."""

    method: Literal["simple", "blocks", "minimised"] = Field(
        default="blocks", description="simple, permuted blocks, or minimised (Pocock and Simon)"
    )
    ratio: dict[str, Count] | None = Field(
        default=None, description="parts by arm id; the protocol's allocation if left out"
    )
    within: tuple[FactorId, ...] | None = Field(
        default=None,
        description="strata of blocks, or the factors that are minimised; the protocol's if left "
        "out, none for []",
    )
    block: Count | None = Field(
        default=None,
        description="size of a block, a multiple of the ratio's sum; if left out every arm keeps its "
        "share after each participant",
    )
    chance: Annotated[Number, Field(ge=0.5, le=1)] | None = Field(
        default=None,
        description=f"minimised: the chance of the arm that balances best; {LIKELY:g} if left out",
    )


class Accrual(Part):
    """How fast people are found, and where."""

    per_month: Annotated[Number, Field(gt=0)] = Field(
        default=5.0, description="participants a month, all sites together"
    )
    ramp_months: Annotated[Number, Field(ge=0)] = Field(
        default=0.0, description="months until that pace is reached, rising from 0"
    )
    sites: Count = Field(default=1, description="how many sites")
    site_sd: Annotated[Number, Field(ge=0)] = Field(
        default=0.0, description="SD between sites' instruments, in the primary endpoint's unit"
    )


class DropoutDependence(Part):
    """What dropout depends on: the change of an endpoint since day 0."""

    endpoint: EndpointId = Field(description="whose change counts")
    per: Number = Field(description="a change of this much multiplies the chance of leaving")
    ratio: Annotated[Number, Field(gt=0)] = Field(description="by this factor")
    seen: bool = Field(
        default=True,
        description="true: the value at the last visit at which it was measured counts (missing at "
        "random); false: the true value at the next visit (not at random)",
    )

    @model_validator(mode="after")
    def _real(self) -> Self:
        if self.per == 0:
            raise fault("a change of 0 changes nothing; write for example 'per: -2'", "per")
        return self


class Leaving(Part):
    """Who leaves the trial."""

    yearly: Share | None = Field(
        default=None, description="share leaving within a year; the protocol's if left out"
    )
    by_arm: dict[str, Share] = Field(default={}, description="share by arm id, where it differs")
    depends_on: DropoutDependence | None = Field(
        default=None, description="what makes leaving likelier"
    )


class When(Part):
    """From which true value on something can happen."""

    endpoint: EndpointId = Field(description="the endpoint")
    below: Number | None = Field(default=None, description="while the value is below this")
    above: Number | None = Field(default=None, description="while the value is above this")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.below is None) == (self.above is None):
            raise fault("say either 'below' or 'above'")
        return self


class Intercurrent(Part):
    """An event after randomisation that bears on the endpoint, and what the estimand makes of it."""

    event: Id = Field(description="its name; 'death' is the model's own")
    strategy: Strategy = Field(description="what is done with values after it")
    yearly: Share = Field(
        default=0.0, description="share per year that has it, while it can happen"
    )
    arms: tuple[str, ...] = Field(
        default=(), description="arms in which it happens; all if left out"
    )
    when: When | None = Field(default=None, description="from which true value on it can happen")
    then: str | None = Field(
        default=None,
        description="treatment-policy: the arm whose treatment people get from that day on; left "
        "out, what people are given does not change",
    )
    value: Number | None = Field(
        default=None, description="composite: the value that stands for everything after it"
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.strategy == "composite" and self.value is None:
            raise fault("'composite' needs the value that stands for a failure", "value")
        if self.strategy != "composite" and self.value is not None:
            raise fault("'value' belongs to the strategy 'composite'; leave it out", "value")
        if self.then is not None and self.strategy != "treatment-policy":
            raise fault("'then' belongs to the strategy 'treatment-policy'; leave it out", "then")
        if self.event == "death" and (self.yearly or self.when or self.then or self.arms):
            raise fault("death comes from the model; say only its strategy", "event")
        if self.event == "death" and self.strategy == "treatment-policy":
            raise fault("there are no values after death; choose another strategy", "strategy")
        if self.event != "death" and not self.yearly:
            raise fault("the event never happens; give its share per year", "yearly")
        return self


class Screen(Part):
    """A criterion at screening: on a measured value, or on who people are; the baseline is that
    very measurement."""

    endpoint: EndpointId | None = Field(default=None, description="what is measured at screening")
    min: Number | None = Field(default=None, description="the least that is taken")
    max: Number | None = Field(default=None, description="the most that is taken")
    change_over: Duration | None = Field(
        default=None, description="judge the change since this long before, instead of the value"
    )
    percent: bool = Field(default=False, description="the change in percent of the earlier value")
    only: dict[Stratum, tuple[str, ...]] = Field(
        default={}, description="who is taken, such as 'ascertainment: [family, screening]'"
    )
    why: Words | None = Field(default=None, description="what it is for")

    @model_validator(mode="after")
    def _some(self) -> Self:
        for name, taken in self.only.items():
            if not taken:
                raise fault("the list is empty, so nobody is taken", "only", name)
            for k, level in enumerate(taken):
                if level not in _LEVELS[name]:
                    word = name.replace("_", " ")
                    raise fault(unknown(word, level, _LEVELS[name]), "only", name, k)
        if self.endpoint is None:
            if not self.only:
                raise fault("a criterion needs an 'endpoint', or 'only' for who is taken")
            if self.min is not None or self.max is not None or self.change_over is not None:
                raise fault("limits are of an endpoint; say which", "endpoint")
            return self
        if ENDPOINTS[self.endpoint].kind != "measurement":
            raise fault(f"'{self.endpoint}' is not measured at a visit", "endpoint")
        if self.min is None and self.max is None:
            raise fault("a criterion needs 'min', 'max' or both")
        if self.min is not None and self.max is not None and self.min >= self.max:
            raise fault("'min' must lie below 'max'", "min")
        if self.percent and self.change_over is None:
            raise fault("'percent' is of a change; say 'change_over' too", "percent")
        return self
