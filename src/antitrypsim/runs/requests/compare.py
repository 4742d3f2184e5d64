"""The same virtual people under several therapies."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import field_validator

from antitrypsim.documents.faults import fault
from antitrypsim.experiments.comparison_file import Compared
from antitrypsim.foundations.plain import Plain
from antitrypsim.runs.request import Request
from antitrypsim.simulation.settings import DEFAULT, Settings

if TYPE_CHECKING:
    from antitrypsim.experiments.compare import Comparison


class CompareRequest(Compared, Request):
    """Compare therapies in the same people; the answer is a Comparison."""

    command: ClassVar[str] = "compare"
    lead: ClassVar[str] = "therapies"
    argument: ClassVar[bool] = False

    @field_validator("therapies", mode="before")
    @classmethod
    def _by_name(cls, value: object) -> object:
        # On the command line ': ' parts a name from a therapy, in which the blank says nothing.
        if isinstance(value, dict):
            return {name: _close(text) for name, text in value.items()}
        if not isinstance(value, list | tuple):
            return value
        if len({str(text) for text in value}) < len(value):
            raise fault("the same therapy is named twice; name each once")
        return {str(_close(text)): _close(text) for text in value}

    def said(self) -> Plain:
        """Return what differs from the defaults; therapies that are named as they are written, alone."""
        found = super().said()
        if all(name == text for name, text in self.therapies.items()):
            found["therapies"] = list(self.therapies)
        return found

    def answer(self, settings: Settings = DEFAULT) -> Comparison:
        """Let the people live."""
        from antitrypsim.experiments.compare import compare

        return self.asks(compare, settings=settings)

    def data(self, answer: Comparison) -> Plain:
        """Return the whole comparison."""
        return answer.to_dict()


def _close(text: object) -> object:
    return text.replace(": ", ":") if isinstance(text, str) else text


REQUEST = CompareRequest
