"""Analyses of measured values of more people than memory holds, from sums of them.

Each gives the numbers that its ``Analysis`` computes of the joined frame, but for rounding. What such sums
do not tell, as who was left out for which reason, is not told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from antitrypsim.foundations.errors import InputError, RunError
from antitrypsim.foundations.units import YEAR
from antitrypsim.statistics.analysis import (
    _columns,
    _design,
    _moments,
    _pattern_sums,
    _repeated,
    _rows,
    _slope_columns,
)
from antitrypsim.statistics.analysis._linear_sums import Floats, Linear, LinearSums
from antitrypsim.statistics.analysis.base import AnalysisResult, Asked, EstimateRow, Summed
from antitrypsim.statistics.block import Estimates
from antitrypsim.statistics.exact import Moments

if TYPE_CHECKING:
    import pandas as pd

METHOD = "From exact sums over all participants, part by part: "


class OfModel(Summed):
    """A linear model of ``value`` of the rows at ``visits``, fitted by ``fit`` to what was gathered."""

    def __init__(
        self,
        asked: Asked,
        visits: Sequence[str],
        covariates: Sequence[str],
        value: Callable[[pd.DataFrame], Floats],
        fit: Callable[[Linear], tuple[EstimateRow, ...]],
        *,
        by_visit: bool = True,
        method: str,
    ) -> None:
        self._sums = LinearSums(asked.arms, visits, covariates, asked.levels)
        self._value, self._fit, self._by_visit = value, fit, by_visit
        self._method = method

    def add(self, frame: pd.DataFrame) -> None:
        """Count in a frame."""
        self._sums.add(frame, self._value(frame))

    def result(self) -> AnalysisResult:
        """Fit the model to the sums."""
        found = self._sums.told(by_visit=self._by_visit)
        for arm, people in zip(self._sums.arms, found.people, strict=True):
            if people < 2:
                raise InputError(f"the arm '{arm}' has fewer than 2 participants with a value")
        if not found.fine:
            raise InputError("the arms and covariates cannot be told apart in these data")
        if not _moments.varies(found.size, float(np.abs(found.centre).max())):
            raise InputError(_moments.SAME)
        return AnalysisResult(self._fit(found), METHOD + self._method)


def change(frame: pd.DataFrame) -> Floats:
    """Return the change of each row from its baseline."""
    return np.asarray(frame["AVAL"] - frame["BASE"], dtype=float)


def column(name: str) -> Callable[[pd.DataFrame], Floats]:
    """Return what reads a column of numbers."""
    return lambda frame: frame[name].to_numpy(dtype=float)


def ordinary(asked: Asked, visit: str) -> Callable[[Linear], tuple[EstimateRow, ...]]:
    """Return what fits ordinary least squares at one visit."""

    def fit(found: Linear) -> tuple[EstimateRow, ...]:
        if found.n.sum() <= len(asked.arms) + found.live.sum():
            raise InputError(f"there are too few participants at visit '{visit}'")
        mean, covariance, free = found.ordinary()
        pairs = _design.contrasts(asked.arms)
        weights = np.array([_design.weights(asked.arms, *pair) for pair in pairs])
        se = np.sqrt(np.einsum("ji,ik,jk->j", weights, covariance, weights))
        told = Estimates.of(
            (weights @ mean)[None], se[None], np.full((1, len(se)), free), asked.level
        )
        people = {arm: int(n) for arm, n in zip(asked.arms, found.people, strict=True)}
        return tuple(_rows.row(told, k, *pair, people, visit=visit) for k, pair in enumerate(pairs))

    return fit


def repeated(
    asked: Asked, told: Sequence[str], df: str, *, common: Sequence[bool]
) -> Callable[[Linear], tuple[EstimateRow, ...]]:
    """Return what fits repeated measures with an unstructured covariance."""
    after = asked.after

    def fit(found: Linear) -> tuple[EstimateRow, ...]:
        A, T = len(asked.arms), len(after)
        if (found.at < 1).any():
            raise InputError("an arm has no participant with a value at some visit")
        rows = [(visit, *pair) for visit in told for pair in _design.contrasts(asked.arms)]
        weights = np.zeros((len(rows), A + len(common), T))
        for j, (visit, arm, contrast) in enumerate(rows):
            weights[j, :A, after.index(visit)] = _design.weights(asked.arms, arm, contrast)
        sums = found.patterns(_repeated.basis(A, T, common))
        guessed, fine = _pattern_sums.guess(sums)
        L = weights.reshape(len(rows), -1)
        out = (
            _repeated.unstructured(sums, guessed, L, df)
            if fine.all()
            else np.full((3, 1, 1), np.nan)
        )
        if not np.isfinite(out).all():
            raise RunError("the restricted likelihood of the repeated measures did not converge")
        shift = weights[:, :A].sum(axis=1) @ found.centre
        result = Estimates.of(out[0] * found.size + shift, out[1] * found.size, out[2], asked.level)
        return tuple(
            _rows.row(
                result, j, arm, contrast,
                {a: int(n) for a, n in zip(asked.arms, found.at[:, after.index(visit)], strict=True)},
                visit=visit,
            )
            for j, (visit, arm, contrast) in enumerate(rows)
        )  # fmt: skip

    return fit


def slopes(asked: Asked, df: str) -> Callable[[Linear], tuple[EstimateRow, ...]]:
    """Return what fits a line per participant."""

    def fit(found: Linear) -> tuple[EstimateRow, ...]:
        pairs = _design.contrasts(asked.arms)
        weights = np.array([_design.weights(asked.arms, *pair) for pair in pairs])
        years = np.array(list(asked.days.values())) / YEAR
        if ((found.at > 0).sum(axis=1) < 2).any():
            raise InputError("an arm was measured at one time only")
        out = _slope_columns.of_sums(found, years, weights, df)
        if not np.isfinite(out).all():
            raise RunError("the restricted likelihood of the random-slope model did not converge")
        told = Estimates.of(out[0][None], out[1][None], out[2][None], asked.level)
        people = {arm: int(n) for arm, n in zip(asked.arms, found.people, strict=True)}
        return tuple(
            _rows.row(told, k, *pair, people, unit_per="year") for k, pair in enumerate(pairs)
        )

    return fit


class ByArm(Summed):
    """Means and variances by arm of one thing at one visit, compared by ``compare``."""

    def __init__(
        self,
        asked: Asked,
        visit: str,
        value: Callable[[pd.DataFrame], tuple[Floats, Floats]],
        compare: Callable[[Floats, Floats, Floats, float], AnalysisResult],
    ) -> None:
        self._asked, self._visit, self._value, self._compare = asked, visit, value, compare
        self._found = {arm: Moments() for arm in asked.arms}
        self._size = 0.0

    def add(self, frame: pd.DataFrame) -> None:
        """Count in a frame."""
        rows = frame[(frame["AVISIT"] == self._visit) & frame["ARM"].isin(self._asked.arms)]
        value, size = self._value(rows)
        known = np.isfinite(value)
        self._size = max(self._size, float(size[known].max(initial=0.0)))
        for arm, found in self._found.items():
            found.add(value[(rows["ARM"] == arm).to_numpy() & known])

    def result(self) -> AnalysisResult:
        """Compare the arms."""
        each = list(self._found.values())
        n = np.array([[float(one.count) for one in each]])
        if (n < 2).any():
            arm = self._asked.arms[int((n < 2).argmax())]
            raise InputError(
                f"the arm '{arm}' has fewer than 2 participants with a value at visit '{self._visit}'"
            )
        mean = np.array([[one.mean for one in each]])
        variance = np.array([[(one.sd or 0.0) ** 2 for one in each]])
        return self._compare(n, mean, variance, self._size)


class ByVisit(Summed):
    """Means by visit and arm, and differences in the mean change."""

    def __init__(self, asked: Asked, visits: Sequence[str]) -> None:
        self._asked, self._visits = asked, tuple(visits)
        self._values = {(v, a): Moments() for v in self._visits for a in asked.arms}
        self._changes = {cell: Moments() for cell in self._values}
        self._sizes = dict.fromkeys(self._visits, 0.0)

    def add(self, frame: pd.DataFrame) -> None:
        """Count in a frame."""
        measured = frame[frame["AVAL"].notna()]
        for (at, of), rows in measured.groupby(["AVISIT", "ARM"]):
            visit, arm = str(at), str(of)
            if (visit, arm) in self._values:
                value, change = (rows[name].to_numpy(dtype=float) for name in ("AVAL", "CHG"))
                self._values[visit, arm].add(value)
                self._changes[visit, arm].add(change)
                largest = max(np.abs(value).max(), np.nan_to_num(np.abs(change)).max())
                self._sizes[visit] = max(self._sizes[visit], float(largest))

    def result(self) -> AnalysisResult:
        """Describe each visit in turn."""
        based = any(each.count for each in self._changes.values())
        compared = self._changes if based else self._values
        rows: list[EstimateRow] = []
        for visit in self._visits:
            for arm in self._asked.arms:
                if self._values[visit, arm].count < 2:
                    raise InputError(
                        f"the arm '{arm}' has fewer than 2 participants with a value at visit '{visit}'"
                    )
            n, mean, variance = self._moments(self._values, visit)
            told = Estimates.of(mean, np.sqrt(variance / n), n - 1, self._asked.level)
            rows += _rows.of_arms(told, self._asked.arms, self._people(n), visit=visit)
            n, mean, variance = self._moments(compared, visit)
            spread = float(np.sqrt(np.nan_to_num(variance).max()))
            if n.any() and _moments.varies(spread, self._sizes[visit]):
                told = _moments.differences(n, mean, variance, self._asked.level)
                rows += _rows.of_contrasts(told, self._asked.arms, self._people(n), visit=visit)
        return AnalysisResult(
            tuple(rows), f"{METHOD}means by visit, and differences by Welch's t test."
        )

    def _moments(
        self, held: Mapping[tuple[str, str], Moments], visit: str
    ) -> tuple[Floats, Floats, Floats]:
        each = [held[visit, arm] for arm in self._asked.arms]
        return (
            np.array([[float(one.count) for one in each]]),
            np.array([[one.mean for one in each]]),
            np.array([[np.nan if one.sd is None else one.sd**2 for one in each]]),
        )

    def _people(self, n: Floats) -> dict[str, int]:
        return {arm: int(k) for arm, k in zip(self._asked.arms, n[0], strict=True)}


def covariates_of(options: Mapping[str, object], *, adjusted: bool) -> tuple[str, ...]:
    """Return the covariates that options name, without the baseline where it is one anyway."""
    from antitrypsim.statistics.analysis import _checks

    return _columns.named(_checks.names(options.get("covariates"), "covariates"), adjusted=adjusted)
