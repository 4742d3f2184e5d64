"""Standard errors that hold whatever the covariance within people, corrected for few of them.

The bias-reduced linearisation CR2 with the fitted covariance as the working one, and degrees of
freedom by Satterthwaite (Bell and McCaffrey 2002, Survey Methodology 28:169; Pustejovsky and Tipton
2018, J Bus Econ Stat 36:672), as R's clubSandwich has them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Share of the variance of a person's values that the fit must leave for it to be scaled up.
LEAST = 1e-10


def robust(
    y: Floats, u: Floats, there: NDArray[np.bool_], matrix: Floats, effects: Floats,
    spread: Floats, L: Floats,
) -> tuple[Floats, Floats]:  # fmt: skip
    """Return variances and degrees of freedom of ``L`` (J, q T) times the effects, each (F, J).

    ``y`` (F, n, T), ``u`` (F, n, q) and ``there`` (F, n, T): which values count, others being 0;
    ``matrix`` (F, T, T) the covariance; ``effects`` (F, q T) and their ``spread`` by the model.
    """
    F, _, T = y.shape
    q = u.shape[2]
    both = there[:, :, :, None] & there[:, :, None, :]
    V = np.where(both, matrix[:, None], 0.0) + np.where(there, 0.0, 1.0)[..., None] * np.eye(T)
    residual = np.where(there, y - u @ effects.reshape(F, q, T), 0.0)
    M = spread.reshape(F, q, T, q, T)
    half = np.einsum("fna,fatbs->fntbs", u, M, optimize=True)
    XMX = np.where(both, np.einsum("fntbs,fnb->fnts", half, u, optimize=True), 0.0)
    root = np.linalg.cholesky(V)
    upper = root.swapaxes(2, 3)
    values, vectors = np.linalg.eigh(upper @ (V - XMX) @ root)
    floor = LEAST * values[..., -1:].clip(1e-300)
    scale = np.where(values > floor, 1 / np.sqrt(np.where(values > floor, values, 1.0)), 0.0)
    A = root @ (vectors * scale[..., None, :]) @ vectors.swapaxes(2, 3) @ upper
    # The adjustment is symmetric, as the working covariance is the weight.
    pull = A @ np.linalg.inv(V)
    ML = (spread @ L.T).reshape(F, q, T, -1)
    line = np.where(there[..., None], np.einsum("fna,fatj->fntj", u, ML, optimize=True), 0.0)
    g = np.where(there[..., None], pull @ line, 0.0)
    variance = ((g * residual[..., None]).sum(axis=2) ** 2).sum(axis=1)
    a = (g * (V @ g)).sum(axis=2)
    b = np.einsum("fna,fntj->fnjat", u, g, optimize=True).reshape(F, len(y[0]), len(L), q * T)
    turned = b @ spread[:, None]
    h = (turned * b).sum(axis=3)
    # Sums over pairs of people, by way of the sum of products of b.
    square = np.einsum("fnjp,fnjq->fjpq", b, b, optimize=True)
    moved = spread[:, None] @ square
    pairs = np.einsum("fjpq,fjqp->fj", moved, moved)
    total = (a - h).sum(axis=1)
    df = total**2 / ((a**2).sum(axis=1) - 2 * (a * h).sum(axis=1) + pairs)
    return variance, df
