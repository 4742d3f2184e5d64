"""The small-sample adjustment of Kenward and Roger (1997, Biometrics 53:983) to one fit.

The covariance of the values is taken as linear in the elements of D and sigma^2, so that there are
no second derivatives, and the information on these is the expected one, as in pbkrtest (Halekoh and
Hojsgaard 2014, J Stat Softw 59(9), doi:10.18637/jss.v059.i09).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from antitrypsim.statistics.analysis._likelihood import summarise
from antitrypsim.statistics.analysis._reml import LineFit

Array = NDArray[np.float64]

# Directions of D: its elements 00, 01 (with 10) and 11.
_WAYS = np.array([[[1.0, 0], [0, 0]], [[0, 1], [1, 0]], [[0, 0], [0, 1]]])


@dataclass(frozen=True, slots=True)
class Adjusted:
    """A fit with its adjustment.

    ``beta`` (p); ``plain`` and ``covariance`` (p, p) of beta as of the model and adjusted;
    ``slopes`` (4, p, p) minus the derivative of the information X'V^-1 X by each parameter;
    ``spread`` (4, 4) covariance of the parameters.
    """

    beta: Array
    plain: Array
    covariance: Array
    slopes: Array
    spread: Array

    def contrast(self, weights: Array) -> tuple[float, float, float]:
        """Estimate, adjusted standard error and degrees of freedom of ``weights @ beta``."""
        column = self.plain @ weights
        by = np.einsum("p,ipq,q->i", column, self.slopes, column)
        variance = float(weights @ column)
        se = float(np.sqrt(weights @ self.covariance @ weights))
        return float(weights @ self.beta), se, 2 * variance**2 / float(by @ self.spread @ by)


def adjust(fit: LineFit, X: Array, time: Array, person: NDArray[np.intp]) -> Adjusted:
    """Adjust a fit; ``X``, ``time`` and ``person`` are those given to ``_reml.fit``."""
    # A unit of time in which both variances are of like size.
    centre, width = float(time.mean()), float(time.std())
    Z = np.column_stack([np.ones_like(time), (time - centre) / width])
    there = np.array([[1.0, centre], [0.0, width]])
    D = there @ fit.D @ there.T / fit.sigma**2
    sums = summarise(np.zeros(len(X)), X, Z, person)
    S, C = sums.S, sums.C
    N = np.linalg.inv(np.eye(2) + S @ D)
    # Products of Z with the inverse covariance V to the powers 1, 2 and 3, in units of sigma^2.
    W = N @ S
    U = W @ N.transpose(0, 2, 1)
    T = N @ U

    def total(left: Array, middle: Array, right: Array) -> Array:
        return np.asarray(np.einsum("kap,kab,kbq->pq", left, middle, right, optimize=True))

    inverse = np.asarray(np.linalg.inv(sums.XX + total(C, W, C)), dtype=np.float64)
    H, K = W @ C, U @ C
    ways = [np.einsum("kap,ab,kbq->pq", H, E, H, optimize=True) for E in _WAYS]
    slopes = np.stack([*ways, sums.XX + total(C, U, C)])
    products = np.empty((4, 4, *inverse.shape))
    traces = np.empty((4, 4))
    for i, E in enumerate(_WAYS):
        for j, F in enumerate(_WAYS):
            products[i, j] = total(H, E @ W @ F, H)
            traces[i, j] = np.einsum("kab,kba->", W @ E, W @ F)
        products[i, 3] = np.einsum("kap,ab,kbq->pq", H, E, K, optimize=True)
        products[3, i] = products[i, 3].T
        traces[i, 3] = traces[3, i] = np.einsum("kab,ba->", U, E)
    products[3, 3] = sums.XX + total(C, T, C)
    traces[3, 3] = len(X) - 2 * len(S) + np.einsum("kab,kba->", N, N)
    bent = np.einsum("ipq,qr,jrs->ijps", slopes, inverse, slopes, optimize=True)
    expected = traces - np.einsum("pq,ijqp->ij", inverse, 2 * products - bent)
    unit = 1 / np.sqrt(np.abs(np.diag(expected)))
    scaled = np.linalg.pinv(expected * np.outer(unit, unit), rcond=1e-12, hermitian=True)
    spread = 2 * scaled * np.outer(unit, unit)
    added = inverse @ np.einsum("ij,ijpq->pq", spread, products - bent) @ inverse
    return Adjusted(
        beta=fit.beta,
        plain=np.asarray(fit.sigma**2 * inverse),
        covariance=fit.sigma**2 * (inverse + 2 * added),
        slopes=slopes / fit.sigma**4,
        spread=spread * fit.sigma**4,
    )
