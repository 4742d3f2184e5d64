"""Hazard ratios between arms in many replicates, adjusted for covariates and within strata."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from antitrypsim.statistics.analysis import _columns, _many_events, _newton, _regression, _strata

if TYPE_CHECKING:
    from antitrypsim.statistics.block import Block

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
# Square of a column of unit length, less its means within strata, that is but rounding.
FLAT = 1e-12


def hazard_ratios(
    block: Block, name: str, covariates: Sequence[str], strata: Sequence[str]
) -> tuple[Floats, Floats]:
    """Return log hazard ratios against the first arm and their standard errors, (R, arms - 1).

    One partial likelihood over all arms with Efron's ties, each stratum with its own sets at risk.
    People of whom a covariate or stratum is unknown are left out, and so are those of an arm, or of
    a level of a factor, without an event, whose hazard is 0 at the maximum. NaN for such an arm,
    and everywhere where a maximum is not finite or the arms cannot be told from the covariates.
    """
    columns = len(block.arms) - 1 + _columns.of_block(block, covariates).x.shape[2]
    # The products of each two columns are held at once.
    found = _strata.in_parts(lambda part: _fit(part, name, covariates, strata), block, 4 * columns)
    return found[0], found[1]


def _fit(
    block: Block, name: str, covariates: Sequence[str], strata: Sequence[str]
) -> tuple[Floats, Floats]:
    columns = _columns.of_block(block, covariates)
    stratum, kept = _many_events.timed(block, name, strata)
    assert block.time is not None
    assert block.event is not None
    kept = kept & columns.known
    event = block.event & kept
    arms = len(block.arms)
    inside = np.stack([kept & (block.arm == k) for k in range(arms)], axis=2)
    people = inside.sum(axis=1)
    total = (inside & event[:, :, None]).sum(axis=1)
    kept = kept & ~_regression.of_levels(columns, event, kept)
    kept = kept & np.where(kept, np.take_along_axis(total > 0, block.arm.clip(0), axis=1), False)
    prepared = _columns.prepare(columns, block.arm, arms, kept)
    x = _regression.columns(inside[:, :, 1:], prepared.z, kept)
    free = np.concatenate(
        [
            (total[:, 1:] > 0) & (total[:, :1] > 0),
            prepared.live & (_within(prepared.z, stratum, kept) > FLAT),
        ],
        axis=1,
    )
    free &= prepared.fine[:, None]
    beta, covariance = _newton.maximise(
        _partial(x, block.time.astype(float), event & kept, kept, stratum), free
    )
    # Where a covariate runs away what stands still beside it may not have come to rest.
    lost = np.asarray((free[:, arms - 1 :] & np.isnan(beta[:, arms - 1 :])).any(axis=1))
    usable = free[:, : arms - 1] & ~lost[:, None] & (people[:, 1:] > 1) & (people[:, :1] > 1)
    se = np.sqrt(np.einsum("rpp->rp", covariance)[:, : arms - 1])
    return (
        np.where(usable, beta[:, : arms - 1], np.nan),
        np.where(usable, se, np.nan),
    )


def _within(z: Floats, stratum: Whole, kept: NDArray[np.bool_]) -> Floats:
    """Return the squares (R, c) of columns less their means within strata."""
    replicates, _, c = z.shape
    groups = int(stratum.max(initial=0)) + 1
    unit = (np.arange(replicates)[:, None] * groups + stratum)[kept]
    count = np.bincount(unit, minlength=replicates * groups).clip(1)
    square = np.empty((replicates, c))
    for j in range(c):
        each = z[:, :, j][kept]
        mean = np.bincount(unit, weights=each, minlength=len(count)) / count
        off = np.zeros(kept.shape)
        off[kept] = each - mean[unit]
        square[:, j] = (off**2).sum(axis=1)
    return square


def _partial(
    x: Floats, time: Floats, event: NDArray[np.bool_], kept: NDArray[np.bool_], stratum: Whole
) -> _newton.Evaluate:
    """Return the log partial likelihood of coefficients of ``x`` (R, n, p)."""
    replicates, people, p = x.shape
    # Everybody of a stratum side by side, the earliest first, and who is left out at the end.
    unit = np.where(kept, stratum, np.iinfo(np.int64).max)
    order = np.lexsort((np.where(kept, time, np.inf), unit), axis=1)
    unit, time, event, kept = (
        np.take_along_axis(each, order, axis=1) for each in (unit, time, event, kept)
    )
    x = np.take_along_axis(x, order[:, :, None], axis=1) * kept[:, :, None]
    other = np.ones((replicates, people), dtype=bool)
    other[:, 1:] = unit[:, 1:] != unit[:, :-1]
    fresh = other.copy()
    fresh[:, 1:] |= time[:, 1:] != time[:, :-1]
    row, place = np.nonzero(event)
    start, end = _first(fresh)[row, place], _next(fresh)[row, place]
    last = _next(other)[row, place]
    so_far = _sums(event.astype(float))
    tied = so_far[row, end] - so_far[row, start]
    # Each event has its own set at risk; of d tied ones the later weigh the ties down by l / d.
    down = (so_far[row, place] - so_far[row, start]) / tied

    def at_risk(weight: Floats) -> Floats:
        cumulated, dead = _sums(weight), _sums(weight * event)
        everybody = cumulated[row, last] - cumulated[row, start]
        return everybody - down * (dead[row, end] - dead[row, start])

    def sums(of_event: Floats) -> Floats:
        return np.bincount(row, weights=of_event, minlength=replicates).astype(float)

    def evaluate(beta: Floats) -> tuple[Floats, Floats, Floats]:
        log = np.einsum("rnp,rp->rn", x, beta)
        hazard = np.exp(log) * kept
        whole = at_risk(hazard)
        slope, information = np.empty((replicates, p)), np.empty((replicates, p, p))
        mean = [at_risk(hazard * x[:, :, j]) / whole for j in range(p)]
        for j in range(p):
            slope[:, j] = (x[:, :, j] * event).sum(axis=1) - sums(mean[j])
            for k in range(j + 1):
                both = at_risk(hazard * x[:, :, j] * x[:, :, k]) / whole - mean[j] * mean[k]
                information[:, j, k] = information[:, k, j] = sums(both)
        return (log * event).sum(axis=1) - sums(np.log(whole)), slope, information

    return evaluate


def _sums(x: Floats) -> Floats:
    """Return the sums of the first 0, 1, ... n numbers of each row, (R, n + 1)."""
    out = np.zeros((x.shape[0], x.shape[1] + 1))
    np.cumsum(x, axis=1, out=out[:, 1:])
    return out


def _first(fresh: NDArray[np.bool_]) -> Whole:
    """Return where the group of each begins."""
    place = np.arange(fresh.shape[1])
    return np.maximum.accumulate(np.where(fresh, place, 0), axis=1)


def _next(fresh: NDArray[np.bool_]) -> Whole:
    """Return where the group after that of each begins."""
    people = fresh.shape[1]
    ahead = np.full(fresh.shape, people)
    ahead[:, :-1] = np.where(fresh[:, 1:], np.arange(1, people), people)
    return np.minimum.accumulate(ahead[:, ::-1], axis=1)[:, ::-1]
