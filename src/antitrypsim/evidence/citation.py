"""Which facts a text cites."""

from __future__ import annotations

import re

_FACT = r"(?:BIO|CELL)-[A-Z]-?\d+[a-z]?|REF-\d+"
_RANGE_END = r"(?:\.\.|\s+to\s+)(?:(?:BIO-|CELL-)?[A-Z]-?|REF-)(\d+)"
_CITED = re.compile(rf"\b({_FACT})(?:{_RANGE_END})?")
_STEM_AND_NUMBER = re.compile(r"(.*?)(\d+)[a-z]?$")


def cited_facts(text: str) -> tuple[str, ...]:
    """Give the ids of the facts that ``text`` cites, in order, each once.

    A range, written ``BIO-A01..A05`` or ``BIO-A01 to BIO-A05``, stands for every number in it.
    """
    found: dict[str, None] = {}
    for match in _CITED.finditer(text):
        first, last_number = match.groups()
        found[first] = None
        if last_number is not None:
            stem, number = _STEM_AND_NUMBER.match(first).groups()  # type: ignore[union-attr]
            for step in range(int(number) + 1, int(last_number) + 1):
                found[f"{stem}{step:0{len(number)}d}"] = None
    return tuple(found)
