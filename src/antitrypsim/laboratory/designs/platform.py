"""Platform design.

Arms open at different times and share a control, concurrent or whole.

While an arm is open, each new person has equal chances among the open arms and the control. With
``drift`` the measured change of everybody moves with the calendar, which a control of other times
takes for an effect.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from antitrypsim.documents.faults import Part
from antitrypsim.foundations.arrays import Floats, Ints
from antitrypsim.foundations.errors import ProtocolError
from antitrypsim.foundations.random import generator
from antitrypsim.foundations.units import MONTH, YEAR
from antitrypsim.laboratory.design_file.conducting import Count
from antitrypsim.laboratory.design_file.in_force import compared_arms
from antitrypsim.laboratory.design_file.known import known_arm
from antitrypsim.laboratory.design_file.limit import PEOPLE, VALUE, Limit
from antitrypsim.laboratory.designs.kind import DesignKind
from antitrypsim.protocols.parts import Number

if TYPE_CHECKING:
    from antitrypsim.laboratory.design_file.trial_design import TrialDesign
    from antitrypsim.laboratory.design_simulation import DesignSimulation
    from antitrypsim.laboratory.outcome import Outcome
    from antitrypsim.laboratory.replicates import Replicates
    from antitrypsim.protocols.protocol import Protocol
    from antitrypsim.statistics.block import Estimates


class Entering(Part):
    """An arm of a platform and when it opens."""

    arm: str = Field(description="the arm id")
    month: Annotated[Number, Field(ge=0)] = Field(description="months after the platform opens")


class Platform(DesignKind):
    """Arms that open at different times and share a control."""

    own_allocation: ClassVar[bool] = True
    sized: ClassVar[bool] = False
    limits: ClassVar[Mapping[str, Limit]] = MappingProxyType(
        {
            "per_arm": PEOPLE,
            "arms[].month": Limit(0, 240, "months", above="no platform waits longer for an arm"),
            "drift": VALUE,
        }
    )

    kind: Literal["platform"]
    arms: tuple[Entering, ...] = Field(min_length=1, description="the treated arms")
    per_arm: Count = Field(description="participants of each treated arm")
    control: Literal["concurrent", "all"] = Field(
        default="concurrent", description="who of the control each arm is held against"
    )
    drift: Number = Field(
        default=0.0,
        description="by how much measured change moves for everybody per calendar year",
    )

    def lists(self) -> Mapping[str, Iterable[str]]:
        """Return the arms."""
        return {"arms": [entering.arm for entering in self.arms]}

    def check(self, design: TrialDesign, protocol: Protocol) -> None:
        """Refuse other arms than those compared with the control."""
        for entering in self.arms:
            known_arm(entering.arm, protocol, "design")
        if {e.arm for e in self.arms} != set(compared_arms(design, protocol)[:-1]):
            raise ProtocolError(
                "the arms of the platform must be those compared with the control", key="design"
            )

    def places(self, lab: DesignSimulation, participants: int) -> int:
        """Return how many places suffice for every arm to fill, with a control of the same speed."""
        waits = max(e.month for e in self.arms) * lab.design.accrual.per_month
        expected = waits + self.per_arm * (2 * len(self.arms) + 1)
        return int(np.ceil(expected + 6 * np.sqrt(expected)))

    def conduct(self, lab: DesignSimulation, drawn: Replicates) -> Outcome:
        """Run the platform until every arm is full; each arm is analysed against its control."""
        arm, closed = self._entered(lab, drawn)
        drawn = drawn.with_arms(np.where(arm < 0, 0, arm).astype(np.int8))
        reference = lab.library.arms.index(lab.arms[0])
        block = lab.block(drawn)
        if self.drift and block.values is not None:
            shift = self.drift * drawn.entry / YEAR
            later = np.array([d > 0 for d in lab.visits.values()])
            block = replace(block, values=block.values + shift[:, :, None] * later)
        taken = arm >= 0
        found, enrolled = [], taken.sum(axis=1)
        for name in lab.arms[1:]:
            own = lab.library.arms.index(name)
            mine = arm == own
            control = (arm == reference) & taken
            if self.control == "concurrent":
                first = np.where(mine, drawn.entry, np.inf).min(axis=1)
                last = np.where(mine, drawn.entry, -np.inf).max(axis=1)
                control &= (drawn.entry >= first[:, None]) & (drawn.entry <= last[:, None])
            place = np.where(control, 0, np.where(mine, 1, -1)).astype(np.int8)
            found.append(lab.analyse(replace(block, arms=(lab.arms[0], name), arm=place)))
        joined = _side_by_side(found)
        return replace(lab.outcome(drawn, joined), enrolled=enrolled, days=closed + lab.end)

    def _entered(self, lab: DesignSimulation, drawn: Replicates) -> tuple[Ints, Floats]:
        """Return the library arm of each place, -1 for one that is not taken, and the last entry."""
        shape = drawn.shape
        rng = generator(lab.design.seed, f"laboratory {drawn.chunk} platform")
        u = rng.random(shape)
        opens = {lab.library.arms.index(e.arm): e.month * MONTH for e in self.arms}
        order = list(opens)
        reference = lab.library.arms.index(lab.arms[0])
        count = {k: np.zeros(shape[0], dtype=int) for k in order}
        arm = np.full(shape, -1, dtype=np.int64)
        for place in range(shape[1]):
            day = drawn.entry[:, place]
            free = np.stack([(day >= opens[k]) & (count[k] < self.per_arm) for k in order], axis=1)
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


def _side_by_side(parts: list[Estimates]) -> Estimates:
    def joined(name: str) -> Floats:
        return np.concatenate([getattr(part, name) for part in parts], axis=1)

    return replace(
        parts[0], estimate=joined("estimate"), se=joined("se"), df=joined("df"), p=joined("p"),
        lower=joined("lower"), upper=joined("upper"),
    )  # fmt: skip
