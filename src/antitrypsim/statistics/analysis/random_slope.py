"""Random-coefficient model (random intercept and slope).

A line per participant, and how arms differ in its slope.
Laird and Ware 1982, Biometrics 38:963, doi:10.2307/2529876.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.units import YEAR
from antitrypsim.statistics.analysis.base import (
    STRATA_ARE_COVARIATES,
    Analysis,
    AnalysisResult,
    Kind,
)

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from antitrypsim.statistics.analysis._settings import Options
    from antitrypsim.statistics.analysis.base import Asked, Summed
    from antitrypsim.statistics.block import Block, Estimates, Floats


_SAID: Mapping[str, str] = MappingProxyType(
    {
        "satterthwaite": "model-based standard errors and Satterthwaite degrees of freedom",
        "kenward-roger": "standard errors and degrees of freedom of Kenward and Roger",
    }
)


BOUNDARY = (
    "The variance of intercepts or of slopes, or their correlation, lies on the boundary of what is "
    "possible, so the random effects are simpler than the model."
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

    def _valid(self, options: Options) -> object:
        if "BASE" in (options.get("covariates") or ()):
            raise InputError(
                "the baseline cannot be a covariate of slopes, being one of the values they are of"
            )
        return _df(options)

    def compute(
        self, frame: pd.DataFrame, arms: tuple[str, ...], level: float, options: Options
    ) -> AnalysisResult:
        """Fit the model and read the slopes from it."""
        import numpy as np

        from antitrypsim.statistics.analysis import _design, _kenward_roger, _reml, _rows
        from antitrypsim.statistics.block import Estimates

        df = _df(options)
        lines = _lines(frame, arms, options)
        data = (lines.X, lines.years, lines.person)
        fit = _reml.fit(lines.value, *data)
        told = _kenward_roger.adjust(fit, *data) if df == "kenward-roger" else fit
        contrasts = _design.contrasts(arms)
        # Only the first columns are slopes.
        others = np.zeros(lines.X.shape[1] - len(arms))
        slopes = [
            told.contrast(np.append(_design.weights(arms, *each), others)) for each in contrasts
        ]
        estimate, se, free = np.array(slopes).T[:, None]
        found = Estimates.of(estimate, se, free, level)
        return AnalysisResult(
            tuple(
                _rows.row(found, k, *each, lines.people, unit_per="year")
                for k, each in enumerate(contrasts)
            ),
            f"{_model(lines.covariates, df)}; intervals at {level:.4g}.",
            lines.warnings + ((BOUNDARY,) if fit.boundary else ()),
        )

    def summed(self, asked: Asked, options: Options) -> Summed | None:
        """Fit the model to sums."""
        from antitrypsim.statistics.analysis import _summed

        if len(asked.days) < 3:
            return None
        return _summed.OfModel(
            asked, tuple(asked.days), _summed.covariates_of(options, adjusted=False),
            _summed.column("AVAL"), _summed.slopes(asked, _df(options)), by_visit=False,
            method="a line per participant by restricted maximum likelihood.",
        )  # fmt: skip

    def over(self, block: Block, level: float, options: Options) -> Estimates:
        """Fit the model to every replicate."""
        (found,) = self.over_prefixes(block, [block.arm.shape[1]], level, options)
        return found

    def over_prefixes(
        self, block: Block, sizes: Sequence[int], level: float, options: Options
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


@dataclass(frozen=True, slots=True, eq=False)
class _Lines:
    """The values of the people who can be analysed, a row a measurement.

    ``value``, ``years`` and ``person`` (rows,), the last numbering people from 0. ``X`` (rows, p): the
    fixed effects, which are a slope and then a level of each arm, and the ``covariates``. ``people``:
    how many each arm has.
    """

    value: Floats
    years: Floats
    person: NDArray[np.intp]
    X: Floats
    people: Mapping[str, int]
    covariates: tuple[str, ...]
    warnings: tuple[str, ...]


def _lines(frame: pd.DataFrame, arms: tuple[str, ...], options: Options) -> _Lines:
    """Return what the model is fitted to; InputError where that cannot tell slopes."""
    import numpy as np
    import pandas as pd

    from antitrypsim.statistics.analysis import _checks, _design, _moments

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
    _, _, prepared, left_out = _checks.regressors(persons, arms, covariates)
    row = persons["USUBJID"].searchsorted(measured["USUBJID"])
    years = measured["ADY"].to_numpy(dtype=float) / YEAR
    inside = _checks.places(measured, arms)[0][:, None] == np.arange(len(arms))
    X = np.hstack([inside * years[:, None], inside, prepared.z[0][row][:, prepared.live[0]]])
    _design.independent(X, covariates)
    person = pd.factorize(measured["USUBJID"], sort=True)[0]
    return _Lines(value, years, person, X, people, covariates, warnings + left_out)


def _model(covariates: tuple[str, ...], df: str) -> str:
    """Say the model."""
    also = "".join(f" + {name}" for name in covariates)
    also += ", the covariates shifting the level and not the slope," if covariates else ""
    return (
        f"Linear mixed model AVAL ~ arm + years + arm:years{also} with a random intercept and "
        "slope per participant of unstructured covariance and independent normal residuals, "
        f"fitted by restricted maximum likelihood to every measured value, with {_SAID[df]}"
    )


def _df(options: Options) -> str:
    """Return the option ``df``; InputError for what it cannot be."""
    from antitrypsim.statistics.analysis import _settings

    return _settings.choice(options, "df", tuple(_SAID))
