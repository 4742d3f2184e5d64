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
class PatternSums:
    """Sums over people in F replicates and G patterns of visits.

    ``there`` (G, T): the visits of the pattern. ``n`` (F, G) people, ``U`` (F, G, q, q) sums of uu',
    ``C`` (F, G, q, T) of uy' and ``Y`` (F, G, T, T) of yy', the values of other visits being 0.
    ``basis`` (p, q T): the effects as combinations of those by number and visit, None where they
    are just these; ``dead`` (F, p): 1 for an effect of a number that is 0 for all, else 0.
    """

    there: NDArray[np.bool_]
    n: Floats
    U: Floats
    C: Floats
    Y: Floats
    basis: Floats | None
    dead: Floats

    def take(self, which: NDArray[np.intp]) -> PatternSums:
        """Return the sums of some replicates."""
        return PatternSums(
            self.there, self.n[which], self.U[which], self.C[which], self.Y[which],
            self.basis, self.dead[which],
        )  # fmt: skip

    def reduced(self, full: Floats) -> Floats:
        """Return a matrix (F, q T, q T) of effects by visit as one of the effects that there are."""
        if self.basis is not None:
            full = self.basis @ full @ self.basis.T
        place = np.arange(full.shape[1])
        full[:, place, place] += self.dead
        return full

    def whole(self, reduced: Floats) -> Floats:
        """Return a spread (F, p, p) of the effects as one of effects by visit."""
        return reduced if self.basis is None else self.basis.T @ reduced @ self.basis


def codes(y: Floats, kept: NDArray[np.bool_]) -> Ints:
    """Return which of the visits of ``y`` (R, n, T) each person has, as bits (R, n), if ``kept``."""
    bits = np.zeros(kept.shape, np.int64)
    for t in range(y.shape[2]):
        bits |= (np.isfinite(y[:, :, t]) & kept).astype(np.int64) << t
    return bits


def summarise(y: Floats, u: Floats, code: Ints, basis: Floats | None = None) -> PatternSums:
    """Return the sums of ``y`` (R, n, T) and ``u`` (R, n, q) over the people of each ``code``.

    ``basis``: see ``Sums``.
    """
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
    empty = np.repeat(~(u != 0).any(axis=1, where=inside[:, :, None]), T, axis=1)
    dead = empty if basis is None else (empty[:, None] & (basis != 0)).any(axis=2)
    return PatternSums(
        there, n, total[..., :q, :q], total[..., :q, q:], total[..., q:, q:], basis,
        dead.astype(float),
    )  # fmt: skip


def guess(sums: PatternSums) -> tuple[Floats, NDArray[np.bool_]]:
    """Return a first covariance (F, T, T), and in which replicates the effects can be told.

    The covariance is of the residuals of regressions by visit over the people measured at both of
    two visits, drawn inside what is possible.
    """
    F, _, q, T = sums.C.shape
    by_visit = np.einsum("fgab,gt->fabt", sums.U, sums.there.astype(float))
    weight = np.zeros((F, q, T, q, T))
    weight[:, :, np.arange(T), :, np.arange(T)] = np.moveaxis(by_visit, 3, 0)
    weight = sums.reduced(weight.reshape(F, q * T, q * T))
    size = np.sqrt(np.einsum("fpp->fp", weight))
    fine = (size > 0).all(axis=1)
    size = np.where(fine[:, None], size, 1.0)
    scaled = weight / (size[:, :, None] * size[:, None])
    scaled = np.where(fine[:, None, None], scaled, np.eye(size.shape[1]))
    fine &= np.linalg.eigvalsh(scaled)[:, 0] > DEPENDENT
    scaled = np.where(fine[:, None, None], scaled, np.eye(size.shape[1]))
    spread = sums.whole(np.linalg.inv(scaled) / (size[:, :, None] * size[:, None]))
    B = (spread @ sums.C.sum(axis=1).reshape(F, q * T, 1)).reshape(F, q, T)
    effects = (size.shape[1] - sums.dead.sum(axis=1))[:, None] / T
    both = sums.there[:, :, None] & sums.there[:, None, :]
    count = np.einsum("fg,gst->fst", sums.n, both.astype(float))
    squares = np.where(both, residual(sums, B), 0.0).sum(axis=1)
    covariance = squares / np.maximum(count - effects[:, :, None], 1.0)
    variance = np.einsum("ftt->ft", covariance)
    fine &= (np.einsum("ftt->ft", count) > effects).all(axis=1) & (variance > 0).all(axis=1)
    root = np.sqrt(np.where(fine[:, None], variance, 1.0))
    outer = root[:, :, None] * root[:, None]
    correlation = np.where(fine[:, None, None], covariance / outer, np.eye(T))
    values, vectors = np.linalg.eigh(correlation)
    inside = (vectors * np.maximum(values, INSIDE)[:, None]) @ vectors.swapaxes(1, 2)
    return inside * outer, fine


def residual(sums: PatternSums, B: Floats) -> Floats:
    """Return the sums of the squares of residuals from means ``B`` (F, q, T), (F, G, T, T)."""
    B = B[:, None]
    cross = sums.C.swapaxes(2, 3) @ B
    return sums.Y - cross - cross.swapaxes(2, 3) + B.swapaxes(2, 3) @ (sums.U @ B)
