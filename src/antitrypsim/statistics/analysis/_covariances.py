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
        return _definite(self._matrix(theta)) & np.isfinite(theta).all(axis=1)

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


class ByDifferences:
    """A kind of covariance whose derivatives are symmetric differences of ``matrix``.

    They are exact but for rounding where its elements are of second degree in the parameters.
    """

    step = 1e-4

    def __init__(self, visits: int) -> None:
        self.visits = visits

    def matrix(self, theta: Floats) -> Floats:
        """Return the covariances (F, T, T) of parameters ``theta`` (F, K)."""
        raise NotImplementedError

    def at(self, theta: Floats) -> Covariance:
        """Return the covariance and its differences."""
        (F, K), T = theta.shape, self.visits
        h = self.step * np.maximum(1.0, np.abs(theta))
        one, two = np.triu_indices(K, 1)
        eye = np.eye(K)
        ways = np.concatenate(
            [np.zeros((1, K)), eye, -eye, eye[one] + eye[two], -eye[one] - eye[two]]
        )
        points = theta + ways[:, None] * h
        found = self.matrix(points.reshape(-1, K)).reshape(len(ways), F, T, T)
        middle, up, down = found[0], found[1 : K + 1], found[K + 1 : 2 * K + 1]
        both, neither = np.split(found[2 * K + 1 :], 2)
        wide = h.T[:, :, None, None]
        first = np.moveaxis((up - down) / (2 * wide), 0, 1)
        second = np.empty((F, K, K, T, T))
        place = np.arange(K)
        second[:, place, place] = np.moveaxis((up - 2 * middle + down) / wide**2, 0, 1)
        mixed = both + neither + 2 * middle - up[one] - down[one] - up[two] - down[two]
        mixed = np.moveaxis(mixed / (2 * wide[one] * wide[two]), 0, 1)
        second[:, one, two] = second[:, two, one] = mixed
        return Covariance(middle, first, second)

    def possible(self, theta: Floats) -> NDArray[np.bool_]:
        """Return whether the correlations are within what floats can tell."""
        return _definite(self.matrix(theta)) & np.isfinite(theta).all(axis=1)


class Rooted:
    """Any covariance; its parameters are the elements of its Cholesky root, so all are possible."""

    def __init__(self, visits: int) -> None:
        self.visits = visits
        self.rows, self.columns = np.tril_indices(visits)
        K = len(self.rows)
        self.unit = np.zeros((K, visits, visits))
        self.unit[np.arange(K), self.rows, self.columns] = 1
        product = np.einsum("kab,mcb->kmac", self.unit, self.unit)
        self.second = (product + product.swapaxes(2, 3))[None]

    def start(self, guess: Floats) -> Floats:
        """Return the roots of the guesses."""
        return np.asarray(np.linalg.cholesky(guess)[:, self.rows, self.columns], dtype=float)

    def root(self, theta: Floats) -> Floats:
        """Return the roots (F, T, T)."""
        L = np.zeros((len(theta), self.visits, self.visits))
        L[:, self.rows, self.columns] = theta
        return L

    def at(self, theta: Floats) -> Covariance:
        """Return the covariance, root times root."""
        L = self.root(theta)
        half = self.unit @ L.swapaxes(1, 2)[:, None]
        second = np.broadcast_to(self.second, (len(theta), *self.second.shape[1:]))
        return Covariance(L @ L.swapaxes(1, 2), half + half.swapaxes(2, 3), second)

    def possible(self, theta: Floats) -> NDArray[np.bool_]:
        """Return whether the correlations are within what floats can tell."""
        L = self.root(theta)
        return _definite(L @ L.swapaxes(1, 2))


class Toeplitz(ByDifferences):
    """A variance for each visit, and a correlation for each number of visits between.

    Parameters: logarithms of the standard deviations, then inverse hyperbolic tangents of partial
    correlations given the visits between, which may be any numbers (Barndorff-Nielsen and Schou
    1973, J Multivar Anal 3:408).
    """

    def start(self, guess: Floats) -> Floats:
        """Return the standard deviations, and correlations that fall off as those of neighbours."""
        sd = np.sqrt(np.einsum("ftt->ft", guess))
        near = np.einsum("ftt->ft", guess[:, 1:, :-1]) / (sd[:, 1:] * sd[:, :-1])
        partial = np.zeros((len(guess), self.visits - 1))
        partial[:, :1] = np.arctanh(np.clip(near.mean(axis=1), -0.95, 0.95))[:, None]
        return np.concatenate([np.log(sd), partial], axis=1)

    def matrix(self, theta: Floats) -> Floats:
        """Return the covariances by Durbin's and Levinson's recursion."""
        T = self.visits
        sd, partial = np.exp(np.clip(theta[:, :T], -300, 300)), np.tanh(theta[:, T:])
        r = np.ones((len(theta), T))
        phi = np.zeros((len(theta), 0))
        left = np.ones(len(theta))
        for lag in range(1, T):
            p = partial[:, lag - 1]
            r[:, lag] = p * left + (phi * r[:, lag - 1 : 0 : -1]).sum(axis=1)
            phi = np.concatenate([phi - p[:, None] * phi[:, ::-1], p[:, None]], axis=1)
            left = left * (1 - p**2)
        apart = np.abs(np.subtract.outer(np.arange(T), np.arange(T)))
        return r[:, apart] * sd[:, :, None] * sd[:, None]


def _definite(matrix: Floats) -> NDArray[np.bool_]:
    """Return whether all eigenvalues of the correlations are above 0, (F,)."""
    variance = np.einsum("ftt->ft", matrix)
    fine = np.isfinite(matrix).all(axis=(1, 2)) & (variance > 0).all(axis=1)
    root = np.sqrt(np.where(fine[:, None], variance, 1.0))
    scaled = matrix / (root[:, :, None] * root[:, None])
    scaled = np.where(fine[:, None, None], scaled, np.eye(matrix.shape[1]))
    return np.asarray(fine & (np.linalg.eigvalsh(scaled)[:, 0] > SINGULAR))
