"""Standard errors and degrees of freedom of the slopes of many fits.

Satterthwaite's as in lmerTest (Kuznetsova et al. 2017, J Stat Softw 82(13),
doi:10.18637/jss.v082.i13); Kenward and Roger's (1997, Biometrics 53:983) with a covariance linear
in its parameters, the elements of D and sigma^2, as in pbkrtest (Halekoh and Hojsgaard 2014, J Stat
Softw 59(9), doi:10.18637/jss.v059.i09).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from antitrypsim.statistics.analysis._many_slopes import by_root
from antitrypsim.statistics.analysis._slope_likelihood import PAIRS, Elements, Value, information
from antitrypsim.statistics.analysis._slope_sums import Lines

Floats = NDArray[np.float64]


def satterthwaite(value: Value, L: Floats) -> tuple[Floats, Floats]:
    """Return variance and degrees of freedom (A - 1, F) of each slope less the first.

    ``L`` (3, F) is the root of D at which ``value`` was found. Directions without curvature, which a
    boundary brings, are left out as in ``_reml``.
    """
    h = by_root(L, value.gradient, value.profiled)[1]
    by_sigma = by_root(L, value.squares, value.hessian)[0]
    diagonal = h[[0, 3, 5]]
    curved = diagonal > 0
    # Unit diagonals make one threshold fit parameters of unlike size.
    unit = np.where(curved, 1 / np.sqrt(np.where(curved, diagonal, 1.0)), 0.0)
    h = np.stack([h[k] * (unit[i] * unit[j]) for k, (i, j) in enumerate(PAIRS)])
    r0 = np.where(curved[0], 1.0, 0.0)
    l1, l2 = h[1] * r0, h[2] * r0
    p1, m = h[3] - l1 * h[1], h[4] - l1 * h[2]
    r1 = np.where(p1 > 1e-8, 1 / np.where(p1 > 1e-8, p1, 1.0), 0.0)
    l3 = m * r1
    p2 = h[5] - l2 * h[2] - l3 * m
    r2 = np.where(p2 > 1e-8, 1 / np.where(p2 > 1e-8, p2, 1.0), 0.0)
    variance, bent = _variances(value)
    df = np.empty_like(variance)
    for k in range(len(variance)):
        by = by_root(L, bent[:, k], value.hessian)[0] + by_sigma * (variance[k] / value.free)
        u0, u1, u2 = by * unit
        u1 = u1 - l1 * u0
        u2 = u2 - l2 * u0 - l3 * u1
        spread = variance[k] ** 2 / value.free + u0 * u0 * r0 + u1 * u1 * r1 + u2 * u2 * r2
        df[k] = variance[k] ** 2 / spread
    return variance * value.sigma2, df


def _variances(value: Value) -> tuple[Floats, Floats]:
    """Return variances (A - 1, F) of slope differences over sigma^2, and gradients (3, ...) by D."""
    q0, q1 = value.inverse[1:]
    by = np.stack([q0 * q0 * a + 2 * q0 * q1 * b + q1 * q1 * c for a, b, c in value.bent])
    return q1[1:] + q1[:1], by[:, 1:] + by[:, :1]


def kenward_roger(lines: Lines, value: Value, D: Floats, det: Floats) -> tuple[Floats, Floats]:
    """Return adjusted variance and degrees of freedom (A - 1, F) of each slope less the first."""
    powers = _powers(lines, D, det)
    bent = (*value.bent, tuple((lines.n * u).sum(axis=1) for u in powers.U))
    expected = _expected_information(lines, value, powers, bent)
    o = _twice_inverse(expected).transpose(1, 2, 0)
    _, i01, i11 = value.inverse
    # The column of the inverse that belongs to the slope, moved by each parameter.
    moved = [(a * i01 + b * i11, b * i01 + c * i11) for a, b, c in bent]
    added = _added_variance(lines.n, value, powers, moved, o)
    by = np.stack([i01 * a + i11 * b for a, b in moved])
    variance, by = i11[1:] + i11[:1], by[:, 1:] + by[:, :1]
    ratio = sum(o[i, j] * by[i] * by[j] for i in range(4) for j in range(4)) / variance**2
    return (variance + 2 * (added[1:] + added[:1])) * value.sigma2, 2 / ratio


@dataclass(frozen=True, slots=True, eq=False)
class _Powers:
    """Products of Z with the inverse covariance to the powers 1, 2 and 3, elements (P, F).

    With N = (I + S D)^-1 they are ``W``, ``U`` = W N' and ``T`` = N W N'; ``trace`` (P, F) is that
    of N N.
    """

    W: Elements
    U: Elements
    T: Elements
    trace: Floats


def _powers(lines: Lines, D: Floats, det: Floats) -> _Powers:
    """Return the products at ``D`` (3, F) of determinant ``det`` (F,)."""
    w00, w01, w11, size = information(lines, D, det)
    s00, s01, s11 = lines.patterns.S
    d00, d01, d11 = D
    n00, n01 = (1 + s01 * d01 + s11 * d11) / size, -(s00 * d01 + s01 * d11) / size
    n10, n11 = -(s01 * d00 + s11 * d01) / size, (1 + s00 * d00 + s01 * d01) / size
    u00, u01, u11 = w00 * n00 + w01 * n01, w00 * n10 + w01 * n11, w01 * n10 + w11 * n11
    t00 = n00 * u00 + n01 * u01
    t01 = n00 * u01 + n01 * u11
    t11 = n10 * u01 + n11 * u11
    trace = n00 * n00 + 2 * n01 * n10 + n11 * n11
    return _Powers((w00, w01, w11), (u00, u01, u11), (t00, t01, t11), trace)


def _expected_information(
    lines: Lines, value: Value, powers: _Powers, bent: Sequence[Elements]
) -> Floats:
    """Return twice the expected information on D and sigma^2, (F, 4, 4).

    ``bent``: minus the derivative of the information on the effects by each of them.
    """
    n, people, pattern = lines.n, lines.people, lines.patterns
    (w00, w01, w11), (u00, u01, u11), (t00, t01, t11) = powers.W, powers.U, powers.T
    i00, i01, i11 = value.inverse
    turned = [
        (i00 * a + i01 * b, i00 * b + i01 * c, i01 * a + i11 * b, i01 * b + i11 * c)
        for a, b, c in bent
    ]
    r00, r01, r11 = ((n * i[:, None]).sum(axis=0) for i in value.inverse)
    x00, x01 = r00 * w00 + r01 * w01, r00 * w01 + r01 * w11
    x10, x11 = r01 * w00 + r11 * w01, r01 * w01 + r11 * w11
    g00 = people * w00 - 2 * (w00 * x00 + w01 * x10)
    g01 = people * w01 - 2 * (w00 * x01 + w01 * x11)
    g11 = people * w11 - 2 * (w01 * x01 + w11 * x11)
    k00 = people * u00 - 2 * (u00 * x00 + u01 * x10)
    k01 = 2 * people * u01 - 2 * (u00 * x01 + u01 * x11 + u01 * x00 + u11 * x10)
    k11 = people * u11 - 2 * (u01 * x01 + u11 * x11)
    k = people * (pattern.visits[:, None] - 2 + powers.trace) - 2 * (
        r00 * t00 + 2 * r01 * t01 + r11 * t11
    )
    entries = {
        (0, 0): w00 * g00,
        (0, 1): w00 * g01 + w01 * g00,
        (0, 2): w01 * g01,
        (1, 1): 2 * w01 * g01 + w11 * g00 + w00 * g11,
        (1, 2): w11 * g01 + w01 * g11,
        (2, 2): w11 * g11,
        (0, 3): k00,
        (1, 3): k01,
        (2, 3): k11,
        (3, 3): k,
    }
    expected = np.empty((len(lines.off), 4, 4))
    for (i, j), entry in entries.items():
        a, b = turned[i], turned[j]
        traces = a[0] * b[0] + a[1] * b[2] + a[2] * b[1] + a[3] * b[3]
        expected[:, i, j] = expected[:, j, i] = entry.sum(axis=0) + traces.sum(axis=0)
    return expected


def _added_variance(
    n: Floats, value: Value, powers: _Powers, moved: Sequence[tuple[Floats, Floats]], o: Floats
) -> Floats:
    """Return half of what is added to the variance of each arm's slope, over sigma^2, (A, F).

    ``o`` (4, 4, F): covariance of the parameters; ``moved``: the slope's column of the inverse
    information times what each parameter bends that by.
    """
    (w00, w01, w11), (u00, u01, u11), (t00, t01, t11) = powers.W, powers.U, powers.T
    i00, i01, i11 = value.inverse
    q0, q1 = i01[:, None], i11[:, None]
    y0, y1 = w00 * q0 + w01 * q1, w01 * q0 + w11 * q1
    z0, z1 = u00 * q0 + u01 * q1, u01 * q0 + u11 * q1
    c00 = o[0, 0] * w00 + 2 * o[0, 1] * w01 + o[1, 1] * w11
    c01 = (o[0, 2] + o[1, 1]) * w01 + o[0, 1] * w00 + o[1, 2] * w11
    c11 = o[2, 2] * w11 + 2 * o[1, 2] * w01 + o[1, 1] * w00
    twice = y0 * y0 * c00 + 2 * y0 * y1 * c01 + y1 * y1 * c11
    twice += 2 * (o[0, 3] * y0 * z0 + o[1, 3] * (y0 * z1 + y1 * z0) + o[2, 3] * y1 * z1)
    twice += o[3, 3] * (q0 * q0 * t00 + 2 * q0 * q1 * t01 + q1 * q1 * t11)
    added = (n * twice).sum(axis=1)
    for i in range(4):
        for j in range(4):
            (a, b), (c, d) = moved[i], moved[j]
            added -= o[i, j] * (a * (i00 * c + i01 * d) + b * (i01 * c + i11 * d))
    return np.asarray(added)


def _twice_inverse(matrix: Floats) -> Floats:
    """Return twice the inverse of symmetric matrices (F, 4, 4)."""
    diagonal = np.abs(np.diagonal(matrix, axis1=1, axis2=2))
    unit = 1 / np.sqrt(np.where(diagonal > 0, diagonal, 1.0))
    scaled = matrix * unit[:, :, None] * unit[:, None, :]
    fine = np.isfinite(scaled).all(axis=(1, 2))
    scaled[~fine] = np.eye(4)
    try:
        inverse = np.linalg.inv(scaled)
    except np.linalg.LinAlgError:
        inverse = np.linalg.pinv(scaled, hermitian=True)
    inverse[~fine] = np.nan
    return np.asarray(2 * inverse * unit[:, :, None] * unit[:, None, :])
