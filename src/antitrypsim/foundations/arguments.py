"""What a caller gives, held to its kind: whole numbers, numbers, words, several of them.

A value of another kind is one sentence that names it, before any work is done.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable
from numbers import Real
from typing import Any

from antitrypsim.foundations.errors import InputError, shown


def whole(value: Any, what: str, least: int | None = None) -> int:
    """Return ``value`` if it is a whole number of ``least`` or more; raise InputError if not."""
    try:
        found = None if isinstance(value, bool) else operator.index(value)
    except TypeError:
        found = None
    from_on = "" if least is None else f" from {least} on"
    if found is None or (least is not None and found < least):
        raise InputError(f"'{what}' must be a whole number{from_on}, not '{shown(value)}'")
    return found


def listed(values: Any, what: str) -> tuple[Any, ...]:
    """Return several values, or the one that is given; raise InputError for text."""
    if isinstance(values, str):
        raise InputError(f"'{what}' must be a list, not '{shown(values)}'")
    return tuple(values) if isinstance(values, Iterable) else (values,)


def number(value: Any, what: str) -> float:
    """Return ``value`` if it is a number, and no text or truth value; raise InputError if not."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise InputError(f"'{what}' must be a number, not '{shown(value)}'")
    return float(value)


def numbers(values: Any, what: str) -> tuple[float, ...]:
    """Return several numbers, or the one that is given; raise InputError for anything else."""
    if isinstance(values, Real):
        return (number(values, what),)
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise InputError(f"'{what}' must be numbers, such as [1, 2], not '{shown(values)}'")
    return tuple(number(each, what) for each in values)


def words(value: Any, what: str) -> str:
    """Return ``value`` if it is text that says something; raise InputError if not."""
    if not isinstance(value, str) or not value.strip():
        raise InputError(f"'{what}' must be text, not '{shown(value)}'")
    return value


def several(values: Any, what: str) -> tuple[str, ...]:
    """Return several texts, or the one that is given; raise InputError for anything else."""
    if isinstance(values, str):
        return (words(values, what),)
    if not isinstance(values, Iterable):
        raise InputError(f"'{what}' must be a list of texts, not '{shown(values)}'")
    return tuple(words(each, what) for each in values)


def different(values: Any, what: str) -> tuple[str, ...]:
    """Return several texts, each once; raise InputError for anything else."""
    return tuple(dict.fromkeys(several(values, what)))
