"""The posterior where everything is linear: a normal about the most probable scores."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from antitrypsim.calibration.posterior.likelihood import Likelihood
from antitrypsim.calibration.posterior.normal import Normal, linear_covariance, standard

Floats = NDArray[np.float64]

_STEPS = 60
_LEAST_STEP = 1e-4


def linear_update(likelihood: Likelihood, start: Floats | None = None) -> Normal:
    """Return the normal about the most probable scores, by Gauss-Newton steps on the surface.

    Where the surface is linear it is the posterior exactly. ``start`` is where it begins, the prior's
    middle if left out.
    """
    p = likelihood.surface.centre.size
    noise = likelihood.noise / likelihood.temper if likelihood.temper > 0 else None
    if noise is None:
        return standard(p)
    z = np.zeros(p) if start is None else np.array(start, dtype=np.float64)
    value = likelihood.log_posterior(z[None, :])[0]
    for _ in range(_STEPS):
        slopes = likelihood.surface.jacobian(z)
        apart = likelihood.centre - likelihood.surface(z[None, :])[0] + slopes @ z
        aim = slopes.T @ np.linalg.solve(slopes @ slopes.T + noise, apart)
        step, moved = 1.0, False
        while step > _LEAST_STEP:
            there = z + step * (aim - z)
            found = likelihood.log_posterior(there[None, :])[0]
            if found > value:
                moved = True
                break
            step /= 2
        if not moved:
            break
        gain, z, value = found - value, there, found
        if gain < 1e-9 * (1.0 + abs(value)):
            break
    return Normal(z, linear_covariance(likelihood.surface.jacobian(z), noise))
