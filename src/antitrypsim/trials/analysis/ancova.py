"""Change from baseline at one visit, adjusted for baseline."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from antitrypsim.foundations.errors import InputError
from antitrypsim.trials.analysis.base import Analysis, AnalysisResult, Row

if TYPE_CHECKING:
    import pandas as pd


class Ancova(Analysis):
    """Least-squares mean change of every arm at one visit, and differences from the reference.

    Columns: AVISIT, CHG and BASE (one unit), one row a participant at the visit; rows with a
    missing value are left out. Rows of the result: estimate in the unit of CHG, at the mean
    baseline of the participants analysed, numeric covariates at their mean and levels of
    categorical ones weighted alike, as R's lm and emmeans. Raises as ``Analysis.run``.
    """

    name: ClassVar[str] = "ancova"
    title: ClassVar[str] = "Change from baseline (analysis of covariance)"
    columns: ClassVar[tuple[str, ...]] = ("AVISIT", "BASE", "CHG")
    keys: ClassVar[tuple[str, ...]] = ("AVISIT",)
    options: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "visit": "The visit id at which change from baseline is compared; required.",
            "covariates": "Further columns to adjust for, such as strata.",
        }
    )

    def compute(
        self, frame: pd.DataFrame, arms: tuple[str, ...], level: float, options: dict[str, Any]
    ) -> AnalysisResult:
        """Fit the regression at the visit and read means and differences from it."""
        from statsmodels.regression.linear_model import OLS

        from antitrypsim.trials.analysis import _checks, _design

        if options.get("visit") is None:
            raise InputError("the analysis 'ancova' needs the option 'visit'")
        visit = str(options["visit"])
        covariates = _checks.names(options.get("covariates"), "covariates")
        _checks.columns(frame, covariates)
        _checks.numbers(frame, ("BASE", "CHG"))
        where = f" at visit '{visit}'"
        at_visit = _checks.visit(frame, visit)
        _checks.one_row_each(at_visit, where)
        rows, warnings = _checks.complete(at_visit, ("CHG", "BASE", *covariates))
        people = _checks.enough(rows, arms, 2, where)
        design = _design.design(rows, arms, ("BASE", *covariates))
        if len(rows) <= design.matrix.shape[1]:
            raise InputError(f"there are too few participants{where} for so many covariates")
        fit = OLS(rows["CHG"].to_numpy(dtype=float), design.matrix).fit()
        found = []
        for arm, contrast in _design.contrasts(arms):
            test = fit.t_test(design.weights(arm, contrast))
            lower, upper = test.conf_int(alpha=1 - level)[0]
            found.append(
                Row(
                    arm=arm,
                    contrast=contrast,
                    visit=visit,
                    n=people[arm] + (people[contrast] if contrast else 0),
                    estimate=float(test.effect[0]),
                    se=float(test.sd.item()),
                    lower=float(lower),
                    upper=float(upper),
                    p=float(test.pvalue.item()) if contrast else None,
                    unit_per=None,
                    scale="absolute",
                    df=float(fit.df_resid),
                )
            )
        also = "".join(f" + {name}" for name in covariates)
        method = (
            f"Analysis of covariance CHG ~ arm + BASE{also} at visit '{visit}' by ordinary least "
            "squares among participants with a value, with least-squares means at the mean "
            f"baseline and t intervals at {level:.4g} on the residual degrees of freedom."
        )
        return AnalysisResult(tuple(found), method, warnings)
