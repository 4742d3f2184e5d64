"""Fits of a line per participant to thousands of replicates at once, by restricted likelihood.

The covariance of the lines is sigma^2 L L', L lower triangular, as in lme4. The search is Newton's
with the observed Hessian; where that has a direction of negative curvature the step goes down it
(Dauphin et al. 2014, arXiv:1406.2572), so that it leaves the saddle points that the boundary of
possible covariances has. Replicates that have arrived are taken out of the arrays.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from antitrypsim.statistics.analysis._slope_likelihood import PAIRS, Value, evaluate
from antitrypsim.statistics.analysis._slope_sums import Lines

Floats = NDArray[np.float64]
Which = NDArray[np.intp]

_STEPS = 60
# Deviance left to gain at which the step just found is the last: in a search that closes in
# quadratically what is left after it is of the order of its square.
_NEAR = 1e-6
# Deviance left to gain at which a slow search, as along an edge without curvature, has arrived.
_THERE = 1e-13
# The longest step, by the size of L at the start.
_LONGEST = 1.3
# Scaled curvature below which a direction counts as flat.
_FLAT = 1e-9


def covariance(L: Floats) -> tuple[Floats, Floats]:
    """Return D (3, F) relative to sigma^2, and its determinant."""
    a, b, c = L
    return np.stack([a * a, a * b, b * b + c * c]), (a * c) ** 2


def by_root(L: Floats, gradient: Floats, hessian: Floats) -> tuple[Floats, Floats]:
    """Return gradient (3, F) and Hessian (6, F) by L of a function with those by D."""
    a, b, c = L
    g0, g1, g2 = gradient
    h00, h01, h02, h11, h12, h22 = hessian
    by = np.stack([2 * a * g0 + b * g1, a * g1 + 2 * b * g2, 2 * c * g2])
    # Rows of the Jacobian: (2a, b, 0), (0, a, 2b), (0, 0, 2c).
    second = np.stack(
        [
            4 * a * a * h00 + 4 * a * b * h01 + b * b * h11 + 2 * g0,
            2 * a * (a * h01 + 2 * b * h02) + b * (a * h11 + 2 * b * h12) + g1,
            2 * c * (2 * a * h02 + b * h12),
            a * a * h11 + 4 * a * b * h12 + 4 * b * b * h22 + 2 * g2,
            2 * c * (a * h12 + 2 * b * h22),
            4 * c * c * h22 + 2 * g2,
        ]
    )
    return by, second


def search(lines: Lines, L: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Return L (3, F) of least deviance from the starts ``L``, and which F got there."""
    found, arrived = L.copy(), np.zeros(L.shape[1], np.bool_)
    scale = np.stack([L[0], np.hypot(L[1], L[2]), L[2]])
    left = np.arange(L.shape[1])
    now = np.array(L)
    best = np.full(L.shape[1], np.inf)
    step = np.zeros_like(now)
    before = np.full(L.shape[1], np.inf)
    for _ in range(_STEPS):
        if not left.size:
            break
        value = evaluate(lines, *covariance(now))
        # Rounding of the deviance must not stop the last steps.
        better = value.deviance <= best + 1e-9 * (1 + np.abs(best))
        new, gain, bowl = _newton(now, scale, value)
        slow = gain > 1e-2 * before
        done = better & bowl & (gain < np.where(slow, _THERE, _NEAR))
        # A step that went up is taken back by half.
        step = np.where(better, new, step / 2)
        now = np.where(better, now + new, now - step)
        best = np.where(better, value.deviance, best)
        before = np.where(better, gain, before)
        if done.any():
            found[:, left[done]], arrived[left[done]] = now[:, done], True
        lost = ~np.isfinite(value.deviance) & ~(best < np.inf)
        keep = ~(done | lost)
        if not keep.all():
            which = np.flatnonzero(keep)
            lines, left = lines.take(which), left[which]
            now, step, scale = now[:, which], step[:, which], scale[:, which]
            best, before = best[which], before[which]
    return found, arrived


def _newton(L: Floats, scale: Floats, value: Value) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Return the step (3, F), twice the deviance it should gain, and whether there is a minimum."""
    g, h = by_root(L, value.gradient, value.profiled)
    g = g * scale
    h = np.stack([h[k] * (scale[i] * scale[j]) for k, (i, j) in enumerate(PAIRS)])
    unit = 1 / np.sqrt(np.maximum(np.abs(h[[0, 3, 5]]), 1e-7))
    g *= unit
    h00, h01, h02, h11, h12, h22 = (h[k] * (unit[i] * unit[j]) for k, (i, j) in enumerate(PAIRS))
    # Elimination; its pivots tell whether the matrix is positive definite.
    l1, l2 = h01 / h00, h02 / h00
    p1, m = h11 - l1 * h01, h12 - l1 * h02
    l3 = m / p1
    p2 = h22 - l2 * h02 - l3 * m
    bowl = (h00 > 1e-6) & (p1 > 1e-6) & (p2 > 1e-6)
    y0 = g[0]
    y1 = g[1] - l1 * y0
    y2 = g[2] - l2 * y0 - l3 * y1
    x2 = y2 / p2
    x1 = y1 / p1 - l3 * x2
    x0 = y0 / h00 - l1 * x1 - l2 * x2
    step = -np.stack([x0, x1, x2])
    gain = y0 * y0 / h00 + y1 * y1 / p1 + y2 * y2 / p2
    odd = np.flatnonzero(~bowl)
    if odd.size:
        full = np.stack([h00, h01, h02, h01, h11, h12, h02, h12, h22])[:, odd].T.reshape(-1, 3, 3)
        fine = np.isfinite(full).all(axis=(1, 2))
        values, vectors = np.linalg.eigh(np.where(fine[:, None, None], full, np.eye(3)))
        along = np.einsum("fij,fi->fj", vectors, g[:, odd].T)
        flat = np.abs(values) < _FLAT
        length = np.where(flat, 0.0, along / np.where(flat, 1.0, np.abs(values)))
        step[:, odd] = -np.einsum("fij,fj->if", vectors, length)
        gain[odd] = (along * length).sum(axis=1)
        bowl[odd] = fine & (values > -_FLAT).all(axis=1)
    step *= unit
    # No element of L moves by much more than its size at first. Half or all of the longest step must
    # not end at zero, whence no gradient leads.
    step /= np.maximum(1.0, np.abs(step).max(axis=0) / _LONGEST)
    return step * scale, gain, bowl
