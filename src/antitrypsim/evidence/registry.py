"""All facts and claims, by id."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import final

from antitrypsim.evidence.claim import CLAIM_COLUMNS, Claim
from antitrypsim.evidence.fact import FACT_COLUMNS, Fact
from antitrypsim.evidence.tables import read_rows
from antitrypsim.foundations.errors import EvidenceError, nearest

_DATA = Path(__file__).resolve().parent / "data"
# Read as a file, not imported: calibration lies above this room, and a parameter only has to name
# a target that exists.
TARGETS = Path(__file__).resolve().parents[1] / "calibration" / "targets" / "targets.csv"
"""The published targets: what was measured, in whom, and what it may be used for."""
TARGET_COLUMNS = (
    "id",
    "quantity",
    "population",
    "people",
    "value",
    "unit",
    "uncertainty",
    "role",
    "rests_on",
    "conditions",
)


@final
@dataclass(frozen=True)
class Registry:
    """The facts and claims by id, and the ids of the calibration targets; none can be changed."""

    facts: Mapping[str, Fact]
    claims: Mapping[str, Claim]
    targets: frozenset[str] = field(default_factory=frozenset)

    def __post_init__(self) -> None:
        object.__setattr__(self, "facts", MappingProxyType(dict(self.facts)))
        object.__setattr__(self, "claims", MappingProxyType(dict(self.claims)))

    def fact(self, id: str) -> Fact:
        """Give the fact with this id.

        Raises:
            EvidenceError: there is no such fact.
        """
        if id not in self.facts:
            raise EvidenceError(_missing("fact", id, self.facts), key=id)
        return self.facts[id]

    def claim(self, id: str) -> Claim:
        """Give the claim with this id.

        Raises:
            EvidenceError: there is no such claim.
        """
        if id not in self.claims:
            raise EvidenceError(_missing("claim", id, self.claims), key=id)
        return self.claims[id]

    def search(self, query: str) -> list[Fact | Claim]:
        """Give the facts, then the claims, that hold every word of ``query`` in any column.

        Case does not matter; an empty query finds everything.
        """
        words = query.casefold().split()
        everything: list[Fact | Claim] = [*self.facts.values(), *self.claims.values()]
        return [item for item in everything if _holds(item, words)]

    def kind_of_knowledge(self, ids: Iterable[str]) -> dict[str, int]:
        """Count how the facts with these ids are known: seen, recalled, computed.

        An id given twice counts once.

        Raises:
            EvidenceError: there is no fact with one of the ids.
        """
        facts = [self.fact(id) for id in dict.fromkeys(ids)]
        return {
            "seen": sum(fact.seen for fact in facts),
            "recalled": sum(fact.recalled for fact in facts),
            "computed": sum(fact.computed for fact in facts),
        }


@cache
def load_registry() -> Registry:
    """Read the packaged facts, claims and target ids, once.

    Raises:
        EvidenceError: a packaged table is missing or broken.
    """
    facts = read_rows(_DATA / "facts.csv", FACT_COLUMNS)
    claims = read_rows(_DATA / "claims.csv", CLAIM_COLUMNS)
    return Registry(
        facts={id: Fact(**row) for id, row in facts.items()},
        claims={id: Claim.from_text(**row) for id, row in claims.items()},
        targets=frozenset(read_rows(TARGETS, TARGET_COLUMNS)),
    )


def _missing(kind: str, id: str, known: Mapping[str, object]) -> str:
    hint = nearest(id, tuple(known)) or f"; search the registry for a {kind} by its words"
    return f"no {kind} '{id}'{hint}"


def _holds(item: Fact | Claim, words: list[str]) -> bool:
    text = " ".join(str(cell) for cell in astuple(item)).casefold()
    return all(word in text for word in words)
