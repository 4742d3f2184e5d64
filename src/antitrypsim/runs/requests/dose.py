"""How much of a therapy it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from antitrypsim.foundations.plain import Plain
from antitrypsim.runs.request import Real, Request, Whole
from antitrypsim.simulation.settings import DEFAULT, Settings

if TYPE_CHECKING:
    from antitrypsim.experiments.dose_finding import DoseFinding


class DoseRequest(Request):
    """Give therapies in multiples of their doses; the answer is a DoseFinding."""

    command: ClassVar[str] = "dose"
    lead: ClassVar[str] = "therapies"
    argument: ClassVar[bool] = False

    therapies: tuple[str, ...] = Field(
        description="texts such as 'augmentation:60mg/kg/week'",
        json_schema_extra={"option": "therapy"},
    )
    value: Real = Field(description="the value to come to, in the endpoint's unit")
    outcome: str = Field(default="serum_aat", description="a measured endpoint")
    years: Real = Field(default=5.0, description="within how many years")
    population: str = Field(
        default="natural-history",
        description="the protocol, bundled or a file, whose people take part, or a person like whom they are, such as 'person:age=48,sex=male'",
    )
    people: Whole = Field(default=60, description="how many people")
    uncertainty: Whole = Field(default=200, description="draws from what is unknown; 0 for none")
    factors: tuple[Real, ...] = Field(
        default=(0.1, 0.3, 1.0, 3.0, 10.0), description="multiples of the doses that are tried"
    )
    posterior: str | None = Field(
        default=None,
        description="the posterior's file, from which draws come, or 'prior'; the packaged one if left out",
    )

    def answer(self, settings: Settings = DEFAULT) -> DoseFinding:
        """Give each multiple."""
        from antitrypsim.experiments.dose_finding import dose

        return self.asks(dose, settings=settings)

    def data(self, answer: DoseFinding) -> Plain:
        """Return every therapy's rungs."""
        return answer.to_dict()


REQUEST = DoseRequest
