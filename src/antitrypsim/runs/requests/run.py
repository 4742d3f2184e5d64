"""A virtual trial of a protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from antitrypsim.foundations.plain import Plain
from antitrypsim.runs.request import Request, Whole
from antitrypsim.simulation.settings import DEFAULT, Settings

if TYPE_CHECKING:
    from antitrypsim.trials.trial import Trial


class RunRequest(Request):
    """Conduct a protocol in virtual people; the answer is a Trial."""

    command: ClassVar[str] = "run"
    lead: ClassVar[str] = "protocol"

    protocol: str = Field(description="a bundled protocol, such as rapid, or a protocol file")
    participants: Whole | None = Field(
        default=None, description="how many take part; the protocol's number if left out"
    )
    uncertainty: Whole = Field(
        default=0, description="draws from what is unknown; 0 for typical values alone"
    )

    posterior: str | None = Field(
        default=None,
        description="the posterior's file, from which draws come, or 'prior'; the packaged one if left out",
    )

    def answer(self, settings: Settings = DEFAULT) -> Trial:
        """Conduct the trial."""
        from antitrypsim.experiments.virtual_trial import run_trial

        return run_trial(
            self.protocol, participants=self.participants, uncertainty=self.uncertainty,
            posterior=self.posterior,
            settings=settings,
        )  # fmt: skip

    def data(self, answer: Trial) -> list[Plain]:
        """Return the rows of results."""
        from antitrypsim.runs.folder import result_rows

        return result_rows(answer)


REQUEST = RunRequest
