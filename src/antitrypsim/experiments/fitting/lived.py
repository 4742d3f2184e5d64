"""What a protocol's arms look like under given values: means and covariances of people at the data's visits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from antitrypsim.calibration.posterior.data import Datum
from antitrypsim.calibration.statistic import Statistic
from antitrypsim.endpoints import endpoint
from antitrypsim.experiments.fitting.data import Column, TrialData, noise_in
from antitrypsim.foundations.arrays import Floats, Ints
from antitrypsim.foundations.errors import InputError, RunError
from antitrypsim.foundations.random import generator
from antitrypsim.foundations.units import YEAR
from antitrypsim.modelling import Model
from antitrypsim.populations.enrol import enrol
from antitrypsim.populations.lives import Lives
from antitrypsim.protocols import Protocol, measure
from antitrypsim.simulation.settings import Settings
from antitrypsim.trials.tables import treat
from antitrypsim.uncertainty.draws import ParameterSet

REPLICAS = 200
"""Trials that are drawn anew from the people of each lived draw."""
PERCENTILES = (10.0, 50.0, 90.0)
_ROUNDS, _ENOUGH = 60, 1e-8
_LEAST = 1e-9
ANSCOMBE = 0.375
_TARGET = "fit"
DIFFERENT = "different people"
_LIVES = 6
"""Lives for each person who is enrolled of them."""


@dataclass(frozen=True, eq=False)
class Adjusted:
    """How much of what differs between people their covariates explain: slopes (arms: columns x covariates) from ``middle``.

    They are fixed once, of people at typical values: the data and every run are adjusted by the same.
    """

    middle: Floats
    slopes: tuple[Floats, ...]

    def of(self, arm: int, values: Floats, covariates: Floats) -> Floats:
        """Return values (people, columns) as of people whose covariates (people, covariates) are in the middle."""
        return np.asarray(values - (covariates - self.middle) @ self.slopes[arm].T)


@dataclass(frozen=True, eq=False)
class People:
    """Virtual people in every arm: ``true`` values (people, columns) on the scale by arm, NaN of the dead, and days of death.

    A life may come twice; chance is that of ``different`` people.
    """

    true: tuple[Floats, ...]
    deaths: tuple[Floats, ...]
    covariates: Floats
    different: float


@dataclass(frozen=True, eq=False)
class Scene:
    """A trial's arms and columns, to be lived under any values."""

    protocol: Protocol
    model: Model
    data: TrialData
    people: int

    def columns(self, arm: int) -> tuple[Column, ...]:
        """Return the columns that somebody of an arm has."""
        return tuple(self.data.columns[j] for j in self.data.of(arm)[1])

    def noise(self, arm: int) -> Floats:
        """Return the covariance of measurement noise between the columns of an arm, on their scales."""
        own = [noise_in(self.protocol, c.endpoint) for c in self.columns(arm)]
        days = [c.day for c in self.columns(arm)]
        sizes = np.zeros(len(own))
        for k, one in enumerate(own):
            if one.kind == "relative":
                sizes[k] = np.sqrt(np.log1p(one.size**2))
            elif one.kind == "staging":
                # A stage is read to the nearest whole one, and with a chance of its size one off.
                sizes[k] = np.sqrt(one.size + 1 / 12)
            else:
                sizes[k] = one.size
        same = [
            [a.draw == b.draw and s == t for b, t in zip(own, days, strict=True)]
            for a, s in zip(own, days, strict=True)
        ]
        return np.asarray(np.array(same) * np.outer(sizes, sizes))

    def live(self, parameters: ParameterSet | None, settings: Settings) -> People:
        """Enrol people and let them live every arm; raise RunError where nobody can be enrolled."""
        population = self.protocol.population
        try:
            if population.age.sd > 0:
                # Whole lives, read at every age at which somebody might be met: a tenth of those whom 'enrol' meets.
                lives = Lives.lived(
                    self.model, [(population, self.people * _LIVES)], parameters=parameters, settings=settings
                )  # fmt: skip
                cohort = lives.enrol(population, self.people)
            else:
                cohort = enrol(
                    self.model, population, self.people, parameters=parameters, settings=settings
                )
        except InputError as problem:
            # Under values far out nobody may meet a criterion.
            raise RunError(problem.message) from problem
        whole = [c for a in range(len(self.data.arms)) for c in self.columns(a)]
        outputs = sorted({endpoint(c.endpoint).output for c in whole})
        lived = treat(
            self.protocol, self.model, cohort.people, parameters=parameters, outputs=outputs,
            further=sorted({c.day for c in whole}), settings=settings,
        )  # fmt: skip
        true, deaths = [], []
        for k, arm in enumerate(self.data.arms):
            found = lived[arm]
            times = [*found.times]
            parts = []
            for column in self.columns(k):
                what = endpoint(column.endpoint)
                course = found[what.output][:, 0, times.index(column.day)]
                parts.append(column.scaled(what.factor * course))
            true.append(np.stack(parts, axis=1))
            deaths.append(found.events["death"][:, 0, 0])
        p = cohort.people
        known = {
            "age": p.age / YEAR, "male": p.covariates["person.male"], "height": p.covariates["person.height"],
        }  # fmt: skip
        own = [known[name] for name in self.data.covariates]
        _, again = np.unique(p.ids, return_counts=True)
        return People(
            tuple(true), tuple(deaths), np.stack(own, axis=1) if own else np.zeros((len(p), 0)),
            len(p) ** 2 / float((again**2).sum()),
        )  # fmt: skip

    def adjusting(self, people: People) -> Adjusted:
        """Return how covariates go with values among people."""
        middle = people.covariates.mean(axis=0)
        x = np.hstack([np.ones((len(people.covariates), 1)), people.covariates - middle])
        slopes = []
        for true in people.true:
            own = np.zeros((true.shape[1], middle.size))
            for j in range(true.shape[1] if middle.size else 0):
                seen = np.isfinite(true[:, j])
                own[j] = np.linalg.lstsq(x[seen], true[seen, j], rcond=None)[0][1:]
            slopes.append(own)
        return Adjusted(middle, tuple(slopes))

    def labels(self) -> tuple[Datum, ...]:
        """Return what a run tells, as data without a published value."""
        names = [DIFFERENT]
        for arm in range(len(self.data.arms)):
            d = len(self.columns(arm))
            names += [f"{arm} mean {i}" for i in range(d)]
            names += [f"{arm} covariance {i} {j}" for i in range(d) for j in range(i + 1)]
            if self.data.died is not None:
                names.append(f"{arm} deaths")
        return tuple(
            Datum(_TARGET, name, "", "plain", 0.0, 1.0, -np.inf, np.inf, "1") for name in names
        )

    def replicated(self) -> tuple[Datum, ...]:
        """Return what a lived draw tells beside: how its own trials look, and how far they lie from its people."""
        names = [f"{arm} {p:g} {j}" for arm in range(len(self.data.arms))
                 for p in PERCENTILES for j in range(len(self.columns(arm)))]  # fmt: skip
        names += [f"as far {e}" for e in ("", *self.endpoints)]
        return tuple(
            Datum(_TARGET, name, "", "plain", 0.0, 1.0, -np.inf, np.inf, "1") for name in names
        )

    @property
    def endpoints(self) -> tuple[str, ...]:
        """The endpoints of the data."""
        return tuple(sorted({c.endpoint for c in self.data.columns}))

    def told(self, people: People, adjusted: Adjusted) -> dict[str, Statistic]:
        """Return the statistics of people by label."""
        found = {DIFFERENT: people.different}
        errors: dict[str, float] = {}
        for arm in range(len(self.data.arms)):
            values = adjusted.of(arm, people.true[arm], people.covariates)
            mean, covariance = moments(values)
            covariance = covariance + self.noise(arm)
            for i in range(mean.size):
                found[f"{arm} mean {i}"] = float(mean[i])
                for j in range(i + 1):
                    found[f"{arm} covariance {i} {j}"] = float(covariance[i, j])
            if self.data.died is not None and self.data.followed is not None:
                own, _ = self.data.of(arm)
                found[f"{arm} deaths"], error = expected_deaths(
                    people.deaths[arm], self.data.followed[own]
                )
                errors[f"{arm} deaths"] = error * float(
                    np.sqrt(len(people.covariates) / people.different)
                )
        return {name: Statistic(f"{name}", value, errors.get(name, 0.0)) for name, value in found.items()}  # fmt: skip


def expected_deaths(deaths: Floats, followed: Floats) -> tuple[float, float]:
    """Return how many of the followed would die, as twice the root (Anscombe), and its Monte Carlo error.

    ``deaths`` are days of death of virtual people, NaN or infinite of who lives on; a person counts for the
    hazard that has run up while followed.
    """
    day = np.where(np.isfinite(deaths), deaths, np.inf)
    share = np.array([np.mean(day <= t) for t in followed])
    n = day.size
    # Half a death keeps the logarithm finite where all would have died.
    hazard = -np.log(np.maximum(1 - share, 0.5 / n))
    expected = float(hazard.sum())
    error = float(followed.size * np.sqrt(max(share.mean(), 1 / n) * (1 - share.mean()) / n))
    root = float(np.sqrt(expected + ANSCOMBE))
    return 2 * root, error / root


def moments(values: Floats) -> tuple[Floats, Floats]:
    """Return mean and covariance of rows (n, d) of which some values are missing: those that are most likely (EM).

    What is missing is taken to depend on nothing but what was seen before (Little and Rubin): the same is
    assumed of the data, so that the dead are treated alike in both. Raises RunError for too few rows.
    """
    seen = np.isfinite(values)
    y, seen = values[seen.any(axis=1)], seen[seen.any(axis=1)]
    n, d = y.shape
    if n < 2 or (seen.sum(axis=0) < 2).any():
        raise RunError("too few people live to the visits")
    mean = np.nanmean(y, axis=0)
    if seen.all():
        return mean, np.atleast_2d(np.cov(y.T, bias=True))
    covariance = np.diag(np.nanvar(y, axis=0) + _LEAST)
    patterns, which = np.unique(seen, axis=0, return_inverse=True)
    which = which.ravel()
    for _ in range(_ROUNDS):
        filled, beyond = np.where(seen, y, 0.0), np.zeros((d, d))
        for k, there in enumerate(patterns):
            rows = np.flatnonzero(which == k)
            o, m = np.flatnonzero(there), np.flatnonzero(~there)
            if not m.size:
                continue
            gain = np.linalg.solve(covariance[np.ix_(o, o)], covariance[np.ix_(o, m)])
            filled[np.ix_(rows, m)] = mean[m] + (y[np.ix_(rows, o)] - mean[o]) @ gain
            beyond[np.ix_(m, m)] += rows.size * (covariance[np.ix_(m, m)] - covariance[np.ix_(m, o)] @ gain)  # fmt: skip
        new = filled.mean(axis=0)
        off = filled - new
        last, covariance = covariance, (off.T @ off + beyond) / n + _LEAST * np.eye(d)
        moved = float(np.max(np.abs(covariance - last)) / np.max(np.abs(covariance)))
        mean = new
        if moved < _ENOUGH:
            break
    return mean, covariance


def far_from(values: Floats, mean: Floats, covariance: Floats) -> float:
    """Return the squared distance of rows (n, d) from a mean in units of a covariance, what is missing left out."""
    total = 0.0
    seen = np.isfinite(values)
    patterns, which = np.unique(seen, axis=0, return_inverse=True)
    which = which.ravel()
    for k, there in enumerate(patterns):
        o = np.flatnonzero(there)
        if o.size:
            off = values[np.ix_(which == k, o)] - mean[o]
            total += float(np.sum(off * np.linalg.solve(covariance[np.ix_(o, o)], off.T).T))
    return total


@dataclass(frozen=True, eq=False)
class Evaluation:
    """One evaluation of a scene, as waves ask for it."""

    scene: Scene
    adjusted: Adjusted
    replicate: bool = False

    def __call__(
        self, parameters: ParameterSet, people: int, seed: int, *, targets: Sequence[str], settings: Settings
    ) -> Mapping[str, Statistic]:  # fmt: skip
        """Return the statistics of so many people under given values; the same numbers for the same seed."""
        scene = replace(self.scene, people=people)
        own = parameters.within(scene.model)
        lived = scene.live(own, replace(settings, seed=seed))
        found = scene.told(lived, self.adjusted)
        if self.replicate:
            found |= _replicates(scene, lived, self.adjusted, seed)
        return {f"{_TARGET} {name}": one for name, one in found.items()}


def _replicates(scene: Scene, people: People, adjusted: Adjusted, seed: int) -> dict[str, Statistic]:  # fmt: skip
    """Return percentiles of one trial of these people as the data have it, and how often such a trial lies as far
    from the mean of its people as the data."""
    data = scene.data
    found: dict[str, float] = {}
    seen_far = dict.fromkeys(("", *scene.endpoints), 0.0)
    drawn_far = {e: np.zeros(REPLICAS) for e in ("", *scene.endpoints)}
    for arm in range(len(data.arms)):
        who, at = data.of(arm)
        columns = scene.columns(arm)
        mean, covariance = moments(adjusted.of(arm, people.true[arm], people.covariates))
        covariance = covariance + scene.noise(arm)
        own = adjusted.of(arm, data.values[np.ix_(who, at)], covariates_of(data, who))
        _add(seen_far, own, mean, covariance, columns)
        there = np.isfinite(data.values[np.ix_(who, at)])
        for turn in range(REPLICAS):
            rng = generator(seed, f"fit replica {arm} {turn}")
            rows = rng.integers(len(people.covariates), size=who.size)
            seen = _measured(scene, arm, people.true[arm][rows], rng)
            if turn == 0:
                for p in PERCENTILES:
                    for j in range(at.size):
                        some = seen[there[:, j], j]
                        some = some[np.isfinite(some)]
                        found[f"{arm} {p:g} {j}"] = float(np.percentile(some, p)) if some.size else np.nan  # fmt: skip
            seen = adjusted.of(arm, np.where(there, seen, np.nan), people.covariates[rows])
            each = dict.fromkeys(drawn_far, 0.0)
            _add(each, seen, mean, covariance, columns)
            for e, far in each.items():
                drawn_far[e][turn] += far
    for e, far in seen_far.items():
        found[f"as far {e}"] = float(np.sum(drawn_far[e] >= far))
    return {name: Statistic(name, value, 0.0) for name, value in found.items()}


def _add(
    into: dict[str, float], values: Floats, mean: Floats, covariance: Floats, columns: Sequence[Column]
) -> None:  # fmt: skip
    for e in into:
        j = np.array([k for k, c in enumerate(columns) if e in ("", c.endpoint)], dtype=np.int64)
        if j.size:
            into[e] += far_from(values[:, j], mean[j], covariance[np.ix_(j, j)])


def _measured(scene: Scene, arm: int, true: Floats, rng: np.random.Generator) -> Floats:
    """Return what is measured of true values (people, columns), on their scales; values below a limit are at it, as in the data."""
    columns = scene.columns(arm)
    draws: dict[tuple[str, float], Floats] = {}
    parts = []
    for j, column in enumerate(columns):
        noise = noise_in(scene.protocol, column.endpoint)
        z = draws.setdefault((noise.draw, column.day), rng.standard_normal(len(true)))
        own = [a.noise for a in scene.protocol.assessments if a.endpoint == column.endpoint]
        seen = measure(column.endpoint, column.plain(true[:, j]), z, noise=own[0] if own else None)
        parts.append(column.scaled(np.maximum(seen, noise.limit) if noise.limit else seen))
    return np.stack(parts, axis=1)


def covariates_of(data: TrialData, who: Ints) -> Floats:
    """Return the covariates of some people, shape (people, covariates)."""
    own = [each[who] for each in data.covariates.values()]
    return np.stack(own, axis=1) if own else np.zeros((who.size, 0))
