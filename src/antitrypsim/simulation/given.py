"""What is given to a person, record by record: doses, levels that are held, courses of inputs."""

from __future__ import annotations

import math
from dataclasses import dataclass

Change = tuple[float, float]
"""From a day on, a value."""


@dataclass(frozen=True)
class DoseRecord:
    """One dose given at several times: ``dose`` is 'product/route', ``amount`` in the dose's unit."""

    dose: str
    amount: float
    times: tuple[float, ...]


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
