"""A claim: one row of the table of claims, with its verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self, final

from antitrypsim.evidence.citation import cited_facts

CLAIM_COLUMNS = ("id", "claim", "verdict", "nearest_evidence")


@final
@dataclass(frozen=True, slots=True)
class Claim:
    """A statement made about regenerative therapy, held as a hypothesis.

    ``verdict`` is what the evidence says of it, ``nearest_evidence`` the closest thing known, and
    ``facts`` the ids of the facts that this text cites.
    """

    id: str
    claim: str
    verdict: str
    nearest_evidence: str
    facts: tuple[str, ...]

    @classmethod
    def from_text(cls, id: str, claim: str, verdict: str, nearest_evidence: str) -> Self:
        """Build a claim whose ``facts`` are those cited in ``nearest_evidence``."""
        return cls(id, claim, verdict, nearest_evidence, cited_facts(nearest_evidence))
