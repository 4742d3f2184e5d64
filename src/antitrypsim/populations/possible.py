"""What no living adult can have: limits of a criterion beyond it are a slip, often of the unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from antitrypsim.endpoints import ENDPOINTS
from antitrypsim.evidence.aat import grams_per_micromole
from antitrypsim.foundations.errors import shown
from antitrypsim.foundations.units import convert
from antitrypsim.populations.numbers import FIXED, population_parameters

Bounds = tuple[float | None, float | None]

_NAMED = {number.name: number for number in FIXED}
_START = population_parameters()["life_start"]

YOUNGEST, OLDEST = _START.value, FIXED.age_most.value
NO_CHILDREN = (
    "a child's liver grows, which dilutes what is edited or grafted, and the cholestasis of the newborn is "
    "another disease; the model holds neither"
)
"""Why nobody is younger than ``YOUNGEST``."""
LIGHTEST, HEAVIEST = FIXED.weight_least.value, FIXED.weight_most.value


@dataclass(frozen=True)
class End:
    """The least or the most that there is of a quantity, None for none known, and why."""

    value: float | None
    why: str = ""


def possible(quantity: str) -> tuple[End, End]:
    """Return the least and the most that a living adult has of a quantity, in its unit.

    A fixed number of this room, or else the end of the scale that its endpoint shows.
    """
    return _end(quantity, "least"), _end(quantity, "most")


def _end(quantity: str, side: Literal["least", "most"]) -> End:
    if (quantity, side) == ("age", "least"):
        return End(_START.value, f"a life is simulated from {_START.value:g} years")
    if number := _NAMED.get(f"{quantity}_{side}"):
        return End(number.value, number.note)
    if (shown_by := ENDPOINTS.get(quantity)) is None:
        return End(None)
    value = shown_by.lowest if side == "least" else shown_by.highest
    return End(value, "" if value is None else "the scale ends there")


def nobody_has(quantity: str, limits: Bounds) -> str:
    """Return why nobody lies within ``limits`` of a quantity, with the unit that was meant where one
    fits; nothing where some can.
    """
    low, high = limits
    least, most = possible(quantity)
    if most.value is not None and low is not None and low > most.value:
        said = f"'{shown(quantity)}' is never above {most.value:g}: {most.why}"
    elif least.value is not None and high is not None and high < least.value:
        said = f"'{shown(quantity)}' is never below {least.value:g}: {least.why}"
    else:
        return ""
    return said + meant(quantity, limits, (least.value, most.value))


def lets_all_in(quantity: str, limits: Bounds) -> str:
    """Return which limit of a criterion leaves out nobody, with the unit that was meant where one fits."""
    least, most = (end.value for end in possible(quantity))
    low, high = limits
    if low is not None and least is not None and low < least:
        said = f"'min: {low:g}' leaves out nobody: '{quantity}' is never below {least:g}"
    elif high is not None and most is not None and high > most:
        said = f"'max: {high:g}' leaves out nobody: '{quantity}' is never above {most:g}"
    else:
        return ""
    return said + meant(quantity, limits, (least, most))


def meant(quantity: str, limits: Bounds, within: Bounds) -> str:
    """Return a guess at the unit of limits: the first in which each lies ``within`` what people have."""
    if within[0] is None or within[1] is None:
        return ""
    given = {k: v for k, v in zip(("min", "max"), limits, strict=True) if v is not None}
    for unit, factor in other_units(quantity).items():
        if all(within[0] < value * factor < within[1] for value in given.values()):
            return slip(unit, factor, given)
    return ""


def slip(unit: str, factor: float, given: Mapping[str, float]) -> str:
    """Return what to write instead of limits, by name, that were meant in another unit."""
    said = ", ".join(f"{k}: {v * factor:.3g}" for k, v in given.items())
    return f"; if it was meant in {unit}, write '{said}'"


def other_units(quantity: str) -> dict[str, float]:
    """Return units that limits of a quantity are often meant in, as factors to that of ELIGIBILITY."""
    grams = 1 / grams_per_micromole()
    return {
        "serum_aat": {"g/L": grams, "mg/dL": convert(1.0, "mg/dL", "g/L") * grams},
        "fev1": {"mL": convert(1.0, "mL", "L")},
        "fev1_percent": {"parts of 1": 100.0},
        "fev1_fvc": {"percent": 0.01},
        "weight": {"pounds": convert(1.0, "lb", "kg")},
        "age": {"months": convert(1.0, "month", "year"), "days": convert(1.0, "day", "year")},
        "stiffness": {"Pa": convert(1.0, "Pa", "kPa")},
    }.get(quantity, {})
