"""Format: numbers as a reader of trials expects them."""

from __future__ import annotations

import math
import re
from typing import Any

from antitrypsim.foundations.units import YEAR

_LEADING_MINUS = re.compile(r"(^|[\s(])-(?=[\d.])")
_P = re.compile(r"\bp ([=<>]) ")


def good(value: float | None) -> bool:
    """Whether there is a number to show."""
    return value is not None and math.isfinite(value)


def number(value: float | None, decimals: int) -> str:
    """Return '-1.45', with a comma in thousands; a dash for no number and no '-0.00'."""
    if value is None or not math.isfinite(value):
        return "–"
    text = f"{value:,.{decimals}f}"
    return text.removeprefix("-") if not text.strip("-0.,") else text


def signed(value: float | None, decimals: int) -> str:
    """Return '+1.45' or '-1.45'; no sign before nought."""
    text = number(value, decimals)
    return text if text.startswith("-") or not text.strip("0.,–") else f"+{text}"


def interval(lower: float | None, upper: float | None, decimals: int) -> str:
    """Return '(0.06 to 1.42)', or nothing without both limits."""
    if not (good(lower) and good(upper)):
        return ""
    return f"({number(lower, decimals)} to {number(upper, decimals)})"


def p_value(p: float | None) -> str:
    """Return 'p = 0.03', 'p = 0.049' near the usual line, 'p < 0.001'; nothing without a number."""
    if p is None or not math.isfinite(p):
        return ""
    if p < 0.001:
        return "p < 0.001"
    if p > 0.995:
        return "p > 0.99"
    near = p < 0.0095 or 0.045 <= p < 0.055
    return f"p = {p:.3f}" if near else f"p = {p:.2f}"


def decimals_for(least: int, se: float | None) -> int:
    """Return decimals that show one to two figures of the error, at least ``least``, up to 4."""
    if se is None or not good(se) or se <= 0:
        return least
    return max(least, min(4, math.ceil(0.5 - math.log10(se))))


def decimals_of(*values: float | None) -> int:
    """Return the most decimals that any of these published numbers has, up to 4."""
    found = 0
    for value in values:
        if value is not None and good(value):
            text = f"{value:.4f}".rstrip("0")
            found = max(found, len(text.partition(".")[2]))
    return found


def unit_words(unit: str) -> str:
    """Return 'g/L per year' for 'g/L/year'; nothing for a number without unit."""
    for word in ("year", "yr"):
        unit = unit.removesuffix(f"/{word}") + " per year" if unit.endswith(f"/{word}") else unit
    return "" if unit in ("1", "-", "ratio") else unit


def with_unit(text: str, unit: str) -> str:
    """Return the number with its unit; '%' and words alike after a space."""
    return f"{text} {unit}" if unit else text


def length_words(days: float) -> str:
    """Return '24 months' or '5 years' for a number of days, to the nearest sensible unit."""
    years = days / YEAR
    if years >= 3 and abs(years - round(years)) < 0.03:
        return f"{round(years)} years"
    months = years * 12
    if months >= 3 and abs(months - round(months)) < 0.15:
        return f"{round(months)} months"
    return f"{days / 7:.3g} weeks" if days >= 14 else f"{days:.3g} days"


def listed(words: list[str]) -> str:
    """Return 'a', 'a and b' or 'a, b and c'."""
    return " and ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)


def small(words: str) -> str:
    """Return words for the middle of a sentence: 'placebo weekly', but 'AAT' and 'FEV1'."""
    return words[:1].lower() + words[1:] if words[1:2].islower() or words[1:2] == " " else words


def capital(words: str) -> str:
    """Return words with a capital first letter, and the rest as it is."""
    return words[:1].upper() + words[1:]


def typeset(text: str) -> str:
    """Return the text with true minus signs, and no line broken before '%' or within 'p = 0.03'."""
    text = _LEADING_MINUS.sub("\\1\u2212", text).replace(" %", "\u00a0%")
    return _P.sub("p\u00a0\\1\u00a0", text)


def flat(value: Any) -> str:
    """Return nested plain data in one line."""
    if isinstance(value, dict):
        return ", ".join(f"{k} {flat(v)}" for k, v in value.items() if v not in (None, {}, [], ()))
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flat(v) for v in value) + "]"
    return f"{value:g}" if isinstance(value, float) else str(value)
