"""One hash of many items in a row that does not depend on how the row was cut into parts.

The items are the leaves of a binary tree, each at its place in the whole row; two neighbours that make
a whole pair are one node of the level above. A part keeps the largest whole subtrees that lie in it,
of which there are at most twice the logarithm of its length, and the parts of a row are joined from
these alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from antitrypsim.foundations.errors import InputError

Node = tuple[int, int, str]
"""Level, place at that level, and hash in hex."""


def nodes_of(leaves: Iterable[bytes], first: int) -> tuple[Node, ...]:
    """Return the largest whole subtrees over items whose hashes are given, the first at ``first``."""
    return _joined({(0, first + k): leaf for k, leaf in enumerate(leaves)})


def joined(nodes: Iterable[Node]) -> tuple[Node, ...]:
    """Return the largest whole subtrees over the nodes of several parts."""
    return _joined({(level, at): bytes.fromhex(text) for level, at, text in nodes})


def root(nodes: Iterable[Node], count: int) -> str:
    """Return the hash of a row of ``count`` items from the nodes of all its parts.

    Raises InputError where parts are missing or overlap.
    """
    whole = joined(nodes)
    covered = 0
    for level, at, _ in whole:
        if at << level != covered:
            raise InputError(f"the parts do not follow each other at item {covered:,}")
        covered += 1 << level
    if covered != count:
        raise InputError(f"the parts hold {covered:,} of {count:,} items")
    text = "".join(f"{level}:{at}:{digest};" for level, at, digest in whole)
    return hashlib.sha256(text.encode()).hexdigest()


def _joined(held: dict[tuple[int, int], bytes]) -> tuple[Node, ...]:
    open_levels = {level for level, _ in held}
    level = 0
    while open_levels and level <= max(open_levels):
        for at in sorted(at for each, at in held if each == level and not at & 1):
            if (level, at + 1) in held:
                pair = held.pop((level, at)) + held.pop((level, at + 1))
                held[level + 1, at >> 1] = hashlib.sha256(pair).digest()
                open_levels.add(level + 1)
        level += 1
    order = sorted(held, key=lambda key: key[1] << key[0])
    return tuple((level, at, held[level, at].hex()) for level, at in order)
