"""What came of each replicate of a trial."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields

import numpy as np

from antitrypsim.foundations.arrays import Mask, Numbers, Reals, Wholes


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

    win: Mask
    lose: Mask
    usable: Mask
    wins: Mask
    estimate: Reals
    lower: Reals
    upper: Reals
    true: Reals
    trues: Reals
    enrolled: Numbers
    screened: Numbers
    days: Reals
    stage: Wholes
    futile: Mask
    draw: Wholes
    details: Mapping[str, Numbers | Mask] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.win)

    @classmethod
    def join(cls, parts: Sequence[Outcome]) -> Outcome:
        """Join replicates."""
        names = [one.name for one in fields(cls) if one.name != "details"]
        joined = {name: np.concatenate([getattr(p, name) for p in parts]) for name in names}
        details = {k: np.concatenate([p.details[k] for p in parts]) for k in parts[0].details}
        return cls(**joined, details=details)
