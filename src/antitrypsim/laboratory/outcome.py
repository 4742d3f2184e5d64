"""What came of each replicate of a trial."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Outcome:
    """Arrays over replicates (R,).

    ``win``: the trial claims a benefit of some arm; ``lose``: a significant difference the wrong
    way; ``usable``: it could be analysed. ``wins`` (R, comparisons): claims by comparison.
    ``estimate``, ``lower``, ``upper``, ``true``: of the first comparison, in the unit of the effect;
    ``trues`` (R, comparisons). ``enrolled``, ``screened``: people; ``days``: from the first place
    offered to the last reading that counts. ``stage``: the look at which it ended, from 1;
    ``futile``: given up for futility. ``draw``: which draw was true. ``details``: what the kind of
    design tells besides, each (R,).
    """

    win: NDArray[np.bool_]
    lose: NDArray[np.bool_]
    usable: NDArray[np.bool_]
    wins: NDArray[np.bool_]
    estimate: NDArray[Any]
    lower: NDArray[Any]
    upper: NDArray[Any]
    true: NDArray[Any]
    trues: NDArray[Any]
    enrolled: NDArray[Any]
    screened: NDArray[Any]
    days: NDArray[Any]
    stage: NDArray[Any]
    futile: NDArray[np.bool_]
    draw: NDArray[Any]
    details: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.win)

    @classmethod
    def join(cls, parts: Sequence[Outcome]) -> Outcome:
        """Join replicates."""
        said: dict[str, Any] = {}
        for one in fields(cls):
            held = [getattr(p, one.name) for p in parts]
            if one.name == "details":
                said["details"] = {k: np.concatenate([h[k] for h in held]) for k in held[0]}
            else:
                said[one.name] = np.concatenate(held)
        return cls(**said)
