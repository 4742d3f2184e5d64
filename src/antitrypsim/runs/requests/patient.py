"""One person's course with and without a therapy."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field, field_validator

from antitrypsim.documents.faults import fault
from antitrypsim.foundations.plain import Plain
from antitrypsim.runs.request import Real, Request, Whole
from antitrypsim.simulation.settings import DEFAULT, Settings

if TYPE_CHECKING:
    from antitrypsim.experiments.patient import PatientCourse
    from antitrypsim.populations.matching import Description


class PatientRequest(Request):
    """The course of people like a described one; the answer is a PatientCourse."""

    command: ClassVar[str] = "patient"

    genotype: str = Field(default="ZZ", description="MM, MS, SS, MZ, SZ, ZZ, M0, S0, Z0 or null")
    age: Real = Field(default=50.0, description="years, 18 to 90")
    sex: str = Field(default="female", description="female or male")
    smoking: str = Field(default="never", description="never, ex or current")
    quit_age: Real | None = Field(default=None, description="of an ex-smoker, years")
    fev1: Real | None = Field(default=None, description="FEV1 today, % of predicted")
    serum: Real | None = Field(default=None, description="serum AAT today, µM")
    stiffness: Real | None = Field(default=None, description="liver stiffness today, kPa")
    fev1_within: Real | None = Field(
        default=None, description="how far from that FEV1 people are taken, % of predicted"
    )
    serum_within: Real | None = Field(
        default=None, description="how far from that serum AAT people are taken, µM"
    )
    stiffness_within: Real | None = Field(
        default=None, description="how far from that stiffness people are taken, kPa"
    )
    height: Real | None = Field(
        default=None, description="m; on the command line in cm", json_schema_extra={"scale": 100}
    )
    weight: Real | None = Field(default=None, description="kg")
    bmi: Real | None = Field(default=None, description="body mass index, kg/m²")
    alcohol: str | None = Field(default=None, description="harmful drinking, yes or no")
    metabolic: str | None = Field(default=None, description="metabolic liver disease, yes or no")
    bronchiectasis: str | None = Field(default=None, description="yes or no")
    years: Real = Field(default=10.0, description="how long to look ahead")
    therapy: str | None = Field(
        default=None, description="text such as 'augmentation:60mg/kg/week'"
    )
    people: Whole = Field(default=200, description="how many people like this one to meet")
    uncertainty: Whole = Field(
        default=0, description="draws from what is unknown; 0 for typical values alone"
    )
    posterior: str | None = Field(
        default=None,
        description="the posterior's file, from which draws come, or 'prior'; the packaged one if left out",
    )
    without: tuple[str, ...] = Field(
        default=(), description="mechanisms that are switched off",
        json_schema_extra={"option": "without"},
    )  # fmt: skip
    visits: str | None = Field(
        default=None, description="a CSV file of what was measured of the person",
        json_schema_extra={"option": "data"},
    )  # fmt: skip
    measured: tuple[str, ...] = Field(
        default=(), description="what was measured of the person, such as 'FEV1 2.31 L at 44'",
        json_schema_extra={"option": "measured"},
    )  # fmt: skip
    past: tuple[str, ...] = Field(
        default=(), description="therapies given before today, such as 'augmentation:60mg/kg/week from 45 to 48'",
        json_schema_extra={"option": "past"},
    )  # fmt: skip

    @field_validator("height")
    @classmethod
    def _measured(cls, value: float | None) -> float | None:
        if value is not None and round(value, 4) != value:
            raise fault(f"a height of {value!r} m is no measured one; give four decimals or fewer")
        return value

    @property
    def described(self) -> Description:
        """The person who is described; raises InputError for whom cannot be."""
        from antitrypsim.populations.matching import DESCRIBED, Description

        return Description(**{name: getattr(self, name) for name in DESCRIBED})

    def answer(self, settings: Settings = DEFAULT) -> PatientCourse:
        """Meet people like this one and let them live."""
        from antitrypsim.experiments.patient import patient

        return self.asks(patient, settings=settings)

    def data(self, answer: PatientCourse) -> Plain:
        """Return the whole course."""
        return answer.to_dict()


REQUEST = PatientRequest
