"""Maximum likelihood of a negative binomial regression with its dispersion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from warnings import catch_warnings, simplefilter

import numpy as np

from antitrypsim.foundations.errors import RunError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CountFit:
    """``beta`` (p, log scale), ``covariance`` (p, p), ``alpha`` dispersion, 0 if Poisson."""

    beta: Array
    covariance: Array
    alpha: float


def fit(count: Array, X: Array, offset: Array) -> CountFit:
    """Fit counts with log link; ``RunError`` when the dispersion has no finite estimate.

    The score of the profile likelihood in log alpha is solved, with a statsmodels GLM inside: its
    joint ``discrete.NegativeBinomial`` stops at the precision of a quasi-Newton search.
    """
    from scipy.optimize import brentq

    # #(count > j) for j = 0, 1, ...: the counts enter the score of alpha only through these.
    above = len(count) - np.cumsum(np.bincount(count.astype(int)))
    j = np.arange(len(above))

    def score(log_alpha: float) -> float:
        alpha = np.exp(log_alpha)
        mu = generalised(count, X, offset, alpha).mu
        first = (above * j / (1 + alpha * j)).sum()
        second = np.log1p(alpha * mu) / alpha**2 - (count + 1 / alpha) * mu / (1 + alpha * mu)
        return float(first + second.sum())

    poisson = generalised(count, X, offset, 0.0)
    # Twice the slope of the likelihood in alpha at 0: not above 0 means no overdispersion.
    if float(((count - poisson.mu) ** 2 - count).sum()) <= 0:
        return CountFit(poisson.params, poisson.cov_params(), 0.0)
    low, high = np.log(1e-6), np.log(1e4)
    if score(low) <= 0:
        return CountFit(poisson.params, poisson.cov_params(), 0.0)
    if score(high) >= 0:
        raise RunError("the dispersion of the negative binomial model has no finite estimate")
    alpha = float(np.exp(brentq(score, low, high, xtol=1e-10)))
    found = generalised(count, X, offset, alpha)
    return CountFit(found.params, found.cov_params(), alpha)


def generalised(count: Array, X: Array, offset: Array, alpha: float) -> Any:
    """A statsmodels GLM result at a fixed dispersion; ``RunError`` when it does not converge."""
    from statsmodels.genmod.families import NegativeBinomial, Poisson
    from statsmodels.genmod.generalized_linear_model import GLM
    from statsmodels.tools.sm_exceptions import PerfectSeparationWarning

    family = NegativeBinomial(alpha=alpha) if alpha else Poisson()
    with catch_warnings():
        # Counts that fit exactly are no failure; divergence is caught below.
        simplefilter("ignore", PerfectSeparationWarning)
        found = GLM(count, X, family=family, offset=offset).fit(tol=1e-12, maxiter=200)
    if not found.converged:
        raise RunError("the regression of the counts did not converge")
    return found
