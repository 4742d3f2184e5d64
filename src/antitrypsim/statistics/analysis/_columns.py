"""Covariates of many replicates as columns of a regression, of any size and unit.

A number is one column and a group one a level. Columns are taken as departures from the average
person (numbers at their mean over those analysed, levels weighted alike, as R's emmeans), so that
the coefficient of an arm is its least-squares mean, and then combined with each other until they
are of unit length and at right angles within arms: that changes no estimate of an arm, and keeps
the digits of a covariate of 1e15 beside one of 1e-12.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from antitrypsim.foundations.errors import InputError, nearest

if TYPE_CHECKING:
    import pandas as pd

    from antitrypsim.statistics.block import Block

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

# Squares of a column within arms, over its squares about 0, that are but rounding.
FLAT = 1e-24
# Share of the squares of a column that the columns before it must leave.
DEPENDENT = 1e-12
BASELINE = "BASE"


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Columns ``x`` (R, n, c), NaN where unknown.

    ``group`` (c,): the number of the factor that a column is a level of, -1 for a number.
    """

    x: Floats
    group: tuple[int, ...]

    @property
    def known(self) -> Flags:
        """Whether every column of a person is known, (R, n)."""
        return np.asarray(np.isfinite(self.x).all(axis=2))

    def take(self, rows: slice) -> Columns:
        """Return the columns of some replicates."""
        return Columns(self.x[rows], self.group)


def named(names: Sequence[str], *, adjusted: bool) -> tuple[str, ...]:
    """Return names without the baseline where the analysis is ``adjusted`` for it anyway."""
    return tuple(name for name in names if not (adjusted and name == BASELINE))


def of_block(
    block: Block, names: Sequence[str], base: NDArray[np.floating] | None = None
) -> Columns:
    """Return ``base`` (R, n), if given, and the columns of the named covariates and factors.

    The name BASE is the baseline: of the block if it is not given. Raises InputError for a name
    that the block does not have.
    """
    parts = [] if base is None else [np.asarray(base, dtype=float)]
    group = [-1] * len(parts)
    for k, name in enumerate(names):
        if name == BASELINE:
            found = [] if base is not None else [block.baseline().astype(float)]
            parts, group = parts + found, group + [-1] * len(found)
        elif name in block.factors:
            codes = np.asarray(block.factors[name])
            for code in range(int(codes.max(initial=-1)) + 1):
                parts.append(np.where(codes < 0, np.nan, codes == code))
                group.append(k)
        elif name in block.covariates:
            parts.append(np.asarray(block.covariates[name], dtype=float))
            group.append(-1)
        else:
            known = (*block.covariates, *block.factors)
            raise InputError(f"the block has no covariate '{name}'{nearest(name, known)}")
    x = np.stack(parts, axis=2) if parts else np.zeros((*block.arm.shape, 0))
    return Columns(x, tuple(group))


def of_frame(people: pd.DataFrame, names: Sequence[str]) -> Columns:
    """Return the columns of a frame of one row a person, as one replicate."""
    import pandas as pd
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    from antitrypsim.statistics.block import Block

    numbers: dict[str, Floats] = {}
    groups: dict[str, NDArray[np.intp]] = {}
    for name in names:
        column = people[name]
        if is_numeric_dtype(column) and not is_bool_dtype(column):
            numbers[name] = column.to_numpy(dtype=float)[None]
        else:
            text = column.where(column.isna(), column.astype(str))
            groups[name] = pd.factorize(text, sort=True)[0][None]
    empty = np.zeros((1, len(people)), dtype=np.int8)
    base = numbers.get(BASELINE)
    block = Block(("",), empty, covariates=numbers, factors=groups)
    return of_block(block, [name for name in names if name != BASELINE], base)


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """Columns that a regression can use.

    ``z`` (R, n, c): of unit length and at right angles within arms, 0 for people left out and for
    columns left out; ``live`` (R, c): the columns that stay; ``fine`` (R,): whether the arms can be
    told from the covariates and these from each other. A level that nobody has, or that is told by
    the columns before it, is left out, as R's lm does.
    """

    z: Floats
    live: Flags
    fine: Flags


def prepare(columns: Columns, arm: NDArray[np.integer], arms: int, kept: Flags) -> Prepared:
    """Return the columns for the people ``kept`` (R, n) of some arm."""
    x = np.moveaxis(np.where(kept[:, :, None], columns.x, 0.0), 2, 0)
    c, R, _ = x.shape
    live, fine = np.ones((R, c), dtype=bool), np.ones(R, dtype=bool)
    people = kept.sum(axis=1).clip(1)
    inside = [kept & (arm == k) for k in range(arms)]
    whole, within = np.zeros(x.shape), np.zeros(x.shape)
    for j in range(c):
        size = np.abs(x[j]).max(axis=1, initial=0.0)
        scaled = x[j] / np.where(size > 0, size, 1.0)[:, None]
        centre = scaled.sum(axis=1) / people
        if columns.group[j] >= 0:
            alike = [k for k in range(c) if columns.group[k] == columns.group[j]]
            there = np.stack([x[k].any(axis=1) for k in alike])
            centre = np.where(size > 0, 1 / there.sum(axis=0).clip(1), 0.0)
        whole[j] = np.where(kept, scaled - centre[:, None], 0.0)
        within[j] = _within(whole[j], inside)
        raw, before = _squares(scaled), _squares(within[j])
        flat = before <= FLAT * raw
        # Twice, since what is left of a column that is nearly told is not at right angles at once.
        for _ in range(2):
            for i in range(j):
                share = np.einsum("rn,rn->r", within[i], within[j])[:, None]
                within[j] -= share * within[i]
                whole[j] -= share * whole[i]
        left = _squares(within[j])
        told = flat | (left <= DEPENDENT * before)
        if columns.group[j] >= 0:
            # A combination that is one number for all says nothing of arms; else it is the arms'.
            off = np.where(kept, whole[j] - (whole[j].sum(axis=1) / people)[:, None], 0.0)
            spare = _squares(off) <= DEPENDENT * np.maximum(raw, 1.0)
            fine &= ~told | spare
        else:
            fine &= ~told
        length = np.sqrt(np.where(told, 1.0, left))[:, None]
        live[:, j] = ~told
        for each in (whole, within):
            each[j] = np.where(told[:, None], 0.0, each[j] / length)
    return Prepared(np.moveaxis(whole, 0, 2), live, fine)


def _within(x: Floats, inside: Sequence[Flags]) -> Floats:
    """Return ``x`` (R, n) less the mean of the arm."""
    out = np.zeros(x.shape)
    for mine in inside:
        mean = np.where(mine, x, 0.0).sum(axis=1) / mine.sum(axis=1).clip(1)
        out = np.where(mine, x - mean[:, None], out)
    return out


def _squares(x: Floats) -> Floats:
    return np.asarray(np.einsum("rn,rn->r", x, x))
