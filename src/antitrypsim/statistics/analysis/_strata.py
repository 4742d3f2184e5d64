"""Groups of participants in many replicates, and replicates in parts that memory holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from antitrypsim.foundations.errors import InputError, nearest

if TYPE_CHECKING:
    from antitrypsim.statistics.block import Block

Whole = NDArray[np.int64]
Floats = NDArray[np.float64]
# Numbers of the columns of a regression held at once: 32 MB.
ROOM = 4_000_000


def codes(block: Block, names: Sequence[str]) -> Whole:
    """Return the stratum of each participant, (R, n), -1 where unknown; all 0 without names.

    The strata are the combinations of the named factors that occur. Raises InputError for a name
    that the block does not have.
    """
    found = np.zeros(block.arm.shape, dtype=np.int64)
    for name in names:
        if name not in block.factors:
            known = tuple(block.factors)
            raise InputError(f"the block has no factor '{name}'{nearest(name, known)}")
        code = np.asarray(block.factors[name], dtype=np.int64)
        unknown = (found < 0) | (code < 0)
        found = found * (int(code.max(initial=0)) + 1) + code
        found[unknown] = -1
        # Numbered anew, so that many factors do not outgrow whole numbers.
        found[~unknown] = np.unique(found[~unknown], return_inverse=True)[1].reshape(-1)
    return found


def in_parts(
    work: Callable[[Block], tuple[Floats, ...]], block: Block, columns: int
) -> tuple[Floats, ...]:
    """Return what ``work`` makes of ``block``, some replicates at a time, put together again."""
    size = max(1, ROOM // max(1, block.arm.shape[1] * columns))
    if block.replicates <= size:
        return work(block)
    found = [work(_part(block, k, k + size)) for k in range(0, block.replicates, size)]
    return tuple(np.concatenate(each) for each in zip(*found, strict=True))


def _part(block: Block, first: int, last: int) -> Block:
    whole = ("arms", "visits", "days")
    changed: dict[str, Any] = {}
    for name in (each.name for each in fields(block) if each.name not in whole):
        value = getattr(block, name)
        if name in ("covariates", "factors"):
            changed[name] = {key: each[first:last] for key, each in value.items()}
        elif value is not None:
            changed[name] = value[first:last]
    return replace(block, **changed)
