"""What a population is: shares and ranges that a protocol or a target states."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import ConfigDict, Field, field_validator, model_validator

from antitrypsim.documents.sentences import Told
from antitrypsim.endpoints import ENDPOINTS
from antitrypsim.foundations.units import YEAR
from antitrypsim.populations.numbers import FIXED
from antitrypsim.populations.possible import NO_CHILDREN, OLDEST, YOUNGEST, nobody_has

GENOTYPES: dict[str, tuple[int, int, int]] = {
    "MM": (2, 0, 0),
    "MS": (1, 0, 1),
    "SS": (0, 0, 2),
    "MZ": (1, 1, 0),
    "SZ": (0, 1, 1),
    "ZZ": (0, 2, 0),
    "M0": (1, 0, 0),
    "S0": (0, 0, 1),
    "Z0": (0, 1, 0),
    "null": (0, 0, 0),
}
"""Alleles M, Z, S of each genotype; 0 and 'null' stand for alleles without product."""

MOST_PARTICIPANTS = 1_000_000
"""The most people that are enrolled, in a protocol or from a program."""

Genotype = Literal["MM", "MS", "SS", "MZ", "SZ", "ZZ", "M0", "S0", "Z0", "null"]
Smoking = Literal["never", "ex", "current"]
Ascertainment = Literal["screening", "family", "lung", "liver"]
Stratum = Literal["genotype", "sex", "smoking", "ascertainment"]
"""The groups that people of a population are in."""
CONDITIONS = ("alcohol", "metabolic", "bronchiectasis")
"""What people have beside the deficiency or not: harmful drinking, metabolic liver disease, bronchiectasis."""
Limit = Annotated[float, Field(allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1)]

ELIGIBILITY: dict[str, tuple[str, str, float]] = {
    "age": ("age", "years", 1 / YEAR),
    **{
        id: (ENDPOINTS[id].output, ENDPOINTS[id].unit, ENDPOINTS[id].factor)
        for id in (
            "serum_aat",
            "fev1",
            "fev1_percent",
            "kco",
            "density",
            "stiffness",
            "fibrosis_stage",
            "alt",
            "sgrq",
        )
    },
    "fev1_fvc": ("lung.fev1_fvc", "ratio", 1.0),
    "weight": ("person.weight", "kg", 1.0),
    "bmi": ("person.bmi", "kg/m²", 1.0),
    **{has: (f"person.{has}", "0 or 1", 1.0) for has in CONDITIONS},
}
"""What eligibility may ask for: output, unit, and the factor from the model's unit.

0 is without and 1 is with harmful drinking, metabolic liver disease or bronchiectasis.
"""


class _Frozen(Told):
    model_config = ConfigDict(frozen=True, extra="forbid")


def airflow_edges() -> tuple[float, ...]:
    """Return FEV1 in percent of predicted at which one grade of GOLD ends and the next begins."""
    return FIXED.airflow_severe.value, FIXED.airflow_moderate.value, FIXED.airflow_mild.value


class AgeRange(_Frozen):
    """Age at enrolment, years: a normal distribution cut at ``min`` and ``max``."""

    mean: float = Field(gt=0, le=100)
    sd: float = Field(ge=0, le=40)
    # Whole, as they always were in files: 18.0 would be another text and so another content hash.
    min: float = Field(default=int(YOUNGEST), ge=YOUNGEST, le=100)
    max: float = Field(default=FIXED.usual_age_most.value, ge=YOUNGEST, le=OLDEST)

    @field_validator("min", "max", mode="before")
    @classmethod
    def _grown(cls, age: object) -> object:
        if isinstance(age, int | float) and age < YOUNGEST:
            raise ValueError(
                f"{age:g} years cannot be; {YOUNGEST:g} is the youngest: {NO_CHILDREN}"
            )
        return age

    @model_validator(mode="after")
    def _ordered(self) -> AgeRange:
        if not self.min <= self.mean <= self.max:
            raise ValueError("age: mean must lie between min and max")
        return self


class Criterion(_Frozen):
    """One eligibility criterion: ``quantity`` between ``min`` and ``max``, in ``unit`` of ELIGIBILITY."""

    quantity: str
    min: Limit | None = None
    max: Limit | None = None

    @model_validator(mode="after")
    def _known(self) -> Criterion:
        from antitrypsim.foundations.errors import nearest

        if self.quantity not in ELIGIBILITY:
            raise ValueError(
                f"no eligibility quantity '{self.quantity}'{nearest(self.quantity, list(ELIGIBILITY))}"
            )
        if self.min is None and self.max is None:
            raise ValueError(f"eligibility '{self.quantity}' needs min, max or both")
        if self.min is not None and self.max is not None and self.min >= self.max:
            raise ValueError(f"eligibility '{self.quantity}': min must be below max")
        if said := nobody_has(self.quantity, (self.min, self.max)):
            raise ValueError(f"eligibility: {said}")
        return self


def _usual(words: object) -> Any:
    """Return the share of each of ``words``, a Literal, where nothing is said."""
    return {word: getattr(FIXED, f"usual_{word}").value for word in get_args(words)}


class Population(_Frozen):
    """Who is enrolled: shares of genotype, sex, smoking and how people were found, and criteria.

    ``ascertainment_by_smoking`` stands in place of ``ascertainment`` for the histories it names.
    """

    genotype: dict[Genotype, Share] = Field(default={"ZZ": 1.0})
    age: AgeRange = AgeRange(mean=FIXED.usual_age_mean.value, sd=FIXED.usual_age_sd.value)
    male: Share = FIXED.usual_male.value
    smoking: dict[Smoking, Share] = Field(default=_usual(Smoking))
    ascertainment: dict[Ascertainment, Share] = Field(default=_usual(Ascertainment))
    ascertainment_by_smoking: dict[Smoking, dict[Ascertainment, Share]] | None = None
    eligibility: tuple[Criterion, ...] = ()

    def kinds(self, word: str) -> tuple[str, ...]:
        """Return the groups of one kind that there can be in this population."""
        if word == "sex":
            shares = {"female": 1 - self.male, "male": self.male}
        elif word in CONDITIONS:
            asked = [c for c in self.eligibility if c.quantity == word]
            most = min((c.max for c in asked if c.max is not None), default=1.0)
            least = max((c.min for c in asked if c.min is not None), default=0.0)
            shares = {f"without {word}": least <= 0, f"with {word}": most >= 1}
        elif word == "ascertainment":
            ways = [self.found(each) for each in self.kinds("smoking")]
            shares = {
                way: max(each.get(way, 0.0) for each in ways) for names in ways for way in names
            }
        else:
            shares = getattr(self, word)
        return tuple(str(kind) for kind, share in shares.items() if share > 0)

    def found(self, smoking: str) -> dict[Ascertainment, Share]:
        """Return the shares of how people of one smoking history were found."""
        own = self.ascertainment_by_smoking or {}
        return next(
            (ways for history, ways in own.items() if history == smoking), self.ascertainment
        )

    @model_validator(mode="after")
    def _whole(self) -> Population:
        shares = {name: getattr(self, name) for name in ("genotype", "smoking", "ascertainment")}
        for history, ways in (self.ascertainment_by_smoking or {}).items():
            shares[f"ascertainment_by_smoking.{history}"] = ways
            if history not in self.kinds("smoking"):
                raise ValueError(
                    f"ascertainment_by_smoking.{history}: nobody here has that smoking history; "
                    "give it a share in 'smoking', or delete it"
                )
        for name, each in shares.items():
            total = sum(each.values())
            if abs(total - 1) > 1e-6:
                raise ValueError(f"{name}: the shares add up to {total:g} and must add up to 1")
        self._compatible()
        return self

    def _compatible(self) -> None:
        """Raise ValueError for criteria that exclude each other, or all ages that are drawn."""
        for k, one in enumerate(self.eligibility):
            for other in self.eligibility[:k]:
                if one == other:
                    raise ValueError(
                        f"eligibility '{one.quantity}': the same criterion stands there twice; "
                        "delete one"
                    )
                if one.quantity != other.quantity:
                    continue
                for low, high in ((one.min, other.max), (other.min, one.max)):
                    if low is not None and high is not None and low > high:
                        raise ValueError(
                            f"eligibility '{one.quantity}': one criterion asks for at least "
                            f"{low:g} and another for at most {high:g}, which exclude each other"
                        )
            if one.quantity == "age" and (
                (one.min is not None and one.min > self.age.max)
                or (one.max is not None and one.max < self.age.min)
            ):
                raise ValueError(
                    f"eligibility 'age': the ages drawn, {self.age.min:g} to {self.age.max:g} "
                    "years, all lie outside the criterion"
                )
