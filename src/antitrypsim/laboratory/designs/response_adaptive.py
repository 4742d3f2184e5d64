"""Response-adaptive design.

Allocation that follows what has been seen: more people to what looks best, the control kept.
Thall and Wathen 2007, Eur J Cancer 43:859.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from antitrypsim.foundations.arrays import Reals
from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.random import generator
from antitrypsim.laboratory.designs._looks import Looks, check_first_look, check_rising
from antitrypsim.laboratory.designs.kind import DesignKind
from antitrypsim.protocols.parts import Number
from antitrypsim.statistics.allocation import adaptive

if TYPE_CHECKING:
    from antitrypsim.laboratory.design_file.trial_design import TrialDesign
    from antitrypsim.laboratory.design_simulation import DesignSimulation
    from antitrypsim.laboratory.outcome import Outcome
    from antitrypsim.laboratory.replicates import Replicates
    from antitrypsim.protocols.protocol import Protocol


class ResponseAdaptive(DesignKind):
    """The chance of each arm follows what has been seen."""

    own_allocation: ClassVar[bool] = True

    kind: Literal["response-adaptive"]
    looks: Looks = Field(description="shares of the participants after which it is set anew")
    power: Annotated[Number, Field(ge=0, le=3)] = Field(
        default=0.5, description="0 keeps chances equal, 1 follows the chance of being best"
    )
    control: Annotated[Number, Field(gt=0, lt=1)] = Field(
        default=0.33, description="the chance that stays with the control"
    )

    @model_validator(mode="after")
    def _rising(self) -> Self:
        check_rising(self.looks)
        return self

    @property
    def measured_only(self) -> bool:
        """What is best is judged by readings."""
        return True

    def check(self, design: TrialDesign, protocol: Protocol) -> None:
        """Refuse a first look at nobody."""
        check_first_look(self.looks, design, protocol)

    def conduct(self, lab: DesignSimulation, drawn: Replicates) -> Outcome:
        """Run the trials: at each look chances are set anew from the readings that are there."""
        n = drawn.shape[1]
        index = np.array([lab.library.arms.index(a) for a in lab.arms], dtype=np.int8)
        ratio = (1,) * len(lab.arms)
        place = np.zeros(drawn.shape, dtype=np.int8)
        shares: Reals | None = None
        edges = [0, *(round(f * n) for f in self.looks)]
        for k in range(len(edges) - 1):
            rng = generator(lab.design.seed, f"laboratory {drawn.chunk} adaptive {k}")
            strata = np.zeros((drawn.shape[0], edges[k + 1] - edges[k]), dtype=np.int64)
            place[:, edges[k] : edges[k + 1]] = adaptive.allocate(strata, ratio, rng, shares=shares)
            if k + 2 < len(edges):
                now = drawn.with_arms(index[place])
                # What the next person's chances can rest on is what was read before they came.
                until = drawn.entry[:, edges[k + 1] - 1]
                best = _best(lab, now.first(edges[k + 1]), until)
                shares = adaptive.update(best, ratio=ratio, power=self.power, floor=self.control)
        drawn = drawn.with_arms(index[place])
        details = {f"share in {a}": (place == k).mean(axis=1) for k, a in enumerate(lab.arms)}
        return lab.outcome(drawn, lab.analyse(lab.block(drawn)), details=details)


def _best(lab: DesignSimulation, drawn: Replicates, until: Reals) -> Reals:
    block = lab.block(drawn, until=until)
    if block.values is None:
        raise InputError("a response-adaptive trial follows a measured endpoint")
    seen = np.isfinite(block.values)
    last = block.values.shape[2] - 1 - np.argmax(seen[:, :, ::-1], axis=2)
    value = np.take_along_axis(block.values, last[:, :, None], axis=2)[:, :, 0]
    change = np.where(last > 0, value - block.values[:, :, 0], np.nan).astype(float)
    means, errors = [], []
    for k in range(len(lab.arms)):
        mine = (block.arm == k) & np.isfinite(change)
        size = mine.sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.where(mine, change, 0).sum(axis=1) / size
            left = np.where(mine, change - mean[:, None], 0)
            spread = np.sqrt((left**2).sum(axis=1) / (size - 1) / size)
        bad = size < 3
        means.append(np.where(bad, np.nan, mean))
        errors.append(np.where(bad, np.nan, np.maximum(spread, 1e-9)))
    mean, error = np.stack(means, axis=1), np.stack(errors, axis=1)
    unknown = np.isnan(mean).any(axis=1)
    mean[unknown], error[unknown] = 0.0, 1.0
    best = adaptive.best_of_normals(mean, error, higher=lab.sign > 0)
    best[unknown] = np.nan
    return np.asarray(best)
