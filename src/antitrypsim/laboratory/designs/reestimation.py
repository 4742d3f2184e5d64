"""The number of participants set anew at an interim: by the pooled spread, or by conditional power."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from antitrypsim.foundations.errors import InputError
from antitrypsim.laboratory.designs.group_sequential import signed_z
from antitrypsim.laboratory.outcome import Outcome
from antitrypsim.statistics import sequential
from antitrypsim.statistics.block import Block

if TYPE_CHECKING:
    from antitrypsim.laboratory.design_simulation import DesignSimulation
    from antitrypsim.laboratory.replicates import Replicates

KINDS = ("sample-size-reestimation",)

PROMISING = 0.3
"""The conditional power from which a trial is worth enlarging (assumed; a choice of the design)."""


def places(lab: DesignSimulation, participants: int) -> int:
    """Return the most participants that the trial may come to."""
    return int(np.ceil(participants * lab.kind.most))


def conduct(lab: DesignSimulation, drawn: Replicates) -> Outcome:
    """Run the trials to the size that each settles on."""
    said = lab.kind
    most = drawn.shape[1]
    planned = round(most / said.most)
    first = max(4, round(said.at * planned))
    whole = lab.block(drawn)
    early = _only(whole, np.full(drawn.shape[0], first))
    if said.by == "blinded":
        size = _blinded(lab, early, planned, most)
        found = lab.analyse(_only(whole, size))
        return _told(lab, drawn, found, size)
    z1 = signed_z(lab, lab.analyse(early))[:, 0]
    critical = float(sequential.z_of_p(lab.alpha / 2))
    wanted = lab.design.wanted
    more = sequential.second_stage_size(
        np.nan_to_num(z1), first, planned, most, wanted, zone=(PROMISING, wanted), critical=critical
    )
    size = np.ceil(first + more).astype(int)
    later = _only(whole, size, since=first)
    z2 = signed_z(lab, lab.analyse(later))[:, 0]
    weights = np.sqrt([first / planned, 1 - first / planned])
    z = sequential.inverse_normal(np.stack([z1, z2], axis=1), weights)[:, -1]
    found = lab.analyse(_only(whole, size))
    with np.errstate(invalid="ignore"):
        win, lose = z >= critical, z <= -critical
    return _told(lab, drawn, found, size, win=win, lose=lose, wins=win[:, None],
                 usable=np.isfinite(z))  # fmt: skip


def _only(block: Block, size: NDArray[Any], since: int = 0) -> Block:
    """Return the block with the places from ``since`` to each replicate's ``size``."""
    place = np.arange(block.arm.shape[1])
    inside = (place >= since) & (place < size[:, None])
    return replace(block, arm=np.where(inside, block.arm, -1))


def _blinded(lab: DesignSimulation, early: Block, planned: int, most: int) -> NDArray[Any]:
    if early.values is None:
        raise InputError("a blinded re-estimation needs a measured endpoint")
    reading = lab.reading(np.asarray(early.values, dtype=float), measured=True)
    if reading is None:
        raise InputError(f"'{lab.plan.analysis}' has no reading of each person to re-estimate by")
    reading = np.where(early.arm >= 0, reading, np.nan)
    spread = sequential.blinded_variance(reading)
    treated, control = lab.sampler.ratio
    size = sequential.reestimated_size(
        spread, abs(lab.kind.assumed), power=lab.design.wanted, alpha=lab.alpha / 2,
        ratio=treated / control, least=planned, most=most,
    )  # fmt: skip
    return np.ceil(np.nan_to_num(size, nan=planned)).astype(int)


def _told(
    lab: DesignSimulation, drawn: Replicates, found: Any, size: NDArray[Any], **said: Any
) -> Outcome:
    last = np.take_along_axis(drawn.entry, size[:, None] - 1, axis=1)[:, 0]
    return lab.outcome(drawn, found, enrolled=size, days=last + lab.end, **said)
