"""The mixed model of a line per participant, by restricted maximum likelihood.

Written here because statsmodels' MixedLM (0.15) stops with standard errors 1e-3 off lme4's on
slopes_boundary.csv of the tests, warning of a failed first search, takes 3 s for 2000 participants
and has no small-sample degrees of freedom. Those here are Satterthwaite's as in
lmerTest (Kuznetsova et al. 2017, J Stat Softw 82(13), doi:10.18637/jss.v082.i13).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from antitrypsim.foundations.errors import InputError, RunError
from antitrypsim.statistics.analysis._likelihood import (
    COLUMNS,
    ROWS,
    LikelihoodSums,
    Point,
    profile,
    summarise,
    triangle,
    turned,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


# Searches from ever closer guesses; one is enough unless D is nearly singular and large.
ROUNDS = 8


@dataclass(frozen=True, slots=True)
class LineFit:
    """A fitted model.

    ``beta`` (p) and ``covariance`` (p, p) of the fixed effects; ``sigma`` residual standard
    deviation; ``deviance`` -2 restricted log-likelihood; ``D`` (2, 2) covariance of intercept and
    slope at the times given; ``boundary`` whether it is singular; ``spread`` (4, 4) covariance of
    the three parameters of L and of log sigma.
    """

    beta: Array
    covariance: Array
    sigma: float
    deviance: float
    D: Array
    boundary: bool
    spread: Array
    _point: Point
    _L: Array

    def contrast(self, weights: Array) -> tuple[float, float, float]:
        """Estimate, standard error and Satterthwaite degrees of freedom of ``weights @ beta``."""
        estimate = float(weights @ self.beta)
        variance = float(weights @ self.covariance @ weights)
        u = self._point.H @ (self._point.inverse @ weights)
        by_L = 2 * self.sigma**2 * (np.einsum("ij,ik->jk", u, u) @ self._L)[ROWS, COLUMNS]
        gradient = np.append(by_L, 2 * variance)
        df = 2 * variance**2 / float(gradient @ self.spread @ gradient)
        return estimate, float(np.sqrt(variance)), df


def fit(y: Array, X: Array, time: Array, person: NDArray[np.intp]) -> LineFit:
    """Fit the model; ``person`` numbers the participants 0, 1, ... of the rows.

    ``y`` (rows, any unit), ``time`` (rows, any unit), ``X`` (rows, p) of full rank. Raises
    ``InputError`` when the data cannot tell the line of a participant from the scatter about it,
    ``RunError`` when the search does not converge.
    """
    # The model is the same for any scale of time; this one suits the rules of thumb below.
    centre, width = float(time.mean()), float(time.std())
    if not width > 0:
        raise InputError("every value was measured at the same time, so there is no slope")
    Z = np.column_stack([np.ones_like(time), (time - centre) / width])
    ordinary = np.linalg.lstsq(X, y, rcond=None)[0]
    # Residuals instead of values keep digits when the mean is large against the scatter.
    sums = summarise(y - X @ ordinary, X, Z, person)
    D, floor = moments(sums)
    # In the axes of a close guess of D every parameter has a scale near 1, also when D is large or
    # nearly singular; a search that gets stuck has brought a closer guess.
    for _ in range(ROUNDS):
        axes = root(D, floor)
        near = turned(sums, axes)
        theta, converged = search(near)
        if converged:
            break
        D = axes @ triangle(theta) @ triangle(theta).T @ axes.T
    else:
        raise RunError("the restricted likelihood of the random-slope model did not converge")
    point = profile(near, theta)
    L = triangle(theta)
    sigma = float(np.sqrt(point.sigma2))
    small = np.linalg.svd(axes @ L, compute_uv=False)[-1] < 1e-4
    back = sigma * np.array([[1.0, -centre / width], [0.0, 1 / width]]) @ axes @ L
    return LineFit(
        beta=ordinary + point.beta,
        covariance=point.sigma2 * point.inverse,
        sigma=sigma,
        deviance=point.deviance,
        D=back @ back.T,
        boundary=bool(small),
        spread=parameter_spread(near, theta, sigma),
        _point=point,
        _L=L,
    )


def search(sums: LikelihoodSums) -> tuple[Array, bool]:
    """The parameters of least deviance, and whether the search got there."""
    from scipy.optimize import minimize

    def value(theta: Array) -> tuple[float, Array]:
        point = profile(sums, theta)
        return point.deviance, point.gradient

    def curvature(theta: Array) -> Array:
        return differences(lambda each: profile(sums, each).gradient, theta)

    # A start on the boundary would be a stationary point, from which a search may not move.
    start = np.array([1.0, 0.0, 1.0])
    # This method leaves saddle points, which the boundary has, and takes a singular Hessian.
    found = minimize(
        value,
        start,
        jac=True,
        hess=curvature,
        method="trust-exact",
        options={"gtol": 1e-6, "maxiter": 200},
    )
    # Rounding of the deviance can stop the search early; what counts is the deviance left to gain.
    to_gain = found.jac @ np.linalg.pinv(curvature(found.x), hermitian=True) @ found.jac
    return found.x, bool(found.success or 0 <= to_gain < 1e-8)


def root(D: Array, floor: float) -> Array:
    """A root of D with variances of at least ``floor``, its long axis first."""
    values, vectors = np.linalg.eigh(D)
    return np.asarray((vectors * np.sqrt(np.maximum(values, floor)))[:, ::-1])


def moments(sums: LikelihoodSums) -> tuple[Array, float]:
    """A first guess of D, and a variance that is small beside the error of a line.

    The guess is the spread of the participants' own least-squares lines, less their error.
    """
    counts = sums.S[:, 0, 0]
    own = sums.det > 1e-8 * counts**2
    free = float(np.sum(counts - np.where(own, 2, 1)))
    if free < 1 or not own.any():
        raise InputError("a random slope needs participants with at least three measured values")
    noise = sums.yy / free
    lines = sums.c[own]
    between = lines.T @ lines / own.sum()
    if noise <= 1e-14 * np.trace(between):
        raise InputError(
            "every participant's values lie on a straight line, so the model has no scatter to fit"
        )
    error = np.linalg.inv(sums.S[own]).mean(axis=0)
    return between / noise - error, 0.05 * float(np.trace(error))


def differences(gradient: Callable[[Array], Array], x: Array) -> Array:
    """The symmetric Jacobian of a gradient by central differences."""
    step = 1e-5 * np.maximum(1.0, np.abs(x))
    columns = [(gradient(x + s) - gradient(x - s)) / (2 * s.max()) for s in np.diag(step)]
    jacobian = np.array(columns)
    return np.asarray((jacobian + jacobian.T) / 2)


def parameter_spread(sums: LikelihoodSums, theta: Array, sigma: float) -> Array:
    """Covariance of (theta, log sigma): twice the inverse Hessian of the deviance not profiled.

    Directions without curvature, which a boundary brings, are left out as lmerTest does.
    """

    def gradient(x: Array) -> Array:
        point = profile(sums, x[:3])
        # In sigma the deviance is: free log(sigma^2) + squares(theta) / sigma^2 + the rest.
        inverse = np.exp(-2 * x[3])
        by_theta = point.gradient + point.squares_gradient * (inverse - 1 / point.sigma2)
        return np.append(by_theta, 2 * sums.free * (1 - point.sigma2 * inverse))

    hessian = differences(gradient, np.append(theta, np.log(sigma)))
    diagonal = np.diag(hessian)
    curved = diagonal > 0
    # Unit diagonals make one threshold fit parameters of unlike size.
    unit = np.where(curved, 1 / np.sqrt(np.where(curved, diagonal, 1.0)), 0.0)
    values, vectors = np.linalg.eigh(hessian * np.outer(unit, unit))
    kept = values > 1e-8 * values.max()
    inverse = 2 * (vectors[:, kept] / values[kept]) @ vectors[:, kept].T
    return np.asarray(inverse * np.outer(unit, unit))
