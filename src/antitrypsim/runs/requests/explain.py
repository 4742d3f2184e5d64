"""What is in the model."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from antitrypsim.foundations.plain import Plain
from antitrypsim.runs.request import Request
from antitrypsim.simulation.settings import DEFAULT, Settings

if TYPE_CHECKING:
    from antitrypsim.modelling.explain import Explanation


class ExplainRequest(Request):
    """Who acts on what, in which unit, resting on what; the answer is an Explanation."""

    command: ClassVar[str] = "explain"
    lead: ClassVar[str] = "module"
    seeded: ClassVar[bool] = False

    module: str | None = Field(
        default=None, description="one module, such as liver; all if left out"
    )

    def answer(self, settings: Settings = DEFAULT) -> Explanation:
        """Read it off the model; nothing is simulated."""
        from antitrypsim.modelling.explain import explain_model, explain_module
        from antitrypsim.therapies import build_model

        model = build_model()
        return explain_model(model) if self.module is None else explain_module(model, self.module)

    def data(self, answer: Explanation) -> Plain:
        """Return every module's note."""
        return asdict(answer)


REQUEST = ExplainRequest
