"""One treated arm against nothing, a stated history, or untreated people from elsewhere.

Nothing here is randomised. What people come with (a recent fall that mends itself, other people in
the comparison) is in the answer, and the type I error that is told measures it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from antitrypsim.laboratory import readings
from antitrypsim.laboratory.adjusting import people_of
from antitrypsim.laboratory.outcome import Outcome
from antitrypsim.statistics.block import Block

if TYPE_CHECKING:
    from antitrypsim.laboratory.design_simulation import DesignSimulation
    from antitrypsim.laboratory.replicates import Replicates

KINDS = ("single-arm",)


def conduct(lab: DesignSimulation, drawn: Replicates) -> Outcome:
    """Run the trials: a one-sample analysis, or one against people who were not screened."""
    said = lab.kind
    block = lab.block(drawn)
    if said.against == "external":
        block = _joined(lab, drawn, block, said)
    history = {"null_value": said.mean} if said.against == "historical" else {}
    found = lab.analyse(block, **history)
    null = lab.held_against
    with np.errstate(invalid="ignore"):
        significant = found.p <= lab.alpha
    better = lab.sign * (found.estimate - null) > 0
    details: dict[str, Any] = {}
    if said.report is not None:
        details["reported"] = lab.sign * (found.estimate[:, 0] - said.report) >= 0
        own = (
            lab.reading(np.asarray(block.values, dtype=float), measured=True)
            if said.against != "external"
            else None
        )
        if own is not None:
            details["somebody reaches it"] = (lab.sign * (own - said.report) >= 0).any(axis=1)
        details["reported and significant"] = details["reported"] & (significant & better)[:, 0]
    win, lose = significant & better, significant & ~better
    return lab.outcome(
        drawn, found, win=win[:, 0], lose=lose[:, 0], wins=win, details=details,
        # The effect that is claimed over what the arm is held against is what is beyond it.
        **{n: getattr(found, n)[:, 0] - null for n in ("estimate", "lower", "upper")},
    )  # fmt: skip


def _joined(lab: DesignSimulation, drawn: Replicates, block: Block, said: Any) -> Block:
    """Return the arm with untreated people beside it who were taken as they come."""
    from antitrypsim.laboratory.sampler import Sampler

    plain = lab.design.model_copy(update={"screening": (), "seed": lab.design.seed + 7919})
    other = Sampler(lab.library, plain, lab.protocol)
    beside = other.draw(drawn.chunk, drawn.shape[0], said.people, drawn.truth)
    untreated = np.full_like(beside.arm, lab.library.untreated)
    beside = other.arranged(beside, untreated)
    # An untreated arm may be none of the protocol's, so it is read as the only arm here.
    seen = readings.values(beside, lab.plan.endpoint, lab.visits)
    seen[:, :, 1:] += np.float32(said.shift)
    assert block.values is not None
    said_of = people_of(beside, [*block.covariates, *block.factors])
    joined = {
        room: {
            name: np.concatenate([said_of[room][name], own], axis=1) for name, own in held.items()
        }
        for room, held in (("covariates", block.covariates), ("factors", block.factors))
    }
    return replace(
        block,
        covariates=joined["covariates"],
        factors=joined["factors"],
        arms=("external", block.arms[0]),
        arm=np.concatenate([np.zeros(seen.shape[:2], np.int8), np.where(block.arm == 0, 1, -1)], 1),
        values=np.concatenate([seen, block.values], axis=1),
    )
