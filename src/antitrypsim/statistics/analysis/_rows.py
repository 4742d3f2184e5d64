"""Rows of a result from the estimates of one replicate."""

from __future__ import annotations

from collections.abc import Mapping
from math import isinf

from antitrypsim.statistics.analysis.base import EstimateRow
from antitrypsim.statistics.block import Estimates


def row(
    told: Estimates,
    k: int,
    arm: str,
    contrast: str | None,
    people: Mapping[str, int],
    *,
    visit: str | None = None,
    time: float | None = None,
    unit_per: str | None = None,
) -> EstimateRow:
    """Return column ``k`` of the first replicate as a row; ``people`` are those of each arm."""
    df = float(told.df[0, k])
    return EstimateRow(
        arm=arm,
        contrast=contrast,
        visit=visit,
        n=int(people[arm] + (people[contrast] if contrast else 0)),
        estimate=float(told.estimate[0, k]),
        se=float(told.se[0, k]),
        lower=float(told.lower[0, k]),
        upper=float(told.upper[0, k]),
        p=float(told.p[0, k]) if contrast else None,
        unit_per=unit_per,
        scale=told.scale,
        df=None if isinf(df) else df,
        time=time,
    )


def of_arms(
    told: Estimates,
    arms: tuple[str, ...],
    people: Mapping[str, int],
    *,
    visit: str | None = None,
    time: float | None = None,
) -> tuple[EstimateRow, ...]:
    """Return a row for every arm by itself, in the order of ``arms``."""
    return tuple(
        row(told, k, arm, None, people, visit=visit, time=time) for k, arm in enumerate(arms)
    )


def of_contrasts(
    told: Estimates,
    arms: tuple[str, ...],
    people: Mapping[str, int],
    *,
    visit: str | None = None,
    time: float | None = None,
) -> tuple[EstimateRow, ...]:
    """Return a row for every arm but the first against the first."""
    return tuple(
        row(told, k, arm, arms[0], people, visit=visit, time=time) for k, arm in enumerate(arms[1:])
    )
