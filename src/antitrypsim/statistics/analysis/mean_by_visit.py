"""Descriptive statistics by visit.

Means by arm and visit, and how the change from baseline differs, without a model.
Welch 1947, Biometrika 34:28, doi:10.1093/biomet/34.1-2.28.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.plural import so_many, were
from antitrypsim.statistics.analysis.base import Analysis, AnalysisResult, EstimateRow, Kind

if TYPE_CHECKING:
    import pandas as pd

    from antitrypsim.statistics.analysis._settings import Options
    from antitrypsim.statistics.analysis.base import Asked, Summed
    from antitrypsim.statistics.block import Floats


UNBASED = (
    "There is no value before treatment and so no change from baseline: differences are of the "
    "values themselves."
)


class MeanByVisit(Analysis):
    """Mean of AVAL per arm and visit, and the difference in mean CHG from the reference arm.

    Columns: AVISIT, AVAL and CHG (one unit), one row a participant and visit; ADY, if there, orders
    the visits. CHG is the change from the last value before treatment; where nobody has one, AVAL
    itself is compared and a warning says so. Rows of the result: in the unit of AVAL; arm rows
    describe AVAL with t intervals, contrast rows CHG (or AVAL) by Welch's t (Welch 1947,
    doi:10.1093/biomet/34.1-2.28), absent where no arm's change varies (the baseline). Raises as
    ``Analysis.run``, also for a visit without a value.
    """

    name: ClassVar[str] = "describe"
    title: ClassVar[str] = "Means by visit"
    estimates: ClassVar[str] = "means by visit"
    kinds: ClassVar[tuple[Kind, ...]] = ("measurement",)
    decides: ClassVar[bool] = False
    tells_values: ClassVar[bool] = True
    measures: ClassVar[tuple[str, ...]] = ("difference", "mean")
    least_people: ClassVar[int] = 2
    columns: ClassVar[tuple[str, ...]] = ("AVISIT", "AVAL", "CHG")
    keys: ClassVar[tuple[str, ...]] = ("AVISIT",)
    options: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "visits": "The visit ids to describe, told in the order of their days; by default every visit."
        }
    )

    refuses: ClassVar[Mapping[str, str]] = MappingProxyType(
        dict.fromkeys(
            ("covariates", "strata"), "it describes and fits no model: use ancova or mmrm"
        )
    )

    def compute(
        self, frame: pd.DataFrame, arms: tuple[str, ...], level: float, options: Options
    ) -> AnalysisResult:
        """Describe each visit in turn."""
        from antitrypsim.statistics.analysis import _checks, _moments

        _checks.numbers(frame, ("AVAL", "CHG"))
        visits = _asked(frame, _checks.names(options.get("visits"), "visits"))
        rows: list[EstimateRow] = []
        missing = 0
        told: tuple[str, ...] = ()
        compared = "CHG" if frame["CHG"].notna().any() else "AVAL"
        for visit in visits:
            at_visit = _checks.visit(frame, visit)
            where = f" at visit '{visit}'"
            _checks.one_row_each(at_visit, where)
            measured = at_visit[at_visit["AVAL"].notna()]
            if measured.empty:
                raise InputError(f"there is no measured value{where}")
            missing += len(at_visit) - len(measured)
            _checks.enough(measured, arms, 2, where)
            rows += [mean(measured, arm, visit, level) for arm in arms]
            known = measured[measured[compared].notna()]
            if known.empty:
                continue
            if not _varies(known, compared):
                if (known[compared] != 0).any():
                    told += (f"T{_moments.SAME[1:]}{where}.",)
                continue
            _checks.enough(known, arms, 2, f" of change{where}" if compared == "CHG" else where)
            rows += [difference(known, arm, arms[0], visit, level, compared) for arm in arms[1:]]
        what = "mean change from baseline" if compared == "CHG" else "mean AVAL"
        method = (
            "Mean of AVAL per arm and visit among participants with a value, with t intervals at "
            f"{level:.4g}, and differences in {what} by Welch's t test."
        )
        warnings: tuple[str, ...] = (
            (f"{so_many(missing, 'row')} without a value {were(missing)} left out.",)
            if missing
            else ()
        )
        if compared == "AVAL":
            warnings += (UNBASED,)
        return AnalysisResult(tuple(rows), method, warnings + told)

    def summed(self, asked: Asked, options: Options) -> Summed | None:
        """Describe sums."""
        from antitrypsim.statistics.analysis import _checks, _summed

        wanted = _checks.names(options.get("visits"), "visits")
        return _summed.ByVisit(asked, [v for v in asked.days if not wanted or v in wanted])


def _varies(frame: pd.DataFrame, column: str) -> bool:
    """Whether values scatter by more than their rounding in some arm."""
    from antitrypsim.statistics.analysis import _moments

    size = max(float(frame["AVAL"].abs().max()), float(frame[column].abs().max()))
    return bool(_moments.varies(float(frame.groupby("ARM")[column].std().max()), size))


def _asked(frame: pd.DataFrame, visits: tuple[str, ...]) -> tuple[str, ...]:
    """The visits that are described, every one if none is named; ``InputError`` for an unknown one.

    In the order of their days however they are named, since the last one is what reports say first;
    as they are named where days are not known.
    """
    from antitrypsim.statistics.analysis import _checks

    for visit in visits:
        _checks.visit(frame, visit)
    if visits and "ADY" not in frame.columns:
        return visits
    return tuple(visit for visit in in_order(frame) if not visits or visit in visits)


def in_order(frame: pd.DataFrame) -> tuple[str, ...]:
    """The visit ids, by their median day if days are known, else by name."""
    if "ADY" not in frame.columns:
        return tuple(sorted(frame["AVISIT"].unique()))
    day = frame.groupby("AVISIT")["ADY"].median()
    return tuple(sorted(day.index, key=lambda visit: (float(day[visit]), visit)))


def mean(frame: pd.DataFrame, arm: str, visit: str, level: float) -> EstimateRow:
    """The mean of AVAL in an arm with its t interval."""
    from antitrypsim.statistics.analysis import _rows
    from antitrypsim.statistics.block import Estimates

    values = frame.loc[frame["ARM"] == arm, "AVAL"].to_numpy(dtype=float)[None]
    n = values.shape[1]
    se = values.std(axis=1, ddof=1, keepdims=True) / n**0.5
    told = Estimates.of(values.mean(axis=1, keepdims=True), se, n - 1, level)
    return _rows.row(told, 0, arm, None, {arm: n}, visit=visit)


def difference(
    frame: pd.DataFrame, arm: str, reference: str, visit: str, level: float, column: str = "CHG"
) -> EstimateRow:
    """The difference in the mean of a column of an arm from the reference, by Welch's t."""
    import numpy as np

    from antitrypsim.statistics.analysis import _moments, _rows

    there, here = (
        frame.loc[frame["ARM"] == each, column].to_numpy(dtype=float) for each in (reference, arm)
    )
    n, means, variances = (
        np.array([[float(of(x)) for x in (there, here)]]) for of in (len, np.mean, _variance)
    )
    told = _moments.differences(n, means, variances, level)
    people = {arm: len(here), reference: len(there)}
    return _rows.row(told, 0, arm, reference, people, visit=visit)


def _variance(values: Floats) -> float:
    return float(values.var(ddof=1))
