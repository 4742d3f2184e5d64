"""Whole numbers that a caller gives."""

from __future__ import annotations

import operator
from typing import Any

from antitrypsim.foundations.errors import InputError, shown


def whole(value: Any, what: str, least: int | None = None) -> int:
    """Return ``value`` if it is a whole number of ``least`` or more; raise InputError if not."""
    try:
        number = None if isinstance(value, bool) else operator.index(value)
    except TypeError:
        number = None
    from_on = "" if least is None else f" from {least} on"
    if number is None or (least is not None and number < least):
        raise InputError(f"'{what}' must be a whole number{from_on}, not '{shown(value)}'")
    return number
