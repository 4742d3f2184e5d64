"""The unit exponentials that decide when the chance events of a person happen."""

from __future__ import annotations

import numpy as np

from antitrypsim.foundations.arrays import Floats, Ints
from antitrypsim.foundations.random import exponentials
from antitrypsim.modelling import Model

_THRESHOLDS = 64


def thresholds_of(
    model: Model, seed: int, ids: Ints, blocks: int = 1, after: Ints | None = None
) -> Floats:
    """Return the unit exponentials of each process, (people, hazards, 64 x blocks).

    More blocks go on where fewer end, so that a person's events do not depend on how many are read.
    ``after`` (people, hazards) is how many events of each process a person has had: theirs begin with
    the next.
    """
    most = blocks * _THRESHOLDS
    found = np.full((ids.size, len(model.hazards), most), np.inf)
    for k, line in enumerate(model.hazards):
        # What ends a course happens once: no further block of it is ever read.
        end = _THRESHOLDS if line.ends else most
        past = np.zeros(ids.size, np.int64) if after is None else after[:, k]
        last = (past + end - 1) // _THRESHOLDS
        for b in range(int(last.max(initial=-1)) + 1):
            rows = np.flatnonzero((past < (b + 1) * _THRESHOLDS) & (b <= last))
            if not rows.size:
                continue
            block = exponentials(seed, f"{line.name} block {b}", ids[rows], _THRESHOLDS)
            at = b * _THRESHOLDS + np.arange(_THRESHOLDS) - past[rows, None]
            here = (at >= 0) & (at < end)
            found[np.broadcast_to(rows[:, None], at.shape)[here], k, at[here]] = block[here]
    return found
