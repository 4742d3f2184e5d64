"""Cross-over design.

Sequences of treatments, so that everybody is their own control.
Hills and Armitage 1979, Br J Clin Pharmacol 8:7.
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


class Crossover(DesignKind):
    """Sequences of treatments; each person is compared with themselves."""

    nested: ClassVar[bool] = True

    kind: Literal["crossover"]
    periods: tuple[str, str] = Field(
        description="the visits at the ends of the two periods, at which they are compared"
    )

    def check(self, design: TrialDesign, protocol: Protocol) -> None:
        """Refuse another analysis and periods that do not differ in treatment."""
        check_pairs(design, protocol, [self.periods])

    def options(self, analysis: str) -> Mapping[str, Any]:
        """Give the periods to the analysis within people."""
        return {"periods": list(self.periods)} if ANALYSES[analysis].within_people else {}

    def paired(self, values: Reals, visits: list[str]) -> Reals:
        """Return half the difference between the periods."""
        one, two = (values[..., visits.index(end)] for end in self.periods)
        return np.asarray((one - two) / 2)
