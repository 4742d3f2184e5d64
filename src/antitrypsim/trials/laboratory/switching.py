"""People who change from one arm to another: what is true of them from the day of the change on.

Some days of change are lived by everybody in the library (``switchlives``); between them each
person's values are interpolated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from antitrypsim.foundations.errors import InputError
from antitrypsim.protocols.designrules import compared_arms, primary_of
from antitrypsim.trials.endpoint import endpoint

if TYPE_CHECKING:
    from antitrypsim.protocols import Protocol
    from antitrypsim.protocols.trial_design import TrialDesign
    from antitrypsim.trials.laboratory.sampler import Drawn

Floats = NDArray[Any]


@dataclass(frozen=True)
class Change:
    """A change from the arm ``before`` to the arm ``after`` that the library's people lived.

    ``end``: the day up to which they lived. ``steps``: the days on which either arm is given
    something; between two of them the day of the change makes no difference. None where a level is
    held, so that every day makes one. ``nodes``: the days, ascending, on which everybody changed;
    none where no day makes a difference.
    ``error``: the largest error of the mean between them, as a share of the largest root mean square
    difference between not changing and changing on the first of them.
    """

    before: str
    after: str
    end: float
    steps: tuple[float, ...] | None
    nodes: tuple[float, ...]
    error: float

    def place(self, day: Any) -> Floats:
        """Return the middle of the days that are the same as ``day``: between two steps."""
        day = np.clip(np.asarray(day, dtype=float), 0.0, self.end)
        if self.steps is None:
            return day
        edges = np.array([0.0, *self.steps, self.end])
        after = np.clip(np.searchsorted(edges, day, side="left"), 1, len(edges) - 1)
        return np.asarray((edges[after - 1] + edges[after]) / 2)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data; ``from_dict`` reads it back."""
        steps = None if self.steps is None else list(self.steps)
        return {**asdict(self), "steps": steps, "nodes": list(self.nodes)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Rebuild a change from ``to_dict``."""
        steps = None if data["steps"] is None else tuple(data["steps"])
        return cls(**{**data, "steps": steps, "nodes": tuple(data["nodes"])})


@dataclass(frozen=True, eq=False)
class Switch:
    """Who changes arms: the day (R, n), infinity for nobody, and the library's change (R, n), or -1."""

    day: Floats
    change: NDArray[Any]

    def first(self, places: int) -> Switch:
        """Return the first places only."""
        return Switch(self.day[:, :places], self.change[:, :places])


@dataclass(frozen=True)
class Wanted:
    """What a design needs of people who change arms: the pairs of arms, and the endpoints."""

    pairs: tuple[tuple[str, str], ...] = ()
    endpoints: tuple[str, ...] = ()


def wanted(design: TrialDesign, protocol: Protocol) -> Wanted:
    """Return which changes of arm a design's events can bring, in any of its searched designs."""
    arms = [*compared_arms(design, protocol), *(design.search.treatments if design.search else ())]
    events = [e for e in design.intercurrent if e.then is not None]
    pairs = {
        (arm, str(event.then)): None
        for event in events for arm in event.arms or arms if arm != event.then
    }  # fmt: skip
    if not pairs:
        return Wanted()
    plans = [primary_of(design, protocol), *(design.search.endpoints if design.search else ())]
    read = {plan.endpoint for plan in plans}
    read |= {e.when.endpoint for e in design.intercurrent if e.when is not None}
    if design.leaving.depends_on is not None:
        read.add(design.leaving.depends_on.endpoint)
    return Wanted(tuple(pairs), tuple(sorted(id for id in read if endpoint(id).kind == "value")))


def followed(drawn: Drawn, switch: Switch | None) -> Drawn:
    """Return trials in which people change arms as said, and die when they then would."""
    if switch is None or not (switch.change >= 0).any():
        return replace(drawn, switch=None)
    drawn = replace(drawn, switch=switch)
    death = drawn.death.copy()
    for k, change in enumerate(drawn.sampler.library.changes):
        rows = np.nonzero(switch.change == k)
        if not rows[0].size or not change.nodes:
            continue
        own, day = death[rows], switch.day[rows]
        left, right, before, after = _around(drawn, "death", k, rows, own[:, None], [])
        before = np.where(np.isnan(before), np.inf, before)
        after = np.where(np.isnan(after), np.inf, after)
        found = blend(change.place(day), left, right, before, after)[:, 0]
        # Whoever was dead by then did not change, and a change does not kill in the past.
        death[rows] = np.where(own <= day, own, np.maximum(found, day))
    return replace(drawn, death=death)


def follow(drawn: Drawn, id: str, own: Floats, columns: NDArray[Any] | list[int]) -> Floats:
    """Return true values (R, n, columns), from the day of a change on those of who changed.

    ``own`` are those of people who stay in their arm. Raises InputError for an endpoint, or a change
    of arm, that the library did not keep.
    """
    if drawn.switch is None:
        return own
    library = drawn.sampler.library
    days = library.days[list(columns)]
    found = own.copy()
    for k, change in enumerate(library.changes):
        # Nobody's values differ before their day.
        rows = np.nonzero((drawn.switch.change == k) & (drawn.switch.day < days.max()))
        if not rows[0].size or not change.nodes:
            continue
        day, mine = drawn.switch.day[rows], own[rows]
        left, right, before, after = _around(drawn, id, k, rows, mine, columns)
        # Who changes on the day of a visit, or later, has the same value there.
        right = np.minimum(right, change.place(days))
        values = blend(change.place(day), left, right, before, after)
        found[rows] = np.where(day[:, None] >= days, mine, values)
    return found


def blend(place: Floats, left: Floats, right: Floats, before: Floats, after: Floats) -> Floats:
    """Return values (m, V) at places (m,) between two nodes (m, 1 or V), with values there (m, V).

    Where the nodes coincide, ``after``; where either is missing or infinite, the nearer one.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(right > left, (place[:, None] - left) / (right - left), 1.0)
        share = np.clip(share, 0.0, 1.0)
        found = before + share * (after - before)
    nearer = np.where(share < 0.5, before, after)
    return np.where(np.isfinite(before) & np.isfinite(after), found, nearer)


def _around(
    drawn: Drawn, id: str, k: int, rows: tuple[Any, ...], own: Floats,
    columns: NDArray[Any] | list[int],
) -> tuple[Floats, Floats, Floats, Floats]:  # fmt: skip
    """Return the nodes around each day of change (m, 1), and the values at them (m, V)."""
    library, switch = drawn.sampler.library, drawn.switch
    change = library.changes[k]
    held = drawn.sampler.courses(drawn.truth).switched
    if f"{id}-{k}" not in held:
        raise InputError(f"the library keeps no '{id}' of people who change to '{change.after}'")
    flat = held[f"{id}-{k}"]
    assert switch is not None
    nodes = np.array([*change.nodes, change.place(change.end)])
    place = change.place(switch.day[rows])
    right = np.clip(np.searchsorted(nodes, place, side="right"), 1, len(nodes) - 1)
    draw, person = drawn.draw[rows[0]], drawn.person[rows]
    # Values are kept from day 0 on; what was before is nobody's to change. A death is one number.
    late = np.maximum(np.array(list(columns) or [0]) - int((library.days < 0).sum()), 0)
    before = np.asarray(flat[draw, person, right - 1])[:, late]
    last = (right > len(change.nodes) - 1)[:, None]
    after = np.asarray(flat[draw, person, np.minimum(right, len(change.nodes) - 1)])[:, late]
    after = np.where(last, own, after)
    return nodes[right - 1][:, None], nodes[right][:, None], before, after
