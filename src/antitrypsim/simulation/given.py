"""What is given to a person, record by record: doses, levels that are held, courses of inputs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

MOST: Mapping[str, float] = {
    "mg/kg": 1e5,
    "mg": 1e7,
    "ng/mL": 1e3,
    "cell": 1e13,
    "particle": 1e17,
    "vg": 1e19,
    "vg/kg": 1e17,
    "organ": 1,
}
"""The most that is taken of any product, by unit: more than a body would hold.

Round numbers that catch a slip of the exponent or the prefix of a unit (a trough of µg/mL for
ng/mL); they are no evidence of what can be borne. Of an organ there is one place.
"""
_WHOLE = ("organ",)


def not_givable(amount: float, unit: str) -> str:
    """Return '<amount>, and why nobody can be given it'; nothing for what somebody can."""
    most = MOST.get(unit, math.inf)
    if unit in _WHOLE and amount % 1:
        return f"{amount:g} {unit}, and a part of one cannot be given; write 1{unit}"
    if amount <= most and amount < math.inf:
        return ""
    return f"{amount:g} {unit}, more than a body would hold; up to {most:g} {unit} is taken"


Change = tuple[float, float]
"""From a day on, a value."""


AMOUNTS_AT = 75.0
"""kg: the body weight at which an amount that hangs on weight is held against limits.

A round number; what a person is given hangs on their own weight.
"""


@dataclass(frozen=True)
class DoseRecord:
    """One dose given at several times: ``dose`` is 'product/route', ``amount`` in the dose's unit.

    ``duration``: the days over which each runs in, evenly, from its time on; 0 at once.
    ``by_weight``: the power of the person's own weight (kg) at that time by which the amount is multiplied: -1
    for 200 mg of what is dosed in mg/kg, 1 for 2e6 cells/kg of what is dosed in cells.
    """

    dose: str
    amount: float
    times: tuple[float, ...]
    duration: float = 0.0
    by_weight: int = 0

    @property
    def usual(self) -> float:
        """The amount in the dose's unit, of somebody who weighs ``AMOUNTS_AT``."""
        return self.amount * AMOUNTS_AT**self.by_weight


@dataclass(frozen=True)
class InputRecord:
    """A course that an input is set to: from ``times[k]`` on, ``values[k]``, for good.

    Before the first time it says nothing. What a product is (source, viability, mismatches) is set
    so: said twice, it is the same, and two records of one input must agree where both speak.
    """

    input: str
    times: tuple[float, ...]
    values: tuple[float, ...]


@dataclass(frozen=True)
class HeldLevel:
    """A level of an input that is held from day ``start`` until day ``end``, such as a trough.

    Levels of one input that are held at one time add up; while none is held, the input has its
    default.
    """

    input: str
    value: float
    start: float = 0.0
    end: float = math.inf
