"""Power against size, and the size for a wanted power."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from antitrypsim.foundations.plain import Plain
from antitrypsim.runs.request import Real, Request, Whole
from antitrypsim.simulation.settings import DEFAULT, Settings

if TYPE_CHECKING:
    from antitrypsim.laboratory.questions import Power


class PowerRequest(Request):
    """The power of a design by its size; the answer is a Power."""

    command: ClassVar[str] = "power"
    lead: ClassVar[str] = "design"

    design: str = Field(description="a design file, a bundled design, or a protocol such as rapid")
    wanted: Real | None = Field(default=None, description="the power that is wanted, such as 0.9")
    sizes: tuple[Whole, ...] = Field(default=(), description="numbers of participants to look at")
    replicates: Whole | None = Field(
        default=None, description="trials drawn; the file's if left out"
    )
    people: Whole | None = Field(
        default=None, description="virtual people from whom trials are drawn"
    )
    draws: Whole | None = Field(default=None, description="draws of what is unknown; 0 for none")
    looks: tuple[Real, ...] = Field(
        default=(), description="shares of the participants seen at each look, the last 1"
    )
    bounds: str | None = Field(
        default=None, description="how looks spend the type I error, such as obrien-fleming"
    )
    futility: Real | None = Field(
        default=None, description="given up at a look where the conditional power is below this"
    )
    per_month: Real | None = Field(
        default=None, description="participants who are found a month; the file's if left out"
    )
    relevant: Real | None = Field(
        default=None,
        description="the smallest effect that matters, in the unit of the effect; the file's if left out",
    )
    posterior: str | None = Field(
        default=None,
        description="the posterior's file, from which draws come, or 'prior'; the packaged one if left out",
    )

    def answer(self, settings: Settings = DEFAULT) -> Power:
        """Draw the trials."""
        from antitrypsim.laboratory.questions import power

        return self.asks(power, settings=settings)

    def data(self, answer: Power) -> Plain:
        """Return the power curve."""
        return answer.to_dict()


REQUEST = PowerRequest
