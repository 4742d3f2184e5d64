"""A platform: arms open at different times and share a control, concurrent or whole.

While an arm is open, each new person has equal chances among the open arms and the control. With
``drift`` the measured change of everybody moves with the calendar, which a control of other times
takes for an effect.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from antitrypsim.foundations.random import generator
from antitrypsim.foundations.units import MONTH, YEAR
from antitrypsim.laboratory.outcome import Outcome

if TYPE_CHECKING:
    from antitrypsim.laboratory.design_simulation import DesignSimulation
    from antitrypsim.laboratory.replicates import Replicates

KINDS = ("platform",)


def places(lab: DesignSimulation, participants: int) -> int:
    """Return how many places suffice for every arm to fill, with a control of the same speed."""
    said = lab.kind
    waits = max(e.month for e in said.arms) * lab.design.accrual.per_month
    expected = waits + said.per_arm * (2 * len(said.arms) + 1)
    return int(np.ceil(expected + 6 * np.sqrt(expected)))


def conduct(lab: DesignSimulation, drawn: Replicates) -> Outcome:
    """Run the platform until every arm is full; each arm is analysed against its control."""
    said = lab.kind
    arm, closed = _arms(lab, drawn)
    drawn = drawn.with_arms(np.where(arm < 0, 0, arm).astype(np.int8))
    reference = lab.library.arms.index(lab.arms[0])
    block = lab.block(drawn)
    if said.drift and block.values is not None:
        shift = said.drift * drawn.entry / YEAR
        later = np.array([d > 0 for d in lab.visits.values()])
        block = replace(block, values=block.values + shift[:, :, None] * later)
    taken = arm >= 0
    found, enrolled = [], taken.sum(axis=1)
    for name in lab.arms[1:]:
        own = lab.library.arms.index(name)
        mine = arm == own
        control = (arm == reference) & taken
        if said.control == "concurrent":
            first = np.where(mine, drawn.entry, np.inf).min(axis=1)
            last = np.where(mine, drawn.entry, -np.inf).max(axis=1)
            control &= (drawn.entry >= first[:, None]) & (drawn.entry <= last[:, None])
        place = np.where(control, 0, np.where(mine, 1, -1)).astype(np.int8)
        found.append(lab.analyse(replace(block, arms=(lab.arms[0], name), arm=place)))
    joined = _side_by_side(found)
    return lab.outcome(drawn, joined, enrolled=enrolled, days=closed + lab.end)


def _arms(lab: DesignSimulation, drawn: Replicates) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the library arm of each place, -1 for one that is not taken, and the last entry."""
    said = lab.kind
    shape = drawn.shape
    rng = generator(lab.design.seed, f"laboratory {drawn.chunk} platform")
    u = rng.random(shape)
    opens = {lab.library.arms.index(e.arm): e.month * MONTH for e in said.arms}
    order = list(opens)
    reference = lab.library.arms.index(lab.arms[0])
    count = {k: np.zeros(shape[0], dtype=int) for k in order}
    arm = np.full(shape, -1, dtype=np.int64)
    for place in range(shape[1]):
        day = drawn.entry[:, place]
        free = np.stack([(day >= opens[k]) & (count[k] < said.per_arm) for k in order], axis=1)
        ways = free.sum(axis=1)
        pick = np.floor(u[:, place] * (ways + 1)).astype(int)
        rank = np.cumsum(free, axis=1)
        arm[:, place] = np.where(ways > 0, reference, -1)
        for j, k in enumerate(order):
            mine = free[:, j] & (rank[:, j] == pick) & (pick > 0)
            arm[mine, place] = k
            count[k] += mine
    closed = np.where(arm >= 0, drawn.entry, 0.0).max(axis=1)
    return arm, closed


def _side_by_side(parts: list[Any]) -> Any:
    names = ("estimate", "se", "df", "p", "lower", "upper")
    return replace(
        parts[0],
        **{n: np.concatenate([getattr(p, n) for p in parts], axis=1) for n in names},
    )
