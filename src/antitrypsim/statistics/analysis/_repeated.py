"""Fits of repeated measures to thousands of replicates at once, by restricted likelihood.

The search is Newton's with the observed information, or Fisher's scoring where the likelihood is
not concave. Replicates that have arrived are taken out of the arrays.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from antitrypsim.statistics.analysis import _pattern_sums
from antitrypsim.statistics.analysis._covariances import Autoregressive, Structure, Unstructured
from antitrypsim.statistics.analysis._pattern_sums import Sums
from antitrypsim.statistics.analysis._patterned import Value, adjusted, evaluate

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

STEPS = 60
HALVINGS = 40
# Twice the likelihood left to gain at which the step just found is the last; what is left after it
# is of the order of its square.
NEAR = 1e-7
# Least eigenvalue of the scaled information where there is a maximum.
FLAT = 1e-8
# Numbers held at once for one chunk of replicates.
ROOM = 6_000_000


def contrasts(
    y: Floats, columns: Floats, arm: NDArray[Any], weights: Floats, covariance: str, df: str
) -> tuple[Floats, Floats, Floats]:
    """Return sums of arm means by visit, their standard errors and degrees of freedom, (R, J).

    ``y`` (R, n, T), NaN where missing; ``columns`` (R, n, c) numbers of people, centred, NaN where
    not known, each with an effect at every visit; ``arm`` (R, n), -1 for people left out;
    ``weights`` (J, arms, T). ``covariance``: unstructured or ar1; ``df``: satterthwaite or
    kenward-roger. People without a column or any value are left out. NaN where the effects of a
    visit cannot be told apart, an arm has fewer than two people, or the search does not end.
    """
    R, n, T = y.shape
    arms = weights.shape[1]
    q = arms + columns.shape[2]
    # With one visit there is but one variance.
    structure: Structure = Autoregressive(T) if covariance == "ar1" and T > 1 else Unstructured(T)
    kept = (arm >= 0) & np.isfinite(columns).all(axis=2)
    code = _pattern_sums.codes(y, kept)
    patterns = len(np.unique(code))
    K = 2 if covariance == "ar1" else T * (T + 1) // 2
    each = n * (q + T) + patterns * T**2 * (q**2 + 12) + 3 * q**2 * T**4 + 4 * K * (q * T) ** 2
    step = max(1, ROOM // each)
    out = np.full((3, R, len(weights)), np.nan)
    for first in range(0, R, step):
        rows = slice(first, first + step)
        out[:, rows] = _chunk(y[rows], columns[rows], arm[rows], code[rows], weights, structure, df)
    return out[0], out[1], out[2]


def _chunk(
    y: Floats,
    columns: Floats,
    arm: NDArray[Any],
    code: NDArray[np.int64],
    weights: Floats,
    structure: Structure,
    df: str,
) -> Floats:
    inside = code > 0
    R, T = y.shape[0], y.shape[2]
    J, arms, _ = weights.shape
    u = np.zeros((*arm.shape, arms + columns.shape[2]))
    for k in range(arms):
        u[:, :, k] = inside & (arm == k)
    people = u[:, :, :arms].sum(axis=1)
    numbers = np.where(inside[:, :, None], columns, 0.0)
    width = np.sqrt(
        (numbers**2).sum(axis=1, keepdims=True) / inside.sum(axis=1)[:, None, None].clip(1)
    )
    u[:, :, arms:] = numbers / np.where(width > 0, width, 1.0)
    # Values about zero and of unit size keep digits in the sums of their squares.
    known = np.isfinite(y) & inside[:, :, None]
    count = known.sum(axis=1).clip(1)
    centre = np.where(known, y, 0.0).sum(axis=1) / count
    off = np.where(known, y - centre[:, None], 0.0)
    size = np.sqrt((off**2).sum(axis=(1, 2)) / known.sum(axis=(1, 2)).clip(1))
    size = np.where(size > 0, size, np.nan)
    sums = _pattern_sums.summarise(off / np.where(size > 0, size, 1.0)[:, None, None], u, code)
    out = np.full((3, R, J), np.nan)
    if not len(sums.there):
        return out
    guessed, fine = _pattern_sums.guess(sums)
    fine &= (people > 1).all(axis=1) & (size > 0)
    which = np.flatnonzero(fine)
    theta, arrived = _search(sums.take(which), structure, structure.start(guessed[which]))
    which, theta = which[arrived], theta[arrived]
    if not which.size:
        return out
    some = sums.take(which)
    L = np.zeros((J, u.shape[2], T))
    L[:, :arms] = weights
    estimate, se, free = _inference(some, structure, theta, L.reshape(J, u.shape[2] * T), df)
    shift = centre[which] @ weights.sum(axis=1).T
    scale = size[which, None]
    out[:, which] = estimate * scale + shift, se * scale, free
    return out


def _search(sums: Sums, structure: Structure, theta: Floats) -> tuple[Floats, Flags]:
    """Return parameters (F, K) of greatest likelihood from ``theta``, and which F got there."""
    found, arrived = theta.copy(), np.zeros(len(theta), np.bool_)
    left = np.flatnonzero(structure.possible(theta))
    sums, now = sums.take(left), theta[left]
    best, step = np.full(len(left), -np.inf), np.zeros_like(now)
    for _ in range(STEPS):
        if not left.size:
            break
        value = evaluate(sums, structure.at(now))
        # Rounding of the likelihood must not stop the last steps.
        better = value.likelihood >= best - 1e-9 * (1 + np.abs(best))
        new, gain, bowl = _newton(value)
        done = better & bowl & (gain < NEAR)
        # A step that went down is taken back by half, and so is one that leads to no covariance.
        step = np.where(better[:, None], new, step / 2)
        now = np.where(better[:, None], now + new, now - step)
        best = np.where(better, value.likelihood, best)
        bad = ~structure.possible(now)
        for _ in range(HALVINGS):
            if not bad.any():
                break
            step[bad] /= 2
            now[bad] -= step[bad]
            bad[bad] = ~structure.possible(now[bad])
        done &= ~bad
        found[left[done]], arrived[left[done]] = now[done], True
        keep = ~(done | bad) & (best > -np.inf)
        if not keep.all():
            kept = np.flatnonzero(keep)
            sums, left, now = sums.take(kept), left[kept], now[kept]
            step, best = step[kept], best[kept]
    return found, arrived


def _newton(value: Value) -> tuple[Floats, Floats, Flags]:
    """Return the step (F, K), twice the likelihood it should gain, and whether there is a maximum."""
    K = value.slope.shape[1]
    diagonal = np.einsum("fkk->fk", value.expected)
    fine = np.isfinite(value.observed).all(axis=(1, 2)) & (diagonal > 0).all(axis=1)
    unit = 1 / np.sqrt(np.where(fine[:, None], diagonal, 1.0))
    outer = unit[:, :, None] * unit[:, None]
    observed = np.where(fine[:, None, None], value.observed * outer, np.eye(K))
    expected = np.where(fine[:, None, None], value.expected * outer, np.eye(K))
    bowl = np.linalg.eigvalsh(observed)[:, 0] > FLAT
    # What parameters cannot be told apart stay where they are.
    information = np.where(bowl[:, None, None], observed, expected + FLAT * np.eye(K))
    slope = np.where(fine[:, None], value.slope, 0.0) * unit
    step = np.linalg.solve(information, slope[..., None])[..., 0]
    return step * unit, (step * slope).sum(axis=1), bowl & fine


def _inference(
    sums: Sums, structure: Structure, theta: Floats, L: Floats, df: str
) -> tuple[Floats, Floats, Floats]:
    """Return ``L`` (J, p) times the effects, standard errors and degrees of freedom, (F, J)."""
    covariance = structure.at(theta)
    value = evaluate(sums, covariance)
    information = value.expected if df == "kenward-roger" else value.observed
    unit = 1 / np.sqrt(np.einsum("fkk->fk", value.expected))
    outer = unit[:, :, None] * unit[:, None]
    W = np.linalg.inv(information * outer) * outer
    turned = value.spread @ L.T
    variance = (L.T * turned).sum(axis=1)
    by = (turned[:, None] * (value.moved @ turned[:, None])).sum(axis=2)
    free = 2 * variance**2 / (by * (W @ by)).sum(axis=1)
    free = np.where(free > 0, free, np.nan)
    if df == "kenward-roger":
        variance = (L.T * (adjusted(sums, covariance, value, W) @ L.T)).sum(axis=1)
    return value.effects @ L.T, np.sqrt(np.where(variance > 0, variance, np.nan)), free
