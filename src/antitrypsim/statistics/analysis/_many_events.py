"""Times to an event in many replicates: who is at risk and who has the event, and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from antitrypsim.foundations.errors import InputError
from antitrypsim.statistics.analysis import _newton, _strata

if TYPE_CHECKING:
    from antitrypsim.statistics.block import Block

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class EventTimes:
    """The T distinct times at which someone has the event, replicate after replicate, ascending.

    Within a replicate stratum after stratum, a time counting once in each. ``replicate`` (T,); ``day`` (T,); ``risk`` and ``events`` (T, arms): people of the stratum at
    risk just before, and those with the event then. ``people``, ``total`` and ``last`` (R, arms): participants, all
    events and the largest time (minus infinity without participants).
    """

    replicate: Whole
    day: Floats
    risk: Whole
    events: Whole
    people: Whole
    total: Whole
    last: Floats

    def sums(self, x: NDArray[np.number]) -> Floats:
        """Return the sum of ``x`` (T,) in each replicate, (R,)."""
        return np.bincount(self.replicate, weights=x, minlength=len(self.people)).astype(float)


def event_times(block: Block, name: str, strata: Sequence[str] = ()) -> EventTimes:
    """Return the times of events of ``block``; InputError where its endpoint is none of that kind.

    People without a time, or whose stratum is unknown, are left out.
    """
    stratum, inside = timed(block, name, strata)
    assert block.time is not None
    assert block.event is not None
    replicates, arms = block.replicates, len(block.arms)
    groups = int(stratum.max(initial=0)) + 1
    unit = (np.arange(replicates)[:, None] * groups + stratum)[inside]
    day, arm = block.time[inside].astype(float), block.arm[inside].astype(np.intp)
    event = block.event[inside].astype(bool)
    order = np.lexsort((day, unit))
    unit, day, arm, event = unit[order], day[order], arm[order], event[order]
    fresh = np.ones(len(day), dtype=bool)
    fresh[1:] = (day[1:] != day[:-1]) | (unit[1:] != unit[:-1])
    group = np.cumsum(fresh) - 1
    size = int(fresh.sum())

    def count(place: Whole, rows: int, which: NDArray[np.bool_] | slice = slice(None)) -> Whole:
        each = place[which] * arms + arm[which]
        return np.bincount(each, minlength=rows * arms).reshape(rows, arms)

    here, events = count(group, size), count(group, size, event)
    replicate = unit // groups
    people, total = count(replicate, replicates), count(replicate, replicates, event)
    last = np.full((replicates, arms), -np.inf)
    np.maximum.at(last, (replicate, arm), day)
    # Those still to come: everybody of the units up to this one, less those already past.
    before = np.cumsum(here, axis=0) - here
    everybody = np.cumsum(count(unit, replicates * groups), axis=0)
    risk = everybody[unit[fresh]] - before
    some = events.any(axis=1)
    return EventTimes(
        replicate[fresh][some], day[fresh][some], risk[some], events[some], people, total, last
    )


def timed(block: Block, name: str, strata: Sequence[str] = ()) -> tuple[Whole, NDArray[np.bool_]]:
    """Return the stratum of each participant and who counts, (R, n); raises as ``event_times``."""
    if block.time is None or block.event is None:
        raise InputError(f"the analysis '{name}' needs an endpoint that is a time to an event")
    stratum = _strata.codes(block, strata)
    return stratum, (block.arm >= 0) & np.isfinite(block.time) & (stratum >= 0)


def log_rank(times: EventTimes, arm: int) -> tuple[Floats, Floats]:
    """Return events of ``arm`` less those expected beside the first arm, and the variance, (R,)."""
    n_in, d_in = times.risk[:, arm], times.events[:, arm]
    n, d = n_in + times.risk[:, 0], d_in + times.events[:, 0]
    # Where none of the two arms is at risk neither has an event.
    share = n_in / n.clip(1)
    variance = d * share * (1 - share) * (n - d) / (n - 1).clip(1)
    return times.sums(d_in - d * share), times.sums(variance)


def hazard_ratios(times: EventTimes) -> tuple[Floats, Floats]:
    """Return log hazard ratios against the first arm and their standard errors, (R, arms - 1).

    One partial likelihood over all arms with Efron's ties. NaN for an arm without an event (the
    others are then compared without it), or where the maximum is not finite.
    """
    total, arms = times.total, times.total.shape[1]
    free = (total[:, 1:] > 0) & (total[:, :1] > 0)
    # Each event has its own set at risk; of d tied ones the later weigh the ties down by l / d.
    tied = times.events.sum(axis=1)
    place = np.repeat(np.arange(len(tied)), tied)
    order = np.arange(len(place)) - np.repeat(np.cumsum(tied) - tied, tied)
    at_risk = times.risk[place] - (order / tied[place])[:, None] * times.events[place]
    replicate = times.replicate[place]
    at_risk *= (total > 0)[replicate]
    evaluate = _partial(at_risk, replicate, total)
    beta, covariance = _newton.maximise(evaluate, free)
    se = np.sqrt(np.einsum("rpp->rp", covariance))
    enough = free & (times.people[:, 1:] > 1) & (times.people[:, :1] > 1)
    assert beta.shape == (len(total), arms - 1)
    return np.where(enough, beta, np.nan), np.where(enough, se, np.nan)


def _partial(at_risk: Floats, replicate: Whole, total: Whole) -> _newton.Evaluate:
    replicates, arms = total.shape

    def sums(x: Floats) -> Floats:
        return np.bincount(replicate, weights=x, minlength=replicates).astype(float)

    def evaluate(beta: Floats) -> tuple[Floats, Floats, Floats]:
        hazard = np.exp(np.concatenate([np.zeros((replicates, 1)), beta], axis=1))
        weight = at_risk * hazard[replicate]
        whole = weight.sum(axis=1)
        share = weight[:, 1:] / whole[:, None]
        slope, information = np.empty(beta.shape), np.empty((*beta.shape, arms - 1))
        for j in range(arms - 1):
            expected = sums(share[:, j])
            slope[:, j] = total[:, j + 1] - expected
            for k in range(j + 1):
                both = -sums(share[:, j] * share[:, k])
                information[:, j, k] = information[:, k, j] = both + (expected if j == k else 0.0)
        return (total[:, 1:] * beta).sum(axis=1) - sums(np.log(whole)), slope, information

    return evaluate


def restricted_means(times: EventTimes, horizon: Floats) -> tuple[Floats, Floats]:
    """Return restricted mean times and their standard errors, (R, arms), up to ``horizon`` (R,).

    NaN for an arm of fewer than two people, or whose last follow-up is before the horizon and still
    has people without the event.
    """
    replicates, arms = times.people.shape
    first = np.searchsorted(times.replicate, np.arange(replicates))
    count = np.bincount(times.replicate, minlength=replicates)
    column = np.arange(len(times.day)) - first[times.replicate]
    shape = (replicates, int(count.max(initial=0)) + 2)
    # Columns: the start, the events up to the horizon, the horizon.
    day = np.broadcast_to(horizon[:, None], shape).copy()
    day[:, 0] = np.minimum(horizon, 0.0)
    day[times.replicate, column + 1] = np.minimum(times.day, horizon[times.replicate])
    width = np.diff(day, axis=1)
    mean, variance = np.empty((2, replicates, arms))
    for k in range(arms):
        n, d = times.risk[:, k], times.events[:, k]
        kept, hazard = np.ones(shape), np.zeros(shape)
        kept[times.replicate, column + 1] = 1 - d / n.clip(1)
        left = (n - d) * n
        hazard[times.replicate, column + 1] = np.where(left > 0, d / left.clip(1), 0.0)
        survival = np.cumprod(kept, axis=1)
        area = np.cumsum((survival[:, :-1] * width)[:, ::-1], axis=1)[:, ::-1]
        mean[:, k] = area[:, 0]
        variance[:, k] = (area**2 * hazard[:, :-1]).sum(axis=1)
        told = (times.last[:, k] >= horizon) | (survival[:, -1] == 0)
        bad = ~told | (times.people[:, k] < 2)
        mean[bad, k] = variance[bad, k] = np.nan
    return mean, np.sqrt(variance)
