"""The unit in which an endpoint is told, where a reader wants another than its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from antitrypsim.endpoints import Endpoint, endpoint
from antitrypsim.experiments import headlines

if TYPE_CHECKING:
    from antitrypsim.experiments.compare import Comparison, TherapyEffect
    from antitrypsim.experiments.patient import PatientCourse


@dataclass(frozen=True)
class Unit:
    """A unit of an endpoint: ``per`` of it are one of the endpoint's own, told with ``decimals``."""

    endpoint: str
    unit: str
    per: float
    decimals: int


_TOLD: ContextVar[Unit | None] = ContextVar("told", default=None)


@contextmanager
def told_in(unit: Unit) -> Iterator[None]:
    """Let reports name this unit, of values that ``course_in`` or ``comparison_in`` has turned into it."""
    before = _TOLD.set(unit)
    try:
        yield
    finally:
        _TOLD.reset(before)


def as_told(id: str) -> Endpoint:
    """Return an endpoint as it is told: in its own unit, or in that which was asked for."""
    found, unit = endpoint(id), _TOLD.get()
    return (
        found
        if unit is None or unit.endpoint != id
        else replace(found, unit=unit.unit, formal_unit="")
    )


def decimals(outcome: str) -> int:
    """Return how many decimals an outcome is told with in the unit in which it is told."""
    unit = _TOLD.get()
    if unit is None or unit.endpoint != outcome:
        return headlines.decimals(outcome)
    return unit.decimals


def course_in(course: PatientCourse, unit: Unit) -> PatientCourse:
    """Return a person's course whose rows of one endpoint are in a unit."""

    def turned(row: Mapping[str, Any]) -> Mapping[str, Any]:
        if row["endpoint"] != unit.endpoint:
            return row
        keys = ("median", "p05", "p95", "unknown_low", "unknown_high")
        there = {key: row[key] * unit.per for key in keys if row.get(key) is not None}
        return {**row, **there, "unit": unit.unit}

    return replace(course, rows=tuple(map(turned, course.rows)))


def comparison_in(found: Comparison, unit: Unit) -> Comparison:
    """Return a comparison whose effects on one endpoint are in a unit."""

    def pair(values: tuple[float, float] | None) -> tuple[float, float] | None:
        return None if values is None else (values[0] * unit.per, values[1] * unit.per)

    def turned(effect: TherapyEffect) -> TherapyEffect:
        if effect.outcome != unit.endpoint:
            return effect
        return replace(
            effect, unit=unit.unit, without=effect.without * unit.per, effect=effect.effect * unit.per,
            people=pair(effect.people), uncertainty=pair(effect.uncertainty),
            middle=None if effect.middle is None else effect.middle * unit.per,
        )  # fmt: skip

    return replace(found, effects=tuple(map(turned, found.effects)))
