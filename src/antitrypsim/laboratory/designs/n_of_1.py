"""N-of-1 design.

Everybody goes through cycles of treatment and none; nobody is compared with others.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from antitrypsim.foundations.arrays import Reals
from antitrypsim.laboratory.designs._within import check_pairs
from antitrypsim.laboratory.designs.kind import DesignKind
from antitrypsim.statistics.analysis import ANALYSES

if TYPE_CHECKING:
    from antitrypsim.laboratory.design_file.trial_design import TrialDesign
    from antitrypsim.protocols.protocol import Protocol


class NOf1(DesignKind):
    """Each person goes through cycles of treatment and none."""

    least_arms: ClassVar[int] = 1
    most_arms: ClassVar[int | None] = 1
    randomised: ClassVar[bool] = False

    kind: Literal["n-of-1"]
    cycles: tuple[tuple[str, str], ...] = Field(
        min_length=1, description="for each cycle, the visit on treatment and the visit off"
    )

    def check(self, design: TrialDesign, protocol: Protocol) -> None:
        """Refuse another analysis and cycles that do not differ in treatment."""
        check_pairs(design, protocol, self.cycles)

    def options(self, analysis: str) -> Mapping[str, Any]:
        """Give the cycles to the analysis within people."""
        return (
            {"cycles": [list(pair) for pair in self.cycles]}
            if ANALYSES[analysis].within_people
            else {}
        )

    def paired(self, values: Reals, visits: list[str]) -> Reals:
        """Return the mean difference between on and off treatment."""
        pairs = [(visits.index(on), visits.index(off)) for on, off in self.cycles]
        found: Reals = np.mean([values[..., a] - values[..., b] for a, b in pairs], axis=0)
        return found
