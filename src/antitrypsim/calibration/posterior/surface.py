"""An emulator: every statistic as a sparse polynomial of degree 2 in the scores, with its error.

For each statistic terms are chosen by forward selection among the lines and bends of all scores (that
of the shares of variance), then among products of the scores already chosen. Where the scores come in groups,
all lines and bends at once, shrunk by group, are the other way (``ridge.py``); that is taken which errs less in runs not seen.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from antitrypsim.calibration.posterior.ridge import Grouped, ridge_by_groups
from antitrypsim.uncertainty.hermite import FOLDS, folds, hermite, sparse_fit

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_MOST_MAINS = 12
"""Products are tried among so many scores, those with the largest effects."""
_ROOT2 = math.sqrt(2.0)


@dataclass(frozen=True, eq=False)
class Surface:
    """Statistics as polynomials of u = (z - centre) / size, for s statistics and p scores.

    ``linear`` and ``square`` have shape (s, p), of the normalised Hermite polynomials; ``pairs`` (c, 2)
    are the products that occur and ``cross`` (s, c) their coefficients.
    """

    centre: Floats
    size: Floats
    intercept: Floats
    linear: Floats
    square: Floats
    pairs: Ints
    cross: Floats

    @property
    def active(self) -> Ints:
        """Positions of the scores that move any statistic."""
        used = np.any((self.linear != 0) | (self.square != 0), axis=0)
        used[self.pairs[np.any(self.cross != 0, axis=0)].ravel()] = True
        return np.flatnonzero(used)

    def __call__(self, z: Floats) -> Floats:
        """Return statistics at scores of shape (n, p), shape (n, s)."""
        u = (z - self.centre) / self.size
        found = self.intercept + u @ self.linear.T + (u * u - 1.0) / _ROOT2 @ self.square.T
        if len(self.pairs):
            found = found + u[:, self.pairs[:, 0]] * u[:, self.pairs[:, 1]] @ self.cross.T
        return np.asarray(found)

    def pulled(self, z: Floats, weights: Floats) -> Floats:
        """Return the gradient in z of the statistics summed with weights (n, s), shape (n, p)."""
        u = (z - self.centre) / self.size
        found = weights @ self.linear + _ROOT2 * u * (weights @ self.square)
        if len(self.pairs):
            by_pair = weights @ self.cross
            for c, (i, j) in enumerate(self.pairs):
                found[:, i] += by_pair[:, c] * u[:, j]
                found[:, j] += by_pair[:, c] * u[:, i]
        return np.asarray(found / self.size)

    def jacobian(self, z: Floats) -> Floats:
        """Return the slopes of every statistic at one point, shape (s, p)."""
        s = len(self.intercept)
        return self.pulled(np.repeat(z[None, :], s, axis=0), np.eye(s))

    def of(self, statistics: Ints) -> Surface:
        """Return the same for some of the statistics."""
        return replace(
            self, intercept=self.intercept[statistics], linear=self.linear[statistics],
            square=self.square[statistics], cross=self.cross[statistics],
        )  # fmt: skip

    def among(self, scores: Ints) -> Surface:
        """Return the same in some of the scores, which must hold all active ones."""
        place = np.full(self.centre.size, -1)
        place[scores] = np.arange(len(scores))
        kept = np.flatnonzero(np.any(self.cross != 0, axis=0))
        return replace(
            self, centre=self.centre[scores], size=self.size[scores], linear=self.linear[:, scores],
            square=self.square[:, scores], pairs=place[self.pairs[kept]], cross=self.cross[:, kept],
        )  # fmt: skip


def join(one: Surface, other: Surface, take: NDArray[np.bool_]) -> Surface:
    """Return the statistics of ``other`` where ``take`` says so, of ``one`` elsewhere.

    Both are about the same centre, of the same size.
    """
    pairs = sorted({(int(i), int(j)) for part in (one, other) for i, j in part.pairs})
    cross = np.zeros((take.size, len(pairs)))
    for part, rows in ((one, ~take), (other, take)):
        for c, (i, j) in enumerate(part.pairs):
            cross[rows, pairs.index((int(i), int(j)))] = part.cross[rows, c]
    chosen = take[:, None]
    return replace(
        one, intercept=np.where(take, other.intercept, one.intercept),
        linear=np.where(chosen, other.linear, one.linear), square=np.where(chosen, other.square, one.square),
        pairs=np.array(pairs, dtype=np.int64).reshape(-1, 2), cross=cross,
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Fitted:
    """A surface with what it left of runs that it had not seen.

    ``residuals`` (runs, statistics) are cross-fitted, NaN where a run has no statistic; ``r2`` is the
    share of the variance over the runs that they do not leave, below 0 where it was better to say nothing.
    """

    surface: Surface
    residuals: Floats
    r2: Floats

    @property
    def error(self) -> Floats:
        """The SD of what was left, by statistic."""
        return np.sqrt(np.nanmean(self.residuals**2, axis=0))


def fit_surface(
    scores: Floats,
    statistics: Floats,
    judged: NDArray[np.bool_] | None = None,
    groups: Sequence[str] = (),
) -> Fitted:
    """Fit statistics (runs, s) as a surface over scores (runs, p).

    Runs whose statistic is NaN are left out of it. ``judged`` says whose residuals count in error and
    ``r2``, all if left out; the others are fitted to only. ``groups`` names the group of each score.
    """
    n, p = scores.shape
    counts = np.ones(n, dtype=bool) if judged is None else judged
    centre = scores[counts].mean(axis=0)
    size = scores[counts].std(axis=0)
    size = np.where(size > 0, size, 1.0)
    u = (scores - centre) / size
    basis = hermite(u)
    s = statistics.shape[1]
    parts = [_Terms.fit(basis, u, statistics[:, k]) for k in range(s)]
    residuals = np.full((n, s), np.nan)
    for k in range(s):
        y = statistics[:, k]
        seen = np.flatnonzero(np.isfinite(y))
        part = np.empty(n, dtype=np.int64)
        # Each fold holds as many judged as others, and of each run the same whoever else has the statistic.
        part[counts], part[~counts] = folds(int(counts.sum())), folds(int((~counts).sum()))
        for fold in range(FOLDS):
            inside = seen[part[seen] == fold]
            outside = seen[part[seen] != fold]
            if inside.size and outside.size > 2:
                terms = _Terms.fit(basis[outside], u[outside], y[outside])
                residuals[inside, k] = y[inside] - terms.at(basis[inside], u[inside])
    if groups:
        grouped = Grouped.of(basis, groups)
        for k in range(s):
            intercept, slopes_of, left = ridge_by_groups(grouped, statistics[:, k])
            if np.nansum(left[counts] ** 2) < np.nansum(residuals[counts, k] ** 2):
                parts[k], residuals[:, k] = _Terms(intercept, slopes_of, {}), left
    residuals[~counts] = np.nan
    pairs = sorted({pair for terms in parts for pair in terms.products})
    at = {pair: c for c, pair in enumerate(pairs)}
    cross = np.zeros((s, len(pairs)))
    for k, terms in enumerate(parts):
        for pair, value in terms.products.items():
            cross[k, at[pair]] = value
    slopes = np.stack([terms.slopes for terms in parts]) if parts else np.zeros((0, 2 * p))
    surface = Surface(
        centre, size, np.array([terms.intercept for terms in parts]), slopes[:, 0::2], slopes[:, 1::2],
        np.array(pairs, dtype=np.int64).reshape(-1, 2), cross,
    )  # fmt: skip
    with np.errstate(divide="ignore", invalid="ignore"):
        whole = np.nanvar(np.where(np.isfinite(residuals), statistics, np.nan), axis=0)
        r2 = np.where(whole > 0, 1.0 - np.nanmean(residuals**2, axis=0) / whole, 0.0)
    return Fitted(surface, residuals, np.nan_to_num(r2, nan=0.0))


@dataclass(frozen=True)
class _Terms:
    """One statistic's polynomial: slopes of the basis and of products of two scores."""

    intercept: float
    slopes: Floats
    products: dict[tuple[int, int], float]

    @classmethod
    def fit(cls, basis: Floats, u: Floats, y: Floats) -> _Terms:
        seen = np.isfinite(y)
        basis, u, y = basis[seen], u[seen], y[seen]
        if y.size < 3 or float(np.ptp(y)) == 0.0:
            return cls(float(y.mean()) if y.size else 0.0, np.zeros(basis.shape[1]), {})
        intercept, slopes = sparse_fit(basis, y)
        strength = np.abs(slopes).reshape(-1, 2).max(axis=1)
        mains = np.sort(np.argsort(-strength, kind="stable")[:_MOST_MAINS])
        mains = mains[strength[mains] > 0]
        pairs = [(int(i), int(j)) for a, i in enumerate(mains) for j in mains[a + 1 :]]
        if not pairs:
            return cls(intercept, slopes, {})
        # Chosen among what the lines and bends leave, then everything fitted at once.
        left = y - intercept - basis @ slopes
        products = np.stack([u[:, i] * u[:, j] for i, j in pairs], axis=1)
        _, extra = sparse_fit(products, left)
        kept = np.flatnonzero(extra)
        if not kept.size or np.count_nonzero(slopes) + kept.size > y.size // 3:
            return cls(intercept, slopes, {})
        chosen = np.flatnonzero(slopes)
        columns = np.hstack([np.ones((y.size, 1)), basis[:, chosen], products[:, kept]])
        weights = np.linalg.lstsq(columns, y, rcond=None)[0]
        slopes = np.zeros_like(slopes)
        slopes[chosen] = weights[1 : 1 + chosen.size]
        found = dict(
            zip([pairs[c] for c in kept], map(float, weights[1 + chosen.size :]), strict=True)
        )
        return cls(float(weights[0]), slopes, found)

    def at(self, basis: Floats, u: Floats) -> Floats:
        found = self.intercept + basis @ self.slopes
        for (i, j), value in self.products.items():
            found = found + value * u[:, i] * u[:, j]
        return np.asarray(found)


def shrunk_covariance(residuals: Floats) -> Floats:
    """Return the covariance of residuals (runs, s), its correlations shrunk towards none.

    Statistics of the same people err together; taken for independent they would be counted as more
    evidence than they are. How much is shrunk follows from how well few runs know a correlation
    (Schäfer and Strimmer 2005, doi:10.2202/1544-6115.1175).
    """
    r = np.where(np.isfinite(residuals), residuals, 0.0)
    sd = np.sqrt(np.mean(r * r, axis=0))
    n = len(r)
    x = r / np.where(sd > 0, sd, 1.0)
    correlation = x.T @ x / n
    spread = (x * x).T @ (x * x) / n - correlation**2
    off = ~np.eye(len(sd), dtype=bool)
    top, bottom = float(spread[off].sum()) / max(n - 1, 1), float((correlation[off] ** 2).sum())
    amount = min(1.0, max(0.0, top / bottom)) if bottom > 0 else 1.0
    kept = np.where(off, (1.0 - amount) * correlation, np.eye(len(sd)))
    return np.asarray(kept * np.outer(sd, sd))
