"""What models of repeated measures need to know of many replicates: sums over alike people.

The mean of the values y (T visits) of a person is B'u, u being q numbers of the person, so that
every effect is one by visit. People with the same visits then matter only by how many they are and
by their sums of uu', uy' and yy'.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Least eigenvalue of the scaled uu' of a visit for its effects to be told apart.
DEPENDENT = 1e-10
# Least eigenvalue of the correlations in the first guess, a fit being sought inside.
INSIDE = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """Sums over people in F replicates and G patterns of visits.

    ``there`` (G, T): the visits of the pattern. ``n`` (F, G) people, ``U`` (F, G, q, q) sums of uu',
    ``C`` (F, G, q, T) of uy' and ``Y`` (F, G, T, T) of yy', the values of other visits being 0.
    """

    there: NDArray[np.bool_]
    n: Floats
    U: Floats
    C: Floats
    Y: Floats

    def take(self, which: NDArray[np.intp]) -> Sums:
        """Return the sums of some replicates."""
        return Sums(self.there, self.n[which], self.U[which], self.C[which], self.Y[which])


def codes(y: Floats, kept: NDArray[np.bool_]) -> Ints:
    """Return which of the visits of ``y`` (R, n, T) each person has, as bits (R, n), if ``kept``."""
    bits = np.zeros(kept.shape, np.int64)
    for t in range(y.shape[2]):
        bits |= (np.isfinite(y[:, :, t]) & kept).astype(np.int64) << t
    return bits


def summarise(y: Floats, u: Floats, code: Ints) -> Sums:
    """Return the sums of ``y`` (R, n, T) and ``u`` (R, n, q) over the people of each ``code``."""
    R, _, T = y.shape
    q = u.shape[2]
    every, which = np.unique(code, return_inverse=True)
    which = which.reshape(code.shape)
    G = len(every)
    key = (which + np.arange(R)[:, None] * G).ravel()
    inside = code > 0
    both = np.empty((q + T, *code.shape))
    for a in range(q):
        np.copyto(both[a], u[:, :, a])
    for t in range(T):
        np.copyto(both[q + t], y[:, :, t])
        both[q + t][(code >> t & 1) == 0] = 0.0
    both[:, ~inside] = 0.0
    both = both.reshape(q + T, -1)
    total = np.empty((R, G, q + T, q + T))
    for i in range(q + T):
        for j in range(i, q + T):
            summed = np.bincount(key, both[i] * both[j], minlength=R * G).reshape(R, G)
            total[:, :, i, j] = total[:, :, j, i] = summed
    n = np.bincount(key, minlength=R * G).reshape(R, G).astype(float)
    real = every > 0
    there = (every[real, None] >> np.arange(T) & 1).astype(bool)
    total, n = total[:, real], n[:, real]
    return Sums(there, n, total[..., :q, :q], total[..., :q, q:], total[..., q:, q:])


def guess(sums: Sums) -> tuple[Floats, NDArray[np.bool_]]:
    """Return a first covariance (F, T, T), and in which replicates the effects can be told.

    The covariance is of the residuals of regressions by visit over the people measured at both of
    two visits, drawn inside what is possible.
    """
    q, T = sums.C.shape[2:]
    by_visit = np.einsum("fgab,gt->ftab", sums.U, sums.there.astype(float))
    size = np.sqrt(np.einsum("ftaa->fta", by_visit))
    fine = (size > 0).all(axis=(1, 2))
    size = np.where(fine[:, None, None], size, 1.0)
    scaled = by_visit / (size[..., :, None] * size[..., None, :])
    scaled = np.where(fine[:, None, None, None], scaled, np.eye(q))
    fine &= (np.linalg.eigvalsh(scaled)[:, :, 0] > DEPENDENT).all(axis=1)
    scaled = np.where(fine[:, None, None, None], scaled, np.eye(q))
    cross = sums.C.sum(axis=1).swapaxes(1, 2) / size
    B = (np.linalg.solve(scaled, cross[..., None])[..., 0] / size).swapaxes(1, 2)
    both = sums.there[:, :, None] & sums.there[:, None, :]
    count = np.einsum("fg,gst->fst", sums.n, both.astype(float))
    squares = np.where(both, residual(sums, B), 0.0).sum(axis=1)
    covariance = squares / np.maximum(count - q, 1.0)
    variance = np.einsum("ftt->ft", covariance)
    fine &= (np.einsum("ftt->ft", count) > q).all(axis=1) & (variance > 0).all(axis=1)
    root = np.sqrt(np.where(fine[:, None], variance, 1.0))
    outer = root[:, :, None] * root[:, None]
    correlation = np.where(fine[:, None, None], covariance / outer, np.eye(T))
    values, vectors = np.linalg.eigh(correlation)
    inside = (vectors * np.maximum(values, INSIDE)[:, None]) @ vectors.swapaxes(1, 2)
    return inside * outer, fine


def residual(sums: Sums, B: Floats) -> Floats:
    """Return the sums of the squares of residuals from means ``B`` (F, q, T), (F, G, T, T)."""
    B = B[:, None]
    cross = sums.C.swapaxes(2, 3) @ B
    return sums.Y - cross - cross.swapaxes(2, 3) + B.swapaxes(2, 3) @ (sums.U @ B)
