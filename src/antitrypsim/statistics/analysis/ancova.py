"""Analysis of covariance (ANCOVA).

The change from baseline at one visit, adjusted for the baseline.
Vickers and Altman 2001, BMJ 323:1123, doi:10.1136/bmj.323.7321.1123.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from antitrypsim.foundations.errors import InputError
from antitrypsim.statistics.analysis.base import (
    CHANGED,
    STRATA_ARE_COVARIATES,
    Analysis,
    AnalysisResult,
    Kind,
)

if TYPE_CHECKING:
    import pandas as pd

    from antitrypsim.statistics.analysis._settings import Options
    from antitrypsim.statistics.analysis.base import Asked, Summed
    from antitrypsim.statistics.block import Block, Estimates


class Ancova(Analysis):
    """Least-squares mean change of every arm at one visit, and differences from the reference.

    Columns: AVISIT, CHG and BASE (one unit), one row a participant at the visit; rows with a
    missing value are left out. Rows of the result: estimate in the unit of CHG, at the mean
    baseline of the participants analysed, numeric covariates at their mean and levels of
    categorical ones weighted alike, as R's lm and emmeans; a level that nobody has or that the
    columns before it tell is left out. Of a block: (R, arms - 1), ``covariates`` being names of its
    covariates and factors; NaN for an arm of fewer than two people, where arms and covariates cannot
    be told apart, and where the change does not vary. Raises as ``Analysis.run``, and ``InputError``
    for these.
    """

    name: ClassVar[str] = "ancova"
    title: ClassVar[str] = "Change from baseline (analysis of covariance)"
    estimates: ClassVar[str] = "change from baseline at one visit, adjusted for baseline"
    kinds: ClassVar[tuple[Kind, ...]] = ("measurement",)
    holds_baseline: ClassVar[bool] = True
    told: ClassVar[str] = CHANGED
    measures: ClassVar[tuple[str, ...]] = ("change", "difference")
    at_visit: ClassVar[bool] = True
    least_people: ClassVar[int] = 2
    columns: ClassVar[tuple[str, ...]] = ("AVISIT", "BASE", "CHG")
    keys: ClassVar[tuple[str, ...]] = ("AVISIT",)
    options: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "visit": "The visit id at which change is compared; of a block, by default the last.",
            "covariates": "What to adjust for besides the baseline: columns of numbers or of groups.",
        }
    )

    refuses: ClassVar[Mapping[str, str]] = STRATA_ARE_COVARIATES

    def compute(
        self, frame: pd.DataFrame, arms: tuple[str, ...], level: float, options: Options
    ) -> AnalysisResult:
        """Fit the regression at the visit and read means and differences from it."""
        import numpy as np

        from antitrypsim.statistics.analysis import (
            _adjusted,
            _checks,
            _columns,
            _design,
            _moments,
            _rows,
        )  # fmt: skip
        from antitrypsim.statistics.block import Estimates

        visit = _checks.needed_visit(self.name, options)
        names = _checks.names(options.get("covariates"), "covariates")
        covariates = _columns.named(names, adjusted=True)
        used = ("BASE", *covariates)
        _checks.columns(frame, covariates)
        _checks.numbers(frame, ("BASE", "CHG"))
        where = f" at visit '{visit}'"
        rows, warnings = _checks.complete(_checks.visit(frame, visit), ("CHG", *used))
        people = _checks.enough(rows, arms, 2, where)
        _, arm, prepared, left_out = _checks.regressors(rows, arms, used)
        change, base = (rows[name].to_numpy(dtype=float)[None] for name in ("CHG", "BASE"))
        if len(rows) <= len(arms) + prepared.live.sum():
            raise InputError(f"there are too few participants{where} for so many covariates")
        fit = _adjusted.adjusted(
            change[:, None], prepared, arm, len(arms), _moments.size(change, base), 2
        )
        if np.isnan(fit.noise).any():
            raise InputError(f"{_moments.SAME}{where}")
        told = Estimates.of(
            np.concatenate([fit.mean, fit.difference], axis=1)[:, :, 0],
            np.sqrt(np.concatenate([fit.mean_variance, fit.difference_variance], axis=1))[:, :, 0],
            fit.df[:, None],
            level,
        )
        found = tuple(
            _rows.row(told, k, arm, contrast, people, visit=visit)
            for k, (arm, contrast) in enumerate(_design.contrasts(arms))
        )  # fmt: skip
        also = "".join(f" + {name}" for name in covariates)
        method = (
            f"Analysis of covariance CHG ~ arm + BASE{also} at visit '{visit}' by ordinary least "
            "squares among participants with a value, with least-squares means at the mean "
            f"baseline and t intervals at {level:.4g} on the residual degrees of freedom."
        )
        return AnalysisResult(found, method, warnings + left_out)

    def summed(self, asked: Asked, options: Options) -> Summed | None:
        """Fit the regression to sums."""
        from antitrypsim.statistics.analysis import _checks, _summed

        visit = _checks.needed_visit(self.name, options)
        names = ("BASE", *_summed.covariates_of(options, adjusted=True))
        return _summed.OfModel(
            asked, [visit], names, _summed.column("CHG"), _summed.ordinary(asked, visit),
            method="analysis of covariance by ordinary least squares.",
        )  # fmt: skip

    def over(self, block: Block, level: float, options: Options) -> Estimates:
        """Fit the regression of every replicate."""
        import numpy as np

        from antitrypsim.statistics.analysis import _adjusted, _checks, _columns, _moments
        from antitrypsim.statistics.block import Estimates

        names = _checks.names(options.get("covariates"), "covariates")
        base, value = block.changed(options.get("visit"))
        columns = _columns.of_block(block, names, base)
        kept = np.isfinite(value) & columns.known & (block.arm >= 0)
        arm = np.where(kept, block.arm, -1)
        fit = _adjusted.adjusted(
            (value - base)[:, None],
            _columns.prepare(columns, arm, len(block.arms), kept),
            arm, len(block.arms), _moments.size(base, value), 2,
        )  # fmt: skip
        se = np.sqrt(fit.difference_variance[:, :, 0])
        return Estimates.of(fit.difference[:, :, 0], se, fit.df[:, None], level)
