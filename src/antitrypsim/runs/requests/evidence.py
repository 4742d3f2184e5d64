"""What every number rests on: facts, claims and parameters looked up."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from antitrypsim.foundations.arguments import several
from antitrypsim.foundations.plain import Plain
from antitrypsim.runs.request import Request
from antitrypsim.simulation.settings import DEFAULT, Settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from antitrypsim.evidence import Claim, Fact, Fixed, Parameter, Registry

    Number = Parameter | Fixed
    Item = Fact | Claim | Number


@dataclass(frozen=True)
class Lookup:
    """What was found: ``whole`` is the one whose id was asked for, ``found`` what holds the words.

    Without words nothing was looked for, and ``found`` is every number.
    """

    words: str
    registry: Registry
    numbers: Mapping[str, Number]
    whole: Item | None
    found: tuple[Item, ...]

    def to_dict(self) -> Plain:
        """Return plain data."""
        return {
            "words": self.words,
            "whole": None if self.whole is None else asdict(self.whole),
            "found": [asdict(item) for item in self.found],
        }


class EvidenceRequest(Request):
    """Look up facts, claims and parameters; the answer is a Lookup."""

    command: ClassVar[str] = "evidence"
    door: ClassVar[str] = "look_up"
    lead: ClassVar[str] = "words"
    seeded: ClassVar[bool] = False

    words: tuple[str, ...] = Field(
        default=(), description="words, or the id of a fact, claim or number"
    )

    def answer(self, settings: Settings = DEFAULT) -> Lookup:
        """Look it up; raise EvidenceError where nothing holds the words."""
        from antitrypsim.evidence import load_registry

        return found_in(" ".join(self.words).strip(), load_registry(), all_numbers())

    def data(self, answer: Lookup) -> Plain:
        """Return what was found."""
        return answer.to_dict()


def all_numbers() -> dict[str, Number]:
    """Return every parameter, of the model, the populations and the measurements, and what is fixed."""
    from antitrypsim.endpoints import assessment_parameters
    from antitrypsim.populations.numbers import FIXED, population_parameters
    from antitrypsim.therapies import build_model

    model = build_model()
    found: list[Number] = [
        *model.parameters,
        *population_parameters().values(),
        *FIXED,
        *assessment_parameters().values(),
        *(number for numbers in model.fixed.values() for number in numbers),
    ]
    return {number.id: number for number in found}


def found_in(words: str, registry: Registry, numbers: Mapping[str, Number]) -> Lookup:
    """Return what holds all words, or the one item whose id they are."""
    if not words:
        return Lookup(words, registry, numbers, None, tuple(numbers.values()))
    everything: dict[str, Item] = {**registry.facts, **registry.claims, **numbers}
    by_folded = {id.casefold(): item for id, item in everything.items()}
    exact = by_folded.get(words.casefold())
    if exact is not None:
        return Lookup(words, registry, numbers, exact, (exact,))
    found = (*_matching(numbers, words), *registry.search(words))
    if not found:
        from antitrypsim.foundations.errors import EvidenceError, nearest

        hint = nearest(words, list(everything)) or "; try fewer words"
        raise EvidenceError(f"no fact, claim or number holds '{words}'{hint}")
    return Lookup(words, registry, numbers, None, found)


def _matching(numbers: Mapping[str, Number], words: str) -> list[Number]:
    asked = words.casefold().split()
    found = []
    for n in numbers.values():
        said = [n.id, n.meaning, n.note, n.grade, n.unit, *n.rests_on, *getattr(n, "targets", ())]
        if all(word in " ".join(said).casefold() for word in asked):
            found.append(n)
    return found


def look_up(words: str | Sequence[str] = ()) -> Lookup:
    """Look up facts, claims and numbers by words or by an id.

    Raises EvidenceError where nothing holds the words.
    """
    return EvidenceRequest(words=several(words, "words") if words else ()).answer()


REQUEST = EvidenceRequest
