"""Negative binomial regression.

Event rates from counts over unequal follow-up, such as exacerbations.
Venables and Ripley 2002, Modern Applied Statistics with S, section 7.4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from antitrypsim.foundations.errors import InputError, RunError
from antitrypsim.foundations.plural import so_many, verb
from antitrypsim.statistics.analysis.base import (
    STRATA_ARE_COVARIATES,
    Analysis,
    AnalysisResult,
    EstimateRow,
    Kind,
)

if TYPE_CHECKING:
    import pandas as pd

    from antitrypsim.statistics.analysis._settings import Options
    from antitrypsim.statistics.analysis.base import Asked, Summed
    from antitrypsim.statistics.block import Block, Estimates, Floats


# Sizes and numbers of small-counts.txt and type-one-error.txt in validation/laboratory/.
FEW = 200
LIBERAL = (
    "The test is liberal in so few people: at a level of 5 % it rejected 4 to 9 % of trials of 12 to "
    "20 people without any effect, 5 to 8 % of those of 40 to 60, and 7 % of those of 180."
)


class NegativeBinomial(Analysis):
    """Events per year of every arm, and rate ratios against the reference arm.

    Columns: COUNT (events, whole numbers), EXPOSURE (years, above 0), one row a participant. Rows
    of the result: rates per year (``se`` by the delta method, interval from the log scale), of the
    average person where there are covariates, then ratios (``se`` of the log ratio). Method: variance mu + alpha mu^2, alpha by maximum likelihood
    together with the rates, standard errors from the expected information at that alpha, which are
    those of R's MASS::glm.nb (Venables and Ripley 2002, section 7.4). Poisson, with a warning, when
    the counts vary no more than Poisson counts. People of a level of a covariate without any event
    say nothing on the arms and are left out. Of a block: rate ratios (R, arms - 1), NaN for an arm
    of fewer than two people or without an event, and where the regression has no finite estimate or
    the arms cannot be told from the covariates. Raises as ``Analysis.run``, and ``InputError`` for an arm
    without an event, whose rate has no logarithm.
    """

    name: ClassVar[str] = "negative-binomial"
    quotient: ClassVar[str] = "rate ratio"
    title: ClassVar[str] = "Events per year (negative binomial regression)"
    estimates: ClassVar[str] = "events per year"
    kinds: ClassVar[tuple[Kind, ...]] = ("count",)
    told: ClassVar[str] = "{What}: {each}."
    measures: ClassVar[tuple[str, ...]] = ("rate", "rate ratio")
    columns: ClassVar[tuple[str, ...]] = ("COUNT", "EXPOSURE")
    keys: ClassVar[tuple[str, ...]] = ("COUNT", "EXPOSURE")
    options: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"covariates": "Columns to adjust for on the log scale, such as strata."}
    )

    refuses: ClassVar[Mapping[str, str]] = STRATA_ARE_COVARIATES

    def ratio(self, options: Options) -> bool:
        """Rates are compared by their quotient."""
        return True

    def compute(
        self, frame: pd.DataFrame, arms: tuple[str, ...], level: float, options: Options
    ) -> AnalysisResult:
        """Fit the regression and read rates and ratios from it."""
        import numpy as np

        from antitrypsim.statistics.analysis import (
            _checks,
            _columns,
            _count_regression,
            _dispersion,
        )
        from antitrypsim.statistics.block import block_of

        covariates = _checks.names(options.get("covariates"), "covariates")
        rows, people, warnings = _checked(frame, arms, covariates)
        block = block_of(rows[["USUBJID", "ARM", "COUNT", "EXPOSURE"]], arms)
        assert block.count is not None
        assert block.exposure is not None
        _dispersion.possible(block.count)
        fit = _count_regression.fit(
            block.count, block.exposure, block.arm, len(arms), _columns.of_frame(rows, covariates)
        )
        if not fit.apart[0]:
            named = ", ".join(covariates)
            raise InputError(
                f"the arms and covariates ({named}) cannot be told apart in these data"
            )
        if np.isnan(fit.log_rate).any():
            raise RunError("the regression of the counts or its dispersion has no finite estimate")
        warnings += _warnings(fit.alpha[0], int((~fit.left).sum()))
        if len(rows) < FEW:
            warnings += (LIBERAL,)
        found = _told(fit.log_rate, fit.covariance, arms, people, level)
        also = "".join(f" + {name}" for name in covariates)
        family = (
            f"Negative binomial regression (variance mu + {fit.alpha[0]:.4g} mu^2, the dispersion "
            "estimated jointly by maximum likelihood)"
            if fit.alpha[0]
            else "Poisson regression"
        )
        method = (
            f"{family} of COUNT ~ arm{also} with log link and the log of exposure in years as "
            "offset, with Wald intervals at "
            f"{level:.4g} on the log scale from the expected information."
        )
        return AnalysisResult(found, method, warnings)

    def summed(self, asked: Asked, options: Options) -> Summed | None:
        """Fit the regression to a row of numbers of each participant."""
        from antitrypsim.statistics.analysis import _counted, _summed

        return _counted.OfCounts(
            asked, _summed.covariates_of(options, adjusted=False),
            lambda log, covariance, people: _told(
                log, covariance, asked.arms, people, asked.level
            ),
        )  # fmt: skip

    def over(self, block: Block, level: float, options: Options) -> Estimates:
        """Fit the regression to every replicate and read the ratios."""
        import numpy as np

        from antitrypsim.statistics.analysis import (
            _cells,
            _checks,
            _columns,
            _count_regression,
            _dispersion,
            _many_counts,
            _strata,
        )
        from antitrypsim.statistics.block import Estimates

        covariates = _checks.names(options.get("covariates"), "covariates")
        _cells.several(self.name, block.arms)
        if block.count is None or block.exposure is None:
            raise InputError("the analysis 'negative-binomial' needs an endpoint that is a count")
        _dispersion.possible(block.count)
        arms = len(block.arms)
        if not covariates:
            log, variance, _ = _many_counts.rates(block.count, block.exposure, block.arm, arms)
            se = np.sqrt(variance[:, 1:] + variance[:, :1])
            return Estimates.of(log[:, 1:] - log[:, :1], se, np.inf, level, ratio=True)

        def work(part: Block) -> tuple[Floats, ...]:
            assert part.count is not None
            assert part.exposure is not None
            columns = _columns.of_block(part, covariates)
            fit = _count_regression.fit(part.count, part.exposure, part.arm, arms, columns)
            return fit.log_rate, fit.covariance

        width = arms + _columns.of_block(block, covariates).x.shape[2]
        log_rate, covariance = _strata.in_parts(work, block, 2 * width)
        return _ratios(log_rate, covariance, level)


def _told(
    log_rate: Floats,
    covariance: Floats,
    arms: tuple[str, ...],
    people: Mapping[str, int],
    level: float,
) -> tuple[EstimateRow, ...]:
    """Return the rows of rates and ratios."""
    import numpy as np

    from antitrypsim.statistics.analysis import _rows
    from antitrypsim.statistics.block import Estimates

    spread = np.sqrt(np.einsum("rpp->rp", covariance))
    own = Estimates.of(log_rate, spread, np.inf, level, ratio=True)
    found = tuple(
        replace(row, se=row.estimate * row.se, unit_per="year", scale="absolute")
        for row in _rows.of_arms(own, arms, people)
    )
    return found + _rows.of_contrasts(_ratios(log_rate, covariance, level), arms, people)


def _ratios(log_rate: Floats, covariance: Floats, level: float) -> Estimates:
    import numpy as np

    from antitrypsim.statistics.block import Estimates

    variance = np.einsum("rpp->rp", covariance)
    spread = variance[:, 1:] + variance[:, :1] - 2 * covariance[:, 0, 1:]
    return Estimates.of(
        log_rate[:, 1:] - log_rate[:, :1], np.sqrt(spread), np.inf, level, ratio=True
    )


def _checked(
    frame: pd.DataFrame, arms: tuple[str, ...], covariates: tuple[str, ...]
) -> tuple[pd.DataFrame, dict[str, int], tuple[str, ...]]:
    """Return complete rows, participants of each arm, and warnings; ``InputError`` for bad values."""
    from antitrypsim.statistics.analysis import _checks

    _checks.columns(frame, covariates)
    _checks.numbers(frame, ("COUNT", "EXPOSURE"))
    _checks.one_row_each(frame)
    rows, warnings = _checks.complete(frame, ("COUNT", "EXPOSURE", *covariates))
    people = _checks.enough(rows, arms, 2)
    count = rows["COUNT"].to_numpy(dtype=float)
    if (count < 0).any() or (count % 1 != 0).any():
        raise InputError("the column 'COUNT' must hold whole numbers from 0")
    if (rows["EXPOSURE"] <= 0).any():
        raise InputError("the column 'EXPOSURE' must be above 0")
    for arm in arms:
        if not count[(rows["ARM"] == arm).to_numpy()].any():
            raise InputError(
                f"the arm '{arm}' has no event, so its rate is 0 and no ratio with it is finite"
            )
    return rows, people, warnings


def _warnings(alpha: float, out: int) -> tuple[str, ...]:
    found: tuple[str, ...] = ()
    if alpha == 0:
        found += ("The counts vary no more than Poisson counts do, so a Poisson model was used.",)
    if out:
        found += (
            f"{so_many(out, 'participant')} of levels of a covariate without an event {verb(out, 'says', 'say')} nothing on "
            "the arms.",
        )
    return found
