"""Draws of what is missing from visit to visit, many data sets of many replicates at once.

Within an arm a visit is regressed on the baseline and the visits before it, among those measured
then. With a flat prior (1 / variance for the variance) the posterior of variance and coefficients
is drawn from one standard normal e a person: with X the design of the people measured,
the variance is (residual squares of y) / (residual squares of e) and the coefficients are those of
y + (root of that variance) e, because both parts of e are independent and have the right
distributions. A missing value takes the e of its own person as its scatter. So numbers belong to
people, and the names and order of the arms change nothing.
"""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from antitrypsim.foundations.random import generator
from antitrypsim.statistics.analysis._columns import Prepared

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
# Keeps a design whose visits repeat each other solvable; far below what the draws could show.
RIDGE = 1e-12


def complete(
    values: Floats,
    arm: NDArray[np.integer],
    arms: int,
    columns: Prepared | None = None,
    *,
    seed: int,
    sets: int,
    control: bool,
) -> Floats:
    """Return the values of the last visit in each completed data set, (R, data sets, n).

    ``values`` (R, n, visits), any unit, NaN where missing, the baseline first; ``arm`` (R, n), -1
    for people left out, who come back as they were; the others need a baseline. ``columns``: what
    every regression has besides. ``control``: who is
    missing to the end in an arm but the first is drawn from the regressions of the first (copy
    reference), a gap before a later value from those of the own arm all the same. A replicate with
    too few people to draw from in some arm comes back with NaN.
    """
    scaled, centre, scale = _standard(values, arm >= 0)
    missing = np.isnan(values) & (arm >= 0)[:, :, None]
    e = _scatter(values, arm >= 0, seed, sets)
    replicates, people, visits = values.shape
    z = np.zeros((replicates, people, 0)) if columns is None else columns.z
    c, more = z.shape[2], z * np.sqrt((arm >= 0).sum(axis=1))[:, None, None]
    X = np.ones((replicates, sets, people, 1 + c + visits))
    X[..., 1:] = np.concatenate([more, np.nan_to_num(scaled)], axis=2)[:, None]
    spare = (~columns.live).sum(axis=1) if columns is not None else np.zeros(replicates, int)
    for v in range(1, visits):
        gone = missing[:, :, v]
        ended = missing[:, :, v:].all(axis=2)
        known = ~np.isnan(values[:, :, v])
        for k in range(arms):
            mine = gone & (arm == k)
            if control:
                mine = mine & (~ended | (k == 0))
                mine |= gone & ended & (arm > 0) & (k == 0)
            needed = mine.any(axis=1)
            if not needed.any():
                continue
            rows = slice(None) if needed.all() else needed
            at = 1 + c + v
            fit = (known & (arm == k))[rows]
            drawn = _drawn(X[rows, :, :, : at + 1], e[v - 1][rows], fit, spare[rows])
            X[rows, :, :, at] = np.where(mine[rows][:, None], drawn, X[rows, :, :, at])
    last = X[..., -1] * scale[:, None, None] + centre[:, None, None]
    return np.where(missing[:, None, :, -1], last, values[:, None, :, -1])


def _drawn(X: Floats, e: Floats, fit: Flags, spare: NDArray[np.int64]) -> Floats:
    """Return a draw for every person of the last column of ``X`` given those before it.

    ``fit`` (R, n): who is measured and of the arm to learn from; ``spare`` (R,): how many columns are
    but 0. NaN where there are too few people.
    """
    before = X[..., :-1]
    y = X[..., -1]
    free = fit.sum(axis=1) - before.shape[-1] + spare
    ok = free > 0
    used = before * fit[:, None, :, None]
    square = used.swapaxes(-1, -2) @ before
    square[~ok] = np.eye(before.shape[-1])
    size = np.trace(square, axis1=-2, axis2=-1)[..., None, None]
    square += RIDGE * size * np.eye(before.shape[-1])
    both = np.stack([y, e], axis=-1)
    coefficients = np.linalg.solve(square, used.swapaxes(-1, -2) @ both)
    line = before @ coefficients
    residual = ((both - line) ** 2 * fit[:, None, :, None]).sum(axis=2)
    sd = np.full(residual.shape[:2], np.nan)
    np.divide(residual[..., 0], residual[..., 1], out=sd, where=ok[:, None])
    sd = np.sqrt(sd)[..., None]
    return np.asarray(line[..., 0] + sd * line[..., 1] + sd * e)


def _standard(values: Floats, kept: Flags) -> tuple[Floats, Floats, Floats]:
    """Return values with mean 0 and SD 1 at each visit, and centre and scale (R,) of the last."""
    known = ~np.isnan(values) & kept[:, :, None]
    count = known.sum(axis=1).clip(1)[:, None]
    centre = np.where(known, values, 0.0).sum(axis=1, keepdims=True) / count
    off = np.where(known, values - centre, 0.0)
    scale = np.sqrt((off**2).sum(axis=1, keepdims=True) / count)
    scale = np.where(scale > 0, scale, 1.0)
    return (values - centre) / scale, centre[:, 0, -1], scale[:, 0, -1]


def _scatter(values: Floats, kept: Flags, seed: int, sets: int) -> Floats:
    """Return standard normals, (visits - 1, R, data sets, n), 0 for people left out.

    The stream of a replicate is named by its data, so that it is the same alone as among others,
    and unlike that of another replicate.
    """
    replicates, people, visits = values.shape
    out = np.zeros((visits - 1, replicates, sets, people))
    for r in range(replicates):
        own = values[r, kept[r]]
        gaps = np.isnan(own)
        if not gaps.any():
            continue
        # Every NaN and both zeros get one pattern of bits.
        plain = np.where(gaps, np.nan, own) + 0.0
        name = blake2b(plain.tobytes(), digest_size=16).hexdigest()
        stream = generator(seed, f"multiple imputation {name}")
        out[:, r, :, kept[r]] = stream.standard_normal((len(own), visits - 1, sets))
    return out
