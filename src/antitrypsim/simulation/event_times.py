"""When events came to people: each process by name, death of any cause, and composites."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from antitrypsim.endpoints import ENDPOINTS
from antitrypsim.foundations.arrays import Floats
from antitrypsim.modelling import Model

COMPOSITES: Mapping[str, tuple[str, ...]] = {
    each.output: each.first_of for each in ENDPOINTS.values() if each.first_of
}
"""Of each composite event the processes of which it is the first."""


def event_times(
    model: Model, times: Mapping[str, Floats], shape: tuple[int, int]
) -> dict[str, Floats]:
    """Return times by event, ascending, NaN last: those of each process, then what follows from them.

    ``times`` are (people, draws, events) by process, and ``shape`` (people, draws). Whoever dies does so once, of the first cause. A
    composite whose processes the model does not hold never comes.
    """
    found = {name: _packed(each) for name, each in times.items()}
    ends = [found[line.name] for line in model.hazards if line.ends]
    if ends and "death" not in found:
        found["death"] = _first(ends)
    never = np.full((*shape, 1), np.nan)
    for name, parts in COMPOSITES.items():
        found[name] = _first([found.get(part, never) for part in parts])
    return found


def _first(parts: list[Floats]) -> Floats:
    return np.asarray(np.fmin.reduce([each[..., :1] for each in parts]))


def _packed(times: Floats) -> Floats:
    """Return event times ascending, NaN last, with no more columns than the most that anybody has."""
    ordered = np.sort(times, axis=-1)
    most = int(np.isfinite(ordered).sum(axis=-1).max(initial=1))
    return np.ascontiguousarray(ordered[..., :most])
