"""The posterior of the two-parameter logistic model on a grid, for many tables of counts at once.

The chance that a dose's risk lies below a limit is the mass of log alpha below a line that log beta
gives. So for each log beta the integral over log alpha is taken by Gauss-Legendre panels, the one
that the line cuts by the integral of its interpolating polynomial up to the cut; over log beta,
where all is smooth, by the trapezoidal rule. Each chance is thus a fixed weighted sum of the
density on one grid, whatever the counts are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from antitrypsim.foundations.errors import InputError

Floats = NDArray[np.float64]

REACH = 6.5
"""Prior standard deviations to each side that the grid covers."""
PANEL = 0.8
"""The widest panel of log alpha; sixty people at one dose tell it to about 0.3."""
NODES = 8
STEP = 0.15
"""The widest step of log beta; see the accuracy in the tests."""
CHUNK = 4_000_000
"""Numbers of the density held at once: 32 MB."""
LARGEST = 500_000
"""The most points of a grid: a correlation of 0.999 takes half of them."""


@dataclass(frozen=True, eq=False)
class Posterior:
    """The grid for given doses, prior and limits.

    ``prior`` (G,): log prior density on the grid. ``logs`` (2 D, G): log risk at each dose, then
    log of its complement. ``weights`` (G, 1 + 2 D): those of the whole mass, of the mass with the
    risk at each dose below the lower limit, and below the upper one.
    """

    prior: Floats
    logs: Floats
    weights: Floats

    def chances(self, given: NDArray[np.int64], harmed: NDArray[np.int64]) -> Floats:
        """Return the chance that each dose's risk is below, in and above the target.

        ``given``, ``harmed`` (T, D): people, and people with a toxicity, at each dose. The result
        is (3, T, D).
        """
        counts = np.concatenate([harmed, given - harmed], axis=1).astype(float)
        tables, doses = given.shape
        mass = np.empty((tables, 1 + 2 * doses))
        size = max(1, CHUNK // self.prior.size)
        for first in range(0, tables, size):
            part = slice(first, first + size)
            density = counts[part] @ self.logs
            density += self.prior
            density -= density.max(axis=1, keepdims=True)
            np.exp(density, out=density)
            mass[part] = density @ self.weights
        below = np.clip(mass[:, 1:] / mass[:, :1], 0, 1)
        low, high = below[:, :doses], below[:, doses:]
        return np.stack([low, np.maximum(high - low, 0), 1 - high])


def posterior(
    logs: Floats,
    target: tuple[float, float],
    mean: tuple[float, float],
    sd: tuple[float, float],
    correlation: float,
) -> Posterior:
    """Build the grid; ``logs`` (D,): the logarithm of each dose over the reference dose.

    Raises ``InputError`` for a prior that would take too many points.
    """
    scale = sd[0] * float(np.sqrt(1 - correlation**2))
    # Rounded up only once they are known to be few.
    wide = 2 * REACH * sd[0] / min(PANEL, 0.5 * scale)
    steep = 2 * REACH * sd[1] / min(STEP, STEP * sd[1])
    if not (wide + 1) * NODES * (steep + 1) <= LARGEST:
        raise InputError(
            f"a prior with deviations of {sd[0]:g} and {sd[1]:g} and a correlation of "
            f"{correlation:g} is too wide or too narrow to work out"
        )
    a, whole, panels, width = _alpha(mean[0], sd[0], scale)
    steps = int(np.ceil(steep))
    b = mean[1] + sd[1] * REACH * np.linspace(-1, 1, steps + 1)
    slope = np.exp(b)
    za, zb = (a - mean[0]) / sd[0], ((b - mean[1]) / sd[1])[:, None]
    square = (za**2 - 2 * correlation * za * zb + zb**2) / (1 - correlation**2)
    logit = a + slope[:, None] * logs[:, None, None]
    edges = np.log(target) - np.log1p(-np.asarray(target))
    cuts = edges[:, None, None] - slope * logs[:, None]
    below = _below((cuts - (mean[0] - REACH * sd[0])) / width, panels) * (width / 2)
    weights = np.concatenate(
        [np.broadcast_to(whole, (1, b.size, a.size)), below.reshape(-1, b.size, a.size)]
    )
    return Posterior(
        prior=(-square / 2).ravel(),
        logs=-np.logaddexp(0, np.concatenate([-logit, logit])).reshape(2 * len(logs), -1),
        weights=np.ascontiguousarray(weights.reshape(len(weights), -1).T),
    )


def _alpha(mean: float, sd: float, scale: float) -> tuple[Floats, Floats, int, float]:
    """Return the nodes of log alpha and their weights, the number of panels and their width.

    ``scale``: its prior standard deviation at one log beta.
    """
    span = 2 * REACH * sd
    panels = int(np.ceil(span / min(PANEL, 0.5 * scale)))
    width = span / panels
    x, w = np.polynomial.legendre.leggauss(NODES)
    left = mean - span / 2 + width * np.arange(panels)
    nodes = left[:, None] + width * (x + 1) / 2
    return nodes.ravel(), np.tile(w * width / 2, panels), panels, width


def _below(place: Floats, panels: int) -> Floats:
    """Return the weights of the nodes for the integral up to ``place``, counted in panels.

    For panels two units wide; shape that of ``place`` with an axis of all the nodes added.
    """
    x, w = np.polynomial.legendre.leggauss(NODES)
    part = 2 * np.clip(place[..., None] - np.arange(panels), 0, 1) - 1
    # The node's polynomial is the sum over m of (2 m + 1) / 2 w P_m(node) P_m, and the integral of
    # (2 m + 1) P_m from -1 is P_{m + 1} - P_{m - 1}.
    values = np.polynomial.legendre.legvander(part, NODES)
    integrals = values[..., 1:].copy()
    integrals[..., 1:] -= values[..., :-2]
    integrals[..., 0] += 1
    at_nodes = np.polynomial.legendre.legvander(x, NODES - 1)
    weights = integrals @ (at_nodes * w[:, None]).T / 2
    return weights.reshape(*place.shape, -1)
