"""Slopes of every replicate of a block where covariates shift the level of a participant.

The model of ``_slope_block``, taken as one of repeated measures: the covariance of the values of a
person is that of a line and its scatter, and the effects of all visits are made of those of a level
and a slope.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from antitrypsim.statistics.analysis import _pattern_sums, _regression, _repeated
from antitrypsim.statistics.analysis._columns import Columns, prepare
from antitrypsim.statistics.analysis._covariances import ByDifferences, Covariance
from antitrypsim.statistics.analysis._linear_sums import Linear

Floats = NDArray[np.float64]

# Numbers held at once for one chunk of replicates.
ROOM = 6_000_000


class Lines(ByDifferences):
    """The covariance of values about a line of one's own.

    Parameters: the elements 00, 10 and 11 of the root of the covariance of intercept and slope, and
    the standard deviation of the scatter. ``time`` (T,).
    """

    def __init__(self, time: Floats) -> None:
        super().__init__(len(time))
        self.Z = np.stack([np.ones_like(time), time], axis=1)

    def start(self, guess: Floats) -> Floats:
        """Return what a covariance (F, T, T) says of lines, of variances not too small."""
        own = np.linalg.pinv(self.Z)
        D = own @ guess @ own.T
        off = np.eye(self.visits) - self.Z @ own
        noise = np.trace(off @ guess, axis1=1, axis2=2) / (self.visits - 2)
        noise = np.maximum(noise, 0.01 * np.trace(guess, axis1=1, axis2=2) / self.visits)
        D = D - noise[:, None, None] * (own @ own.T)
        values, vectors = np.linalg.eigh(D)
        floor = 0.05 * noise * np.trace(own @ own.T)
        D = (vectors * np.maximum(values, floor[:, None])[:, None]) @ vectors.swapaxes(1, 2)
        L = np.linalg.cholesky(D)
        return np.stack([L[:, 0, 0], L[:, 1, 0], L[:, 1, 1], np.sqrt(noise)], axis=1)

    def matrix(self, theta: Floats) -> Floats:
        """Return the covariances."""
        a, b, c, s = theta.T
        L = np.zeros((len(theta), 2, 2))
        L[:, 0, 0], L[:, 1, 0], L[:, 1, 1] = a, b, c
        half = self.Z @ L
        scatter = (s**2)[:, None, None] * np.eye(self.visits)
        return np.asarray(half @ half.swapaxes(1, 2) + scatter)


class LinearLines(Lines):
    """The same, with derivatives by the elements of the covariance itself, as pbkrtest has them."""

    def at(self, theta: Floats) -> Covariance:
        """Return the covariance."""
        one, time = self.Z.T
        mixed = np.outer(one, time)
        first = [np.outer(one, one), mixed + mixed.T, np.outer(time, time), np.eye(self.visits)]
        return Covariance(self.matrix(theta), np.stack(first)[None])


def differences(
    values: Floats, columns: Columns, arm: NDArray[np.integer], arms: int, years: Floats, df: str
) -> Floats:
    """Return slope differences a year, errors and degrees of freedom, (3, R, arms - 1).

    ``values`` (R, n, T), ``years`` (T,); people without a column are left out.
    """
    R, n, T = values.shape
    q = arms + len(columns.group)
    width = float(years.std())
    model = _Model(arms, q, (years - years.mean()) / width, df)
    each = n * (q + T) + min(n, 1 << T) * T**2 * (q**2 + 12) + 3 * q**2 * T**4
    step = max(1, ROOM // each)
    out = np.full((3, R, arms - 1), np.nan)
    with np.errstate(all="ignore"):
        for first in range(0, R, step):
            rows = slice(first, first + step)
            out[:, rows] = _chunk(values[rows], columns.take(rows), arm[rows], model)
    out[:2] /= width
    return out


class _Model:
    """The effects of ``q`` numbers of people as levels and slopes, and the slopes to be told."""

    def __init__(self, arms: int, q: int, time: Floats, df: str) -> None:
        self.arms, self.q, self.time, self.df = arms, q, time, df
        T = len(time)
        basis, L = np.zeros((arms + q, q, T)), np.zeros((arms - 1, q, T))
        for k in range(q):
            basis[k, k] = 1
        for k in range(arms):
            basis[q + k, k] = time
        own = time / (time @ time)
        L[:, 0] = -own
        L[np.arange(arms - 1), np.arange(1, arms)] = own
        self.basis = basis.reshape(arms + q, q * T)
        self.L = L.reshape(arms - 1, q * T)


def of_sums(found: Linear, years: Floats, weights: Floats, df: str) -> Floats:
    """Return slopes a year of arms by their ``weights`` (J, arms), errors and degrees of freedom, (3, J)."""
    A, q = found.arms, found.S.shape[1] - len(years)
    width = float(years.std())
    model = _Model(A, q, (years - years.mean()) / width, df)
    L = np.zeros((len(weights), q, len(years)))
    L[:, :A] = weights[:, :, None] * (model.time / (model.time @ model.time))
    sums = found.patterns(model.basis)
    guessed, fine = _pattern_sums.guess(sums)
    out = np.full((3, len(weights)), np.nan)
    lines = Lines(model.time)
    if not fine.all() or not (found.there.sum(axis=1) > 2).any():
        return out
    theta, arrived = _repeated.search(sums, lines, lines.start(guessed), _repeated.LONG)
    if arrived.all():
        structure = LinearLines(model.time) if df == "kenward-roger" else lines
        told = _repeated.inference(sums, structure, theta, L.reshape(len(L), -1), df)
        out[:] = np.stack(told)[:, 0]
        out[:2] *= found.size / width
    return out


def _chunk(values: Floats, columns: Columns, arm: NDArray[np.integer], model: _Model) -> Floats:
    """Return differences by the unit of ``model.time``, errors and degrees of freedom."""
    arms = model.arms
    kept = np.asarray((arm >= 0) & columns.known)
    known = np.isfinite(values) & kept[:, :, None]
    inside = np.asarray(known.any(axis=2))
    prepared = prepare(columns, np.where(inside, arm, -1), arms, inside)
    of_arm = np.stack([inside & (arm == k) for k in range(arms)], axis=2)
    people, u = of_arm.sum(axis=1), _regression.columns(of_arm, prepared.z, inside)
    count = known.sum(axis=(1, 2)).clip(1)
    centre = np.where(known, values, 0.0).sum(axis=(1, 2)) / count
    off = np.where(known, values - centre[:, None, None], 0.0)
    size = np.sqrt((off**2).sum(axis=(1, 2)) / count)
    off /= np.where(size > 0, size, 1.0)[:, None, None]
    sums = _pattern_sums.summarise(off, u, _pattern_sums.codes(values, kept), model.basis)
    out = np.full((3, len(values), arms - 1), np.nan)
    if not len(sums.there):
        return out
    guessed, fine = _pattern_sums.guess(sums)
    fine &= prepared.fine & (people > 1).all(axis=1) & (size > 0)
    left = np.flatnonzero(fine & (known.sum(axis=2) > 2).any(axis=1))
    lines = Lines(model.time)
    theta, arrived = _repeated.search(
        sums.take(left), lines, lines.start(guessed[left]), _repeated.LONG
    )
    which = left[arrived]
    if which.size:
        structure = LinearLines(model.time) if model.df == "kenward-roger" else lines
        told = _repeated.inference(sums.take(which), structure, theta[arrived], model.L, model.df)
        out[:, which] = np.stack(told)
        out[:2, which] *= size[which, None]
    return out
