"""The restricted likelihood of many models of repeated measures, and its derivatives.

The mean of the values of a person is B'u and their covariance Sigma. People with the same visits
share A, the inverse of that part of Sigma, with zeros elsewhere. With G_k the derivative of Sigma
by the k-th parameter, derivatives are traces of products of A, G and, for each pattern, two T x T
matrices: E, the squares of residuals, and D, what the estimation of B adds to them. A trace over
patterns of a product that holds G_k and G_l is summed over the patterns before G comes in. Effects
stand in the order (number of the person, visit); where there are fewer, as when one effect holds at
all visits, spreads are those of the effects by visit that these make.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from antitrypsim.statistics.analysis._covariances import Covariance
from antitrypsim.statistics.analysis._pattern_sums import PatternSums, residual

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """The fits of F replicates at given covariances of K parameters, for p = q T effects.

    ``likelihood`` (F,) restricted and logarithmic, but for a constant; ``slope`` (F, K) its
    derivative; ``observed`` (F, K, K) minus its second derivative and ``expected`` the mean of that.
    ``effects`` (F, p) and ``spread`` (F, p, p) their covariance; ``moved`` (F, K, p, p): minus the
    derivatives of the inverse of the spread. ``inverse`` (F, G, T, T): A.
    """

    likelihood: Floats
    slope: Floats
    observed: Floats
    expected: Floats
    effects: Floats
    spread: Floats
    moved: Floats
    inverse: Floats


def by_effect(x: Floats, q: int, T: int) -> Floats:
    """Return matrices (F, q q, T T) as (F, q T, q T)."""
    F = len(x)
    return x.reshape(F, q, q, T, T).transpose(0, 1, 3, 2, 4).reshape(F, q * T, q * T)


def evaluate(sums: PatternSums, covariance: Covariance) -> Value:
    """Return the fits of the replicates of ``sums`` at their ``covariance``."""
    F, P, q, T = sums.C.shape
    p, squared = q * T, T * T
    both = sums.there[:, :, None] & sums.there[:, None, :]
    # A unit variance at the visits that are missing keeps all patterns in one array.
    parts = np.where(both, covariance.matrix[:, None], 0.0)
    parts += np.where(sums.there, 0.0, 1.0)[:, :, None] * np.eye(T)
    A = np.where(both, np.linalg.inv(parts), 0.0)
    flat_A, flat_U = A.reshape(F, P, squared), sums.U.reshape(F, P, q * q)
    weight = by_effect(flat_U.swapaxes(1, 2) @ flat_A, q, T)
    weight = sums.reduced(weight)
    spread = sums.whole(np.asarray(np.linalg.inv(weight), dtype=np.float64))
    B = (spread @ (sums.C @ A).sum(axis=1).reshape(F, p, 1)).reshape(F, q, T)
    E = residual(sums, B)
    logs = (sums.n * np.linalg.slogdet(parts)[1]).sum(axis=1) + np.linalg.slogdet(weight)[1]
    likelihood = -(logs + (A * E).sum(axis=(1, 2, 3))) / 2

    by_person = spread.reshape(F, q, T, q, T).transpose(0, 1, 3, 2, 4).reshape(F, q * q, squared)
    D = (flat_U @ by_person).reshape(F, P, T, T)
    ADA, AEA, nA = A @ D @ A, A @ E @ A, sums.n[:, :, None, None] * A
    pull = (AEA + ADA - nA).sum(axis=1).reshape(F, squared, 1)
    G = covariance.first.reshape(len(covariance.first), -1, squared)
    slope = (G @ pull)[..., 0] / 2

    turned = G.swapaxes(1, 2)
    UA = (flat_U[..., None] * flat_A[:, :, None]).reshape(F, P, -1)
    pairs = (UA.swapaxes(1, 2) @ flat_A).reshape(F, q, q, T, T, T, T)
    moved = pairs.transpose(0, 1, 3, 2, 6, 4, 5).reshape(F, p * p, squared) @ turned
    moved = np.ascontiguousarray(moved.swapaxes(1, 2)).reshape(F, -1, p, p)
    S = spread[:, None] @ moved
    K = S.shape[1]
    double = S.reshape(F, K, -1) @ S.swapaxes(2, 3).reshape(F, K, -1).swapaxes(1, 2)
    RA = ((sums.C - sums.U @ B[:, None]) @ A).reshape(F, P, p)
    h = (RA.swapaxes(1, 2) @ flat_A).reshape(F, q, T, T, T)
    h = h.transpose(0, 1, 4, 2, 3).reshape(F, p, squared) @ turned

    def traces(Z: Floats) -> Floats:
        """Return the traces of G_k A G_l Z, summed over the patterns."""
        pairs = (flat_A.swapaxes(1, 2) @ Z.reshape(F, P, squared)).reshape(F, T, T, T, T)
        return G @ pairs.transpose(0, 4, 1, 2, 3).reshape(F, squared, squared) @ turned

    expected = (traces(nA - 2 * ADA) + double) / 2
    observed = traces(AEA + ADA - nA / 2) - h.swapaxes(1, 2) @ (spread @ h) - double / 2
    if covariance.second is not None:
        observed -= (covariance.second.reshape(F, K, K, squared) @ pull[:, None])[..., 0] / 2
    effects = B.reshape(F, p)
    return Value(likelihood, slope, observed, expected, effects, spread, moved, A)


def adjusted(sums: PatternSums, covariance: Covariance, value: Value, W: Floats) -> Floats:
    """Return the spread of the effects after Kenward and Roger, (F, p, p).

    ``W`` (F, K, K) is the covariance of the parameters, in which Sigma must be linear (Kenward and
    Roger 1997, Biometrics 53:983).
    """
    F, P, q, T = sums.C.shape
    squared = T * T
    G = covariance.first.reshape(len(covariance.first), -1, squared)
    flat_A = value.inverse.reshape(F, P, squared)
    around = (G.swapaxes(1, 2) @ W @ G).reshape(F, T, T, T, T)
    middle = around.transpose(0, 1, 4, 2, 3).reshape(F, squared, squared) @ flat_A.swapaxes(1, 2)
    middle = middle.swapaxes(1, 2).reshape(F, P, T, T)
    each = (value.inverse @ middle @ value.inverse).reshape(F, P, squared)
    Q = by_effect(sums.U.reshape(F, P, q * q).swapaxes(1, 2) @ each, q, T)
    M = value.moved
    weighted = (W @ M.reshape(F, M.shape[1], -1)).reshape(M.shape)
    lost = (M @ (value.spread[:, None] @ weighted)).sum(axis=1)
    return np.asarray(value.spread + 2 * value.spread @ (Q - lost) @ value.spread)
