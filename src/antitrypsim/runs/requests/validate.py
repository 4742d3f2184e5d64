"""The model held against published numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.plain import Plain
from antitrypsim.runs.request import Request, Whole
from antitrypsim.simulation.settings import DEFAULT, Settings

if TYPE_CHECKING:
    from antitrypsim.calibration.physicians_round import Round
    from antitrypsim.calibration.therapies_round import TherapiesRound
    from antitrypsim.calibration.validate import Validation


class ValidateRequest(Request):
    """Simulate published targets; the answer is a Validation."""

    command: ClassVar[str] = "validate"

    people: Whole = Field(default=20_000, description="virtual people of each population")
    only: tuple[str, ...] = Field(
        default=(), description="targets by id, such as TGT-02; all if left out",
        json_schema_extra={"option": "only"},
    )  # fmt: skip

    round: bool = Field(
        default=False, description="people of every genotype through life, to be judged by eye"
    )

    therapies: bool = Field(
        default=False, description="a round of what every therapy adds to the same people"
    )

    def answer(self, settings: Settings = DEFAULT) -> Validation | Round | TherapiesRound:
        """Simulate the targets, or go the physician's round, without or with therapies."""
        if self.therapies and not self.round:
            raise InputError("'therapies' is for a round; ask for 'round' too")
        if self.round:
            from antitrypsim.calibration import physicians_round, therapies_round

            if self.only:
                raise InputError("a round reads no target; leave out 'only' or 'round'")
            said = "people" in self.model_fields_set
            if self.therapies:
                people = self.people if said else therapies_round.PEOPLE
                return therapies_round.go_therapies_round(people=people, settings=settings)
            people = self.people if said else physicians_round.PEOPLE
            return physicians_round.go_round(people=people, settings=settings)
        from antitrypsim.calibration.validate import validate

        return validate(people=self.people, only=self.only, settings=settings)

    def data(self, answer: Validation | Round | TherapiesRound) -> list[Plain] | Plain:
        """Return one row a target, or the visits of the round."""
        from antitrypsim.calibration.validate import Validation

        if isinstance(answer, Validation):
            return [row.to_dict() for row in answer.rows]
        return answer.to_dict()


REQUEST = ValidateRequest
