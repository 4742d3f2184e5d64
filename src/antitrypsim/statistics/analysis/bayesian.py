"""Bayesian comparison of the change from baseline at one visit."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from antitrypsim.foundations.errors import InputError
from antitrypsim.statistics.analysis.base import (
    STRATA_ARE_COVARIATES,
    Analysis,
    AnalysisResult,
    Row,
)

if TYPE_CHECKING:
    import pandas as pd

    from antitrypsim.statistics.block import Block, Estimates


class Bayesian(Analysis):
    """Posterior of the difference in mean change of every arm from the first, at one visit.

    Columns: AVISIT and CHG, one row a participant at the visit; rows without a value are left out.
    The arm means are normal, with each arm's variance taken as known at its estimate (plug-in), so
    intervals and probabilities are those of the normal distribution (``df`` infinite) and somewhat
    too sure in small arms. The prior of the difference is flat unless ``prior_sd`` is given; that
    of the control mean is flat unless something is borrowed. ``power``: the precision of the
    external mean times ``weight`` (power prior, Ibrahim and Chen 2000, Stat Sci 15:46). ``robust``:
    a mixture of the external normal, with ``weight``, and a normal about the same mean with the
    information of one person, whose weights the data update (Schmidli et al. 2014, Biometrics
    70:1023). The posterior mean is the estimate, the posterior standard deviation ``se``, the
    interval has equal tails, and ``p`` = 2 min(P, 1 - P), P being the posterior probability that
    the difference is above ``margin``: p below alpha is P above 1 - alpha / 2, or below alpha / 2.
    With one arm alone the posterior is that of its own mean change, under the same prior.

    Rows of the result: the observed mean of each arm with a normal interval, then the differences;
    P stands in the sentence. Of a block: (R, arms - 1), or (R, 1) for one arm, with P in
    ``probability``; NaN for arms of fewer than two people or whose change does not vary. Raises as
    ``Analysis.run``, and ``InputError`` for priors that cannot be.
    """

    name: ClassVar[str] = "bayesian"
    title: ClassVar[str] = "Change from baseline (Bayesian)"
    columns: ClassVar[tuple[str, ...]] = ("AVISIT", "CHG")
    keys: ClassVar[tuple[str, ...]] = ("AVISIT",)
    options: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "visit": "The visit id at which change is compared; of a block, by default the last.",
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

    def _valid(self, options: Mapping[str, Any]) -> None:
        from antitrypsim.statistics.analysis import _bayes

        _bayes.prior(options)

    def compute(
        self, frame: pd.DataFrame, arms: tuple[str, ...], level: float, options: dict[str, Any]
    ) -> AnalysisResult:
        """Find the posterior at the visit."""
        import numpy as np

        from antitrypsim.statistics.analysis import _bayes, _checks, _moments, _rows
        from antitrypsim.statistics.block import Estimates

        visit = _checks.needed_visit(self.name, options)
        prior = _bayes.prior(options)
        _checks.numbers(frame, ("CHG",))
        where = f" at visit '{visit}'"
        at_visit = _checks.visit(frame, visit)
        _checks.one_row_each(at_visit, where)
        rows, warnings = _checks.complete(at_visit, ("CHG",))
        people = _checks.enough(rows, arms, 2, where)
        place = rows["ARM"].map({arm: k for k, arm in enumerate(arms)}).to_numpy(dtype=np.int8)
        change = rows["CHG"].to_numpy(dtype=float)
        n, mean, variance = _moments.by_arm(change[None], place[None], len(arms))
        for k, arm in enumerate(arms):
            if not variance[0, k] > 0:
                raise InputError(f"the change does not vary in the arm '{arm}'{where}")
        posterior = _bayes.posterior(mean, variance / n, prior)
        told = _bayes.estimates(posterior, prior.margin, level)
        found: list[Row] = []
        if len(arms) > 1:
            plain = Estimates.of(mean, np.sqrt(variance / n), np.inf, level)
            found = [
                _rows.row(plain, k, arm, None, people[arm], visit=visit)
                for k, arm in enumerate(arms)
            ]
            found += [
                _rows.row(told, k, arm, arms[0], people[arm] + people[arms[0]], visit=visit)
                for k, arm in enumerate(arms[1:])
            ]
        else:
            found = [_rows.row(told, 0, arms[0], None, people[arms[0]], visit=visit)]
        assert told.probability is not None
        chances = ", ".join(
            f"{chance:.4g} ({arm})"
            for arm, chance in zip(arms[1:] or arms, told.probability[0], strict=True)
        )
        method = (
            f"Posterior of the {'difference in ' if len(arms) > 1 else ''}mean change from baseline "
            f"at visit '{visit}' with variances at their estimates, {_said(prior)}, with "
            f"equal-tailed intervals at {level:.4g}; the probability of being above "
            f"{prior.margin:g} is {chances}."
        )
        return AnalysisResult(tuple(found), method, warnings)

    def over(self, block: Block, level: float, options: dict[str, Any]) -> Estimates:
        """Find the posterior of every replicate."""
        from antitrypsim.statistics.analysis import _bayes, _moments

        prior = _bayes.prior(options)
        baseline = block.baseline()
        assert block.values is not None
        at = block.at(options.get("visit"))
        if at == 0:
            raise InputError(f"the visit '{block.visits[0]}' is the baseline, so nothing changed")
        change = block.values[:, :, at].astype(float) - baseline
        n, mean, variance = _moments.by_arm(change, block.arm, len(block.arms))
        variance /= n.clip(1)
        return _bayes.estimates(_bayes.posterior(mean, variance, prior), prior.margin, level)


def _said(prior: Any) -> str:
    """Name the priors."""
    flat = prior.sd == float("inf")
    text = "a flat prior" if flat else f"a normal prior of mean {prior.mean:g} and SD {prior.sd:g}"
    if prior.borrowing == "none":
        return text
    kind = {"power": "a power prior", "robust": "a robust mixture prior"}[prior.borrowing]
    return f"{text} and {kind} for the mean of the reference arm"
