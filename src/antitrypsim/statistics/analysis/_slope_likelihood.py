"""The restricted likelihood of many models of a line per participant, and its derivatives.

With sigma^2 D the covariance of a person's line, W = S (I + D S)^-1 is the information on it, free
of cancellation at any D and valid for the singular S of people measured once. Every arm has its
own line, so the information on the fixed effects is A = sum of W, 2 x 2 for each arm. In a
direction E of D, dW = -W E W, so that the first and second derivatives are traces of products of
2 x 2 matrices. They are written out element by element, which is what makes thousands of fits fast.
Symmetric matrices are told by their elements 00, 01 and 11, derivatives with respect to these.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from antitrypsim.statistics.analysis._slope_sums import Lines

Floats = NDArray[np.float64]
Elements = tuple[Floats, Floats, Floats]
"""Elements 00, 01 and 11 of symmetric matrices."""

# Elements 00, 01, 11 of a symmetric matrix, and pairs of them in a symmetric 3 x 3 matrix.
PAIRS = ((0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2))


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """The fits of F replicates at given D, with beta and sigma^2 profiled out.

    ``deviance`` (F,) is -2 restricted log-likelihood but for a constant, ``gradient`` (3, F) and
    ``hessian`` (6, F), the latter for a fixed sigma^2, by the elements of D; ``squares`` (3, F) the
    gradient of the weighted squares over sigma^2; ``free`` (F,) rows less fixed effects. ``beta``
    (2, A, F) and ``inverse`` (3, A, F) of A for each arm. ``bent`` (3, 3, A, F): elements of the sum
    of W E W of the arm in each direction E, which is minus the derivative of A.
    """

    deviance: Floats
    gradient: Floats
    hessian: Floats
    squares: Floats
    sigma2: Floats
    free: Floats
    beta: Floats
    inverse: Floats
    bent: tuple[Elements, Elements, Elements]

    @property
    def profiled(self) -> Floats:
        """The Hessian (6, F) with sigma^2 profiled out too."""
        q = self.squares
        return np.stack(
            [self.hessian[k] - q[i] * q[j] / self.free for k, (i, j) in enumerate(PAIRS)]
        )


def information(lines: Lines, D: Floats, det: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Return the elements of W (P, F) and the determinant of I + D S; ``det`` is that of D."""
    s00, s01, s11 = lines.patterns.S
    dets = lines.patterns.det
    d00, d01, d11 = D
    size = s00 * d00
    size += (2 * s01) * d01
    size += s11 * d11
    size += dets * det
    size += 1
    # Written out, every term is positive, so no digits are lost when D is large.
    w00 = dets * d11
    w00 += s00
    w00 /= size
    w01 = s01 - dets * d01
    w01 /= size
    w11 = dets * d00
    w11 += s11
    w11 /= size
    return w00, w01, w11, size


def evaluate(lines: Lines, D: Floats, det: Floats) -> Value:
    """Return the fits at ``D`` (3, F), relative to sigma^2, of determinant ``det`` (F,)."""
    *W, size = information(lines, D, det)
    w00, w01, w11 = W
    fit = _arm_lines(lines, W)
    m00, m01, m11 = fit.squares
    free = lines.rows - 2 * len(lines.n)
    sigma2 = (lines.off + (w00 * m00 + 2 * (w01 * m01) + w11 * m11).sum(axis=0)) / free
    deviance = (lines.people * np.log(size)).sum(axis=0) + np.log(fit.det).sum(axis=0)
    deviance += free * np.log(sigma2)
    logs, total, curved = _through_information(lines, W, fit, sigma2)
    bent = _bent(lines.n, W)
    hessian, squares = _through_effects(W, fit, sigma2, bent, curved)
    return Value(
        deviance, logs - total, hessian, squares - total, sigma2, free, fit.beta, fit.inverse, bent
    )


@dataclass(frozen=True, slots=True, eq=False)
class _ArmLines:
    """The generalised least-squares line of every arm.

    ``inverse`` (3, A, F) of the information A on it and ``det`` (A, F) of A; ``beta`` (2, A, F);
    ``off``: the two sums (A, P, F) of what people are off their arm's line; ``squares``: the elements
    (P, F) of their squares about it.
    """

    inverse: Floats
    det: Floats
    beta: Floats
    off: tuple[Floats, Floats]
    squares: Elements


def _arm_lines(lines: Lines, W: Sequence[Floats]) -> _ArmLines:
    """Return the lines where people's own have the information ``W``, elements (P, F)."""
    n, (c0, c1) = lines.n, lines.c
    w00, w01, w11 = W
    a00, a01, a11 = ((n * w).sum(axis=1) for w in W)
    deta = a00 * a11 - a01 * a01
    i00, i01, i11 = inverse = np.stack([a11, -a01, a00]) / deta
    b0 = (w00 * c0 + w01 * c1).sum(axis=1)
    b1 = (w01 * c0 + w11 * c1).sum(axis=1)
    beta = np.stack([i00 * b0 + i01 * b1, i01 * b0 + i11 * b1])
    return _ArmLines(inverse, deta, beta, *lines.about(beta))


def _through_information(
    lines: Lines, W: Sequence[Floats], fit: _ArmLines, sigma2: Floats
) -> tuple[Floats, Floats, list[Floats]]:
    """Return what D does to the deviance through ``W`` with the arms' lines as they are.

    Two parts (3, F) of the gradient, that of the determinants and that of all else, and the pairs of
    second derivatives (F,).
    """
    w00, w01, w11 = W
    # What pulls on W: the sum of A^-1 over people, and their squares about the arm's line.
    r00, r01, r11 = (
        (lines.n * i[:, None]).sum(axis=0) + m / sigma2
        for i, m in zip(fit.inverse, fit.squares, strict=True)
    )
    x00, x01 = w00 * r00 + w01 * r01, w00 * r01 + w01 * r11
    x10, x11 = w01 * r00 + w11 * r01, w01 * r01 + w11 * r11
    y00, y01, y11 = x00 * w00 + x01 * w01, x00 * w01 + x01 * w11, x10 * w01 + x11 * w11
    p00, p01, p11 = (lines.people * w for w in W)
    total = np.stack([y00.sum(axis=0), 2 * y01.sum(axis=0), y11.sum(axis=0)])
    logs = np.stack([p00.sum(axis=0), 2 * p01.sum(axis=0), p11.sum(axis=0)])
    g00, g01, g11 = y00 - p00 / 2, y01 - p01 / 2, y11 - p11 / 2
    curved = [
        2 * (w00 * g00).sum(axis=0),
        2 * (w00 * g01 + w01 * g00).sum(axis=0),
        2 * (w01 * g01).sum(axis=0),
        2 * (2 * (w01 * g01) + w11 * g00 + w00 * g11).sum(axis=0),
        2 * (w11 * g01 + w01 * g11).sum(axis=0),
        2 * (w11 * g11).sum(axis=0),
    ]
    return logs, total, curved


def _bent(n: Floats, W: Sequence[Floats]) -> tuple[Elements, Elements, Elements]:
    """Return the elements (A, F) of the sum of W E W over the people of an arm, for each E."""
    _, w01, w11 = W
    v00, v01, v11 = (n * w for w in W)
    t1, t2, t3 = ((v00 * w).sum(axis=1) for w in W)
    t4, t5, t6 = ((v01 * w01).sum(axis=1), (v01 * w11).sum(axis=1), (v11 * w11).sum(axis=1))
    return (t1, t2, t4), (2 * t2, t3 + t4, 2 * t5), (t4, t5, t6)


def _through_effects(
    W: Sequence[Floats],
    fit: _ArmLines,
    sigma2: Floats,
    bent: tuple[Elements, Elements, Elements],
    curved: list[Floats],
) -> tuple[Floats, Floats]:
    """Return the Hessian (6, F), ``curved`` being its part through W, and traces (3, F) of A^-1 dA.

    These are what D does through the information on the arms' lines and by moving them.
    """
    w00, w01, w11 = W
    i00, i01, i11 = fit.inverse
    e0, e1 = fit.off
    turned = [
        (i00 * k00 + i01 * k01, i00 * k01 + i01 * k11, i01 * k00 + i11 * k01, i01 * k01 + i11 * k11)
        for k00, k01, k11 in bent
    ]
    z0, z1 = w00 * e0 + w01 * e1, w01 * e0 + w11 * e1
    pulled = (
        ((w00 * z0).sum(axis=1), (w01 * z0).sum(axis=1)),
        ((w00 * z1 + w01 * z0).sum(axis=1), (w01 * z1 + w11 * z0).sum(axis=1)),
        ((w01 * z1).sum(axis=1), (w11 * z1).sum(axis=1)),
    )
    hessian = np.empty((6, len(sigma2)))
    for k, (i, j) in enumerate(PAIRS):
        one, two = turned[i], turned[j]
        traces = one[0] * two[0] + one[1] * two[2] + one[2] * two[1] + one[3] * two[3]
        (p0, p1), (q0, q1) = pulled[i], pulled[j]
        moved = p0 * (i00 * q0 + i01 * q1) + p1 * (i01 * q0 + i11 * q1)
        hessian[k] = curved[k] - (traces + 2 * moved / sigma2).sum(axis=0)
    return hessian, np.stack([(each[0] + each[3]).sum(axis=0) for each in turned])
