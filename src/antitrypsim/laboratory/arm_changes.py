"""Changes from one arm to another that the library's people live, and which of them a design needs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import ArrayLike

from antitrypsim.endpoints import endpoint
from antitrypsim.foundations.arrays import Reals
from antitrypsim.foundations.plain import Plain
from antitrypsim.laboratory.design_file.in_force import compared_arms, primary_of

if TYPE_CHECKING:
    from antitrypsim.laboratory.design_file.trial_design import TrialDesign
    from antitrypsim.protocols import Protocol


@dataclass(frozen=True)
class ArmChange:
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

    def place(self, day: ArrayLike) -> Reals:
        """Return the middle of the days that are the same as ``day``: between two steps."""
        at = np.clip(np.asarray(day, dtype=float), 0.0, self.end)
        if self.steps is None:
            return at
        edges = np.array([0.0, *self.steps, self.end])
        after = np.clip(np.searchsorted(edges, at, side="left"), 1, len(edges) - 1)
        return np.asarray((edges[after - 1] + edges[after]) / 2)

    def to_dict(self) -> Plain:
        """Return plain data; ``from_dict`` reads it back."""
        steps = None if self.steps is None else list(self.steps)
        return {**asdict(self), "steps": steps, "nodes": list(self.nodes)}

    @classmethod
    def from_dict(cls, data: Plain) -> Self:
        """Rebuild a change from ``to_dict``."""
        steps = None if data["steps"] is None else tuple(data["steps"])
        return cls(**{**data, "steps": steps, "nodes": tuple(data["nodes"])})


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
    return Wanted(
        tuple(pairs), tuple(sorted(id for id in read if endpoint(id).kind == "measurement"))
    )


def blend(place: Reals, left: Reals, right: Reals, before: Reals, after: Reals) -> Reals:
    """Return values (m, V) at places (m,) between two nodes (m, 1 or V), with values there (m, V).

    Where the nodes coincide, ``after``; where either is missing or infinite, the nearer one.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(right > left, (place[:, None] - left) / (right - left), 1.0)
        share = np.clip(share, 0.0, 1.0)
        found = before + share * (after - before)
    nearer = np.where(share < 0.5, before, after)
    return np.where(np.isfinite(before) & np.isfinite(after), found, nearer)
