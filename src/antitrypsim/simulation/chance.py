"""The unit exponentials that decide when the chance events of a person happen."""

from __future__ import annotations

import numpy as np

from antitrypsim.foundations.arrays import Floats, Ints
from antitrypsim.foundations.random import exponentials
from antitrypsim.modelling import Model

_THRESHOLDS = 64


def thresholds_of(model: Model, seed: int, ids: Ints, blocks: int = 1) -> Floats:
    """Return the unit exponentials of each process, (people, hazards, 64 x blocks).

    More blocks go on where fewer end, so that a person's events do not depend on how many are read.
    """
    found = np.full((ids.size, len(model.hazards), blocks * _THRESHOLDS), np.inf)
    for k, line in enumerate(model.hazards):
        # What ends a course happens once: no further block of it is ever read.
        for b in range(1 if line.ends else blocks):
            block = exponentials(seed, f"{line.name} block {b}", ids, _THRESHOLDS)
            found[:, k, b * _THRESHOLDS : (b + 1) * _THRESHOLDS] = block
    return found
