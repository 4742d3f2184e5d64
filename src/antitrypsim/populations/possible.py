"""What no living adult can have: limits of a criterion beyond it are a slip, often of the unit."""

from __future__ import annotations

from collections.abc import Mapping

from antitrypsim.evidence.aat import grams_per_micromole
from antitrypsim.foundations.errors import shown
from antitrypsim.foundations.units import convert

Bounds = tuple[float | None, float | None]

YOUNGEST, OLDEST = 18.0, 110.0
LIGHTEST, HEAVIEST = 20.0, 300.0

POSSIBLE: Mapping[str, tuple[float, float, str]] = {
    "age": (YOUNGEST, OLDEST, "a life is simulated from 18 years, and hardly ends later"),
    "serum_aat": (0.0, 200.0, "above it lies no healthy person, not even in acute illness"),
    "fev1": (0.1, 10.0, "with less nobody breathes, and no lung blows more in a second"),
    "fev1_percent": (5.0, 200.0, "with less nobody breathes, and nobody has twice the predicted"),
    "fev1_fvc": (0.0, 1.0, "it is a part of a whole"),
    "kco": (0.0, 10.0, "it is several times that of a healthy lung"),
    "density": (0.0, 1000.0, "that is water"),
    "stiffness": (0.0, 75.0, "elastography shows no more"),
    "fibrosis_stage": (0.0, 4.0, "the scale ends there"),
    "alt": (0.0, 1000.0, "no liver releases so much"),
    "sgrq": (0.0, 100.0, "the scale ends there"),
    "weight": (LIGHTEST, HEAVIEST, "adults weigh no less and no more"),
}
"""Least and most of each quantity of eligibility, in its unit, and why.

Wide, round numbers that catch a slip; they are no evidence of who there is.
"""


def never(what: str, limits: Bounds, bounds: Bounds, why: str = "") -> str:
    """Return why nobody lies within ``limits`` of a quantity that has ``bounds``; nothing where some can."""
    low, high = limits
    least, most = bounds
    because = f": {why}" if why else ""
    if most is not None and low is not None and low > most:
        return f"'{shown(what)}' is never above {most:g}{because}"
    if least is not None and high is not None and high < least:
        return f"'{shown(what)}' is never below {least:g}{because}"
    return ""


def nobody_has(quantity: str, limits: Bounds) -> str:
    """Return why no living adult meets a criterion, with the unit that was meant where one fits."""
    if quantity not in POSSIBLE:
        return ""
    least, most, why = POSSIBLE[quantity]
    said = never(quantity, limits, (least, most), why)
    return said and said + meant(quantity, limits, (least, most))


def lets_all_in(quantity: str, limits: Bounds) -> str:
    """Return which limit of a criterion leaves out nobody, with the unit that was meant where one fits."""
    least, most, _ = POSSIBLE[quantity]
    low, high = limits
    if low is not None and low < least:
        said = f"'min: {low:g}' leaves out nobody: '{quantity}' is never below {least:g}"
    elif high is not None and high > most:
        said = f"'max: {high:g}' leaves out nobody: '{quantity}' is never above {most:g}"
    else:
        return ""
    return said + meant(quantity, limits, (least, most))


def meant(quantity: str, limits: Bounds, within: tuple[float, float]) -> str:
    """Return a guess at the unit of limits: the first in which each lies ``within`` what people have."""
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
