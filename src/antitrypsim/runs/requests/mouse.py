"""Two mice, and people beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from antitrypsim.foundations.plain import Plain
from antitrypsim.runs.request import Request
from antitrypsim.simulation.settings import DEFAULT, Settings

if TYPE_CHECKING:
    from antitrypsim.experiments.mouse import Mice


class MouseRequest(Request):
    """Run the PiZ mouse and the elastase mouse; the answer is a Mice."""

    command: ClassVar[str] = "mouse"

    def answer(self, settings: Settings = DEFAULT) -> Mice:
        """Let mice and people live."""
        from antitrypsim.experiments.mouse import mice

        return mice(settings=settings)

    def data(self, answer: Mice) -> Plain:
        """Return all of it."""
        return answer.to_dict()


REQUEST = MouseRequest
