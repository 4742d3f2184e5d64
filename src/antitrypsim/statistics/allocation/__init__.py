"""Ways to allocate participants to arms, each on many replicates of a trial at once.

Every way is called as ``allocate(strata, ratio, rng, **options)``. ``strata`` (R, n), int: the
stratum of each participant in the order of enrolment, or (R, n, F) the levels of F factors for
``minimised``; -1 marks a place that is empty. ``ratio``: a positive whole number for each arm.
``rng``: a numpy Generator, or what has its ``random``. The result (R, n), int8, holds the index of
each participant's arm, -1 at an empty place. The strata decide nothing in ``simple`` and
``adaptive`` but which places are empty.

Every way draws ``rng.random((n, R))`` and nothing more: one number for each place, participant by
participant, and takes an allocation from the numbers and strata up to its own. So, with the same
``R`` and a generator in the same state, the first m allocations of every replicate are the same
whatever n is and whatever the later strata are. They do change with R, as the numbers are then laid
out otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from antitrypsim.statistics.allocation import adaptive, blocks, minimised, simple

ALLOCATIONS: Mapping[str, Callable[..., NDArray[np.int8]]] = MappingProxyType(
    {
        "simple": simple.allocate,
        "blocks": blocks.allocate,
        "minimised": minimised.allocate,
        "adaptive": adaptive.allocate,
    }
)
"""The ways to allocate, by id."""

OPTIONS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "simple": {},
        "blocks": {
            "block": "Participants in a block, a multiple of the smallest; none by default."
        },
        "minimised": {
            "measure": "How imbalance is measured: 'range' (the default) or 'variance'.",
            "p": "The chance of the arm that balances best, above 0 and at most 1; 0.8 by default.",
            "weights": "The weight of each factor, above 0; all alike by default.",
        },
        "adaptive": {"shares": "The chance of each arm in each replicate, by default the ratio."},
    }
)
"""The options of each way, with one sentence that explains each."""


def crossed(factors: Iterable[NDArray[np.integer]], shape: tuple[int, ...]) -> NDArray[np.int64]:
    """Return the stratum of each place: the factors' levels (whole numbers from 0) taken together.

    ``shape`` is that of the levels; without factors everybody is in one stratum.
    """
    strata = np.zeros(shape, dtype=np.int64)
    for levels in factors:
        strata = strata * (int(levels.max()) + 1) + levels
    return strata


__all__ = ["ALLOCATIONS", "OPTIONS", "crossed"]
