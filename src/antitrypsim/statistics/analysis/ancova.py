"""Change from baseline at one visit, adjusted for baseline."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from antitrypsim.foundations.errors import InputError, nearest
from antitrypsim.statistics.analysis.base import (
    STRATA_ARE_COVARIATES,
    Analysis,
    AnalysisResult,
    Row,
)

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from antitrypsim.statistics.block import Block, Estimates

    Floats = NDArray[np.float64]

# Squares of a column within arms, over its squares about 0, that are but rounding.
FLAT = 1e-24
# Least eigenvalue of the correlations of columns that are told apart.
DEPENDENT = 1e-12


class Ancova(Analysis):
    """Least-squares mean change of every arm at one visit, and differences from the reference.

    Columns: AVISIT, CHG and BASE (one unit), one row a participant at the visit; rows with a
    missing value are left out. Rows of the result: estimate in the unit of CHG, at the mean
    baseline of the participants analysed, numeric covariates at their mean and levels of
    categorical ones weighted alike, as R's lm and emmeans. Of a block: (R, arms - 1), ``covariates``
    being names of the block's; NaN for an arm of fewer than two people, and where the columns cannot
    be told apart. Raises as ``Analysis.run``.
    """

    name: ClassVar[str] = "ancova"
    title: ClassVar[str] = "Change from baseline (analysis of covariance)"
    columns: ClassVar[tuple[str, ...]] = ("AVISIT", "BASE", "CHG")
    keys: ClassVar[tuple[str, ...]] = ("AVISIT",)
    options: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "visit": "The visit id at which change is compared; of a block, by default the last.",
            "covariates": "Further columns to adjust for, such as strata.",
        }
    )

    refuses: ClassVar[Mapping[str, str]] = STRATA_ARE_COVARIATES

    def compute(
        self, frame: pd.DataFrame, arms: tuple[str, ...], level: float, options: dict[str, Any]
    ) -> AnalysisResult:
        """Fit the regression at the visit and read means and differences from it."""
        from statsmodels.regression.linear_model import OLS

        from antitrypsim.statistics.analysis import _checks, _design

        visit = _checks.needed_visit(self.name, options)
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

    def over(self, block: Block, level: float, options: dict[str, Any]) -> Estimates:
        """Fit the regression of every replicate by its normal equations."""
        import numpy as np

        from antitrypsim.statistics.analysis import _checks
        from antitrypsim.statistics.block import Estimates

        names = _checks.names(options.get("covariates"), "covariates")
        for name in names:
            if name not in block.covariates:
                known = tuple(block.covariates)
                raise InputError(f"the block has no covariate '{name}'{nearest(name, known)}")
        base = block.baseline().astype(float)
        assert block.values is not None
        at = block.at(options.get("visit"))
        if at == 0:
            raise InputError(f"the visit '{block.visits[0]}' is the baseline, so nothing changed")
        change = block.values[:, :, at].astype(float) - base
        columns = [base, *(np.asarray(block.covariates[name], dtype=float) for name in names)]
        estimate, se, df = _differences(change, columns, block.arm, len(block.arms))
        return Estimates.of(estimate, se, df, level)


def _differences(y: Floats, columns: list[Floats], arm: Any, arms: int) -> tuple[Floats, ...]:
    """Return differences of every arm from the first, their errors and degrees of freedom.

    ``y``, each of ``columns`` and ``arm`` are (R, n); people of arm -1 or without all numbers are
    left out. The results are (R, arms - 1), NaN for an arm of fewer than two people and where the
    columns cannot be told apart.
    """
    import numpy as np

    known = np.isfinite(y) & (arm >= 0)
    for column in columns:
        known &= np.isfinite(column)
    # Regression on arms takes the mean of its arm from everything; what is left is small.
    numbers = np.stack([*columns, y], axis=2)
    size = np.where(known[:, :, None], numbers, 0.0)
    size = np.einsum("rnp,rnp->rp", size, size)[:, :-1]
    off = np.zeros(numbers.shape)
    n = np.zeros((len(y), arms))
    mean = np.full((len(y), arms, numbers.shape[2]), np.nan)
    for k in range(arms):
        mine = (known & (arm == k))[:, :, None]
        n[:, k] = count = mine.sum(axis=(1, 2))
        total = np.where(mine, numbers, 0.0).sum(axis=1)
        np.divide(total, count[:, None], out=mean[:, k], where=count[:, None] > 1)
        np.subtract(numbers, mean[:, k, None], out=off, where=mine & (count[:, None, None] > 1))
    n = np.where(n > 1, n, np.nan)
    squares = off.swapaxes(1, 2) @ off
    X, xy = squares[:, :-1, :-1], squares[:, :-1, -1]
    lengths = np.einsum("rpp->rp", X)
    fine = (lengths > FLAT * size).all(axis=1)
    root = np.sqrt(np.where(fine[:, None], lengths, 1.0))
    X = np.where(fine[:, None, None], X / (root[:, :, None] * root[:, None]), np.eye(X.shape[1]))
    fine &= np.linalg.eigvalsh(X)[:, 0] > DEPENDENT
    X = np.where(fine[:, None, None], X, np.eye(X.shape[1]))
    from_first = (mean[:, 1:] - mean[:, :1])[:, :, :-1] / root[:, None]
    both = np.concatenate([(xy / root)[:, None], np.nan_to_num(from_first)], axis=1)
    solved = np.linalg.solve(X, both.swapaxes(1, 2)).swapaxes(1, 2)
    slopes, turned = solved[:, :1], solved[:, 1:]
    # Summing the residuals keeps digits where the columns explain nearly all.
    residual = off[:, :, -1] - np.einsum("rnp,rp->rn", off[:, :, :-1], slopes[:, 0] / root)
    df = np.nansum(n - 1, axis=1) - len(columns)
    df = np.where(fine & (df > 0), df, np.nan)[:, None]
    share = 1 / n[:, 1:] + 1 / n[:, :1] + (from_first * turned).sum(axis=2)
    estimate = (mean[:, 1:] - mean[:, :1])[:, :, -1] - (from_first * slopes).sum(axis=2)
    variance = (residual**2).sum(axis=1, keepdims=True) / df * share
    estimate = np.where(np.isfinite(variance), estimate, np.nan)
    return estimate, np.sqrt(variance), np.broadcast_to(df, estimate.shape)
