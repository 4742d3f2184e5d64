"""Random-coefficient model (random intercept and slope).

A line per participant, and how arms differ in its slope.
Laird and Ware 1982, Biometrics 38:963, doi:10.2307/2529876.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.units import YEAR
from antitrypsim.statistics.analysis.base import (
    STRATA_ARE_COVARIATES,
    Analysis,
    AnalysisResult,
    EstimateRow,
    Kind,
)

if TYPE_CHECKING:
    import pandas as pd

    from antitrypsim.statistics.block import Block, Estimates


_SAID: Mapping[str, str] = MappingProxyType(
    {
        "satterthwaite": "model-based standard errors and Satterthwaite degrees of freedom",
        "kenward-roger": "standard errors and degrees of freedom of Kenward and Roger",
    }
)


class RandomSlope(Analysis):
    """Slope per year of every arm, and its difference from the reference arm.

    Columns: AVAL (any unit), ADY (days since randomisation), one row a measurement; rows without
    AVAL are left out, which is sound when they are missing at random. Rows of the result: estimate
    in the unit of AVAL per year, ``n`` participants with a value. Method: linear mixed model of
    Laird and Ware (1982, Biometrics 38:963, doi:10.2307/2529876), REML, Satterthwaite degrees of
    freedom as lmerTest, or standard errors and degrees of freedom of Kenward and Roger as pbkrtest.
    Of a block: differences (R, arms - 1) by the same model, at the days of the visits; NaN where
    ``run`` would refuse the replicate. Raises as ``Analysis.run``.
    """

    name: ClassVar[str] = "random-slope"
    title: ClassVar[str] = "Slope per year (random intercept and slope)"
    estimates: ClassVar[str] = "slope per year (random intercept and slope)"
    kinds: ClassVar[tuple[Kind, ...]] = ("measurement",)
    per_year: ClassVar[bool] = True
    least_visits: ClassVar[int] = 3
    told: ClassVar[str] = "{What} changed by {each}."
    measures: ClassVar[tuple[str, ...]] = ("slope", "slope difference")
    least_people: ClassVar[int] = 2
    columns: ClassVar[tuple[str, ...]] = ("ADY", "AVAL")
    keys: ClassVar[tuple[str, ...]] = ("ADY", "AVAL")
    options: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "covariates": "What shifts the level of a participant, not the slope: columns of numbers "
            "or of groups.",
            "df": "How small samples are allowed for: satterthwaite (the default), or "
            "kenward-roger, which adjusts the standard errors too.",
        }
    )

    refuses: ClassVar[Mapping[str, str]] = STRATA_ARE_COVARIATES

    def _valid(self, options: Mapping[str, Any]) -> None:
        _df(options)
        if "BASE" in (options.get("covariates") or ()):
            raise InputError(
                "the baseline cannot be a covariate of slopes, being one of the values they are of"
            )

    def compute(
        self, frame: pd.DataFrame, arms: tuple[str, ...], level: float, options: dict[str, Any]
    ) -> AnalysisResult:
        """Fit the model and read the slopes from it."""
        import numpy as np
        from scipy.special import stdtr, stdtrit

        from antitrypsim.statistics.analysis import (
            _checks,
            _columns,
            _design,
            _kenward_roger,
            _moments,
            _reml,
        )  # fmt: skip

        df_method = _df(options)
        covariates = _checks.names(options.get("covariates"), "covariates")
        _checks.columns(frame, covariates)
        _checks.numbers(frame, ("ADY", "AVAL"))
        measured, warnings = _checks.complete(frame, ("AVAL", "ADY", *covariates))
        people = _checks.enough(measured, arms, 2)
        for arm, times in measured.groupby("ARM")["ADY"]:
            if times.nunique() < 2:
                raise InputError(f"the arm '{arm}' was measured at one time only")
        _checks.one_value_each(measured, covariates)
        value = measured["AVAL"].to_numpy(dtype=float)
        if not _moments.varies(float(value.std()), float(np.abs(value).max())):
            raise InputError(_moments.SAME)
        persons = measured.drop_duplicates("USUBJID")
        columns = _columns.of_frame(persons, covariates)
        place = _checks.places(persons, arms)
        prepared = _columns.prepare(columns, place, len(arms), columns.known)
        warnings += _checks.told_apart(prepared, columns, covariates)
        row = persons["USUBJID"].searchsorted(measured["USUBJID"])
        years = measured["ADY"].to_numpy(dtype=float) / YEAR
        inside = _checks.places(measured, arms)[0][:, None] == np.arange(len(arms))
        X = np.hstack([inside * years[:, None], inside, prepared.z[0][row][:, prepared.live[0]]])
        _design.independent(X, covariates)
        person = np.unique(measured["USUBJID"].to_numpy(dtype=str), return_inverse=True)[1]
        fit = _reml.fit(value, X, years, person)
        adjusted = df_method == "kenward-roger"
        told = _kenward_roger.adjust(fit, X, years, person) if adjusted else fit
        if fit.boundary:
            warnings += (
                "The variance of intercepts or of slopes, or their correlation, lies on the "
                "boundary of what is possible, so the random effects are simpler than the model.",
            )
        rows = []
        for arm, contrast in _design.contrasts(arms):
            weights = np.zeros(X.shape[1])
            weights[arms.index(arm)] = 1
            if contrast:
                weights[arms.index(contrast)] = -1
            estimate, se, df = told.contrast(weights)
            half = float(stdtrit(df, (1 + level) / 2)) * se
            rows.append(
                EstimateRow(
                    arm=arm,
                    contrast=contrast,
                    visit=None,
                    n=people[arm] + (people[contrast] if contrast else 0),
                    estimate=estimate,
                    se=se,
                    lower=estimate - half,
                    upper=estimate + half,
                    p=float(2 * stdtr(df, -abs(estimate) / se)) if contrast else None,
                    unit_per="year",
                    scale="absolute",
                    df=df,
                )
            )
        also = "".join(f" + {name}" for name in covariates)
        also += ", the covariates shifting the level and not the slope," if covariates else ""
        method = (
            f"Linear mixed model AVAL ~ arm + years + arm:years{also} with a random intercept and "
            "slope per participant of unstructured covariance and independent normal residuals, "
            "fitted by restricted maximum likelihood to every measured value, with "
            f"{_SAID[df_method]}; intervals at {level:.4g}."
        )
        return AnalysisResult(tuple(rows), method, warnings)

    def over(self, block: Block, level: float, options: dict[str, Any]) -> Estimates:
        """Fit the model to every replicate."""
        (found,) = self.over_prefixes(block, [block.arm.shape[1]], level, options)
        return found

    def over_prefixes(
        self, block: Block, sizes: Sequence[int], level: float, options: Mapping[str, Any]
    ) -> list[Estimates]:
        """Return ``over`` of the first m places of every replicate for each m of ``sizes``.

        The values are summed up once for all sizes. Raises as ``many``, and ``InputError`` for a
        size that is not among the block's places.
        """
        from antitrypsim.statistics.analysis import _checks, _slope_block

        self._level(level)
        self.check_options(options)
        names = _checks.names(options.get("covariates"), "covariates")
        return _slope_block.estimates(block, sizes, level, _df(options), names)


def _df(options: Mapping[str, Any]) -> str:
    """Return the option ``df``; InputError for what it cannot be."""
    from antitrypsim.statistics.analysis import _settings

    return _settings.choice(options, "df", tuple(_SAID))
