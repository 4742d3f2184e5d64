"""The model held against published numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from antitrypsim.foundations.plain import Plain
from antitrypsim.runs.request import Request, Whole
from antitrypsim.simulation.settings import DEFAULT, Settings

if TYPE_CHECKING:
    from antitrypsim.calibration.validate import Validation


class ValidateRequest(Request):
    """Simulate published targets; the answer is a Validation."""

    command: ClassVar[str] = "validate"

    people: Whole = Field(default=20_000, description="virtual people of each population")
    only: tuple[str, ...] = Field(
        default=(), description="targets by id, such as TGT-02; all if left out",
        json_schema_extra={"option": "only"},
    )  # fmt: skip

    def answer(self, settings: Settings = DEFAULT) -> Validation:
        """Simulate the targets."""
        from antitrypsim.calibration.validate import validate

        return validate(people=self.people, only=self.only, settings=settings)

    def data(self, answer: Validation) -> list[Plain]:
        """Return one row a target."""
        return [row.to_dict() for row in answer.rows]


REQUEST = ValidateRequest
