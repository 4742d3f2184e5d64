"""Rows of a result from the estimates of one replicate."""

from __future__ import annotations

from antitrypsim.statistics.analysis.base import EstimateRow
from antitrypsim.statistics.block import Estimates


def row(
    told: Estimates,
    k: int,
    arm: str,
    contrast: str | None,
    n: int,
    *,
    visit: str | None = None,
    df: float | None = None,
    time: float | None = None,
) -> EstimateRow:
    """Return column ``k`` of the first replicate as a row; ``n`` are the participants behind it."""
    return EstimateRow(
        arm=arm,
        contrast=contrast,
        visit=visit,
        n=n,
        estimate=float(told.estimate[0, k]),
        se=float(told.se[0, k]),
        lower=float(told.lower[0, k]),
        upper=float(told.upper[0, k]),
        p=float(told.p[0, k]) if contrast else None,
        unit_per=None,
        scale=told.scale,
        df=df,
        time=time,
    )
