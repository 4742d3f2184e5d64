"""Negative binomial regression of more people than memory holds as frames.

Of everybody a row of numbers is kept (arm, count, exposure, covariates), and each step of the search goes
over rows of so many people at a time, whichever parts they came in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from antitrypsim.foundations.errors import InputError, RunError
from antitrypsim.statistics.analysis import _dispersion, _newton
from antitrypsim.statistics.analysis._count_regression import NONE
from antitrypsim.statistics.analysis._linear_sums import LinearSums
from antitrypsim.statistics.analysis._summed import METHOD
from antitrypsim.statistics.analysis.base import AnalysisResult, Asked, EstimateRow, Summed

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Told = Callable[[Floats, Floats, dict[str, int]], tuple[EstimateRow, ...]]

TOGETHER = 1 << 14
"""People who are looked at together."""


class OfCounts(Summed):
    """Counts by arm and covariates; ``told`` makes rows of log rates (1, A) and their covariance."""

    def __init__(self, asked: Asked, covariates: Sequence[str], told: Told) -> None:
        self._asked, self._told = asked, told
        self._columns = LinearSums(asked.arms, ("",), covariates, asked.levels)
        self._rows: list[Floats] = []
        self._last = np.empty((0, 0))

    def add(self, frame: pd.DataFrame) -> None:
        """Count in a frame of one row a person."""
        frame = frame[frame["ARM"].isin(self._asked.arms)]
        count, exposure = (frame[name].to_numpy(dtype=float) for name in ("COUNT", "EXPOSURE"))
        place = {arm: k for k, arm in enumerate(self._asked.arms)}
        arm = frame["ARM"].map(place).to_numpy(dtype=float)
        rows = np.column_stack([arm, count, exposure, self._columns.numbers(frame)])
        rows = rows[np.isfinite(rows).all(axis=1)]
        self._columns.add(frame.assign(AVISIT=""), np.where(exposure > 0, count, np.nan))
        self._last = np.concatenate([self._last.reshape(-1, rows.shape[1]), rows])
        # Always as many together, so that no sum depends on the parts.
        while len(self._last) >= TOGETHER:
            self._rows.append(self._last[:TOGETHER].copy())
            self._last = self._last[TOGETHER:].copy()

    def result(self) -> AnalysisResult:
        """Fit the regression."""
        pieces = [each for each in (*self._rows, self._last) if len(each)]
        if any((piece[:, 2] <= 0).any() for piece in pieces):
            raise InputError("the column 'EXPOSURE' must be above 0")
        people = {}
        for k, arm in enumerate(self._asked.arms):
            own = [piece[piece[:, 0] == k, 1] for piece in pieces]
            people[arm] = sum(map(len, own))
            if people[arm] < 2:
                raise InputError(f"the arm '{arm}' has fewer than 2 participants with a value")
            if not any(each.any() for each in own):
                raise InputError(
                    f"the arm '{arm}' has no event, so its rate is 0 and no ratio with it is finite"
                )
        about, z, live, fine = self._columns.columns()
        if not fine:
            raise InputError("the arms and covariates cannot be told apart in these data")
        for j in np.flatnonzero(np.array(self._columns.group) >= 0):
            there = [piece[piece[:, 3 + j] == 1, 1] for piece in pieces]
            if sum(map(len, there)) and not any(each.any() for each in there):
                raise InputError("nobody of a level of a covariate has an event; leave it out")
        model = _Model(pieces, len(self._asked.arms), about, z, live)
        with np.errstate(all="ignore"):
            beta, alpha = model.fit()
            covariance = model.covariance(beta, alpha)
        if not (np.isfinite(beta[model.free]).all() and np.isfinite(alpha).all()):
            raise RunError("the regression of the counts or its dispersion has no finite estimate")
        A = len(self._asked.arms)
        rows = self._told(model.level + beta[:, :A], covariance[:, :A, :A], people)
        return AnalysisResult(rows, f"{METHOD}negative binomial regression.")


class _Model(_dispersion.Profile):
    """The regression of one trial, its people piece by piece."""

    def __init__(
        self, pieces: Sequence[Floats], arms: int, about: Floats, z: Floats, live: NDArray[np.bool_]
    ) -> None:
        counts = [piece[:, 1] for piece in pieces]
        most = int(max(each.max() for each in counts)) + 1
        _dispersion.possible(np.array([most - 1]))
        seen = sum(np.bincount(each.astype(np.intp), minlength=most) for each in counts)
        self.above = np.asarray(np.sum(seen) - np.cumsum(seen))[None]
        self.replicates = 1
        self.pieces, self.arms, self.about, self.z = pieces, arms, about, z
        self.free = np.concatenate([np.ones(arms, dtype=bool), live])[None]
        events, time = (sum(float(piece[:, k].sum()) for piece in pieces) for k in (1, 2))
        self.level = float(np.log(events / time))
        self.beta = np.zeros(self.free.shape)

    def _each(self, beta: Floats) -> Iterator[tuple[Floats, Floats, Floats]]:
        """Return columns (n, p), counts (n,) and the logarithms of those expected, piece by piece."""
        for piece in self.pieces:
            inside = (piece[:, :1] == np.arange(self.arms)).astype(float)
            off = piece[:, 3:] - self.about
            x = np.hstack(
                [inside, inside @ self.z[:, : self.arms].T + off @ self.z[:, self.arms :].T]
            )
            yield x, piece[:, 1], np.log(piece[:, 2]) + self.level + x @ np.nan_to_num(beta[0])

    def _zeros(self) -> tuple[Floats, Floats]:
        p = self.free.shape[1]
        return np.zeros(p), np.zeros((p, p))

    def fitted(self, beta: Floats) -> Floats:
        """Return the expected counts."""
        return np.concatenate([np.exp(log) for _, _, log in self._each(beta)])

    def poisson(self) -> Floats:
        """Return the coefficients without dispersion."""
        return self.settle(np.zeros(self.free.shape), np.array([NONE]))

    def settle(self, beta: Floats, alpha: Floats) -> Floats:
        """Return the best coefficients at a dispersion, from ``beta`` on."""
        start, each = np.nan_to_num(beta), max(float(alpha[0]), NONE)

        def evaluate(step: Floats) -> tuple[Floats, Floats, Floats]:
            height, (slope, information) = 0.0, self._zeros()
            for x, y, log in self._each(start + step):
                mu = np.exp(log)
                grown = 1 + each * mu
                height += (y * log - (y + 1 / each) * np.log1p(each * mu)).sum()
                slope = slope + x.T @ ((y - mu) / grown)
                weight = mu * (1 + each * y) / grown**2
                information = information + (x * weight[:, None]).T @ x
            return np.array([height]), slope[None], information[None]

        return start + _newton.maximise(evaluate, self.free)[0]

    def scatter(self, beta: Floats) -> tuple[Floats, Floats]:
        """Return the squares of counts off those expected, less the counts, and of those."""
        found = np.zeros((2, 1))
        for _, y, log in self._each(beta):
            mu = np.exp(log)
            found[:, 0] += ((y - mu) ** 2 - y).sum(), (mu**2).sum()
        return found[0], found[1]

    def sides(self, alpha: Floats) -> tuple[Floats, Floats, Floats]:
        """Return what is not of counts alone in slope and curve, and what coefficients add."""
        each = float(alpha[0])
        sums, (cross, information) = np.zeros((2, 1)), self._zeros()
        for x, y, log in self._each(self.beta):
            mu = np.exp(log)
            first, second = _dispersion.by_dispersion(y, mu, each)
            sums[:, 0] += first.sum(), second.sum()
            grown = (1 + each * mu) ** 2
            cross = cross + x.T @ ((y - mu) * mu / grown)
            information = information + (x * (mu * (1 + each * y) / grown)[:, None]).T @ x
        back = np.nan_to_num(_newton.inverse(information[None], self.free))[0]
        return sums[0], sums[1], np.array([cross @ back @ cross])

    def bend(self, mu: Floats, each: Floats) -> Floats:
        """Not asked for: ``sides`` tells it."""
        raise NotImplementedError

    def covariance(self, beta: Floats, alpha: Floats) -> Floats:
        """Return the covariance of the coefficients from the expected information."""
        information = np.zeros((1, beta.shape[1], beta.shape[1]))
        for x, _, log in self._each(beta):
            mu = np.exp(log)
            information[0] += (x * (mu / (1 + alpha[0] * mu))[:, None]).T @ x
        return _newton.inverse(information, self.free)
