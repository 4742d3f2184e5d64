"""The restricted likelihood of a line per participant, on sufficient statistics.

Model: y = X beta + Z b + e, with Z = (1, time) per participant, b ~ N(0, sigma^2 D) unstructured
and e ~ N(0, sigma^2). Each participant's y and X are split into a line in time and what is off it,
which Z does not touch: with S = Z'Z and lines c for y and C for X, the weighted sum of squares is
|off_y - off_X beta|^2 + (c - C beta)' W (c - C beta), W = S (I + D S)^-1, a 2 x 2 matrix, free of
cancellation at any D. D = L L' with L lower triangular, as in lme4 (Bates et al. 2015, J Stat
Softw 67(1), doi:10.18637/jss.v067.i01); sigma^2 and beta are profiled out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

# The lower triangle of L, in the order of the parameters.
ROWS, COLUMNS = np.array([0, 1, 1]), np.array([0, 0, 1])


@dataclass(frozen=True, slots=True)
class LikelihoodSums:
    """Sufficient statistics.

    ``S`` (people, 2, 2) and ``det`` (people) its determinants; ``C`` (people, 2, p) and ``c``
    (people, 2) the lines of X and y; ``XX``, ``Xy``, ``yy`` products of what is off them; ``free``
    rows less p.
    """

    S: Array
    det: Array
    C: Array
    c: Array
    XX: Array
    Xy: Array
    yy: float
    free: int


@dataclass(frozen=True, slots=True)
class Point:
    """The profiled fit at one L: deviance, its gradient, and what the fit is made of.

    ``squares_gradient`` is that of the weighted sum of squared residuals, ``H`` is W C.
    """

    deviance: float
    gradient: Array
    beta: Array
    inverse: Array
    sigma2: float
    squares_gradient: Array
    H: Array


def triangle(theta: Array) -> Array:
    """The lower triangular L of its three parameters."""
    L = np.zeros((2, 2))
    L[ROWS, COLUMNS] = theta
    return L


def summarise(y: Array, X: Array, Z: Array, person: NDArray[np.intp]) -> LikelihoodSums:
    """Split y and X into the participants' lines and the rest, and sum products of each."""
    people = int(person.max()) + 1

    def by_person(products: Array) -> Array:
        total = np.zeros((people, *products.shape[1:]))
        np.add.at(total, person, products)
        return total

    S = by_person(Z[:, :, None] * Z[:, None, :])
    # Participants measured at one time have a flat line, which the pseudo-inverse gives.
    own = np.linalg.pinv(S, rcond=1e-10, hermitian=True)
    C = own @ by_person(Z[:, :, None] * X[:, None, :])
    c = (own @ by_person(Z * y[:, None])[:, :, None])[:, :, 0]
    y_off = y - np.einsum("ij,ij->i", Z, c[person])
    X_off = X - np.einsum("ij,ijp->ip", Z, C[person])
    return LikelihoodSums(
        S=S,
        det=np.maximum(S[:, 0, 0] * S[:, 1, 1] - S[:, 0, 1] ** 2, 0.0),
        C=C,
        c=c,
        XX=X_off.T @ X_off,
        Xy=X_off.T @ y_off,
        yy=float(y_off @ y_off),
        free=len(y) - X.shape[1],
    )


def turned(sums: LikelihoodSums, axes: Array) -> LikelihoodSums:
    """The same sums for Z ``axes`` in place of Z, so that D stands for ``axes`` D ``axes``'."""
    back = np.linalg.inv(axes)
    return replace(
        sums,
        S=axes.T @ sums.S @ axes,
        det=sums.det * np.linalg.det(axes) ** 2,
        C=back @ sums.C,
        c=sums.c @ back.T,
    )


def profile(sums: LikelihoodSums, theta: Array) -> Point:
    """Deviance (-2 restricted log-likelihood) with beta and sigma profiled out, and gradient."""
    L = triangle(theta)
    D = L @ L.T
    # The inverse of I + D S written out: every term is positive, so no digits are lost when D is
    # large or nearly singular.
    adjugate = np.array([[D[1, 1], -D[0, 1]], [-D[0, 1], D[0, 0]]])
    size = 1 + np.einsum("jk,ijk->i", D, sums.S) + (L[0, 0] * L[1, 1]) ** 2 * sums.det
    W = (sums.S + sums.det[:, None, None] * adjugate) / size[:, None, None]
    H = W @ sums.C
    A = sums.XX + np.einsum("ijp,ijq->pq", sums.C, H, optimize=True)
    inverse = np.linalg.inv(A)
    beta = inverse @ (sums.Xy + np.einsum("ijp,ij->p", H, sums.c, optimize=True))
    off = sums.c - sums.C @ beta
    h = np.einsum("ijk,ik->ij", W, off)
    squares = sums.yy - 2 * float(beta @ sums.Xy) + float(beta @ sums.XX @ beta)
    sigma2 = (squares + float((off * h).sum())) / sums.free
    deviance = (
        np.log(size).sum() + np.linalg.slogdet(A)[1] + sums.free * (1 + np.log(2 * np.pi * sigma2))
    )
    squares_gradient = -2 * (h.T @ h @ L)[ROWS, COLUMNS]
    by_D = W.sum(axis=0) - np.einsum("ijp,pq,ikq->jk", H, inverse, H, optimize=True)
    gradient = ((by_D + by_D.T) @ L)[ROWS, COLUMNS] + squares_gradient / sigma2
    return Point(float(deviance), gradient, beta, inverse, float(sigma2), squares_gradient, H)
