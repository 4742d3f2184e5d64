"""Where the variance of an answer comes from when what is unknown is correlated, as in a posterior.

First-order shares assume independence: with correlated scores what two parameters say overlaps, and
their shares add up to more than there is. Three things are told instead.

- **alone**: the part of the variance that knowing one parameter would take away on average, with
  all that it says of others. These overlap and are not added.
- **together**: the same for each group of parameters that trade; groups hardly overlap.
- **share**: an allotment that adds up to what all explain, never more: relative weights (Johnson 2000,
  doi:10.1207/S15327906MBR3501_1), which split what correlated parameters explain in common.

All come from the sparse Hermite regression of the shares of independent scores, and errors from leaving out
a tenth of the draws in turn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from antitrypsim.evidence.grade import GRADES
from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.plain import Plain
from antitrypsim.modelling import Model
from antitrypsim.uncertainty.groups import linked_groups
from antitrypsim.uncertainty.hermite import FOLDS, folds, hermite, sparse_fit
from antitrypsim.uncertainty.variance_shares import TARGET, Share, Shares

Floats = NDArray[np.float64]
Interval = tuple[float, float]

LEAST_DRAWS = 40


@dataclass(frozen=True, slots=True)
class Known:
    """What knowing one parameter would take away of the variance (``alone``), and its allotted ``share``."""

    id: str
    grade: str
    alone: float
    alone_se: float
    share: float


@dataclass(frozen=True, slots=True)
class Together:
    """What knowing a group of parameters that trade would take away of the variance."""

    ids: tuple[str, ...]
    taken: float
    se: float


@dataclass(frozen=True, slots=True)
class ConditionalShares:
    """Where the variance of an answer comes from among correlated unknowns; parts of 1.

    ``parameters`` with the largest ``alone`` first; ``groups`` those that trade; ``grades`` the sums of
    allotted shares; ``rest`` what the regression leaves. Grades and rest add up to one.
    """

    parameters: tuple[Known, ...]
    groups: tuple[Together, ...]
    grades: Mapping[str, float]
    rest: float
    draws: int

    def to_dict(self) -> Plain:
        """Return plain data."""
        return {
            "draws": self.draws,
            "rest": self.rest,
            "grades": dict(self.grades),
            "groups": [asdict(one) for one in self.groups],
            "parameters": [asdict(one) for one in self.parameters],
        }


def conditional_shares(
    ids: Sequence[str], grades: Sequence[str], scores: Floats, y: Floats, *, noise: float = 0.0
) -> ConditionalShares:
    """Return where the variance of ``y`` (draws,) comes from, given correlated scores (draws, p).

    ``noise`` is the variance that ``y`` has from finitely many people, in the square of its unit. Raises
    InputError for shapes that do not fit, too few draws, and answers that are not numbers or do not vary.
    """
    z, y = np.asarray(scores, dtype=np.float64), np.asarray(y, dtype=np.float64)
    _check(ids, grades, z, y)
    whole = float(y.var(ddof=1)) - noise
    if not whole > 1e-12 * float(np.var(y)):
        raise InputError("the answers of the draws differ by no more than chance; take more people")
    sd = z.std(axis=0)
    moving = np.flatnonzero(sd > 0)
    u = (z[:, moving] - z[:, moving].mean(axis=0)) / sd[moving]
    alone = np.zeros((2, len(ids)))
    for j, k in enumerate(moving):
        alone[:, k] = _taken(u[:, [j]], y, whole)
    explained, weights = _weights(u, y, whole)
    share = np.zeros(len(ids))
    share[moving] = weights
    groups = [[int(moving[j]) for j in group] for group in linked_groups(u) if len(group) > 1]
    together = [
        Together(
            tuple(ids[k] for k in group), *_taken(u[:, np.searchsorted(moving, group)], y, whole)
        )
        for group in groups
    ]
    found = [
        Known(ids[k], grades[k], float(alone[0, k]), float(alone[1, k]), float(share[k]))
        for k in range(len(ids))
    ]
    of_grade = {
        grade: sum(one.share for one in found if one.grade == grade)
        for grade in dict.fromkeys(grades)
    }
    return ConditionalShares(
        tuple(sorted(found, key=lambda one: (-one.alone, one.id))),
        tuple(sorted(together, key=lambda one: (-one.taken, one.ids))),
        of_grade,
        1.0 - explained,
        y.size,
    )


def _check(ids: Sequence[str], grades: Sequence[str], z: Floats, y: Floats) -> None:
    if y.ndim != 1 or z.shape != (y.size, len(ids)) or len(grades) != len(ids):
        raise InputError(
            f"scores of shape {z.shape} do not fit {len(ids)} parameters and answers of shape "
            f"{y.shape}; give one row of scores for each answer"
        )
    if y.size < LEAST_DRAWS:
        raise InputError(
            f"{y.size} draws are too few to say what decides among correlated parameters; take "
            f"{LEAST_DRAWS} or more"
        )
    if not (np.all(np.isfinite(y)) and np.all(np.isfinite(z))):
        raise InputError("an answer or a score is not a number; leave out the draws without one")
    if float(np.ptp(y)) == 0.0:
        raise InputError("the answer is the same in every draw, so that nothing decides it")


def _taken(u: Floats, y: Floats, whole: float) -> Interval:
    """Return the part of the variance that lines and bends of some scores predict, and its error.

    Predicted of draws that the fit has not seen: noise predicts nothing. Between 0 and 1.
    """
    basis = hermite(u)
    columns = np.hstack([np.ones((y.size, 1)), basis])
    part = folds(y.size)
    own = np.empty(FOLDS)
    left = 0.0
    for k in range(FOLDS):
        inside = part == k
        slopes = np.linalg.lstsq(columns[~inside], y[~inside], rcond=None)[0]
        gone = (y[inside] - y[~inside].mean()) ** 2 - (y[inside] - columns[inside] @ slopes) ** 2
        left += float(gone.sum())
        own[k] = float(gone.mean()) / whole
    taken = left / y.size / whole
    se = float(own.std(ddof=1)) / np.sqrt(FOLDS)
    return min(1.0, max(0.0, taken)), max(se, 0.01)


def _weights(u: Floats, y: Floats, whole: float) -> tuple[float, Floats]:
    """Return what all explain together, at most 1, and how it is allotted to each score."""
    basis = hermite(u)
    part = folds(y.size)
    gone = np.empty(y.size)
    for k in range(FOLDS):
        inside = part == k
        intercept, slopes = sparse_fit(basis[~inside], y[~inside])
        predicted = intercept + basis[inside] @ slopes
        gone[inside] = (y[inside] - y[~inside].mean()) ** 2 - (y[inside] - predicted) ** 2
    explained = min(1.0, max(0.0, float(gone.mean()) / whole))
    _, slopes = sparse_fit(basis, y)
    # A parameter says what its line and its bend say; what they explain is split by columns.
    used = np.unique(np.flatnonzero(slopes) // 2)
    allotted = np.zeros(u.shape[1])
    if not used.size or explained == 0.0:
        return 0.0, allotted
    # Parameters that stand beside a chosen one share in what it explains.
    used = np.array(
        sorted({k for group in linked_groups(u) if set(group) & set(used) for k in group})
    )
    columns = np.sort(np.concatenate([2 * used, 2 * used + 1]))
    x = basis[:, columns]
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    values, vectors = np.linalg.eigh(x.T @ x / len(x))
    root = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    inverse = (vectors * np.where(values > 1e-10, values, np.inf) ** -0.5) @ vectors.T
    towards = inverse @ (x.T @ (y - y.mean()) / len(y))
    weights = root**2 @ towards**2
    np.add.at(allotted, columns // 2, weights)
    return explained, allotted * explained / allotted.sum()


METHOD = "allotted among correlated unknowns (relative weights on Hermite terms), jackknife errors"


def correlated_shares(model: Model, scores: Floats, y: Floats, *, noise: float = 0.0) -> Shares:
    """Return the allotted shares of correlated scores in the shape that reports of independent ones have.

    ``scores`` (draws, parameters) of a model, ``y`` (draws,) and ``noise`` as of ``conditional_shares``, with its
    errors. The shares of all grades and the rest add up to one.
    """
    at = [k for k, p in enumerate(model.parameters) if float(np.ptp(scores[:, k])) > 0]
    at = [k for k in at if model.parameters[k].uncertainty.distribution != "none"]
    z, y = scores[:, at], np.asarray(y, dtype=np.float64)
    ids = [model.parameters[k].id for k in at]
    grades = [model.parameters[k].grade for k in at]
    _check(ids, grades, z, y)
    part = folds(y.size)
    whole, share = _allotted(z, y, noise)
    without = [_allotted(z[part != k], y[part != k], noise) for k in range(FOLDS)]

    def error(values: Sequence[float]) -> float:
        spread = float(np.var(np.array(values)))
        return max(float(np.sqrt((FOLDS - 1) * spread)), 0.01)

    found = [
        Share(ids[j], grades[j], float(share[j]), error([one[1][j] for one in without]))
        for j in range(len(ids))
    ]
    of_grade = {
        grade: (
            float(sum(share[j] for j in range(len(ids)) if grades[j] == grade)),
            error(
                [sum(one[1][j] for j in range(len(ids)) if grades[j] == grade) for one in without]
            ),
        )
        for grade in GRADES
    }
    rest = (1.0 - whole, error([1.0 - one[0] for one in without]))
    worst = max([rest[1], *(se for _, se in of_grade.values()), *(one.se for one in found)])
    needed = max(LEAST_DRAWS, int(np.ceil(y.size * (worst / TARGET) ** 2)))
    ranked = tuple(sorted(found, key=lambda one: (-one.share, one.id)))
    return Shares(ranked, of_grade, rest, y.size, needed, METHOD)


def _allotted(z: Floats, y: Floats, noise: float) -> tuple[float, Floats]:
    """Return what all scores explain, and its allotment; raise InputError where y is all noise."""
    whole = float(y.var(ddof=1)) - noise
    if not whole > 1e-12 * float(np.var(y)):
        raise InputError("the answers of the draws differ by no more than chance; take more people")
    sd = z.std(axis=0)
    return _weights((z - z.mean(axis=0)) / np.where(sd > 0, sd, 1.0), y, whole)
