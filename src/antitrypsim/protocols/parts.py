"""The parts of a protocol: epochs, arms, visits, assessments, endpoints, published results."""

from __future__ import annotations

import unicodedata
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, GetJsonSchemaHandler, model_validator
from pydantic.config import JsonDict
from pydantic_core import CoreSchema

from antitrypsim.documents.faults import Part, fault, unknown
from antitrypsim.documents.times import Duration, days
from antitrypsim.endpoints import ENDPOINTS
from antitrypsim.evidence import load_registry
from antitrypsim.foundations.errors import EvidenceError, shown
from antitrypsim.foundations.plain import Plain
from antitrypsim.protocols.delivery import Delivery
from antitrypsim.protocols.persons import PersonPlan
from antitrypsim.protocols.plannable import (
    ANALYSES,
    BANDED,
    CLAIM_MEASURES,
    COVARIATES,
    FACTORS,
    MEASURES,
    STRATA,
)

LEAST_ALPHA = 1e-6
"""The smallest type I error that is taken."""

_ID = r"^[A-Za-z][A-Za-z0-9_-]{0,39}$"


def _good_id(value: str) -> str:
    import re

    if not re.match(_ID, value):
        raise fault(
            f"'{shown(value)}' is not an id; begin with a letter and use up to 40 letters, digits, "
            "'-' and '_'"
        )
    return value


def _one_of(what: str, known: tuple[str, ...]) -> AfterValidator:
    def check(value: str) -> str:
        if value not in known:
            raise fault(unknown(what, value, known))
        return value

    return AfterValidator(check)


def _fact(value: str) -> str:
    try:
        load_registry().fact(value)
    except EvidenceError as problem:
        raise fault(problem.message) from problem
    return value


def _claim(value: str) -> str:
    try:
        load_registry().claim(value)
    except EvidenceError as problem:
        raise fault(problem.message) from problem
    return value


# Marks that turn the direction of what is read after them, so that words say what they do not.
_TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def printable(text: str) -> str:
    """Return words that a terminal and a page can show; raise a fault for others."""
    for mark in text:
        control = unicodedata.category(mark) in ("Cc", "Cs") and mark not in "\n\t"
        if control or mark in _TURNING:
            raise fault(
                f"'{shown(text)}' holds the control character U+{ord(mark):04X}, which nobody can "
                "read; delete it"
            )
    return text


def _said(text: str) -> str:
    if not text.strip():
        raise fault("it is empty; say something")
    return printable(text)


def _in_one_line(text: str) -> str:
    return " ".join(text.split())


def _tested(alpha: float) -> float:
    if alpha < LEAST_ALPHA:
        raise fault(
            f"nobody tests at a level of {alpha:g}; the smallest that is taken is {LEAST_ALPHA:g}"
        )
    return alpha


def _enum(known: tuple[str, ...]) -> JsonDict:
    return {"enum": list(known)}


Id = Annotated[str, AfterValidator(_good_id), Field(json_schema_extra={"pattern": _ID})]
EndpointId = Annotated[
    str, _one_of("endpoint", tuple(ENDPOINTS)), Field(json_schema_extra=_enum(tuple(ENDPOINTS)))
]
AnalysisId = Annotated[
    str, _one_of("analysis", tuple(ANALYSES)), Field(json_schema_extra=_enum(tuple(ANALYSES)))
]
FactId = Annotated[str, AfterValidator(_fact)]
ClaimId = Annotated[str, AfterValidator(_claim)]
Number = Annotated[float, Field(strict=True)]
Alpha = Annotated[Number, Field(gt=0, lt=0.5), AfterValidator(_tested)]
Title = Annotated[
    str, Field(min_length=1, strict=True), AfterValidator(_said), AfterValidator(_in_one_line)
]
Words = Annotated[str, Field(min_length=1, strict=True), AfterValidator(_said)]
CovariateId = Annotated[
    str, _one_of("covariate", tuple(COVARIATES)), Field(json_schema_extra=_enum(tuple(COVARIATES)))
]
FactorId = Annotated[
    str, _one_of("stratum", tuple(FACTORS)), Field(json_schema_extra=_enum(tuple(FACTORS)))
]
StratumId = Annotated[
    str, _one_of("stratum", tuple(STRATA)), Field(json_schema_extra=_enum(tuple(STRATA)))
]
BandedId = Annotated[str, _one_of("number that makes strata", BANDED)]


class Reference(Part):
    """A source of the protocol."""

    cite: Words = Field(description="authors, year, journal, as a reader would look it up")
    identifier: Words | None = Field(
        default=None, description="DOI, PMID or registry number; leave out what is not known"
    )
    why: Words | None = Field(default=None, description="what it is cited for")


class Epoch(Part):
    """A stretch of the trial after the one before; the first begins at randomisation, day 0."""

    id: Id = Field(description="a short name that arms refer to")
    title: Title | None = Field(default=None, description="a name for people")
    length: Duration = Field(description="how long it lasts, such as '24 months'")

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        if not days(self.length) > 0:
            raise fault(f"an epoch of {self.length} cannot be; it must be above 0", "length")
        return self


class Arm(Part):
    """What one group of participants receives; an epoch without an entry is without treatment."""

    id: Id = Field(description="a short name that stays the same")
    title: Title = Field(description="what the arm is, for people")
    treatment: dict[str, tuple[Delivery, ...]] = Field(
        default={}, description="by epoch id, the list of what is given; none for placebo"
    )
    persons: tuple[PersonPlan, ...] | None = Field(
        default=None,
        description="what single participants are given otherwise: doses missed, a stop, weight that changes",
    )
    records: str | None = Field(
        default=None,
        description="a table of dosing records, comma-separated, of participants who are given what it says "
        "instead; ID is their number",
    )

    @model_validator(mode="after")
    def _given(self) -> Self:
        for epoch, deliveries in self.treatment.items():
            if not deliveries:
                raise fault(
                    f"nothing is listed for epoch '{epoch}'; leave the epoch out for no treatment",
                    "treatment", epoch,
                )  # fmt: skip
        return self


class Visit(Part):
    """A day on which participants are assessed."""

    id: Id = Field(description="a short name that assessments refer to")
    time: Duration = Field(description="since randomisation, such as '3 months'")
    title: Title | None = Field(default=None, description="a name for people")


def _from_table(value: object) -> object:
    if not isinstance(value, dict):
        return value
    for key in value:
        if key not in ("unit", "at"):
            raise fault(unknown("key", str(key), ("unit", "at")), str(key))
    unit, at = value.get("unit"), value.get("at")
    if unit not in ("days", "weeks", "months", "years"):
        raise fault(
            f"'{shown(unit)}' is not a unit of visit times; use days, weeks, months or years",
            "unit",
        )
    if not isinstance(at, dict) or not at:
        raise fault("'at' needs one 'id: time' line for each visit, such as 'm3: 3'", "at")
    for name, time in at.items():
        if not isinstance(name, str):
            raise fault(
                f"'{name}' is not a visit id; begin with a letter, such as 'm{name}'",
                "at",
                str(name),
            )
        if isinstance(time, bool) or not isinstance(time, int | float):
            raise fault(f"'{shown(time)}' is not a number of {unit}", "at", name)
    return [{"id": name, "time": f"{time!r} {unit}"} for name, time in at.items()]


class _VisitsSchema:
    """The JSON Schema of visits: a list, or a table of times in one unit."""

    def __get_pydantic_json_schema__(
        self, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> Plain:
        table = {
            "type": "object",
            "additionalProperties": False,
            "required": ["unit", "at"],
            "properties": {
                "unit": {"enum": ["days", "weeks", "months", "years"]},
                "at": {"type": "object", "additionalProperties": {"type": "number", "minimum": 0}},
            },
        }
        return {"anyOf": [handler(core), table]}


Visits = Annotated[tuple[Visit, ...], BeforeValidator(_from_table), _VisitsSchema()]


class Noise(Part):
    """Measurement noise that replaces the endpoint's own; 0 is a perfect instrument."""

    sd: Annotated[Number, Field(ge=0)] | None = Field(
        default=None, description="standard deviation in the endpoint's unit (additive endpoints)"
    )
    cv: Annotated[Number, Field(ge=0, le=3)] | None = Field(
        default=None, description="coefficient of variation, 0.1 for 10 % (relative endpoints)"
    )
    misread: Annotated[Number, Field(ge=0, le=1)] | None = Field(
        default=None, description="chance that a biopsy is read one stage off (fibrosis_stage)"
    )
    limit: Annotated[Number, Field(ge=0)] | None = Field(
        default=None, description="lower limit of the assay in the endpoint's unit; 0 for none"
    )

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.model_dump(exclude_none=True):
            raise fault("the noise is empty; write for example 'sd: 2.6', or leave it out")
        return self


class Assessment(Part):
    """An endpoint and the visits at which it is measured; events are watched throughout."""

    endpoint: EndpointId = Field(description="what is measured")
    visits: tuple[str, ...] | Literal["all"] | None = Field(
        default=None, description="ids of visits, or 'all'; none for events"
    )
    noise: Noise | None = Field(
        default=None, description="measurement noise; the endpoint's own if left out"
    )

    @model_validator(mode="before")
    @classmethod
    def _word(cls, data: object) -> object:
        visits = data.get("visits") if isinstance(data, dict) else None
        if visits is None or visits == "all":
            return data
        if not isinstance(visits, list | tuple):
            raise fault(f"write 'visits: all' or a list, such as [{shown(visits)}]", "visits")
        for k, visit in enumerate(visits):
            if not isinstance(visit, str):
                raise fault(
                    f"'{shown(visit)}' is not a visit id; ids begin with a letter", "visits", k
                )
        return data


class Dropout(Part):
    """Leaving the trial, as the share of those still in it that leaves within a year."""

    yearly: Annotated[Number, Field(ge=0, lt=1)] = Field(description="share per year, 0.1 for 10 %")
    by_arm: dict[str, Annotated[Number, Field(ge=0, lt=1)]] = Field(
        default={}, description="share per year by arm id, where an arm differs"
    )


class EndpointPlan(Part):
    """One planned comparison: an endpoint, its analysis, and the arms compared."""

    id: Id = Field(description="a short name for this analysis")
    title: Title | None = Field(default=None, description="a name for people")
    endpoint: EndpointId = Field(description="what is analysed; it must be assessed")
    analysis: AnalysisId = Field(description="how it is analysed")
    compare: tuple[str, ...] | None = Field(
        default=None, description="arm ids, the reference last; all arms as listed if left out"
    )
    visit: str | None = Field(
        default=None, description="the visit compared, for an analysis of change at one visit"
    )
    options: dict[str, Any] = Field(
        default={}, description="options of the analysis, such as 'df: kenward-roger'"
    )
    covariates: tuple[CovariateId, ...] = Field(
        default=(), description="what the analysis adjusts for, as known at randomisation"
    )
    strata: tuple[FactorId, ...] = Field(
        default=(), description="within which groups arms are compared, for a stratified test"
    )
    times: tuple[Duration, ...] | None = Field(
        default=None, description="the times at which survival is told, for kaplan-meier"
    )
    note: Words | None = Field(default=None, description="what a reader should know of it")


class Endpoints(Part):
    """What the trial is judged by."""

    primary: EndpointPlan = Field(description="the one analysis that decides")
    secondary: tuple[EndpointPlan, ...] = Field(default=(), description="further analyses")
    alpha: Alpha = Field(default=0.05, description="two-sided type I error of the primary analysis")

    @property
    def all(self) -> tuple[EndpointPlan, ...]:
        """The primary analysis, then the secondary ones."""
        return (self.primary, *self.secondary)


class Published(Part):
    """A number that the real trial reported, with the evidence row that it is read from."""

    endpoint: EndpointId = Field(description="the endpoint that it is about")
    measure: Annotated[
        str, _one_of("measure", MEASURES), Field(json_schema_extra=_enum(MEASURES))
    ] = Field(description="what kind of number it is")
    of: Words | None = Field(default=None, description="what exactly was measured")
    arm: str | None = Field(default=None, description="the arm, for a number of one arm")
    compare: tuple[str, str] | None = Field(
        default=None, description="the two arms, the reference last, for a comparison"
    )
    visit: str | None = Field(default=None, description="the visit, for a number at one visit")
    value: Number = Field(description="the number")
    unit: Words = Field(description="its unit")
    lower: Number | None = Field(default=None, description="lower 95 % confidence limit")
    upper: Number | None = Field(default=None, description="upper 95 % confidence limit")
    se: Annotated[Number, Field(ge=0)] | None = Field(default=None, description="standard error")
    p: Annotated[Number, Field(ge=0, le=1)] | None = Field(default=None, description="two-sided p")
    comparable: bool = Field(
        default=True, description="false where the model has no such quantity, so none is compared"
    )
    fact: FactId = Field(description="the row of the evidence table, such as BIO-B27")
    note: Words | None = Field(default=None, description="what a reader should know of it")

    @property
    def known(self) -> str:
        """How the number is known: 'seen (…)', or 'recalled' with its confidence."""
        fact = load_registry().fact(self.fact)
        return f"{fact.known} ({fact.confidence} confidence)" if fact.recalled else fact.known

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.lower is not None and self.value < self.lower:
            raise fault(f"{self.value:g} lies below its lower limit {self.lower:g}", "lower")
        if self.upper is not None and self.value > self.upper:
            raise fault(f"{self.value:g} lies above its upper limit {self.upper:g}", "upper")
        if self.arm is not None and self.compare is not None:
            raise fault("a number is of one 'arm' or of a 'compare', not both", "arm")
        return self


class Claimed(Part):
    """A result that is claimed and for which no source was found: a hypothesis, never evidence."""

    claim: ClaimId = Field(description="the row of the table of claims, such as CLAIM-15")
    endpoint: EndpointId = Field(description="the endpoint that stands for it")
    measure: Annotated[
        str,
        _one_of("claimed measure", CLAIM_MEASURES),
        Field(json_schema_extra=_enum(CLAIM_MEASURES)),
    ] = Field(
        description="relative change (percent of the baseline; for events, of the untreated rate), "
        "change, or level (the mean that is reached)"
    )
    arm: str = Field(description="the arm that is to reach it")
    visit: str | None = Field(
        default=None, description="the visit, for a measurement; none for exacerbations"
    )
    value: Number = Field(description="the number; what lies beyond it reaches it as well")
    unit: Words = Field(description="its unit; 'percent' for a relative change")
    stated: bool = Field(
        default=True,
        description="false where the claim gives no number, and this one was chosen to stand for it",
    )
    words: Words = Field(description="what is claimed, in words, and what the number stands for")
