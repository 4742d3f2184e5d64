"""Response-adaptive randomisation.

Chances by how likely each arm is to be the best.
Thall and Wathen 2007, Eur J Cancer 43:859; Thompson 1933, Biometrika 25:285.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from antitrypsim.foundations.errors import InputError
from antitrypsim.statistics.allocation._best import best_of_betas, best_of_normals
from antitrypsim.statistics.allocation._places import (
    Floats,
    numbers,
    shares_of,
    strata_of,
)

__all__ = ["allocate", "best_of_betas", "best_of_normals", "update"]

POWER = 0.5


def update(
    best: ArrayLike,
    *,
    ratio: Sequence[int],
    power: float = POWER,
    floor: float = 0.0,
    least: float = 0.0,
    control: int = 0,
) -> Floats:
    """Return the chances (R, A) of each arm for the participants to come.

    ``best`` (R, A): the chance that each arm is the best, from ``best_of_normals`` or
    ``best_of_betas``. The chances are proportional to ``best`` raised to ``power``, the rule of
    Thall and Wathen 2007, Eur J Cancer 43:859, studied for several arms by Wathen and Thall 2017,
    Clin Trials 14:432: 0 keeps the arms alike, 1 is that of Thompson 1933, Biometrika 25:285, and
    the default of one half lies between them; a power that grows with the share of the trial that
    is over is the caller's to give. The ``control`` arm is kept at ``floor`` or more and each other
    arm at ``least`` or more; the arms above their bound share what is left in proportion. A
    replicate with a NaN in ``best`` keeps the ``ratio``. Raises ``InputError``.
    """
    shares = shares_of(ratio)
    chance = np.asarray(best, dtype=float)
    arms = shares.size
    if chance.ndim != 2 or chance.shape[1] != arms:
        raise InputError(f"the chances of being the best need a column for each of {arms} arms")
    if np.any((chance < 0) | (chance > 1)):
        raise InputError("the chances of being the best must lie between 0 and 1")
    if not 0 <= power < np.inf:
        raise InputError(f"the power of the chances must be 0 or more, not {power}")
    if not 0 <= control < arms:
        raise InputError(f"the control must be one of the arms 0 to {arms - 1}, not {control}")
    bound = np.full(arms, float(least))
    bound[control] = floor
    if not np.all((bound >= 0) & (bound <= 1)) or bound.sum() > 1:
        raise InputError("the least chances of the arms must be 0 or more, and 1 at most in all")
    lost = np.isnan(chance).any(axis=1)
    weight = np.where(lost[:, None], 1.0, chance) ** power
    found = _bounded(weight / weight.sum(axis=1, keepdims=True), bound)
    found[lost] = shares / shares.sum()
    return found


def allocate(
    strata: ArrayLike,
    ratio: Sequence[int],
    rng: np.random.Generator,
    *,
    shares: ArrayLike | None = None,
) -> NDArray[np.int8]:
    """Draw every arm independently with the chances ``shares`` (R, A), by default the ratio.

    ``strata`` (R, n): that of the participants who enrol until the next update. Shapes, empty
    places and what is drawn from ``rng`` are those of the package. Raises ``InputError`` for
    strata, a ratio or shares that cannot be used.
    """
    places, parts = strata_of(strata), shares_of(ratio)
    given = np.asarray(parts / parts.sum() if shares is None else shares, dtype=float)
    chance = given if shares is not None else np.broadcast_to(given, (len(places), parts.size))
    if chance.shape != (len(places), parts.size):
        raise InputError("the shares need a row for each replicate and a column for each arm")
    limits = chance.cumsum(axis=1)
    if not np.all(chance >= 0) or not np.allclose(limits[:, -1], 1):
        raise InputError("the shares of each replicate must be 0 or more and add up to 1")
    limits = limits / limits[:, -1:]
    drawn = (numbers(places, rng)[:, :, None] >= limits).sum(axis=2).T
    return np.where(places < 0, -1, drawn).astype(np.int8)


def _bounded(chance: Floats, bound: Floats) -> Floats:
    """Raise chances to their bounds and shrink the others alike; each row adds up to 1."""
    held = np.zeros(chance.shape, dtype=bool)
    found = chance
    for _ in range(bound.size):
        held = held | (found < bound)
        free = np.where(held, 0.0, chance)
        total = free.sum(axis=1, keepdims=True)
        rest = 1 - np.where(held, bound, 0.0).sum(axis=1, keepdims=True)
        scale = np.divide(rest, total, out=np.zeros_like(total), where=total > 0)
        found = np.where(held, bound, free * scale)
    return found
