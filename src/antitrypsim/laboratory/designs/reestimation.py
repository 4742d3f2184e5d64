"""Sample-size re-estimation design.

The number of participants set anew at an interim: by the pooled spread, or by conditional power.
Gould and Shih 1992, Commun Stat Theory Methods 21:2833; Mehta and Pocock 2011, Stat Med 30:3267.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from antitrypsim.documents.faults import fault
from antitrypsim.foundations.arrays import Ints, Wholes
from antitrypsim.foundations.errors import InputError
from antitrypsim.laboratory.design_file.limit import VALUE, Limit
from antitrypsim.laboratory.designs._looks import signed_z
from antitrypsim.laboratory.designs.kind import DesignKind
from antitrypsim.protocols.parts import Number
from antitrypsim.statistics import sequential

if TYPE_CHECKING:
    from antitrypsim.laboratory.design_simulation import DesignSimulation
    from antitrypsim.laboratory.outcome import Outcome
    from antitrypsim.laboratory.replicates import Replicates
    from antitrypsim.statistics.block import Block, Estimates

PROMISING = 0.3
"""The conditional power from which a trial is worth enlarging (assumed; a choice of the design)."""


class Reestimation(DesignKind):
    """The number of participants is set anew at an interim look."""

    most_arms: ClassVar[int | None] = 2
    limits: ClassVar[Mapping[str, Limit]] = MappingProxyType({"assumed": VALUE})

    kind: Literal["sample-size-reestimation"]
    at: Annotated[Number, Field(gt=0, lt=1)] = Field(
        default=0.5, description="share of the planned participants seen by then"
    )
    by: Literal["blinded", "unblinded"] = Field(
        default="blinded",
        description="the pooled spread, or conditional power with stages combined by weights",
    )
    most: Annotated[Number, Field(gt=1, le=10)] = Field(
        default=2.0, description="at most this many times the planned participants"
    )
    assumed: Number | None = Field(
        default=None, description="blinded: the effect that the new number is to show"
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.by == "blinded") != (self.assumed is not None):
            raise fault("'assumed' is needed for, and only for, 'by: blinded'", "assumed")
        return self

    @property
    def measured_only(self) -> bool:
        """A pooled spread is that of a measured endpoint."""
        return self.by == "blinded"

    def effects(self) -> Mapping[str, float]:
        """Return the effect that the new number is to show."""
        return {} if self.assumed is None else {"assumed": self.assumed}

    def places(self, lab: DesignSimulation, participants: int) -> int:
        """Return the most participants that the trial may come to."""
        return int(np.ceil(participants * self.most))

    def conduct(self, lab: DesignSimulation, drawn: Replicates) -> Outcome:
        """Run the trials to the size that each settles on."""
        most = drawn.shape[1]
        planned = round(most / self.most)
        first = max(4, round(self.at * planned))
        whole = lab.block(drawn)
        early = _only(whole, np.full(drawn.shape[0], first))
        if self.by == "blinded":
            size = self._blinded(lab, early, planned, most)
            found = lab.analyse(_only(whole, size))
            return _told(lab, drawn, found, size)
        z1 = signed_z(lab, lab.analyse(early))[:, 0]
        critical = float(sequential.z_of_p(lab.alpha / 2))
        target = lab.design.target_power
        more = sequential.second_stage_size(
            np.nan_to_num(z1),
            first,
            planned,
            most,
            target,
            zone=(PROMISING, target),
            critical=critical,
        )
        size = np.ceil(first + more).astype(int)
        later = _only(whole, size, since=first)
        z2 = signed_z(lab, lab.analyse(later))[:, 0]
        weights = np.sqrt([first / planned, 1 - first / planned])
        z = sequential.inverse_normal(np.stack([z1, z2], axis=1), weights)[:, -1]
        found = lab.analyse(_only(whole, size))
        with np.errstate(invalid="ignore"):
            win, lose = z >= critical, z <= -critical
        return replace(
            _told(lab, drawn, found, size),
            win=win, lose=lose, wins=win[:, None], usable=np.isfinite(z),
        )  # fmt: skip

    def _blinded(self, lab: DesignSimulation, early: Block, planned: int, most: int) -> Ints:
        assert self.assumed is not None
        if early.values is None:
            raise InputError("a blinded re-estimation needs a measured endpoint")
        reading = lab.reading(np.asarray(early.values, dtype=float), measured=True)
        if reading is None:
            raise InputError(
                f"'{lab.plan.analysis}' has no reading of each person to re-estimate by"
            )
        reading = np.where(early.arm >= 0, reading, np.nan)
        spread = sequential.blinded_variance(reading)
        treated, control = lab.sampler.ratio
        size = sequential.reestimated_size(
            spread, abs(self.assumed), sequential.SizeRange(planned, most),
            power=lab.design.target_power, alpha=lab.alpha / 2, ratio=treated / control,
        )  # fmt: skip
        return np.ceil(np.nan_to_num(size, nan=planned)).astype(int)


def _only(block: Block, size: Wholes, since: int = 0) -> Block:
    """Return the block with the places from ``since`` to each replicate's ``size``."""
    place = np.arange(block.arm.shape[1])
    inside = (place >= since) & (place < size[:, None])
    return replace(block, arm=np.where(inside, block.arm, -1))


def _told(lab: DesignSimulation, drawn: Replicates, found: Estimates, size: Wholes) -> Outcome:
    last = np.take_along_axis(drawn.entry, size[:, None] - 1, axis=1)[:, 0]
    return replace(lab.outcome(drawn, found), enrolled=size, days=last + lab.end)
