"""Odds ratios between arms over strata, in many replicates."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from antitrypsim.statistics.analysis._cells import Cells
from antitrypsim.statistics.block import Estimates

Floats = NDArray[np.float64]


def ratios(
    met: NDArray[np.bool_], stratum: NDArray[np.integer], cells: Cells, level: float
) -> Estimates:
    """Return common odds ratios against the first arm, (R, arms - 1).

    ``met`` and ``stratum`` are (R, n), ``cells`` says who is analysed. Mantel and Haenszel's
    estimate, with the standard error of its logarithm by Robins, Breslow and Greenland (1986,
    Biometrics 42:311), and p of their chi-squared without correction for continuity, as R's
    mantelhaen.test with correct = FALSE. Where the ratio is 0 or infinite it is NaN and p stands;
    all is NaN where no stratum compares the two arms.
    """
    replicates, arms = cells.shape
    strata = int(stratum.max(initial=0)) + 1
    place = cells.cell * strata + stratum[cells.kept]
    size = replicates * arms * strata

    def count(weights: NDArray[np.generic] | None = None) -> Floats:
        found = np.bincount(place, weights=weights, minlength=size)
        return found.reshape(replicates, arms, strata).astype(float)

    n, x = count(), count(met[cells.kept].astype(float))
    a, b = x[:, 1:], (n - x)[:, 1:]
    c, d = x[:, :1], (n - x)[:, :1]
    here, there = a + b, c + d
    total = here + there
    with np.errstate(all="ignore"):
        share = np.where(total > 0, 1 / total, 0.0)
        up, down = a * d * share, b * c * share
        like, unlike = (a + d) * share, (b + c) * share
        R, S = up.sum(axis=2), down.sum(axis=2)
        variance = (
            (like * up).sum(axis=2) / (2 * R**2)
            + (like * down + unlike * up).sum(axis=2) / (2 * R * S)
            + (unlike * down).sum(axis=2) / (2 * S**2)
        )
        finite = (R > 0) & (S > 0)
        log = np.where(finite, np.log(R / S), np.nan)
        told = Estimates.of(log, np.sqrt(variance), np.inf, level, ratio=True)
        excess = (a - here * (a + c) * share).sum(axis=2)
        spread = here * there * (a + c) * (b + d) * share**2 / np.maximum(total - 1, 1)
        test = Estimates.of(excess, np.sqrt(spread.sum(axis=2)), np.inf, level)
    return replace(told, p=test.p)
