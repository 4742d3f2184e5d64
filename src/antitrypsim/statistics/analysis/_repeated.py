"""Fits of repeated measures to thousands of replicates at once, by restricted likelihood.

The search is Newton's with the observed information, or Fisher's scoring where the likelihood is
not concave. Replicates that have arrived are taken out of the arrays. An unstructured covariance
that is not found so is sought again by its Cholesky root, which cannot leave what is possible; then
the replicate gets the next of ``FALLBACKS``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from antitrypsim.statistics.analysis import _pattern_sums, _regression
from antitrypsim.statistics.analysis._columns import Columns, prepare
from antitrypsim.statistics.analysis._covariances import (
    Autoregressive,
    Rooted,
    Structure,
    Toeplitz,
    Unstructured,
)
from antitrypsim.statistics.analysis._pattern_sums import PatternSums
from antitrypsim.statistics.analysis._patterned import Value, adjusted, evaluate
from antitrypsim.statistics.analysis._sandwich import robust

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

STEPS = 60
# Steps of a search that has been found to be hard.
LONG = 100
HALVINGS = 40
# Twice the likelihood left to gain at which the step just found is the last; what is left after it
# is of the order of its square.
NEAR = 1e-7
# Least eigenvalue of the scaled information where there is a maximum.
FLAT = 1e-8
# Numbers held at once for one chunk of replicates.
ROOM = 6_000_000


# What takes the place of an unstructured covariance that cannot be fitted, in this order; numbered
# from 1 where it is told which one was used, 0 being none.
FALLBACKS = ("toeplitz", "ar1")
# Kenward's and Roger's errors with the fewer of their degrees of freedom and Bell's and McCaffrey's.
CAUTIOUS = "cautious"


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Sums of arm means: ``estimate``, ``se`` and ``free`` degrees of freedom, (R, J).

    ``fallback`` (R,): 0, or the place of the covariance in ``FALLBACKS``, counted from 1.
    """

    estimate: Floats
    se: Floats
    free: Floats
    fallback: NDArray[np.int8]


def contrasts(
    y: Floats,
    columns: Columns,
    arm: NDArray[np.integer],
    weights: Floats,
    covariance: str,
    df: str,
    common: Sequence[bool],
) -> Found:
    """Return sums of arm means by visit.

    ``y`` (R, n, T), NaN where missing; ``columns`` of people, those that are ``common`` with one
    effect over all visits, which stand last, the others with one a visit; ``arm`` (R, n), -1 for
    people left out; ``weights`` (J, arms, T). ``covariance``: unstructured, toeplitz or ar1; ``df``:
    satterthwaite, kenward-roger or cautious, for the first of these; the others get standard errors
    that do not trust them (see ``_sandwich``). People without a column or any value are left out. NaN where
    arms and covariates cannot be told apart, an arm has fewer than two people or none at a visit,
    nothing varies, or no search ends.
    """
    R, n, T = y.shape
    arms, c = weights.shape[1], len(common)
    q = arms + c
    kept = (arm >= 0) & columns.known
    code = _pattern_sums.codes(y, kept)
    # With one visit there is but one variance.
    kind = "unstructured" if T == 1 else covariance
    patterns = len(np.unique(code))
    K = 2 if kind == "ar1" else T * (T + 1) // 2
    each = n * (q + T) + patterns * T**2 * (q**2 + 12) + 3 * q**2 * T**4 + 4 * K * (q * T) ** 2
    step = max(1, ROOM // each)
    plan = _Plan(weights, tuple(common), basis(arms, T, common), df)
    out, fallback = np.full((3, R, len(weights)), np.nan), np.zeros(R, dtype=np.int8)
    for first in range(0, R, step):
        rows = slice(first, first + step)
        out[:, rows], fallback[rows] = _chunk(
            y[rows], columns.take(rows), arm[rows], code[rows], plan, kind
        )
    return Found(out[0], out[1], out[2], fallback)


@dataclass(frozen=True, slots=True, eq=False)
class _Plan:
    weights: Floats
    common: tuple[bool, ...]
    basis: Floats | None
    df: str


def basis(arms: int, T: int, common: Sequence[bool]) -> Floats | None:
    """Return the effects as combinations of those by visit, None where they are just these."""
    if not any(common):
        return None
    rows = []
    for k, once in enumerate([False] * arms + list(common)):
        unit = np.zeros((len(common) + arms, T))
        if once:
            unit[k] = 1
            rows.append(unit.ravel())
        for t in range(0 if once else T):
            rows.append(np.where(np.arange(T) == t, 1.0, 0.0)[None].repeat(len(unit), 0).ravel()
                        * np.repeat(np.arange(len(unit)) == k, T))  # fmt: skip
    return np.array(rows, dtype=float)


def _chunk(
    y: Floats,
    columns: Columns,
    arm: NDArray[np.integer],
    code: NDArray[np.int64],
    plan: _Plan,
    kind: str,
) -> tuple[Floats, NDArray[np.int8]]:
    inside = code > 0
    R, T = y.shape[0], y.shape[2]
    J, arms, _ = plan.weights.shape
    out, fallback = np.full((3, R, J), np.nan), np.zeros(R, dtype=np.int8)
    prepared = prepare(columns, np.where(inside, arm, -1), arms, inside)
    of_arm = np.stack([inside & (arm == k) for k in range(arms)], axis=2)
    counts, u = of_arm.sum(axis=1), _regression.columns(of_arm, prepared.z, inside)
    # Values about zero and of unit size keep digits in the sums of their squares.
    known = np.isfinite(y) & inside[:, :, None]
    count = known.sum(axis=1).clip(1)
    centre = np.where(known, y, 0.0).sum(axis=1) / count
    off = np.where(known, y - centre[:, None], 0.0)
    size = np.sqrt((off**2).sum(axis=(1, 2)) / known.sum(axis=(1, 2)).clip(1))
    size = np.where(size > 0, size, np.nan)
    off /= np.where(size > 0, size, 1.0)[:, None, None]
    sums = _pattern_sums.summarise(off, u, code, plan.basis)
    if not len(sums.there):
        return out, fallback
    guessed, fine = _pattern_sums.guess(sums)
    left = np.flatnonzero(fine & prepared.fine & (counts > 1).all(axis=1) & (size > 0))
    by_visit = np.zeros((J, u.shape[2], T))
    by_visit[:, :arms] = plan.weights
    L = by_visit.reshape(J, u.shape[2] * T)
    kinds = (kind, *FALLBACKS) if kind == "unstructured" and T > 1 else (kind,)
    for number, each in enumerate(kinds):
        if not left.size:
            break
        if each == "unstructured":
            # With fewer people the scatter about the effects has no full rank and no maximum.
            own = arms + prepared.live[:, [not once for once in plan.common]].sum(axis=1)
            rich = (counts.sum(axis=1) - own >= T)[left]
            left, poor = left[rich], left[~rich]
        some = sums.take(left)
        if each == "unstructured":
            people = (off[left], u[left], known[left])
            told = unstructured(some, guessed[left], L, plan.df, people)
        else:
            told = _robust(some, each, guessed[left], off[left], u[left], known[left], L)
        got = np.isfinite(told).all(axis=(0, 2))
        which = left[got]
        scale = size[which, None]
        shift = centre[which] @ plan.weights.sum(axis=1).T
        out[:, which] = told[0, got] * scale + shift, told[1, got] * scale, told[2, got]
        fallback[which] = number
        left = left[~got]
        if number == 0 and len(kinds) > 1:
            left = np.union1d(left, poor)
    return out, fallback


def unstructured(
    sums: PatternSums,
    guessed: Floats,
    L: Floats,
    df: str,
    people: tuple[Floats, Floats, Flags] | None = None,
) -> Floats:
    """Return estimates, standard errors and degrees of freedom by any covariance, (3, F, J).

    ``people``: values, numbers and what is known of each, which cautious degrees of freedom need.
    """
    structure, rooted = Unstructured(guessed.shape[1]), Rooted(guessed.shape[1])
    theta, arrived = search(sums, structure, structure.start(guessed))
    lost = np.flatnonzero(~arrived)
    if lost.size:
        again, got = search(sums.take(lost), rooted, rooted.start(guessed[lost]), LONG)
        theta[lost[got]] = structure.start(rooted.at(again[got]).matrix)
        arrived[lost[got]] = structure.possible(theta[lost[got]])
    out = np.full((3, len(theta), len(L)), np.nan)
    which = np.flatnonzero(arrived)
    if which.size:
        out[:, which] = inference(sums.take(which), structure, theta[which], L, df)
    if which.size and people is not None and df == CAUTIOUS:
        some = _apart(sums, structure, theta, *people, L, which)[2]
        out[2] = np.where(np.isfinite(some), np.minimum(out[2], some), out[2])
    return out


def _robust(
    sums: PatternSums, kind: str, guessed: Floats, y: Floats, u: Floats, known: Flags, L: Floats
) -> Floats:
    """Return what ``_unstructured`` does by a simpler covariance, with errors that do not trust it."""
    T = guessed.shape[1]
    structure: Structure = Autoregressive(T) if kind == "ar1" else Toeplitz(T)
    theta, arrived = search(sums, structure, structure.start(guessed), LONG)
    return _apart(sums, structure, theta, y, u, known, L, np.flatnonzero(arrived))


def _apart(
    sums: PatternSums, structure: Structure, theta: Floats, y: Floats, u: Floats, known: Flags, L: Floats,
    which: NDArray[np.intp],
) -> Floats:  # fmt: skip
    """Return estimates, sandwich errors and their degrees of freedom (3, F, J) where ``which``."""
    T = y.shape[2]
    out = np.full((3, len(theta), len(L)), np.nan)
    step = max(1, ROOM // (u.shape[1] * (12 * T * T + 4 * len(L) * u.shape[2] * T)))
    for first in range(0, len(which), step):
        rows = which[first : first + step]
        covariance = structure.at(theta[rows])
        value = evaluate(sums.take(rows), covariance)
        variance, free = robust(y[rows], u[rows], known[rows], covariance.matrix, value.effects,
                                value.spread, L)  # fmt: skip
        sound = (variance > 0) & (free > 0)
        out[:, rows] = (
            value.effects @ L.T,
            np.sqrt(np.where(sound, variance, np.nan)),
            np.where(sound, free, np.nan),
        )
    return out


def search(
    sums: PatternSums, structure: Structure, theta: Floats, steps: int = STEPS
) -> tuple[Floats, Flags]:
    """Return parameters (F, K) of greatest likelihood from ``theta``, and which F got there."""
    found, arrived = theta.copy(), np.zeros(len(theta), np.bool_)
    left = np.flatnonzero(structure.possible(theta))
    sums, now = sums.take(left), theta[left]
    best, step = np.full(len(left), -np.inf), np.zeros_like(now)
    for _ in range(steps):
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
    # At an edge of the possible a parameter may bend the likelihood and tell nothing of its slope.
    diagonal = np.maximum(diagonal, 1e-3 * np.abs(np.einsum("fkk->fk", value.observed)))
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


def inference(
    sums: PatternSums, structure: Structure, theta: Floats, L: Floats, df: str
) -> tuple[Floats, Floats, Floats]:
    """Return ``L`` (J, p) times the effects, standard errors and degrees of freedom, (F, J)."""
    covariance = structure.at(theta)
    value = evaluate(sums, covariance)
    kenward = df in (CAUTIOUS, "kenward-roger")
    information = value.expected if kenward else value.observed
    unit = 1 / np.sqrt(np.abs(np.einsum("fkk->fk", information)))
    outer = unit[:, :, None] * unit[:, None]
    W = np.linalg.inv(information * outer) * outer
    turned = value.spread @ L.T
    variance = (L.T * turned).sum(axis=1)
    by = (turned[:, None] * (value.moved @ turned[:, None])).sum(axis=2)
    free = 2 * variance**2 / (by * (W @ by)).sum(axis=1)
    free = np.where(free > 0, free, np.nan)
    if kenward:
        variance = (L.T * (adjusted(sums, covariance, value, W) @ L.T)).sum(axis=1)
    return value.effects @ L.T, np.sqrt(np.where(variance > 0, variance, np.nan)), free
