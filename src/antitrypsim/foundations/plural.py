"""How many of something there are, in words that fit one as well as many."""

from __future__ import annotations


def so_many(count: int, one: str, many: str = "") -> str:
    """Return '1 design' or '1,200 designs'; ``many`` is the plural where it is not ``one`` with an s."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def verb(count: int, one: str, many: str) -> str:
    """Return the form of a verb that goes with so many: 'is' for one, 'are' for any other number."""
    return one if count == 1 else many


def were(count: int) -> str:
    """Return 'was' for one, 'were' for any other number."""
    return verb(count, "was", "were")
