"""Options that are numbers, checked in one sentence each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf, isfinite
from numbers import Integral, Real
from typing import Any, TypeAlias

from antitrypsim.foundations.errors import InputError, nearest

Options: TypeAlias = Mapping[str, Any]
"""Options as they were given: of any kind, until what reads them has checked them."""


def number(options: Options, name: str, default: float | None = None) -> float:
    """Return an option as a finite number, or ``default``; InputError for anything else.

    Where there is no default the option is needed.
    """
    value = options.get(name)
    if value is None:
        if default is None:
            raise InputError(f"the option '{name}' is needed")
        return default
    if isinstance(value, bool) or not isinstance(value, Real) or not isfinite(value):
        raise InputError(f"the option '{name}' must be a number, not '{value}'")
    return float(value)


def positive(
    options: Options, name: str, default: float | None = None, *, infinite: bool = False
) -> float:
    """Return an option that must be above 0, and may be infinite only where that is said."""
    value = options.get(name, default)
    found = inf if infinite and value == inf else number(options, name, default)
    if not found > 0:
        raise InputError(f"the option '{name}' must be above 0, not {found:g}")
    return found


def whole(options: Options, name: str, default: int | None, least: int) -> int:
    """Return an option as a whole number of at least ``least``; needed where without default."""
    value = options.get(name)
    if value is None:
        if default is None:
            raise InputError(f"the option '{name}' is needed")
        return default
    if isinstance(value, bool) or not isinstance(value, Integral) or int(value) < least:
        raise InputError(f"the option '{name}' must be a whole number from {least}, not '{value}'")
    return int(value)


def choice(options: Options, name: str, known: Sequence[str]) -> str:
    """Return an option that is one of some words, the first by default; InputError for others."""
    value = options.get(name)
    if value is None:
        return known[0]
    if not isinstance(value, str) or value not in known:
        hint = nearest(str(value), tuple(known)) or f"; it is one of {', '.join(known)}"
        raise InputError(f"the option '{name}' cannot be '{value}'{hint}")
    return value
