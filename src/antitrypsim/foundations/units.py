"""Units: one registry, used at the boundary and in the unit check of equations."""

from __future__ import annotations

import json
import logging
import re
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from antitrypsim.foundations import cache as disk
from antitrypsim.foundations.errors import InputError, UnitError, nearest

YEAR = 365.25
"""Days of a year."""
MONTH = YEAR / 12
"""Days of a month."""
WEEK = 7.0
"""Days of a week."""

# The field's own words that pint does not have. 'cells', 'particles', 'vg', 'organs' and 'points' are counts
# of different things, so each is a dimension of its own: nobody adds cells to particles.
_OWN = """
cell = [cell_count]
particle = [particle_count]
vg = [vector_genome_count]
organ = [organ_count]
point = [score]
IU = [enzyme_activity_conventional]
mmHg = 133.322387415 * pascal
"""


@cache
def registry() -> Any:
    """Return the one pint registry, with the field's own units added."""
    import pint

    units: Any = pint.UnitRegistry(autoconvert_offset_to_baseunit=True, cache_folder=None)
    # pint has a 'particle' and a 'point' of other meanings; here the field's meaning is wanted.
    logging.getLogger("pint").setLevel(logging.ERROR)
    for line in _OWN.strip().splitlines():
        units.define(line)
    # A unit standing alone is looked up in a cache, which still holds pint's own meaning of it.
    units._build_cache()
    return units


def _spelling(text: str) -> str:
    return (
        text.replace("µM", "micromolar")
        .replace("μM", "micromolar")
        .replace("nM", "nanomolar")
        .replace("SpO2", "")
        .strip()
    )


@cache
def parse_unit(text: str) -> Any:
    """Return the pint unit for ``text`` ('1/day', 'g/L', 'µM'); raise UnitError when unknown."""
    if text in ("", "1", "-", "dimensionless", "fraction", "ratio"):
        return registry().dimensionless
    try:
        return registry().parse_units(_spelling(text).replace("1/", "1 / "))
    except Exception:
        try:
            found = registry().parse_expression(_spelling(text))
        except Exception as problem:
            raise UnitError(f"unknown unit '{text}'") from problem
        # A number inside a unit would be lost without a word: '10 mg/kg' is no unit.
        if getattr(found, "magnitude", None) != 1:
            raise UnitError(f"unknown unit '{text}'") from None
        return found.units


Dimensions = tuple[tuple[str, float], ...]
_Measure = tuple[float, Dimensions, frozenset[str]]
# Units that are remembered on disk; whoever meets more asks pint for them.
_MOST = 500


@cache
def base_units(text: str) -> tuple[float, Dimensions]:
    """Return (factor, dimensions) of a unit in root units; equal tuples mean interchangeable units."""
    return _measured(text)[:2]


def _kept_apart(text: str) -> frozenset[str]:
    """Return the dimensions that a unit has both above and below the stroke, as mg/kg has mass."""
    return _measured(text)[2]


def _measured(text: str) -> _Measure:
    """Return what pint says of a unit, remembered on disk: to begin pint takes longer than most commands' units."""
    known = _remembered()
    if text not in known:
        known[text] = _measure(text)
        if len(known) <= _MOST:
            _remember(known)
    return known[text]


def _measure(text: str) -> _Measure:
    units, unit = registry(), parse_unit(text)
    factor, root = units.get_root_units(unit)
    dimensions = tuple(sorted((str(k), float(v)) for k, v in root._units.items() if v))
    above: set[str] = set()
    below: set[str] = set()
    for name, power in unit._units.items():
        (above if power > 0 else below).update(units.get_dimensionality(name))
    return float(factor), dimensions, frozenset(above & below)


@cache
def _page() -> str:
    """Return the key of what is remembered: this file and pint decide it."""
    return disk.digest("units", Path(__file__).read_text(encoding="utf-8"), version("pint"))


@cache
def _remembered() -> dict[str, _Measure]:
    try:
        found = json.loads(disk.read(_page()) or b"{}")
        return {
            text: (factor, tuple((name, power) for name, power in dimensions), frozenset(apart))
            for text, (factor, dimensions, apart) in found.items()
        }
    # A folder that cannot be is told by whoever needs it; units do not.
    except (InputError, ValueError, TypeError):
        return {}


def _remember(known: dict[str, _Measure]) -> None:
    told = {text: (factor, dims, sorted(apart)) for text, (factor, dims, apart) in known.items()}
    try:
        disk.write(_page(), json.dumps(told).encode())
    except InputError:
        return


def alike(one: str, other: str) -> bool:
    """Whether two units measure the same: 'mg/kg' and 'g/kg' do, 'mg/kg' and 'ppm' do not."""
    try:
        return base_units(one)[1] == base_units(other)[1] and _kept_apart(one) == _kept_apart(other)
    except UnitError:
        return False


def convert(value: float, source: str, target: str) -> float:
    """Convert ``value`` between units that measure the same; raise UnitError when they do not."""
    if source == target:
        return value
    (factor_source, dims_source), (factor_target, dims_target) = (
        base_units(source),
        base_units(target),
    )
    # A dose for each kilogram of body is no number without a unit, although masses cancel.
    if dims_source != dims_target or _kept_apart(source) != _kept_apart(target):
        raise UnitError(f"'{source}' cannot be turned into '{target}'")
    return value * factor_source / factor_target


_QUANTITY = re.compile(r"^\s*([+-]?\d+(?:[ _]?\d{3})*(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*(.*)$")
_TIME_UNITS = ("day", "week", "month", "year", "hour", "minute")


def _number(text: str) -> float:
    return float(text.replace(" ", "").replace("_", ""))


def parse_quantity(text: str | float, *, expected: str | None = None) -> tuple[float, str]:
    """Split '60 mg/kg' into (60.0, 'mg/kg'); with ``expected``, convert to it.

    Raises UnitError for text that is no number with a unit, or a unit of another kind.
    """
    if isinstance(text, int | float):
        if expected in (None, "", "1"):
            return float(text), ""
        raise UnitError(f"{text} has no unit; write for example '{text:g} {expected}'")
    match = _QUANTITY.match(text)
    if match is None:
        example = f"'60 {expected}'" if expected else "'60 mg/kg'"
        raise UnitError(f"'{text}' is not a number with a unit, for example {example}")
    number = _number(match.group(1))
    unit = match.group(2).strip()
    if expected is None:
        if unit:
            base_units(unit)
        return number, unit
    if not unit:
        raise UnitError(f"'{text}' has no unit; write for example '{number:g} {expected}'")
    return convert(number, unit, expected), expected


def parse_days(text: str | float, *, what: str = "time") -> float:
    """Return days for '2 years', '1 week', '12 months' (a month is a twelfth of 365.25 days)."""
    if isinstance(text, int | float):
        raise UnitError(f"{what} {text} has no unit; write for example '{text:g} weeks'")
    match = _QUANTITY.match(text)
    if match is None:
        raise UnitError(f"{what} '{text}' is not a number with a unit, for example '12 weeks'")
    number, unit = _number(match.group(1)), match.group(2).strip()
    if not unit:
        raise UnitError(f"{what} '{text}' has no unit; write for example '{number:g} weeks'")
    word = unit.removesuffix("s")
    days = {
        "day": 1.0,
        "d": 1.0,
        "week": 7.0,
        "wk": 7.0,
        "month": MONTH,
        "year": YEAR,
        "yr": YEAR,
        "y": YEAR,
        "hour": 1 / 24,
        "h": 1 / 24,
        "minute": 1 / 1440,
    }
    if word not in days:
        raise UnitError(f"'{unit}' is not a unit of time{nearest(word, _TIME_UNITS)}")
    return number * days[word]


def years_words(years: float) -> str:
    """Return '1 year' or '2.5 years'."""
    return f"{years:g} year{'' if years == 1 else 's'}"
