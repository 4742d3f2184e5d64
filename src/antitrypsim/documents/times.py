"""Lengths of time and dose times, in days."""

from __future__ import annotations

import math
from typing import Annotated

from pydantic import BeforeValidator, GetJsonSchemaHandler
from pydantic_core import CoreSchema

from antitrypsim.documents.faults import fault
from antitrypsim.foundations.errors import InputError, shown
from antitrypsim.foundations.plain import Plain
from antitrypsim.foundations.units import YEAR, parse_days

MOST_DOSES = 20_000
"""The most doses that one entry may ask for."""

LONGEST_DAYS = 100 * YEAR
"""The longest time that a protocol may name."""

_HAIR = 1e-9
_UNITS = ("minute", "hour", "day", "week", "month", "year")
_PATTERN = rf"^\s*\d[\d_ ]*(\.\d+)?([eE][+-]?\d+)?\s*({'|'.join(_UNITS)})s?\s*$"


def days(text: str) -> float:
    """Return the days of a length of time of a protocol, such as '24 months'."""
    return parse_days(text, what="the time")


def _readable(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise fault(f"'{shown(value)}' is not a time; write for example '12 weeks'")
    if not isinstance(value, str):
        # Nought is nought in every unit; any other number needs one.
        if value != 0:
            raise fault(f"the time {value:g} has no unit; write for example '{value:g} weeks'")
        return "0 days"
    text = " ".join(value.split())
    try:
        length = days(text)
    except InputError as problem:
        units = f"; units of time are {', '.join(_UNITS)}"
        raise fault(
            problem.message + ("" if "for example" in problem.message else units)
        ) from problem
    if length < 0:
        raise fault(f"the time '{text}' is negative; times count from day 0, the randomisation")
    if not length <= LONGEST_DAYS:
        raise fault(f"the time '{shown(text)}' is too long; a protocol ends within 100 years")
    return text


class _DurationSchema:
    """The JSON Schema of a length of time."""

    def __get_pydantic_json_schema__(
        self, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> Plain:
        text = {"type": "string", "pattern": _PATTERN, "examples": ["1 week", "24 months"]}
        return {"anyOf": [text, {"const": 0}]}


Duration = Annotated[str, BeforeValidator(_readable), _DurationSchema()]
"""A length of time as text with a unit; a month is a twelfth of 365.25 days."""


def every_times(start: float, every: float, until: float) -> tuple[float, ...]:
    """Return ``start``, ``start + every``, … before ``until``; all in days."""
    count = max(0, math.ceil((until - start) / every - _HAIR))
    return tuple(start + k * every for k in range(count))


def count_of(start: float, every: float, until: float) -> int:
    """Return how many times ``every_times`` gives, without making them."""
    return max(0, math.ceil((until - start) / every - _HAIR))


def reaches(time: float, end: float) -> bool:
    """Whether ``time`` is at ``end`` or later, a hair aside."""
    return time >= end - _HAIR


def passes(time: float, end: float) -> bool:
    """Whether ``time`` is later than ``end``, a hair aside."""
    return time > end + _HAIR
