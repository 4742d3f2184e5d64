"""A trial design judged, and better ones looked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from antitrypsim.foundations.plain import Plain
from antitrypsim.runs.request import Request, Whole
from antitrypsim.simulation.settings import DEFAULT, Settings

if TYPE_CHECKING:
    from antitrypsim.laboratory.appraisal import Appraisal
    from antitrypsim.laboratory.design_file.trial_design import TrialDesign
    from antitrypsim.protocols import Protocol


class DesignRequest(Request):
    """Judge a design over thousands of trials; the answer is an Appraisal."""

    command: ClassVar[str] = "design"
    lead: ClassVar[str] = "design"

    design: str = Field(description="a design file, a bundled design, or a protocol such as rapid")
    replicates: Whole | None = Field(
        default=None, description="trials drawn; the file's if left out"
    )
    people: Whole | None = Field(
        default=None, description="virtual people from whom trials are drawn"
    )
    draws: Whole | None = Field(default=None, description="draws of what is unknown; 0 for none")
    posterior: str | None = Field(
        default=None,
        description="the posterior's file, from which draws come, or 'prior'; the packaged one if left out",
    )

    def answer(self, settings: Settings = DEFAULT, keep: str | None = None) -> Appraisal:
        """Draw the trials; ``keep`` is the file in which a search is written down and gone on with."""
        from antitrypsim.laboratory.questions import judge_design

        return self.asks(judge_design, keep=keep, settings=settings)

    def design_and_protocol(self, seed: int | None = None) -> tuple[TrialDesign, Protocol]:
        """Return the design as it would be drawn; raise InputError for one that cannot be."""
        from antitrypsim.laboratory.questions import changed_design

        said = self.model_dump(exclude={"design", "posterior"})
        return changed_design(self.design, **said, seed=seed)

    def data(self, answer: Appraisal) -> Plain:
        """Return everything that was found out."""
        return answer.to_dict()


REQUEST = DesignRequest
