"""Where the search for many covariances of participants' lines starts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from antitrypsim.statistics.analysis._slope_sums import Lines

Floats = NDArray[np.float64]


def start(lines: Lines) -> tuple[Lines, Floats, Floats, NDArray[np.bool_]]:
    """Return the sums about the arms' lines, L (3, F) to start from, and which F can be fitted.

    L is the root 00, 10, 11 of the spread of people's own lines less their error, of variances not
    too small. The lines (2, A, F) that were taken from the sums come second. A replicate can be
    fitted where every arm has two people with a value and two days, where some people have three
    values and where these do not all lie on straight lines.
    """
    pattern, n = lines.patterns, lines.n
    several = pattern.visits > 1
    usable = np.asarray((n.sum(axis=1) >= 2).all(axis=0))
    # Ordinary least squares, by the information of people's lines were there no other spread.
    s00, s01, s11 = pattern.S
    a00, a01, a11 = ((n * s).sum(axis=1) for s in (s00, s01, s11))
    c0, c1 = lines.c
    b0, b1 = (s00 * c0 + s01 * c1).sum(axis=1), (s01 * c0 + s11 * c1).sum(axis=1)
    det = a00 * a11 - a01 * a01
    usable &= (det > 1e-10 * a00 * a11).all(axis=0)
    line = np.stack([a11 * b0 - a01 * b1, a00 * b1 - a01 * b0]) / det
    lines = lines.shifted(line)
    # Lines through few or near visits tell little of the spread, so the others speak for all.
    error = pattern.own[:, :, 0]
    spread = error[0] + error[2]
    told = several & (spread <= 4 * spread[several].min(initial=np.inf))
    own = lines.people[told].sum(axis=0)
    told = np.where(own > 0, told[:, None], several[:, None])
    own = (lines.people * told).sum(axis=0)
    between = np.stack([(each * told).sum(axis=0) for each in lines.cc]) / own
    noise = (lines.people * told).T @ error.T
    noise = noise.T / own
    free = (lines.people * (pattern.visits - 2).clip(0)[:, None]).sum(axis=0)
    sigma2 = lines.off / free
    usable &= (free >= 1) & (own > 0) & (sigma2 > 1e-14 * (between[0] + between[2]))
    usable &= lines.rows > 2 * len(n)
    a, b, d = between / sigma2 - noise
    floor = 0.05 * (noise[0] + noise[2])
    middle, radius = (a + d) / 2, np.hypot((a - d) / 2, b)
    high, low = np.maximum(middle + radius, floor), np.maximum(middle - radius, floor)
    cos = np.where(radius > 0, (a - d) / 2 / np.where(radius > 0, radius, 1), 1.0)
    sin = np.where(radius > 0, b / np.where(radius > 0, radius, 1), 0.0)
    d00 = (high + low) / 2 + (high - low) / 2 * cos
    d01 = (high - low) / 2 * sin
    l00 = np.sqrt(d00)
    L = np.stack([l00, d01 / l00, np.sqrt(high * low / d00)])
    usable &= np.isfinite(L).all(axis=0) & (L[[0, 2]] > 0).all(axis=0)
    return lines, line, L, usable
