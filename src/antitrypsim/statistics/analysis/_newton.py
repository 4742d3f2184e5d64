"""Maximum likelihood of many small models at once, by Newton's method."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Evaluate = Callable[[Floats], tuple[Floats, Floats, Floats]]

ROUNDS = 50
NEAR = 1e-9
# A coefficient of a log odds or log hazard that runs so far has no finite maximum.
FAR = 20.0


def maximise(evaluate: Evaluate, free: Bools) -> tuple[Floats, Floats]:
    """Return the maximum of R concave log likelihoods and the inverse of their information.

    ``evaluate`` gives, for coefficients (R, p), the log likelihood (R,), its slope (R, p) and its
    information (R, p, p). ``free`` (R, p): the coefficients to be found. NaN for the others, for
    those without a finite maximum, and for a whole replicate without a single maximum.
    """
    with np.errstate(all="ignore"):
        beta = np.zeros(free.shape)
        best, slope, information = evaluate(beta)
        fixed = ~(free & (np.einsum("rpp->rp", information) > 0))
        step, inverse, lost = _step(slope, information, fixed)
        done, runs = lost.copy(), np.zeros(len(beta), dtype=bool)
        for _ in range(ROUNDS):
            if done.all():
                break
            trial = np.where(done[:, None], beta, beta + step)
            height, slope, information = evaluate(trial)
            # A full step of a concave function may overshoot; then half of it is tried.
            up = height >= best - 1e-10 * (1 + np.abs(best))
            small = np.abs(step).max(axis=1, initial=0.0) < NEAR
            beta = np.where(up[:, None], trial, beta)
            best = np.where(up, height, best)
            fresh, fresh_inverse, flat = _step(slope, information, fixed)
            moved = up & ~done
            lost |= moved & flat
            runs |= moved & (np.abs(trial).max(axis=1, initial=0.0) > FAR)
            step = np.where(up[:, None], fresh, step / 2)
            inverse = np.where(up[:, None, None], fresh_inverse, inverse)
            done |= lost | runs | (up & small)
    # By the time that one coefficient is so far the others have come to rest.
    endless = runs[:, None] & (np.abs(beta) > FAR / 2)
    none = fixed | endless | (lost | ~done)[:, None]
    return np.where(none, np.nan, beta), np.where(_either(none), np.nan, inverse)


def _either(fixed: Bools) -> Bools:
    return np.asarray(fixed[:, :, None] | fixed[:, None, :])


def inverse(information: Floats, free: Bools) -> Floats:
    """Return the inverse of the information of the coefficients that are ``free``, NaN elsewhere."""
    fixed = ~free
    _, found, flat = _step(np.zeros(free.shape), information, fixed)
    return np.where(_either(fixed) | flat[:, None, None], np.nan, found)


def _step(slope: Floats, information: Floats, fixed: Bools) -> tuple[Floats, Floats, Bools]:
    """Return the step of Newton, the inverse of the information, and where that has none."""
    eye = np.eye(fixed.shape[1])
    information = np.where(_either(fixed), eye, information)
    size = np.sqrt(np.einsum("rpp->rp", information))
    unit = size[:, :, None] * size[:, None, :]
    scaled = np.nan_to_num(information / unit)
    flat = np.asarray(~(np.linalg.det(scaled) > 1e-12))
    inverse = np.linalg.inv(np.where(flat[:, None, None], eye, scaled)) / unit
    return np.einsum("rpq,rq->rp", inverse, np.where(fixed, 0.0, slope)), inverse, flat
