"""Minimisation.

Each participant to the arm that balances the factors best, most of the time.
Pocock and Simon 1975, Biometrics 31:103.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from antitrypsim.foundations.errors import InputError, nearest
from antitrypsim.statistics.allocation._places import (
    Floats,
    Integers,
    numbers,
    shares_of,
    strata_of,
)

MEASURES = ("range", "variance")
TIE = 1e-9
"""Imbalances that differ by less, relative to the smallest, are alike: weights may be fractions."""


def allocate(
    strata: ArrayLike,
    ratio: Sequence[int],
    rng: np.random.Generator,
    *,
    measure: str = "range",
    p: float = 0.8,
    weights: Sequence[float] | None = None,
) -> NDArray[np.int8]:
    """Allocate by the minimisation of Pocock and Simon 1975, Biometrics 31:103.

    ``strata`` (R, n, F): each participant's level, from 0, of F factors; (R, n) is one factor. For
    each arm the imbalance that would follow is the sum over factors, by ``weights``, of the
    ``measure`` ('range' or 'variance') of the arms' numbers at the participant's levels, each
    divided by the arm's share of the ratio. The arm with the least imbalance, or one of several in
    the ratio, is preferred and given with chance ``p``; the others share the rest in the ratio. To
    balance the numbers in all, add a factor with one level. With unequal ratios the shares hold in
    the long run, while the chance of an arm at a single allocation may differ from its share.
    Shapes, empty places (any level -1) and what is drawn from ``rng`` are those of the package.
    Raises ``InputError``.
    """
    levels, shares = strata_of(strata, factors=True), shares_of(ratio)
    factors = levels.shape[2]
    if measure not in MEASURES:
        raise InputError(
            f"there is no measure '{measure}' of imbalance{nearest(measure, MEASURES)}"
        )
    if not 0 < p <= 1:
        raise InputError(f"the chance of the preferred arm must lie between 0 and 1, not {p}")
    weight = np.ones(factors) if weights is None else np.asarray(weights, dtype=float)
    if weight.shape != (factors,) or not np.all((weight > 0) & np.isfinite(weight)):
        raise InputError(f"the weights must be {factors} numbers above 0, one for each factor")
    drawn = numbers(levels, rng)
    replicates, factor = np.arange(levels.shape[0])[:, None], np.arange(factors)
    # In whole numbers ties are exact: each participant counts the common multiple over the share.
    unit = int(np.lcm.reduce(shares)) // shares
    counts = np.zeros(
        (len(levels), factors, int(levels.max(initial=0)) + 1, shares.size), dtype=int
    )
    coin = _coin(shares, p)
    arm = np.full(levels.shape[:2], -1, dtype=np.int8)
    for k in range(levels.shape[1]):
        level = levels[:, k]
        here = np.flatnonzero((level >= 0).all(axis=1))
        cell = (replicates[here], factor, level[here])
        imbalance = _imbalance(counts[cell], unit, measure, weight)
        least = imbalance.min(axis=1, keepdims=True)
        preferred = (imbalance <= least + TIE * np.abs(least)) * shares
        chance = (preferred / preferred.sum(axis=1, keepdims=True)) @ coin
        limits = chance.cumsum(axis=1)
        chosen = (drawn[k, here, None] * limits[:, -1:] >= limits).sum(axis=1)
        arm[here, k] = chosen
        counts[(*cell, chosen[:, None])] += unit[chosen][:, None]
    return arm


def _coin(shares: Integers, p: float) -> Floats:
    """Return the chance of each arm (columns) where one (rows) is preferred."""
    others = np.where(np.eye(shares.size, dtype=bool), 0, shares).astype(float)
    total = others.sum(axis=1, keepdims=True)
    spread = np.divide(others, total, out=np.zeros_like(others), where=total > 0)
    return np.asarray(p * np.eye(shares.size) + (1 - p) * spread)


def _imbalance(counts: Integers, unit: Integers, measure: str, weight: Floats) -> Floats:
    """Return the imbalance (R, A) if the next were given each arm; ``counts`` (R, F, A)."""
    after = counts[:, :, None, :] + np.diag(unit)
    if measure == "range":
        each = after.max(axis=3) - after.min(axis=3)
    else:
        each = unit.size * (after**2).sum(axis=3) - after.sum(axis=3) ** 2
    return np.asarray(np.einsum("rfa,f->ra", each, weight))
