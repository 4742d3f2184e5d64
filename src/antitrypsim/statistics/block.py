"""One endpoint in many replicates of a trial, and what an analysis makes of each replicate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from antitrypsim.foundations.errors import InputError, nearest

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Block:
    """One endpoint in ``R`` replicates of a trial with room for ``n`` participants each.

    ``arms``: arm ids, the reference first. ``arm`` (R, n): index into ``arms``, -1 where a place is
    empty or its participant is in no arm that is analysed. For a measured endpoint: ``visits`` and
    ``days`` (V,) since randomisation, ascending, and ``values`` (R, n, V), NaN where missing; the
    baseline is the visit of ``baseline_at``. For a count: ``count`` and ``exposure`` (R, n),
    the latter in years. For an event: ``time`` (R, n), days to it or to censoring, and ``event``
    (R, n). ``covariates``: further numbers of each participant by name, each (R, n), NaN where
    unknown. ``factors``: groups of each participant by name, whole numbers from 0, each (R, n), -1
    where unknown.
    """

    arms: tuple[str, ...]
    arm: NDArray[np.integer]
    visits: tuple[str, ...] = ()
    days: Floats | None = None
    values: NDArray[np.floating] | None = None
    count: NDArray[np.number] | None = None
    exposure: NDArray[np.floating] | None = None
    time: NDArray[np.number] | None = None
    event: NDArray[np.bool_] | None = None
    covariates: Mapping[str, NDArray[np.number]] = field(default_factory=dict)
    factors: Mapping[str, NDArray[np.integer]] = field(default_factory=dict)

    @property
    def replicates(self) -> int:
        """How many replicates there are."""
        return int(self.arm.shape[0])

    def at(self, visit: str | None) -> int:
        """Return the column of a visit, the last for None; raise InputError for an unknown one."""
        if visit is None:
            return len(self.visits) - 1
        if visit not in self.visits:
            raise InputError(f"there is no visit '{visit}'{nearest(visit, self.visits)}")
        return self.visits.index(visit)

    @property
    def start(self) -> int:
        """The column of the baseline; raise InputError where none was measured."""
        at = None if self.values is None or self.days is None else baseline_at(self.days)
        if at is None:
            raise InputError("a change needs a baseline, and there is no visit at day 0")
        return at

    def baseline(self) -> NDArray[np.floating]:
        """Return the values at the baseline, shape (R, n); raise InputError as ``start``."""
        start = self.start
        assert self.values is not None
        return np.asarray(self.values[:, :, start])

    def changed(self, visit: str | None) -> tuple[Floats, Floats]:
        """Return the values at the baseline and at a later visit, the last for None, each (R, n).

        Raises InputError where there is no baseline, and for a visit that is not after it.
        """
        base, at = self.baseline().astype(float), self.at(visit)
        if at <= self.start:
            raise InputError(not_after(self.visits[at], self.visits[self.start]))
        assert self.values is not None
        return base, self.values[:, :, at].astype(float)


def baseline_at(days: ArrayLike) -> int | None:
    """Return the place of the baseline among ascending ``days``, None where there is none.

    It is the last visit up to day 0. Where no visit is on day 0 a visit on day 1 is the baseline,
    since the study days of ADaM count the first day as 1 and have no day 0.
    """
    known = np.asarray(days, dtype=float)
    last = 0.0 if (known == 0).any() else 1.0
    before = np.flatnonzero(known <= last)
    return int(before[-1]) if before.size else None


def not_after(visit: str, baseline: str) -> str:
    """Say why nothing can have changed at a visit."""
    if visit == baseline:
        return f"the visit '{visit}' is the baseline, so nothing changed"
    return f"the visit '{visit}' is before the baseline, which is '{baseline}'"


@dataclass(frozen=True, eq=False)
class Estimates:
    """What each replicate gave, each arm but the first against the first: arrays (R, arms - 1).

    ``estimate``, ``lower``, ``upper`` in the unit of the endpoint (per year for a slope), or a
    quotient where ``scale`` is ``ratio``; ``se`` that of the estimate, of its logarithm for a
    quotient. ``df``: of the t distribution, infinite for the normal. ``p``: two-sided. NaN in
    ``p`` where a replicate cannot be analysed. ``probability``: of a Bayesian analysis, that the
    difference is above its margin. ``fallback`` (R,): of a model that has others to fall back upon,
    0 where it was itself fitted, else which of them took its place.
    """

    estimate: Floats
    se: Floats
    df: Floats
    p: Floats
    lower: Floats
    upper: Floats
    scale: Literal["absolute", "ratio"] = "absolute"
    probability: Floats | None = None
    fallback: NDArray[np.int8] | None = None

    @classmethod
    def of(
        cls, estimate: Floats, se: Floats, df: Floats | float, level: float, *, ratio: bool = False
    ) -> Estimates:
        """Return Wald tests and intervals; of logarithms, told as quotients, where ``ratio``."""
        from scipy.special import stdtr, stdtrit

        estimate, se = np.asarray(estimate, dtype=float), np.asarray(se, dtype=float)
        df = np.broadcast_to(np.asarray(df, dtype=float), estimate.shape)
        with np.errstate(divide="ignore", invalid="ignore"):
            # scipy's t distribution is the normal at infinite degrees of freedom.
            p = 2 * stdtr(df, -np.abs(estimate / se))
            half = stdtrit(df, (1 + level) / 2) * se
        lower, upper = estimate - half, estimate + half
        if ratio:
            estimate, lower, upper = np.exp(estimate), np.exp(lower), np.exp(upper)
        return cls(estimate, se, df, p, lower, upper, "ratio" if ratio else "absolute")

    @classmethod
    def single(
        cls, estimate: float, se: float, df: float, p: float, lower: float, upper: float
    ) -> Estimates:
        """Return what is known of one comparison in one replicate."""
        each = [np.full((1, 1), number) for number in (estimate, se, df, p, lower, upper)]
        return cls(each[0], each[1], each[2], each[3], each[4], each[5])


def block_of(frame: pd.DataFrame, arms: tuple[str, ...]) -> Block:
    """Return a checked frame of one trial as one replicate; the columns decide the kind.

    AVISIT and AVAL (with ADY, which orders the visits) give a measured endpoint, COUNT and EXPOSURE
    a count, AVAL and CNSR an event. Further numeric columns are covariates, others factors.
    """
    people = frame.drop_duplicates("USUBJID").set_index("USUBJID")
    place = {name: k for k, name in enumerate(arms)}
    arm = people["ARM"].map(place).to_numpy(dtype=np.int8)[None, :]
    if "AVISIT" in frame.columns:
        wide = frame.pivot(index="USUBJID", columns="AVISIT", values="AVAL").loc[people.index]
        day = frame.groupby("AVISIT")["ADY"].median().sort_values(kind="stable")
        return Block(
            arms, arm, tuple(day.index), day.to_numpy(dtype=float),
            wide[list(day.index)].to_numpy(dtype=float)[None],
            covariates=_covariates(people), factors=_factors(people),
        )  # fmt: skip
    if "COUNT" in frame.columns:
        return Block(
            arms, arm,
            count=people["COUNT"].to_numpy(dtype=float)[None],
            exposure=people["EXPOSURE"].to_numpy(dtype=float)[None],
            covariates=_covariates(people), factors=_factors(people),
        )  # fmt: skip
    return Block(
        arms, arm,
        time=people["AVAL"].to_numpy(dtype=float)[None],
        event=(people["CNSR"].to_numpy() == 0)[None],
        covariates=_covariates(people), factors=_factors(people),
    )  # fmt: skip


_KNOWN = {
    "ARM", "AVISIT", "PARAMCD", "AVAL", "ADY", "BASE", "CHG", "CNSR", "COUNT", "EXPOSURE",
}  # fmt: skip


def _covariates(people: pd.DataFrame) -> dict[str, NDArray[np.number]]:
    numeric = people.select_dtypes("number")
    return {name: numeric[name].to_numpy()[None] for name in numeric.columns if name not in _KNOWN}


def _factors(people: pd.DataFrame) -> dict[str, NDArray[np.integer]]:
    import pandas as pd

    others = people.select_dtypes(exclude="number")
    return {
        name: pd.factorize(others[name], sort=True)[0][None]
        for name in others.columns
        if name not in _KNOWN
    }
