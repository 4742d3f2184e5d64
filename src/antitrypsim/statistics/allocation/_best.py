"""The chance that each arm is the best, by quadrature: the same every time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from antitrypsim.foundations.errors import InputError

Floats = NDArray[np.float64]

MARKS = np.array([-9.0, -6.0, -4.0, -2.5, -1.25, 0.0, 1.25, 2.5, 4.0, 6.0, 9.0])
"""Where panels end, in standard deviations of each arm: fine where any of them bends."""
TAILS = np.array([13.0, 18.0, 25.0, 40.0])
"""Further ends, to either side, for laws with longer tails than the normal."""
NODES = 8
CHUNK = 2_000_000


def best_of_normals(mean: ArrayLike, se: ArrayLike, *, higher: bool = True) -> Floats:
    """Return the chance (R, A) that each arm's true mean is the highest, or the lowest.

    ``mean``, ``se`` (R, A): of independent normal posteriors; the ``higher`` the better, or the
    lower. A replicate with a NaN, or with an ``se`` that is not above 0, gives NaN. Raises
    ``InputError`` where the shapes differ.
    """
    from scipy.special import ndtr

    m, s = np.asarray(mean, dtype=float), np.asarray(se, dtype=float)
    if m.ndim != 2 or m.shape != s.shape:
        raise InputError(
            "means and standard errors need a row each replicate and a column each arm"
        )
    m = m if higher else -m
    fine = (np.isfinite(m) & np.isfinite(s) & (s > 0)).all(axis=1)

    def laws(x: Floats, rows: NDArray[np.intp]) -> tuple[Floats, Floats]:
        z = (x[:, None] - m[rows][..., None, None]) / s[rows][..., None, None]
        density = np.exp(-z * z / 2) / (np.sqrt(2 * np.pi) * s[rows][..., None, None])
        return ndtr(z), density

    return _best(m, s, fine, laws, MARKS)


def best_of_betas(
    successes: ArrayLike,
    n: ArrayLike,
    *,
    prior: tuple[float, float] = (1.0, 1.0),
    higher: bool = True,
) -> Floats:
    """Return the chance (R, A) that each arm's true risk is the highest, or the lowest.

    ``successes`` among ``n`` participants (R, A). The posteriors are independent beta ones;
    ``prior``: the two numbers of the beta prior, 1 or more each, and a flat one by default. The
    ``higher`` the better, or the lower. A replicate with a NaN gives NaN. Raises ``InputError``
    where the shapes differ, there are more successes than participants, or for another prior.
    """
    from scipy.special import betainc, betaln

    x, total = np.asarray(successes, dtype=float), np.asarray(n, dtype=float)
    if x.ndim != 2 or x.shape != total.shape:
        raise InputError(
            "successes and participants need a row each replicate and a column each arm"
        )
    if np.any((x < 0) | (x > total)):
        raise InputError("successes must be counted among the participants of their arm")
    if len(prior) != 2 or not all(1 <= number < np.inf for number in prior):
        raise InputError(f"the prior needs two numbers of 1 or more, not {prior}")
    a, b = x + prior[0], total - x + prior[1]
    if not higher:
        a, b = b, a
    fine = (np.isfinite(a) & np.isfinite(b)).all(axis=1)
    m = a / (a + b)
    s = np.sqrt(m * (1 - m) / (a + b + 1))

    def laws(p: Floats, rows: NDArray[np.intp]) -> tuple[Floats, Floats]:
        one, two = a[rows][..., None, None], b[rows][..., None, None]
        q = p[:, None]
        # Panels of no width stand at 0 and 1; what is found there has no weight.
        q = np.clip(q, 1e-300, 1 - 1e-16)
        density = np.exp((one - 1) * np.log(q) + (two - 1) * np.log1p(-q) - betaln(one, two))
        return betainc(one, two, q), density

    marks = np.concatenate([-TAILS, MARKS, TAILS])
    return _best(m, s, fine, laws, marks, 0.0, 1.0)


def _best(
    mean: Floats,
    sd: Floats,
    fine: NDArray[np.bool_],
    laws: Callable[[Floats, NDArray[np.intp]], tuple[Floats, Floats]],
    marks: Floats,
    lowest: float = -np.inf,
    highest: float = np.inf,
) -> Floats:
    """Integrate each arm's density times the chance that all others lie below.

    ``laws`` gives, at points (r, P, N) of some rows, distribution and density (r, A, P, N).
    """
    replicates, arms = mean.shape
    found = np.full((replicates, arms), np.nan)
    x, w = np.polynomial.legendre.leggauss(NODES)
    rows_at_once = max(1, CHUNK // (arms * arms * marks.size * NODES))
    rows = np.flatnonzero(fine)
    for first in range(0, rows.size, rows_at_once):
        part = rows[first : first + rows_at_once]
        spread = mean[part][..., None] + sd[part][..., None] * marks
        ends = np.sort(np.clip(spread, lowest, highest).reshape(part.size, -1), axis=1)
        half = np.diff(ends, axis=1)[..., None] / 2
        points = ends[:, :-1, None] + half * (x + 1)
        below, density = laws(points, part)
        for arm in range(arms):
            others = np.delete(below, arm, axis=1).prod(axis=1)
            found[part, arm] = (density[:, arm] * others * half * w).sum(axis=(1, 2))
        found[part] /= found[part].sum(axis=1, keepdims=True)
    return found
