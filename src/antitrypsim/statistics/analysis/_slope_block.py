"""Slopes of every replicate of a block, for one size of trial or for many from the same people."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from antitrypsim.foundations.errors import InputError, RunError
from antitrypsim.foundations.units import YEAR
from antitrypsim.statistics.analysis import (
    _columns,
    _kenward_roger,
    _moments,
    _reml,
    _slope_columns,
)
from antitrypsim.statistics.analysis._many_slopes import covariance, search
from antitrypsim.statistics.analysis._slope_inference import kenward_roger, satterthwaite
from antitrypsim.statistics.analysis._slope_likelihood import evaluate
from antitrypsim.statistics.analysis._slope_start import start
from antitrypsim.statistics.analysis._slope_sums import Lines, summaries
from antitrypsim.statistics.block import Block, Estimates

Floats = NDArray[np.float64]


# Bits of a whole number, less its sign.
_MOST_VISITS = 62
# Fits times patterns of visits in one go, so that their numbers stay in the cache.
_TOGETHER = 1 << 16


def checked(block: Block, sizes: Sequence[int]) -> tuple[NDArray[np.floating], Floats]:
    """Return the values and the years of the visits; raise InputError where slopes cannot be."""
    if block.values is None or block.days is None:
        raise InputError("the analysis 'random-slope' needs an endpoint measured at visits")
    if len(block.days) < 3:
        raise InputError("a random slope needs at least three visits")
    if len(block.days) > _MOST_VISITS:
        raise InputError(f"the analysis 'random-slope' takes up to {_MOST_VISITS} visits")
    if not np.all(np.diff(block.days) > 0):
        raise InputError("the days of the visits must ascend")
    room = block.arm.shape[1]
    for size in sizes:
        if not 1 <= size <= room:
            raise InputError(f"a size must lie between 1 and the block's {room} places, not {size}")
    return block.values, np.asarray(block.days, dtype=float) / YEAR


def estimates(
    block: Block, sizes: Sequence[int], level: float, df: str, covariates: Sequence[str] = ()
) -> list[Estimates]:
    """Return the differences in slope per year for the first places of each replicate.

    One entry for each of ``sizes``, in their order. ``df``: ``satterthwaite`` or ``kenward-roger``.
    ``covariates``: names of the block's that shift the level.
    """
    values, years = checked(block, sizes)
    arm = np.where(_scattered(values)[:, None], block.arm, -1)
    if covariates:
        columns = _columns.of_block(block, covariates)
        return [_with_columns(values, arm, len(block.arms), years, columns, size, df, level)
                for size in sizes]  # fmt: skip
    some = sorted(set(sizes))
    R, arms = block.arm.shape[0], len(block.arms)
    found = np.full((3, len(some), R, arms - 1), np.nan)
    kinds = min(1 << len(years), block.arm.shape[1])
    step = max(8, _TOGETHER // (kinds * len(some)))
    for first in range(0, R, step):
        rows = slice(first, min(first + step, R))
        found[:, :, rows] = _fits(values[rows], arm[rows], arms, years, some, df)
    told = {
        size: Estimates.of(each[0], each[1], each[2], level)
        for size, each in zip(some, found.transpose(1, 0, 2, 3), strict=True)
    }
    return [told[size] for size in sizes]


def _with_columns(
    values: NDArray[np.floating], arm: NDArray[np.integer], arms: int, years: Floats,
    columns: _columns.Columns, size: int, df: str, level: float,
) -> Estimates:  # fmt: skip
    """Return the differences in slope of the first ``size`` places, with covariates."""
    some = _columns.Columns(columns.x[:, :size], columns.group)
    estimate, se, free = _slope_columns.differences(
        values[:, :size].astype(float), some, arm[:, :size], arms, years, df
    )
    return Estimates.of(estimate, se, free, level)


def _scattered(values: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Return in which replicates the values differ by more than rounding, (R,)."""
    out = np.zeros(len(values), dtype=bool)
    # A few people tell nearly always.
    for some in (values[:, :8], values):
        left = np.flatnonzero(~out)
        if left.size and some.size:
            numbers = np.asarray(some[left], dtype=float).reshape(len(left), -1)
            known = np.isfinite(numbers)
            high = np.where(known, numbers, -np.inf).max(axis=1)
            low = np.where(known, numbers, np.inf).min(axis=1)
            out[left] = _moments.varies(high - low, np.maximum(np.abs(high), np.abs(low)))
    return out


def _fits(
    values: NDArray[np.floating],
    arm: NDArray[np.integer],
    arms: int,
    years: Floats,
    sizes: Sequence[int],
    df: str,
) -> Floats:
    """Return estimates, standard errors and degrees of freedom (3, K, R, arms - 1)."""
    R, K = arm.shape[0], len(sizes)
    # The model is the same for any scale of time; in this one both variances are of like size.
    width = float(years.std())
    with np.errstate(all="ignore"):
        sums = summaries(values, arm, arms, (years - years.mean()) / width, sizes)
        found = np.full((3, arms - 1, K * R), np.nan)
        lines, line, L, usable = start(sums)
        fit = np.flatnonzero(usable)
        if not fit.size:
            return found.transpose(0, 2, 1).reshape(3, K, R, arms - 1)
        lines = lines.take(fit)
        L, arrived = search(lines, L[:, fit])
        got = fit[arrived]
        found[..., got] = _told(
            lines.take(np.flatnonzero(arrived)), line[..., got], L[:, arrived], df
        )
        found[:2] /= width
        found = found.transpose(0, 2, 1)
        for each in fit[~arrived]:
            k, r = divmod(int(each), R)
            size = sizes[k]
            found[:, each] = _alone(values[r, :size], arm[r, :size], arms, years, df)
    return found.reshape(3, K, R, arms - 1)


def _told(lines: Lines, line: Floats, L: Floats, df: str) -> Floats:
    """Return slope differences, standard errors and degrees of freedom (3, arms - 1, F)."""
    D, det = covariance(L)
    value = evaluate(lines, D, det)
    if df == "kenward-roger":
        variance, freedom = kenward_roger(lines, value, D, det)
    else:
        variance, freedom = satterthwaite(value, L)
    slope = line[1] + value.beta[1]
    return np.stack([slope[1:] - slope[:1], np.sqrt(variance), freedom])


def _alone(
    values: NDArray[np.floating], arm: NDArray[np.integer], arms: int, years: Floats, df: str
) -> Floats:
    """Return what ``_told`` does, of one replicate (3, arms - 1), by the search for single fits."""
    person, visit = np.nonzero((arm >= 0)[:, None] & ~np.isnan(values))
    of = (arm[person][:, None] == np.arange(arms)).astype(float)
    time = years[visit]
    X = np.hstack([of * time[:, None], of])
    number = np.unique(person, return_inverse=True)[1]
    try:
        fit = _reml.fit(values[person, visit].astype(float), X, time, number)
    except (InputError, RunError, np.linalg.LinAlgError):
        return np.full((3, arms - 1), np.nan)
    told = _kenward_roger.adjust(fit, X, time, number) if df == "kenward-roger" else fit
    weights = np.eye(arms, 2 * arms)
    each = [told.contrast(weights[k] - weights[0]) for k in range(1, arms)]
    return np.array(each).reshape(arms - 1, 3).T
