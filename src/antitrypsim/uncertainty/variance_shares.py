"""What an answer's uncertainty comes from: first-order shares of its variance, from the draws.

The draws behind an answer are independent standard normals, one a parameter. The variance of the
answer ``y`` therefore splits into the squares of its projections on the normalised Hermite
polynomials of each score (degrees 1 and 2, a parameter's own line and bend) and a rest: what
parameters do together, stronger curvature and noise (Sudret 2008, doi:10.1016/j.ress.2007.04.002).

Estimator. A projection is the mean of ``y`` times a polynomial. Its chance error is as large as all
of ``y`` allows, so most of ``y`` is first taken away: in each of ten folds a sparse polynomial,
fitted by forward selection to the other nine, is subtracted and its projection, which is known
exactly, added back. Squares are taken as products of different draws only, so that a parameter
without effect has a share of zero on average (a share may come out a little below zero).

Error. Delete-one jackknife of the ratio; from its variance half of the part that pure chance makes
is taken off, which the jackknife counts twice (Efron and Stein 1981, doi:10.1214/aos/1176345462). No error
below one point is claimed: answers with long tails show theirs too seldom.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from antitrypsim.evidence import Parameter
from antitrypsim.evidence.grade import GRADES
from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.plain import Plain
from antitrypsim.foundations.plural import so_many, verb
from antitrypsim.foundations.random import normals
from antitrypsim.modelling import Model
from antitrypsim.uncertainty.hermite import FOLDS, folds, hermite, shrinkage, sparse_fit

LEAST_DRAWS = 20
"""With fewer draws nothing can be said about shares."""

TARGET = 0.05
"""The standard error for which the number of needed draws is told."""

METHOD = "first-order, cross-fitted Hermite regression of degree 2, jackknife errors"

_LEAST_ERROR = 0.01

Floats = NDArray[np.float64]
Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Share:
    """What one parameter's uncertainty explains of an answer's variance: 1 is all of it."""

    id: str
    grade: str
    share: float
    se: float


@dataclass(frozen=True, slots=True)
class Shares:
    """Where the variance of an answer comes from; every number is a share with a standard error.

    ``parameters`` largest first, only those that are uncertain; ``grades`` the sums over the
    parameters of each grade; ``rest`` what parameters do together, strong curvature and noise that
    was not told. ``needed``: draws for a standard error of 0.05 in all of them.
    """

    parameters: tuple[Share, ...]
    grades: Mapping[str, Interval]
    rest: Interval
    draws: int
    needed: int
    method: str

    @property
    def worst(self) -> float:
        """The largest standard error among parameters, grades and the rest."""
        pairs = [*self.grades.values(), self.rest]
        return max([se for _, se in pairs] + [one.se for one in self.parameters])

    @property
    def stands_out(self) -> bool:
        """Whether the largest share is at least two standard errors, so that it may be named."""
        return bool(self.parameters) and self.parameters[0].share >= 2 * self.parameters[0].se

    @property
    def told(self) -> bool:
        """Whether a parameter or a grade stands out from chance; if not, nothing is known of how it divides."""
        return self.stands_out or any(share >= 2 * se for share, se in self.grades.values())

    def parts(self) -> dict[str, float]:
        """Return the shares of the grades, and of 'together or curved', so that they add up to one.

        The estimates add up to one as they stand, but chance makes some of them negative and others
        larger than all of the variance. These are the nearest that are neither (the projection on
        the simplex): what is too much is taken from all alike.
        """
        names = [*self.grades, "together or curved"]
        values = np.array([*(share for share, _ in self.grades.values()), self.rest[0]])
        falling = np.sort(values)[::-1]
        over = (np.cumsum(falling) - 1.0) / np.arange(1, values.size + 1)
        cut = over[np.flatnonzero(falling > over)[-1]]
        kept = np.maximum(values - cut, 0.0)
        return dict(zip(names, (float(x) for x in kept), strict=True))

    def of(self, one: Share) -> float:
        """Return a parameter's share as it is told: not below nought, nor above that of its grade."""
        return min(max(0.0, one.share), self.parts()[one.grade])

    def to_dict(self) -> Plain:
        """Return plain data; ``from_dict`` reads it back."""
        return {
            "method": self.method,
            "draws": self.draws,
            "needed": self.needed,
            "rest": list(self.rest),
            "grades": {grade: list(pair) for grade, pair in self.grades.items()},
            "parameters": [asdict(one) for one in self.parameters],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Shares:
        """Rebuild from ``to_dict``; raise KeyError or TypeError for anything else."""
        low, high = data["rest"]
        return cls(
            tuple(Share(**one) for one in data["parameters"]),
            {grade: (share, se) for grade, (share, se) in data["grades"].items()},
            (low, high),
            int(data["draws"]),
            int(data["needed"]),
            str(data["method"]),
        )


def scores(model: Model, count: int, seed: int) -> Floats:
    """Return the standard normals behind ``draw_uncertainty``, shape (draws, parameters)."""
    rows = np.arange(count, dtype=np.int64)
    columns = [normals(seed, f"uncertainty {p.id}", rows)[:, 0] for p in model.parameters]
    return np.stack(columns, axis=1) if columns else np.empty((count, 0))


def uncertain(model: Model) -> tuple[int, ...]:
    """Return the positions of the parameters whose typical value is uncertain."""
    return tuple(k for k, p in enumerate(model.parameters) if p.uncertainty.distribution != "none")


def variance_shares(model: Model, scores: Floats, y: Floats, *, noise: float = 0.0) -> Shares:
    """Return what share of the variance of ``y`` comes from which parameter and grade.

    ``scores`` has shape (draws, parameters) as ``scores`` gives them, ``y`` shape (draws,).
    ``noise`` is the variance that ``y`` has from finitely many people, in the square of its unit;
    it is subtracted from the variance. Raises InputError for shapes that do not fit, too few
    draws, answers that are not numbers, and answers that do not vary beyond the noise.
    """
    y = np.asarray(y, dtype=np.float64)
    _check(model, scores, y)
    at = uncertain(model)
    basis = hermite(scores[:, list(at)])
    products, squares = _cross_fitted(basis, y)
    variance = _Mean(squares, noise)
    if not variance.value > 1e-12 * float(np.var(y)):
        raise InputError("the answers of the draws differ by no more than chance; take more people")
    parts = _Parts(products, variance)
    owners = np.repeat(np.arange(len(at)), 2)
    found = []
    for k, position in enumerate(at):
        one: Parameter = model.parameters[position]
        found.append((one, parts.share(owners == k)))
    grade_of = np.array([model.parameters[k].grade for k in at], dtype=object)[owners]
    grades = {grade: parts.share(grade_of == grade) for grade in GRADES}
    whole = parts.share(np.ones(len(owners), dtype=bool))
    every = [*(e for _, e in found), *grades.values(), whole]
    ranked = sorted(found, key=lambda pair: (-pair[1].share, pair[0].id))
    return Shares(
        tuple(Share(p.id, p.grade, e.share, e.se) for p, e in ranked),
        {grade: (e.share, e.se) for grade, e in grades.items()},
        (1.0 - whole.share, whole.se),
        len(y),
        max(LEAST_DRAWS, *(e.needed for e in every)),
        METHOD,
    )


def _check(model: Model, scores: Floats, y: Floats) -> None:
    if scores.shape != (y.size, len(model.parameters)) or y.ndim != 1:
        raise InputError(
            f"scores of shape {scores.shape} do not fit {len(model.parameters)} parameters and "
            f"answers of shape {y.shape}; give one row of scores for each answer"
        )
    if y.size < LEAST_DRAWS:
        raise InputError(
            f"{so_many(y.size, 'draw')} {verb(y.size, 'is', 'are')} too few to say what decides; take {LEAST_DRAWS} or more"
        )
    if not np.all(np.isfinite(y)):
        raise InputError("an answer is not a number; leave out the draws without one")
    if float(np.ptp(y)) == 0.0:
        raise InputError("the answer is the same in every draw, so that nothing decides it")


def _cross_fitted(basis: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Return for each draw what its mean estimates: the projections, and the variance of y."""
    n, p = basis.shape
    fold = folds(n)
    slopes = np.empty((FOLDS, p))
    away, fitted = np.empty(n), np.empty(n)
    for k in range(FOLDS):
        inside = fold == k
        intercept, slopes[k] = sparse_fit(basis[~inside], y[~inside])
        away[inside] = y[inside] - intercept
        fitted[inside] = basis[inside] @ slopes[k]
    # A fit that fails on draws it has not seen must not make matters worse than none.
    trust = shrinkage(away, fitted)
    fitted, slopes = trust * fitted, trust * slopes
    products = slopes[fold] + (away - fitted)[:, None] * basis
    known = np.sum(slopes**2, axis=1)[fold]
    squares = away**2
    surplus = fitted**2 - known
    part = shrinkage(squares - squares.mean(), surplus - surplus.mean())
    return products, squares - part * surplus


class _Mean:
    """The variance of y less the noise, and the same without each draw in turn."""

    def __init__(self, values: Floats, noise: float) -> None:
        n = values.size
        self.value = float(values.mean()) - noise
        self.without = (values.sum() - values) / (n - 1) - noise


@dataclass(frozen=True, slots=True)
class _Estimate:
    share: float
    se: float
    needed: int


class _Parts:
    """Squared projections by column, whole and without each draw in turn."""

    def __init__(self, products: Floats, variance: _Mean) -> None:
        n = products.shape[0]
        total = products.sum(axis=0)
        pairs = total**2 - np.sum(products**2, axis=0)
        self.n = n
        self.variance = variance
        self.squares = pairs / (n * (n - 1))
        self.without = (pairs - 2.0 * products * (total - products)) / ((n - 1) * (n - 2))
        # A product of two different draws without effect varies by the square of this.
        self.chance = products.var(axis=0, ddof=1) ** 2

    def share(self, which: NDArray[np.bool_]) -> _Estimate:
        """Return the share of the chosen columns together."""
        if not which.any():
            return _Estimate(0.0, 0.0, 0)
        n, v = self.n, self.variance
        share = float(self.squares[which].sum()) / v.value
        without = self.without[:, which].sum(axis=1) / v.without
        jackknife = (n - 1) / n * float(np.sum((without - without.mean()) ** 2))
        chance = 2.0 * float(self.chance[which].sum()) / (n * v.value) ** 2
        spread = max(jackknife - chance, chance)
        # The variance is a / n + b / n^2; this is where it reaches the square of the target.
        a, b, t = (spread - chance) * n, chance * n * n, TARGET**2
        needed = math.ceil((a + math.sqrt(a * a + 4.0 * b * t)) / (2.0 * t))
        return _Estimate(share, max(math.sqrt(spread), _LEAST_ERROR), needed)
