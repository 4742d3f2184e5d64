"""Bayesian comparison of two means, with or without borrowed controls.

The change from baseline at one visit, and what outside data say of the control.
Schmidli et al. 2014, Biometrics 70:1023; Ibrahim and Chen 2000, Stat Sci 15:46.
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
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from antitrypsim.statistics.analysis._adjusted import Adjusted
    from antitrypsim.statistics.analysis._bayes import Prior
    from antitrypsim.statistics.analysis._columns import Columns
    from antitrypsim.statistics.analysis._settings import Options
    from antitrypsim.statistics.block import Block, Estimates, Floats


class Bayesian(Analysis):
    """Posterior of the difference in mean change of every arm from the first, at one visit.

    Columns: AVISIT and CHG, one row a participant at the visit; rows without a value are left out.
    The change is normal with one variance in all arms, of which nothing is known before (a prior of
    1 / variance), and depends on ``covariates``, if any, with flat priors. With flat priors
    throughout the posterior is Student's t, so that intervals and ``p`` are those of the analysis
    of covariance and hold their level in small trials; ``se`` is then the scale of the t
    distribution and ``df`` its degrees of freedom. With other priors it is found by summing over
    the variance; ``se`` is the posterior standard deviation and there is no ``df``. The prior of the
    difference is flat unless ``prior_sd`` is given; that of the control mean is flat unless
    something is borrowed. ``power``: the precision of the
    external mean times ``weight`` (power prior, Ibrahim and Chen 2000, Stat Sci 15:46). ``robust``:
    a mixture of the external normal, with ``weight``, and a normal about the same mean with the
    information of one person, whose weights the data update (Schmidli et al. 2014, Biometrics
    70:1023). The posterior mean is the estimate, the interval has equal tails, and
    ``p`` = 2 min(P, 1 - P), P being the posterior probability that the difference is above ``margin``: p below alpha is P above 1 - alpha / 2, or below alpha / 2.
    With one arm alone the posterior is that of its own mean change, under the same prior.

    Rows of the result: the observed mean of each arm (of the average person, with covariates) with a t
    interval, then the differences;
    P stands in the sentence. Of a block: (R, arms - 1), or (R, 1) for one arm, with P in
    ``probability``; NaN for arms of fewer than two people or whose change does not vary. Raises as
    ``Analysis.run``, and ``InputError`` for priors that cannot be.
    """

    name: ClassVar[str] = "bayesian"
    title: ClassVar[str] = "Change from baseline (Bayesian)"
    estimates: ClassVar[str] = "change from baseline at one visit, with prior knowledge"
    kinds: ClassVar[tuple[Kind, ...]] = ("measurement",)
    alone: ClassVar[bool] = True
    told: ClassVar[str] = CHANGED
    measures: ClassVar[tuple[str, ...]] = ("change", "difference")
    at_visit: ClassVar[bool] = True
    least_people: ClassVar[int] = 2
    columns: ClassVar[tuple[str, ...]] = ("AVISIT", "CHG")
    keys: ClassVar[tuple[str, ...]] = ("AVISIT",)
    options: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "visit": "The visit id at which change is compared; of a block, by default the last.",
            "covariates": "What to adjust for: columns of numbers or of groups; BASE for the "
            "baseline.",
            "prior_mean": "Mean of the normal prior of the difference; by default 0.",
            "prior_sd": "Standard deviation of that prior; by default infinite, a flat prior.",
            "margin": "The difference that is to be exceeded; by default 0.",
            "external_mean": "Mean change of the control arm as known from outside.",
            "external_se": "Standard error of that mean.",
            "external_n": "Participants behind that mean; for robust borrowing.",
            "borrowing": "How the external mean is used: none (the default), power, or robust "
            "(also called commensurate here).",
            "weight": "Weight of the external mean, from 0 to 1; needed for borrowing.",
        }
    )

    refuses: ClassVar[Mapping[str, str]] = STRATA_ARE_COVARIATES

    def _valid(self, options: Options) -> object:
        from antitrypsim.statistics.analysis import _bayes

        return _bayes.prior(options)

    def compute(
        self, frame: pd.DataFrame, arms: tuple[str, ...], level: float, options: Options
    ) -> AnalysisResult:
        """Find the posterior at the visit."""
        import numpy as np

        from antitrypsim.statistics.analysis import _bayes, _checks, _moments, _rows
        from antitrypsim.statistics.block import Estimates

        visit = _checks.needed_visit(self.name, options)
        prior = _bayes.prior(options)
        names = _checks.names(options.get("covariates"), "covariates")
        _checks.columns(frame, names)
        _checks.numbers(frame, ("CHG",))
        where = f" at visit '{visit}'"
        rows, warnings = _checks.complete(_checks.visit(frame, visit), ("CHG", *names))
        people = _checks.enough(rows, arms, 2, where)
        columns, arm, _, left_out = _checks.regressors(rows, arms, names)
        change = rows["CHG"].to_numpy(dtype=float)[None]
        fit = _fit(change, columns, arm, len(arms), _moments.size(change, *_measured(rows)))
        if len(rows) <= len(arms) + sum(group < 0 for group in columns.group):
            raise InputError(f"there are too few participants{where} for so many covariates")
        if np.isnan(fit.noise).any():
            raise InputError(f"{_moments.SAME}{where}")
        told = _posterior(fit, prior, level)
        if len(arms) > 1:
            se = np.sqrt(fit.mean_variance[:, :, 0])
            plain = Estimates.of(fit.mean[:, :, 0], se, fit.df[:, None], level)
            found = _rows.of_arms(plain, arms, people, visit=visit)
            found += _rows.of_contrasts(told, arms, people, visit=visit)
        else:
            found = _rows.of_arms(told, arms, people, visit=visit)
        also = f" given {', '.join(names)}" if names else ""
        which = f"{'difference in ' if len(arms) > 1 else ''}mean change from baseline at visit '{visit}'"
        method = (
            f"Posterior of the {which}{also}, normal with "
            f"one variance of which nothing is known before, {_said(prior)}, with equal-tailed "
            f"intervals at {level:.4g}; the probability of being above {prior.margin:g} is "
            f"{_chances(told, arms)}."
        )
        return AnalysisResult(found, method, warnings + left_out)

    def over(self, block: Block, level: float, options: Options) -> Estimates:
        """Find the posterior of every replicate."""
        import numpy as np

        from antitrypsim.statistics.analysis import _bayes, _checks, _columns, _moments

        prior = _bayes.prior(options)
        names = _checks.names(options.get("covariates"), "covariates")
        base, value = block.changed(options.get("visit"))
        columns = _columns.of_block(block, names)
        known = np.isfinite(value - base) & columns.known
        arm = np.where(known, block.arm, -1)
        fit = _fit(value - base, columns, arm, len(block.arms), _moments.size(base, value))
        return _posterior(fit, prior, level)


def _measured(rows: pd.DataFrame) -> list[Floats]:
    """Return the values behind the change, as far as the frame has them, each (1, n)."""
    there = [name for name in ("AVAL", "BASE") if name in rows and rows[name].dtype.kind in "fiu"]
    return [rows[[name]].to_numpy().T for name in there]


def _fit(
    change: Floats, columns: Columns, arm: NDArray[np.integer], arms: int, size: Floats
) -> Adjusted:
    """Return the regression of the change (R, n) on arm and covariates."""
    from antitrypsim.statistics.analysis import _adjusted, _columns

    prepared = _columns.prepare(columns, arm, arms, arm >= 0)
    return _adjusted.adjusted(change[:, None], prepared, arm, arms, size, 2)


def _posterior(fit: Adjusted, prior: Prior, level: float) -> Estimates:
    """Return what is known of the differences, or of the mean of a single arm."""
    from antitrypsim.statistics.analysis import _bayes

    noise = fit.noise[:, 0, 0]
    if fit.mean.shape[1] == 1:
        mean, share = fit.mean[:, :, 0], fit.mean_share[:, :, 0]
        return _bayes.estimates(mean, share, noise, fit.df, prior, level)
    control = (fit.mean[:, 0, 0], fit.mean_share[:, 0, 0], fit.both_share[:, :, 0])
    difference, share = fit.difference[:, :, 0], fit.difference_share[:, :, 0]
    return _bayes.estimates(difference, share, noise, fit.df, prior, level, control)


def _chances(told: Estimates, arms: tuple[str, ...]) -> str:
    """Say the probability of each difference, or of the mean of a single arm."""
    assert told.probability is not None
    each = zip(arms[1:] or arms, told.probability[0], strict=True)
    return ", ".join(f"{chance:.4g} ({arm})" for arm, chance in each)


def _said(prior: Prior) -> str:
    """Name the priors."""
    flat = prior.sd == float("inf")
    text = "a flat prior" if flat else f"a normal prior of mean {prior.mean:g} and SD {prior.sd:g}"
    if prior.borrowing == "none":
        return text
    kind = {"power": "a power prior", "robust": "a robust mixture prior"}[prior.borrowing]
    return f"{text} and {kind} for the mean of the reference arm"
