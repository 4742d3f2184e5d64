"""How well scores agree with data: a normal likelihood on an emulator, its error and chance in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from antitrypsim.calibration.posterior.normal import Normal, linear_covariance, standard
from antitrypsim.calibration.posterior.surface import Surface

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Likelihood:
    """Data ``centre`` (s,) with covariance ``noise`` (s, s) around a surface.

    ``noise`` is all that keeps a datum from its statistic: the published error, that of the emulator
    and Monte Carlo's. The prior of the scores is standard normal; ``temper`` is the power of the
    likelihood in the posterior.
    """

    surface: Surface
    centre: Floats
    noise: Floats
    temper: float = 1.0

    @property
    def size(self) -> int:
        """How many scores there are."""
        return int(self.surface.centre.size)

    @property
    def active(self) -> Ints:
        """Positions of the scores that it depends on."""
        return self.surface.active

    @cached_property
    def whitening(self) -> Floats:
        """The inverse of the lower Cholesky factor of the noise: residuals times it are independent."""
        return np.asarray(np.linalg.inv(np.linalg.cholesky(self.noise)))

    @cached_property
    def inverse(self) -> Floats:
        """The inverse of the noise."""
        return np.asarray(self.whitening.T @ self.whitening)

    def loglik(self, z: Floats) -> Floats:
        """Return the log-likelihood at scores (n, p) without its constant, untempered, shape (n,)."""
        white = (self.surface(z) - self.centre) @ self.whitening.T
        return np.asarray(-0.5 * np.sum(white * white, axis=1))

    def log_posterior(self, z: Floats) -> Floats:
        """Return the tempered log posterior without its constant, shape (n,)."""
        return self.temper * self.loglik(z) - 0.5 * np.sum(z * z, axis=1)

    def gradient(self, z: Floats) -> Floats:
        """Return the gradient of the tempered log posterior, shape (n, p)."""
        pull = (self.centre - self.surface(z)) @ self.inverse
        return self.temper * self.surface.pulled(z, pull) - z

    def about(self, z: Floats) -> Normal:
        """Return a normal about given scores (p,) with the covariance that the slopes there give."""
        if self.temper <= 0:
            return standard(z.size)
        return Normal(z, linear_covariance(self.surface.jacobian(z), self.noise / self.temper))

    def tempered(self, power: float) -> Likelihood:
        """Return the same with another power of the likelihood."""
        return replace(self, temper=power)

    def among(self, scores: Ints) -> Likelihood:
        """Return the same in some of the scores, which must hold all active ones."""
        return replace(self, surface=self.surface.among(scores))
