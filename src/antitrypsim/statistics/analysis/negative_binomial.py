"""Event rates from counts over unequal follow-up, such as exacerbations."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from antitrypsim.foundations.errors import InputError
from antitrypsim.statistics.analysis.base import Analysis, AnalysisResult, Row

if TYPE_CHECKING:
    import pandas as pd

    from antitrypsim.statistics.block import Block, Estimates


class NegativeBinomial(Analysis):
    """Events per year of every arm, and rate ratios against the reference arm.

    Columns: COUNT (events, whole numbers), EXPOSURE (years, above 0), one row a participant. Rows
    of the result: rates per year (``se`` by the delta method, interval from the log scale), then
    ratios (``se`` of the log ratio). Method: variance mu + alpha mu^2, alpha by maximum likelihood
    together with the rates, standard errors from the expected information at that alpha, which are
    those of R's MASS::glm.nb (Venables and Ripley 2002, section 7.4). Poisson, with a warning, when
    the counts vary no more than Poisson counts. Of a block: rate ratios (R, arms - 1), without
    covariates, NaN for an arm of fewer than two people or without an event, and where the
    dispersion has no finite estimate. Raises as ``Analysis.run``, and ``InputError`` for an arm
    without an event, whose rate has no logarithm.
    """

    name: ClassVar[str] = "negative-binomial"
    title: ClassVar[str] = "Events per year (negative binomial regression)"
    columns: ClassVar[tuple[str, ...]] = ("COUNT", "EXPOSURE")
    keys: ClassVar[tuple[str, ...]] = ("COUNT", "EXPOSURE")
    options: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"covariates": "Columns to adjust for on the log scale, such as strata."}
    )

    def compute(
        self, frame: pd.DataFrame, arms: tuple[str, ...], level: float, options: dict[str, Any]
    ) -> AnalysisResult:
        """Fit the regression and read rates and ratios from it."""
        import numpy as np
        from scipy.stats import norm

        from antitrypsim.statistics.analysis import _checks, _counts, _design

        covariates = _checks.names(options.get("covariates"), "covariates")
        _checks.columns(frame, covariates)
        _checks.numbers(frame, ("COUNT", "EXPOSURE"))
        _checks.one_row_each(frame)
        rows, warnings = _checks.complete(frame, ("COUNT", "EXPOSURE", *covariates))
        people = _checks.enough(rows, arms, 2)
        count = rows["COUNT"].to_numpy(dtype=float)
        exposure = rows["EXPOSURE"].to_numpy(dtype=float)
        if (count < 0).any() or (count % 1 != 0).any():
            raise InputError("the column 'COUNT' must hold whole numbers from 0")
        if (exposure <= 0).any():
            raise InputError("the column 'EXPOSURE' must be above 0")
        for arm in arms:
            if not count[(rows["ARM"] == arm).to_numpy()].any():
                raise InputError(f"the arm '{arm}' has no event, so its rate cannot be compared")
        design = _design.design(rows, arms, covariates)
        fit = _counts.fit(count, design.matrix, np.log(exposure))
        if fit.alpha == 0:
            warnings += (
                "The counts vary no more than Poisson counts do, so a Poisson model was used.",
            )
        z = float(norm.ppf((1 + level) / 2))
        found = []
        for arm, contrast in _design.contrasts(arms):
            weights = design.weights(arm, contrast)
            log = float(weights @ fit.beta)
            se = float(np.sqrt(weights @ fit.covariance @ weights))
            found.append(
                Row(
                    arm=arm,
                    contrast=contrast,
                    visit=None,
                    n=people[arm] + (people[contrast] if contrast else 0),
                    estimate=float(np.exp(log)),
                    se=se if contrast else float(np.exp(log)) * se,
                    lower=float(np.exp(log - z * se)),
                    upper=float(np.exp(log + z * se)),
                    p=float(2 * norm.sf(abs(log) / se)) if contrast else None,
                    unit_per=None if contrast else "year",
                    scale="ratio" if contrast else "absolute",
                )
            )
        also = "".join(f" + {name}" for name in covariates)
        family = (
            f"Negative binomial regression (variance mu + {fit.alpha:.4g} mu^2, the dispersion "
            "estimated jointly by maximum likelihood)"
            if fit.alpha
            else "Poisson regression"
        )
        method = (
            f"{family} of COUNT ~ arm{also} with log link and the log of exposure in years as "
            "offset, with Wald intervals at "
            f"{level:.4g} on the log scale from the expected information."
        )
        return AnalysisResult(tuple(found), method, warnings)

    def over(self, block: Block, level: float, options: dict[str, Any]) -> Estimates:
        """Fit one rate an arm to every replicate and read the ratios."""
        import numpy as np

        from antitrypsim.statistics.analysis import _cells, _checks, _many_counts
        from antitrypsim.statistics.block import Estimates

        if _checks.names(options.get("covariates"), "covariates"):
            raise InputError(
                "the analysis 'negative-binomial' has no covariates in many replicates"
            )
        _cells.several(self.name, block.arms)
        if block.count is None or block.exposure is None:
            raise InputError("the analysis 'negative-binomial' needs an endpoint that is a count")
        log, variance, _ = _many_counts.rates(
            block.count, block.exposure, block.arm, len(block.arms)
        )
        se = np.sqrt(variance[:, 1:] + variance[:, :1])
        return Estimates.of(log[:, 1:] - log[:, :1], se, np.inf, level, ratio=True)
