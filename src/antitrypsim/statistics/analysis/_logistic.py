"""Odds ratios between arms in many replicates, by logistic regression."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from antitrypsim.statistics.analysis import _columns, _newton, _regression
from antitrypsim.statistics.analysis._columns import Columns

Floats = NDArray[np.float64]


def plain(responders: NDArray[np.number], people: NDArray[np.number]) -> tuple[Floats, Floats]:
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
    arm: NDArray[np.integer],
    arms: int,
    known: NDArray[np.bool_],
    columns: Columns,
) -> tuple[Floats, Floats]:
    """Return log odds ratios as ``plain``, with ``columns`` in the regression; arrays are (R, n).

    People of a level of a factor who all respond, or none of whom does, fit themselves at infinite
    odds and say nothing on the arms. NaN too where the covariates tell responders from the others
    without error, or cannot be told from the arms.
    """
    kept = known & (arm >= 0) & columns.known
    inside = np.stack([kept & (arm == k) for k in range(arms)], axis=2)
    people, responders = inside.sum(axis=1), (inside & met[:, :, None]).sum(axis=1)
    mixed = (responders > 0) & (responders < people)
    # Without the people of one arm or level another may be left of one mind.
    for _ in range(arms + columns.x.shape[2]):
        before = kept
        for answer in (met, ~met):
            kept = kept & ~_regression.of_levels(columns, answer, kept)
            there = np.asarray((inside & np.asarray(kept & answer)[:, :, None]).any(axis=1))
            kept = np.asarray(kept & np.asarray((inside & there[:, None]).any(axis=2)))
        if (before == kept).all():
            break
    alive = (inside & kept[:, :, None]).any(axis=1)
    prepared = _columns.prepare(columns, arm, arms, kept)
    x = _regression.columns(inside, prepared.z, kept)
    free = np.concatenate([alive, prepared.live], axis=1) & prepared.fine[:, None]
    with np.errstate(all="ignore"):
        beta, covariance = _newton.maximise(_likelihood(x, met, kept), free)
        # An intercept runs away with the slope alone, so what then is at rest means nothing.
        broken = (free & np.isnan(beta)).any(axis=1)
        beta[broken], covariance[broken] = np.nan, np.nan
        odds = np.where(mixed & alive, beta[:, :arms], np.nan)
        variance = np.einsum("rpp->rp", covariance)[:, :arms]
        se = np.sqrt(variance[:, 1:] + variance[:, :1] - 2 * covariance[:, 0, 1:arms])
    return odds[:, 1:] - odds[:, :1], se


def _likelihood(x: Floats, met: NDArray[np.bool_], kept: NDArray[np.bool_]) -> _newton.Evaluate:
    y = (met & kept).astype(float)

    def evaluate(beta: Floats) -> tuple[Floats, Floats, Floats]:
        odds = np.einsum("rnp,rp->rn", x, beta)
        share = 1 / (1 + np.exp(-odds))
        off = np.where(kept, y - share, 0.0)
        weight = np.where(kept, share * (1 - share), 0.0)
        height = np.where(kept, y * odds - np.logaddexp(0.0, odds), 0.0).sum(axis=1)
        gradient = np.einsum("rnp,rn->rp", x, off)
        return height, gradient, _regression.information(x, weight)

    return evaluate
