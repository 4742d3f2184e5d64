"""Covariances of a participant's values at T visits, in many replicates, and their derivatives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Least eigenvalue of the correlations for a covariance to count as one.
SINGULAR = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Covariance:
    """The covariance in F replicates.

    ``matrix`` (F, T, T); ``first`` (F or 1, K, T, T) its derivatives by the K parameters;
    ``second`` (F, K, K, T, T), None where they are 0.
    """

    matrix: Floats
    first: Floats
    second: Floats | None = None


class Structure(Protocol):
    """A kind of covariance of K parameters: how it starts, what it is, and where it is one."""

    linear: bool

    def start(self, guess: Floats) -> Floats:
        """Return parameters (F, K) near the covariances ``guess`` (F, T, T)."""
        ...

    def at(self, theta: Floats) -> Covariance:
        """Return the covariance of parameters ``theta`` (F, K)."""
        ...

    def possible(self, theta: Floats) -> NDArray[np.bool_]:
        """Return whether each of ``theta`` (F, K) gives a positive definite covariance, (F,)."""
        ...


class Unstructured:
    """Any covariance; its parameters are its elements on and above the diagonal."""

    linear = True

    def __init__(self, visits: int) -> None:
        self.visits = visits
        self.rows, self.columns = np.triu_indices(visits)
        place = np.arange(len(self.rows))
        first = np.zeros((len(place), visits, visits))
        first[place, self.rows, self.columns] = 1
        first[place, self.columns, self.rows] = 1
        self.first = first[None]

    def start(self, guess: Floats) -> Floats:
        """Return the elements of the guesses."""
        return guess[:, self.rows, self.columns]

    def at(self, theta: Floats) -> Covariance:
        """Return the covariance."""
        return Covariance(self._matrix(theta), self.first)

    def possible(self, theta: Floats) -> NDArray[np.bool_]:
        """Return whether all eigenvalues of the correlations are above 0."""
        matrix = self._matrix(theta)
        variance = np.einsum("ftt->ft", matrix)
        fine = np.isfinite(theta).all(axis=1) & (variance > 0).all(axis=1)
        root = np.sqrt(np.where(fine[:, None], variance, 1.0))
        scaled = matrix / (root[:, :, None] * root[:, None])
        scaled = np.where(fine[:, None, None], scaled, np.eye(self.visits))
        return fine & (np.linalg.eigvalsh(scaled)[:, 0] > SINGULAR)

    def _matrix(self, theta: Floats) -> Floats:
        matrix = np.empty((len(theta), self.visits, self.visits))
        matrix[:, self.rows, self.columns] = theta
        matrix[:, self.columns, self.rows] = theta
        return matrix


class Autoregressive:
    """One variance and a correlation that is a power of how many visits lie between.

    Parameters: the logarithm of the variance, and the inverse hyperbolic tangent of the correlation
    of neighbours, so that every pair of numbers is possible.
    """

    linear = False

    def __init__(self, visits: int) -> None:
        self.apart = np.abs(np.subtract.outer(np.arange(visits), np.arange(visits))).astype(float)

    def start(self, guess: Floats) -> Floats:
        """Return the mean variance and the mean correlation of neighbours."""
        variance = np.einsum("ftt->ft", guess)
        near = np.einsum("ftt->ft", guess[:, 1:, :-1])
        near = near / np.sqrt(variance[:, 1:] * variance[:, :-1])
        rho = np.clip(near.mean(axis=1), -0.95, 0.95)
        return np.stack([np.log(variance.mean(axis=1)), np.arctanh(rho)], axis=1)

    def at(self, theta: Floats) -> Covariance:
        """Return the covariance."""
        variance = np.exp(theta[:, 0])[:, None, None]
        rho = np.tanh(theta[:, 1])[:, None, None]
        d, bend = self.apart, 1 - rho**2
        matrix = variance * rho**d
        by_rho = variance * d * rho ** np.maximum(d - 1, 0)
        again = variance * d * (d - 1) * rho ** np.maximum(d - 2, 0)
        by_z = by_rho * bend
        by_zz = again * bend**2 - 2 * rho * by_z
        second = np.stack([np.stack([matrix, by_z], 1), np.stack([by_z, by_zz], 1)], 1)
        return Covariance(matrix, np.stack([matrix, by_z], axis=1), second)

    def possible(self, theta: Floats) -> NDArray[np.bool_]:
        """Return whether correlation and variance are within what floats can tell."""
        return np.asarray(
            np.isfinite(theta).all(axis=1)
            & (np.abs(theta[:, 0]) < 300)
            & (1 - np.tanh(np.abs(theta[:, 1])) > SINGULAR)
        )
