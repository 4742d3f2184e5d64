"""Parallel-group design.

Arms side by side and one analysis at the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from antitrypsim.foundations.arrays import Mask
from antitrypsim.laboratory.designs.kind import DesignKind

if TYPE_CHECKING:
    from antitrypsim.laboratory.design_simulation import DesignSimulation
    from antitrypsim.laboratory.replicates import Replicates


class Parallel(DesignKind):
    """Arms side by side, one analysis at the end."""

    nested: ClassVar[bool] = True

    kind: Literal["parallel"]

    def claims_by_size(
        self, lab: DesignSimulation, drawn: Replicates, sizes: Sequence[int]
    ) -> Mask:
        """Return it in one pass over the people where the analysis can do so."""
        over = getattr(lab.analysis, "over_prefixes", None)
        if over is None:
            return super().claims_by_size(lab, drawn, sizes)
        parts = over(lab.block(drawn), sizes, 1 - lab.alpha, lab.options)
        return np.stack([lab.claims(found)[0].any(axis=1) for found in parts], axis=1)
