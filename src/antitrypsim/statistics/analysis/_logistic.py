"""Odds ratios between arms in many replicates, by logistic regression."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from antitrypsim.statistics.analysis import _newton
from antitrypsim.statistics.analysis._cells import Cells

Floats = NDArray[np.float64]


def plain(responders: NDArray[Any], people: NDArray[Any]) -> tuple[Floats, Floats]:
    """Return log odds ratios against the first arm and their standard errors, (R, arms - 1).

    ``responders`` and ``people`` are (R, arms). NaN where an arm has only responders, or none.
    """
    others = people - responders
    mixed = (responders > 0) & (others > 0)
    odds = np.log(np.where(mixed, responders, np.nan)) - np.log(np.where(mixed, others, np.nan))
    variance = 1 / np.where(mixed, responders, np.nan) + 1 / np.where(mixed, others, np.nan)
    return odds[:, 1:] - odds[:, :1], np.sqrt(variance[:, 1:] + variance[:, :1])


def adjusted(
    met: NDArray[np.bool_],
    base: NDArray[Any],
    arm: NDArray[Any],
    arms: int,
    known: NDArray[np.bool_],
) -> tuple[Floats, Floats]:
    """Return log odds ratios as ``plain``, with ``base`` in the regression; arrays are (R, n).

    NaN too where ``base`` does not vary or tells responders from the others without error.
    """
    cells = Cells.of(arm, arms, known & np.isfinite(base))
    response = met[cells.kept].astype(float)
    responders, people = cells.sums(response), cells.sums()
    mixed = (responders > 0) & (responders < people)
    with np.errstate(all="ignore"):
        replicate = cells.replicate
        x = base[cells.kept].astype(float)
        total = people.sum(axis=1)
        mean = cells.sums(x).sum(axis=1) / total
        x = x - mean[replicate]
        spread = np.sqrt(cells.sums(x * x).sum(axis=1) / total)
        varies = spread > 1e-12 * np.abs(mean)
        x = x / np.where(varies, spread, 1.0)[replicate]
        # An arm of one mind fits itself at infinite odds and tells nothing on the others.
        told = cells.each(mixed)
        kept = cells.kept.copy()
        kept[cells.kept] = told
        free = np.concatenate([mixed, (mixed.any(axis=1) & varies)[:, None]], axis=1)
        evaluate = _likelihood(Cells.of(arm, arms, kept), response[told], x[told])
        beta, covariance = _newton.maximise(evaluate, free)
        # An intercept runs away with the slope alone, so what then is at rest means nothing.
        broken = (free & np.isnan(beta)).any(axis=1) | ~varies
        beta[broken], covariance[broken] = np.nan, np.nan
        odds = np.where(mixed, beta[:, :-1], np.nan)
        variance = np.einsum("rpp->rp", covariance)[:, :-1]
        se = np.sqrt(variance[:, 1:] + variance[:, :1] - 2 * covariance[:, 0, 1:-1])
    return odds[:, 1:] - odds[:, :1], se


def _likelihood(cells: Cells, y: Floats, x: Floats) -> Any:
    replicates, arms = cells.shape

    def evaluate(beta: Floats) -> tuple[Floats, Floats, Floats]:
        slope = np.broadcast_to(beta[:, -1:], cells.shape)
        odds = cells.each(beta[:, :-1]) + cells.each(slope) * x
        share = 1 / (1 + np.exp(-odds))
        off, weight = y - share, share * (1 - share)
        gradient = np.empty((replicates, arms + 1))
        gradient[:, :-1] = cells.sums(off)
        gradient[:, -1] = cells.sums(off * x).sum(axis=1)
        information = np.zeros((replicates, arms + 1, arms + 1))
        each = np.arange(arms)
        information[:, each, each] = cells.sums(weight)
        information[:, -1, :-1] = information[:, :-1, -1] = cells.sums(weight * x)
        information[:, -1, -1] = cells.sums(weight * x * x).sum(axis=1)
        height = cells.sums(y * odds - np.logaddexp(0.0, odds)).sum(axis=1)
        return height, gradient, information

    return evaluate
