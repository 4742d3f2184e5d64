"""A fact: one row of the evidence table."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import final


@final
@dataclass(frozen=True, slots=True)
class Fact:
    """One published, recalled or computed figure, with where it is from.

    Every column is text as printed: ``value`` may hold several figures or a sentence, ``unit`` is
    the unit of ``value`` (empty or ``-`` where there is none), ``known`` says how the figure is
    known (``seen (…)``, ``recalled``, ``computed`` or ``derived (…)``), and ``confidence`` grades
    a recalled one.
    """

    id: str
    topic: str
    quantity: str
    value: str
    unit: str
    uncertainty: str
    population: str
    n: str
    source: str
    identifier: str
    known: str
    confidence: str
    note: str

    @property
    def seen(self) -> bool:
        """Whether the figure was read in a published text."""
        return self.known.startswith("seen")

    @property
    def recalled(self) -> bool:
        """Whether the figure is from memory, and must be shown as such."""
        return self.known.startswith("recalled")

    @property
    def computed(self) -> bool:
        """Whether the figure is arithmetic on other facts."""
        return self.known.startswith(("computed", "derived"))


FACT_COLUMNS = tuple(field.name for field in fields(Fact))
