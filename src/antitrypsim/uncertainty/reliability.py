"""The most plausible unknowns that give a stated result: one alone, and all together.

Unknowns are standard normal scores, 0 the typical value. A ``Probe`` takes scores, shape (rows,
unknowns), and returns for each row by how much the result lies beyond the stated one: 0 or more is
reached, NaN could not be computed. Probes are cheap in rows and dear in calls.

All together. The design point is the reached point nearest to the origin; its distance is the
reliability index (Hasofer and Lind 1974, Rackwitz and Fiessler 1978), and ``Phi(-distance)`` the
chance, to first order. Found by their iteration with gradients by finite differences, wide enough
to look past the steps that chance events put into a mean over few people, and a line search.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Probe = Callable[[Floats], Floats]

FARTHEST = 8.0
"""Scores beyond this are not looked at."""

OUTER = (-8.0, -4.0, 4.0, 8.0)
INNER = (-6.0, -2.0, -1.0, 1.0, 2.0, 6.0)

_MOVES = 0.02
_MATTERS = 0.03
_STEP = 0.5
_ROUNDS = 12
_LAMBDAS = np.array([1.0, 0.7, 0.5, 0.3, 0.15, 0.05])
_INSIDE = np.arange(1, 6) / 6


def one_at_a_time(count: int, scores: tuple[float, ...], unknowns: NDArray[np.intp]) -> Floats:
    """Return rows in which one unknown has one of the scores and all others are typical."""
    rows = np.zeros((len(scores) * unknowns.size, count))
    at = np.arange(len(rows))
    rows[at, np.tile(unknowns, len(scores))] = np.repeat(scores, unknowns.size)
    return rows


def movers(typical: float, outer: Floats) -> NDArray[np.bool_]:
    """Return which unknowns move the result; ``outer`` has shape (scores of OUTER, unknowns)."""
    moved = np.abs(outer - typical)
    return np.asarray(np.nanmax(np.nan_to_num(moved), axis=0) > _MOVES * abs(typical))


def alone(probe: Probe, typical: float, scores: Floats, scanned: Floats) -> Floats:
    """Return for each unknown the score nearest to 0 at which it alone reaches; NaN for none.

    ``scores``, rising, were scanned before: ``scanned`` has shape (scores, unknowns). ``typical``
    is what the typical values give, below 0.
    """
    count = scanned.shape[1]
    found = np.full(count, np.nan)
    brackets: list[tuple[int, float, float]] = []
    for k in range(count):
        for side in (1.0, -1.0):
            near = 0.0
            for at in np.argsort(side * scores):
                score = float(scores[at])
                if score * side <= 0 or not np.isfinite(scanned[at, k]):
                    continue
                if scanned[at, k] >= 0:
                    brackets.append((k, near, score))
                    break
                near = score
    for _ in range(2):
        if not brackets:
            return found
        rows = np.zeros((len(brackets), _INSIDE.size, count))
        for j, (k, near, far) in enumerate(brackets):
            rows[j, :, k] = near + _INSIDE * (far - near)
        values = probe(rows.reshape(-1, count)).reshape(len(brackets), -1)
        brackets = [
            (k, *_narrower(rows[j, :, k], values[j], near, far))
            for j, (k, near, far) in enumerate(brackets)
        ]
    for k, near, far in brackets:
        middle = (near + far) / 2
        if not abs(middle) >= abs(found[k]):
            found[k] = middle
    return found


def _narrower(inside: Floats, values: Floats, near: float, far: float) -> tuple[float, float]:
    for score, value in zip(inside, values, strict=True):
        if value >= 0:
            return near, float(score)
        if np.isfinite(value):
            near = float(score)
    return near, far


def together(
    probe: Probe, start: Floats, active: NDArray[np.bool_], *, rounds: int = _ROUNDS
) -> Floats | None:
    """Return the scores of the reached point nearest to the origin, or None where none is found.

    ``active`` says which unknowns are looked at from the second round on; those that matter at the
    start are added.
    """
    point, watched = start.astype(np.float64), np.ones(start.size, dtype=bool)
    best: Floats | None = None
    tried: list[tuple[Floats, Floats]] = []

    def look(rows: Floats) -> Floats:
        values = probe(rows)
        tried.append((rows, values))
        return values

    for turn in range(rounds):
        gap, slope = _slope(look, point, watched)
        size = float(np.max(np.abs(slope), initial=0.0))
        slope = np.where(np.abs(slope) > _MATTERS * size, slope, 0.0)
        norm = float(slope @ slope)
        if norm == 0 or not np.isfinite(gap):
            break
        if turn == 0:
            watched = active | (slope != 0)
        aim = np.clip((slope @ point - gap) / norm * slope, -FARTHEST, FARTHEST)
        steps = point + _LAMBDAS[:, None] * (aim - point)
        gaps = look(steps)
        weight = 2 * max(float(np.linalg.norm(aim)), float(np.linalg.norm(point))) / norm**0.5
        merit = 0.5 * np.sum(steps**2, axis=1) + weight * np.abs(gaps)
        if not np.any(np.isfinite(merit)):
            break
        nearest = steps[int(np.nanargmin(merit))]
        moved = float(np.linalg.norm(nearest - point))
        point = nearest
        if moved < 0.02 * max(1.0, float(np.linalg.norm(point))):
            break
    best = _nearest(tried)
    for end in (point, best):
        if end is not None and np.any(end):
            _along(look, end)
    return _nearest(tried)


def corner(probe: Probe, typical: float, outer: Floats) -> Floats:
    """Return a start where every unknown stands at the score of OUTER that helps most.

    It finds what only several unknowns together can do, or that they cannot. ``outer`` has shape
    (scores of OUTER, unknowns). Of the points between the typical values and that corner the
    nearest that reaches is taken, or else the one that comes closest.
    """
    helps = np.nan_to_num(outer - typical, nan=-np.inf)
    best = helps.max(axis=0)
    far = np.where(
        best > _MATTERS * best.max(initial=0.0), np.array(OUTER)[helps.argmax(axis=0)], 0.0
    )
    points = (np.arange(1, 9) / 8)[:, None] * far
    gaps = np.nan_to_num(probe(points), nan=-np.inf)
    reached = np.flatnonzero(gaps >= 0)
    return np.asarray(points[reached[0] if reached.size else int(np.argmax(gaps))])


def _slope(probe: Probe, point: Floats, watched: NDArray[np.bool_]) -> tuple[float, Floats]:
    which = np.flatnonzero(watched)
    rows = np.repeat(point[None, :], which.size + 1, axis=0)
    # Forward away from the bound, so that no probe lies beyond it.
    steps = np.where(point[which] > FARTHEST - _STEP, -_STEP, _STEP)
    rows[np.arange(which.size) + 1, which] += steps
    values = probe(rows)
    slope = np.zeros(point.size)
    slope[which] = np.nan_to_num((values[1:] - values[0]) / steps)
    return float(values[0]), slope


def _nearest(tried: list[tuple[Floats, Floats]]) -> Floats | None:
    best, least = None, np.inf
    for rows, values in tried:
        with np.errstate(invalid="ignore"):
            sizes = np.where(values >= 0, np.linalg.norm(rows, axis=1), np.inf)
        k = int(np.argmin(sizes))
        if sizes[k] < least:
            best, least = rows[k], float(sizes[k])
    return best


def _along(look: Probe, end: Floats) -> None:
    """Look along the ray through ``end`` for where the result is first reached."""
    farthest = min(1.5, FARTHEST / float(np.max(np.abs(end))))
    shares = np.linspace(0, farthest, 31)[1:]
    values = look(shares[:, None] * end)
    reached = np.flatnonzero(values >= 0)
    if reached.size:
        k = int(reached[0])
        near = shares[k - 1] if k else 0.0
        inside = near + np.linspace(0, 1, 11)[1:] * (shares[k] - near)
        look(inside[:, None] * end)
