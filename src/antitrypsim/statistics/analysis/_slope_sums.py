"""What many fits of a line per participant need to know of a block: sums over alike people.

People with the same visits share S = Z'Z, Z = (1, time); each is told by the line c = S^+ Z'y and
the squares off it, S^+ being the pseudo-inverse, which is exact for people measured once too. The
model then needs of each replicate, pattern of visits and arm no more than how many people there
are, the sum of c and of c c', and of each replicate the squares off the lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# People whose sums are made at a time, so that their numbers stay in the cache.
_PEOPLE = 1 << 15
# Up to so many visits the patterns are found in a table with a place for each that can be.
_TABLE = 16


@dataclass(frozen=True, slots=True, eq=False)
class Patterns:
    """Which visits people have, P patterns.

    ``code`` (P,) bits of the visits, ``visits`` (P,) their number; ``S`` (3, P, 1) the elements 00,
    01 and 11 of Z'Z and ``det`` (P, 1) its determinant, ``own`` (3, P, 1) those of its
    pseudo-inverse.
    """

    code: Ints
    visits: Floats
    S: Floats
    det: Floats
    own: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """Sums over people in F replicates, A arms and P patterns.

    ``n`` (A, P, F) people; ``c`` (2, A, P, F) sums of their lines; ``cc`` (3, P, F) elements 00, 01
    and 11 of the sums of c c' over all arms; ``off`` (F,) squares off the lines; ``people`` (P, F)
    in all arms; ``rows`` (F,) measured values.
    """

    patterns: Patterns
    n: Floats
    c: Floats
    cc: Floats
    off: Floats
    people: Floats
    rows: Floats

    def take(self, which: NDArray[np.intp]) -> Lines:
        """Return the sums of some replicates."""
        return Lines(
            self.patterns,
            self.n[..., which],
            self.c[..., which],
            self.cc[..., which],
            self.off[which],
            self.people[..., which],
            self.rows[which],
        )

    def about(self, line: Floats) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats, Floats]]:
        """Return ``c`` and ``cc`` of lines from which ``line`` (2, A, F) of the arm is taken."""
        b0, b1 = line[:, :, None]
        c0, c1 = self.c
        e0, e1 = c0 - self.n * b0, c1 - self.n * b1
        m00 = self.cc[0] - (b0 * (c0 + e0)).sum(axis=0)
        m01 = self.cc[1] - (b1 * c0 + b0 * e1).sum(axis=0)
        m11 = self.cc[2] - (b1 * (c1 + e1)).sum(axis=0)
        return (e0, e1), (m00, m01, m11)

    def shifted(self, line: Floats) -> Lines:
        """Return the sums for lines from which ``line`` (2, A, F) of the arm is taken."""
        c, cc = (np.stack(each) for each in self.about(line))
        return Lines(self.patterns, self.n, c, cc, self.off, self.people, self.rows)


def codes(values: NDArray[np.floating], arm: NDArray[np.integer]) -> Ints:
    """Return which visits each person has, as bits (R, n); 0 for people in no arm."""
    bits = np.zeros(arm.shape, np.int64)
    for v in range(values.shape[2]):
        bits |= (values[:, :, v] == values[:, :, v]).astype(np.int64) << v
    bits[arm < 0] = 0
    return bits


def patterns(code: Ints, time: Floats) -> tuple[Patterns, Ints]:
    """Return the patterns of some people measured at ``time`` (V,), and which each person has.

    The place of people without a value, or in no arm, is P.
    """
    if len(time) <= _TABLE:
        seen = np.zeros(1 << len(time), np.bool_)
        seen[code] = True
        seen[0] = False
        known = np.flatnonzero(seen)
        table = np.full(len(seen), len(known))
        table[known] = np.arange(len(known))
        which = table[code]
    else:
        every, where = np.unique(code, return_inverse=True)
        known = every[every != 0]
        which = where.reshape(code.shape) - (len(every) - len(known))
        which[which < 0] = len(known)
    there = (known[:, None] >> np.arange(len(time)) & 1).astype(float)
    S = np.stack([there.sum(axis=1), there @ time, there @ time**2])
    several = S[0] > 1
    with np.errstate(divide="ignore", invalid="ignore"):
        middle = S[1] / S[0]
        det = S[0] * (there * (time - middle[:, None]) ** 2).sum(axis=1)
        regular = np.stack([S[2], -S[1], S[0]]) / det
        # A person measured once has S = z z', of pseudo-inverse z z' / |z|^4.
        single = S / (S[0] + S[2]) ** 2
    own = np.where(several, regular, single)
    det = np.where(several, det, 0.0)
    return Patterns(known, S[0], S[:, :, None], det[:, None], own[:, :, None]), which


def summaries(
    values: NDArray[np.floating],
    arm: NDArray[np.integer],
    arms: int,
    time: Floats,
    sizes: Sequence[int],
) -> Lines:
    """Return the sums of R replicates for the first places of each, in one array of F = K R.

    ``values`` (R, n, V), NaN where missing; ``arm`` (R, n) from 0, -1 for none; ``time`` (V,);
    ``sizes`` (K,) ascending, how many places count. The replicates of the first size come first.
    """
    R, n = arm.shape
    found, which = patterns(codes(values, arm), time)
    P, K = len(found.visits), len(sizes)
    bins = K * arms * P
    part = np.searchsorted(sizes, np.arange(n), side="right")
    base = np.where(part < K, part * arms * P, 0)
    # Sums of squares keep their digits when the values lie about zero.
    with np.errstate(invalid="ignore"):
        few = np.where(arm[:, :16, None] >= 0, values[:, :16], np.nan).astype(float)
        known = few == few
        centre = np.where(known, few, 0).sum(axis=(1, 2)) / known.sum(axis=(1, 2)).clip(1)
    totals = np.zeros((6, R, bins))
    off = np.zeros((R, K))
    own = np.concatenate([found.own[:, :, 0], np.zeros((3, 1))], axis=1)
    step = max(1, _PEOPLE // max(n, 1))
    for start in range(0, R, step):
        rows = slice(start, min(start + step, R))
        one = which[rows]
        outside = (one == P) | (part == K)
        lines, apart = _lines(values[rows], centre[rows], one, own, time)
        apart[outside] = 0.0
        for k in range(K):
            inside = slice(sizes[k - 1] if k else 0, sizes[k])
            off[rows, k] = apart[:, inside].sum(axis=1)
        r = one.shape[0]
        key = one + base + arm[rows].astype(np.int64) * P + (np.arange(r) * bins)[:, None]
        key[outside] = r * bins
        key = key.ravel()
        c0, c1 = lines
        weights = (None, c0, c1, c0 * c0, c0 * c1, c1 * c1)
        for total, weight in zip(totals, weights, strict=True):
            flat = None if weight is None else weight.ravel()
            summed = np.bincount(key, flat, minlength=r * bins + 1)
            total[rows] = summed[: r * bins].reshape(r, bins)
    shape = (6, arms, P, K * R)
    sums = totals.reshape(6, R, K, arms, P).cumsum(axis=2)
    sums = np.ascontiguousarray(sums.transpose(0, 3, 4, 2, 1)).reshape(shape)
    people = sums[0].sum(axis=0)
    return Lines(
        found,
        sums[0],
        sums[1:3],
        sums[3:].sum(axis=1),
        np.ascontiguousarray(off.cumsum(axis=1).T).ravel(),
        people,
        (people * found.visits[:, None]).sum(axis=0),
    )


def _lines(
    values: NDArray[np.floating], centre: Floats, which: Ints, own: Floats, time: Floats
) -> tuple[Floats, Floats]:
    """Return people's lines (2, r, n), and the squares (r, n) off them."""
    r, n, V = values.shape
    y = np.empty((V, r, n))
    there = np.empty((V, r, n), np.bool_)
    s0, s1 = np.zeros((r, n)), np.zeros((r, n))
    for v in range(V):
        np.subtract(values[:, :, v], centre[:, None], out=y[v])
        np.equal(y[v], y[v], out=there[v])
        np.copyto(y[v], 0.0, where=~there[v])
        s0 += y[v]
        s1 += y[v] * time[v]
    a, b, d = (each[which] for each in own)
    lines = np.empty((2, r, n))
    lines[0] = a * s0 + b * s1
    lines[1] = b * s0 + d * s1
    apart = np.zeros((r, n))
    for v in range(V):
        residual = y[v]
        residual -= lines[0]
        residual -= lines[1] * time[v]
        residual *= residual
        residual *= there[v]
        apart += residual
    return lines, apart
