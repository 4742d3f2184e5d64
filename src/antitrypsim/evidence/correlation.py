"""Read which parameters vary together between patients."""

from __future__ import annotations

import re
from typing import Any

from antitrypsim.evidence.reading import Entry
from antitrypsim.foundations.errors import nearest

_KEY = "correlated_with"
_ELSEWHERE = re.compile(r"\w+(\.\w+)+")


def read_correlations(
    entry: Entry, module: str, names: tuple[str, ...]
) -> tuple[tuple[str, float], ...]:
    """Give the correlations of ``entry`` as pairs of a full parameter id and a number.

    ``names`` are the parameters of the same file, which need no module before their name.

    Raises:
        EvidenceError: a number lies outside -1 to 1, or a name is unknown or the entry's own.
    """
    body: Any = entry.body.get(_KEY, {})
    if not isinstance(body, dict):
        raise entry.error(f"{body!r} is not a table; write {{ other_name = 0.5 }}", _KEY)
    pairs = []
    for other, value in body.items():
        if isinstance(value, dict):
            raise entry.error(f"write a name with a dot, '{other}.…', between quotes", _KEY)
        if isinstance(value, bool) or not isinstance(value, int | float) or not -1 <= value <= 1:
            raise entry.error(f"{value!r} for '{other}' must be a number from -1 to 1", _KEY)
        inside = other.removeprefix(f"{module}.")
        if not _ELSEWHERE.fullmatch(inside):
            if inside not in names:
                hint = nearest(inside, names) or "; for another file write 'module.name'"
                raise entry.error(f"no parameter '{inside}' in this file{hint}", _KEY)
            if inside == entry.name:
                raise entry.error("a parameter is always itself; name another one", _KEY)
            inside = f"{module}.{inside}"
        pairs.append((inside, float(value)))
    return tuple(pairs)
