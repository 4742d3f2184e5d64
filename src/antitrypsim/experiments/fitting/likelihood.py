"""How well scores agree with people's own values: a normal likelihood person by person, on emulated moments.

Each arm's people have a mean and a covariance at the visits, which follow from the scores by emulators; what is missing
is integrated out, and what is below an assay's limit counts by its probability. The error of the
emulated means, and of the finite number of virtual people, is one further deviation that all people of a trial share: it is
integrated out too, so that no number of people makes up for it. Of that of the covariances the directions that matter most are scores of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from antitrypsim.calibration.posterior.normal import Normal
from antitrypsim.calibration.posterior.surface import (
    Fitted,
    Surface,
    fit_surface,
    shrunk_covariance,
)
from antitrypsim.calibration.posterior.waves import Wave
from antitrypsim.experiments.fitting.data import TrialData
from antitrypsim.experiments.fitting.lived import (
    ANSCOMBE,
    DIFFERENT,
    Adjusted,
    Scene,
    covariates_of,
)
from antitrypsim.foundations.arrays import Floats, Ints
from antitrypsim.foundations.errors import RunError

LEAST_R2 = 0.2
"""Below it an emulator is a constant."""
_STEEP = 4.0
_MOST_DIRECTIONS = 12
"""Logarithms of scales are cut here, where an emulator is asked far from its runs."""
_SEEN_ERROR = 0.01
"""A direction of the shared error that is smaller than so much of what people leave open plays no part."""


@dataclass(frozen=True, eq=False)
class Pattern:
    """People of an arm who have the same columns: ``seen`` and ``below`` (positions among the arm's), ``count`` of them.

    Of the seen columns ``middle`` is the mean and ``root`` @ ``root``.T the scatter about it; ``values`` are theirs one by one
    and ``limits`` those of the columns below, where there are any, each person's own.
    """

    seen: Ints
    below: Ints
    count: int
    middle: Floats
    root: Floats
    values: Floats
    limits: Floats


@dataclass(frozen=True, eq=False)
class Group:
    """An arm: its people by pattern, and the scale on which moments are emulated.

    A mean is ``mean`` + ``root`` @ m and a covariance ``root`` @ T @ T.T @ ``root``.T, with T lower triangular.
    ``deaths`` is twice the root of those seen, None where unknown.
    """

    mean: Floats
    root: Floats
    patterns: tuple[Pattern, ...]
    deaths: float | None

    @property
    def size(self) -> int:
        """How many columns the arm has."""
        return int(self.mean.size)

    @property
    def statistics(self) -> int:
        """How many numbers say its moments."""
        d = self.size
        return d + d * (d + 1) // 2 + (self.deaths is not None)


def patterns_of(values: Floats, below: np.ndarray) -> tuple[Pattern, ...]:
    """Return rows (people, columns) by what they have."""
    seen = np.isfinite(values)
    code = np.where(seen, 1, 0) + np.where(below, 1, 0)
    found = []
    kinds, which = np.unique(code, axis=0, return_inverse=True)
    for k, kind in enumerate(kinds):
        rows = values[which.ravel() == k]
        o, c = np.flatnonzero(kind == 1), np.flatnonzero(kind == 2)
        if not o.size and not c.size:
            continue
        own = rows[:, o]
        middle = own.mean(axis=0)
        _, sizes, across = np.linalg.svd(own - middle, full_matrices=False)
        root = (across.T * sizes)[:, sizes > 0] if o.size else np.zeros((0, 0))
        found.append(Pattern(o, c, len(rows), middle, root, own, rows[:, c]))
    return tuple(found)


@dataclass(frozen=True, eq=False)
class PeopleLikelihood:
    """The likelihood of ``groups`` of people at scores whose moments ``surface`` gives.

    Behind the scores stand those of the error of emulated covariances: ``scale_errors`` (k, statistics) is what each adds.
    ``shared`` (all means, k) are the directions of the error of emulated means; ``death_error`` that of deaths by arm, in
    their SD.
    """

    groups: tuple[Group, ...]
    surface: Surface
    shared: Floats
    scale_errors: Floats
    death_errors: Floats
    temper: float = 1.0

    @property
    def size(self) -> int:
        """How many scores there are, with those of the errors behind."""
        return int(self.surface.centre.size + len(self.scale_errors))

    @property
    def active(self) -> Ints:
        """Positions of the scores that move anything."""
        p = self.surface.centre.size
        return np.concatenate([self.surface.active, np.arange(p, self.size)])

    def among(self, scores: Ints) -> PeopleLikelihood:
        """Return the same in some of the scores, which must hold all active ones."""
        return replace(self, surface=self.surface.among(scores[scores < self.surface.centre.size]))

    def tempered(self, power: float) -> PeopleLikelihood:
        """Return the same with another power of the likelihood."""
        return replace(self, temper=power)

    def log_posterior(self, z: Floats) -> Floats:
        """Return the tempered log posterior without its constant, shape (n,)."""
        return np.asarray(self.temper * self.loglik(z) - 0.5 * np.sum(z * z, axis=1))

    def loglik(self, z: Floats) -> Floats:
        """Return the log-likelihood at scores (n, size) without its constant, shape (n,)."""
        p = self.surface.centre.size
        return self.loglik_of(self.surface(z[:, :p]), z[:, p:])

    def loglik_of(self, statistics: Floats, errors: Floats) -> Floats:
        """Return the same of the statistics themselves (n, s), with the scores of the errors of covariances."""
        found, lost, gains, pulls = self._parts(statistics, errors)
        for k, arm in enumerate(self.groups):
            if arm.deaths is not None:
                found -= 0.5 * ((lost[k] - arm.deaths) / np.hypot(1.0, self.death_errors[k])) ** 2
        if self.shared.shape[1]:
            inner = np.eye(self.shared.shape[1]) + np.zeros((len(found), 1, 1))
            pull = np.zeros((len(found), self.shared.shape[1]))
            first = 0
            for arm, gain, own in zip(self.groups, gains, pulls, strict=True):
                root = self.shared[first : first + arm.size]
                first += arm.size
                inner = inner + root.T @ gain @ root
                pull = pull + own @ root
            found += 0.5 * np.sum(pull * np.linalg.solve(inner, pull[:, :, None])[:, :, 0], axis=1)
            found -= 0.5 * np.linalg.slogdet(inner)[1]
        return np.where(np.isfinite(found), found, -1e12)

    def _parts(self, statistics: Floats, errors: Floats) -> tuple[Floats, list[Floats], list[Floats], list[Floats]]:  # fmt: skip
        """Return the log-likelihood without the shared error, and by arm deaths, precision and pull of a common deviation."""
        n = len(statistics)
        found = np.zeros(n)
        lost, gains, pulls = [], [], []
        first = 0
        statistics = statistics + errors @ self.scale_errors
        for arm in self.groups:
            own = statistics[:, first : first + arm.statistics]
            first += arm.statistics
            shift, spread = triangular(own, arm.size)
            spread = arm.root @ spread
            gain, pull = np.zeros((n, arm.size, arm.size)), np.zeros((n, arm.size))
            for some in arm.patterns:
                if some.seen.size:
                    here = arm.root[some.seen]
                    part = spread[:, some.seen]
                    lower = np.linalg.cholesky(part @ part.transpose(0, 2, 1))
                    off = (some.middle - arm.mean[some.seen]) - shift @ here.T
                    right = np.concatenate(
                        [np.broadcast_to(some.root, (n, *some.root.shape)), off[:, :, None],
                         np.broadcast_to(here, (n, *here.shape))], axis=2,
                    )  # fmt: skip
                    white = np.linalg.solve(lower, right)
                    r = some.root.shape[1]
                    apart, across = white[:, :, r], white[:, :, r + 1 :]
                    size = np.log(np.einsum("nii->ni", lower)).sum(axis=1)
                    found -= some.count * (size + 0.5 * np.sum(apart**2, axis=1))
                    found -= 0.5 * np.sum(white[:, :, :r] ** 2, axis=(1, 2))
                    gain += some.count * (across.transpose(0, 2, 1) @ across)
                    pull += some.count * np.einsum("nij,ni->nj", across, apart)
                if some.below.size:
                    found += _below(arm, some, shift, spread)
            gains.append(gain)
            pulls.append(pull)
            lost.append(own[:, -1])
        return found, lost, gains, pulls

    def about(self, z: Floats) -> Normal:
        """Return a normal about scores (size,) as wide as people and errors leave them, with the tempered likelihood."""
        p = self.surface.centre.size
        slopes = self.surface.jacobian(z[:p])
        _, _, gains, _ = self._parts(self.surface(z[None, :p]), z[None, p:])
        total = sum(arm.size for arm in self.groups)
        precision, rows = np.zeros((total, total)), np.zeros((total, p))
        known = np.zeros((self.size, self.size))
        first = at = 0
        for k, (arm, gain) in enumerate(zip(self.groups, gains, strict=True)):
            d = arm.size
            precision[first : first + d, first : first + d] = gain[0]
            rows[first : first + d] = slopes[at : at + d]
            # A logarithm of a scale is known by so many people to 1 / sqrt(2 n).
            seen = np.zeros(d)
            for some in arm.patterns:
                seen[some.seen] += some.count
            steps = np.zeros((d, self.size))
            steps[:, :p] = slopes[at + d : at + 2 * d]
            steps[:, p:] = self.scale_errors[:, at + d : at + 2 * d].T
            known += steps.T @ (2 * seen[:, None] * steps)
            if arm.deaths is not None:
                own = np.zeros(self.size)
                own[:p] = slopes[at + arm.statistics - 1]
                known += np.outer(own, own) / (1 + self.death_errors[k] ** 2)
            first, at = first + d, at + arm.statistics
        inner = np.eye(self.shared.shape[1]) + self.shared.T @ precision @ self.shared
        left = precision - precision @ self.shared @ np.linalg.solve(inner, self.shared.T @ precision)  # fmt: skip
        known[:p, :p] += rows.T @ left @ rows
        whole = np.eye(self.size) + self.temper * (known + known.T) / 2
        return Normal(z, np.asarray(np.linalg.inv(whole), dtype=np.float64))


def triangular(statistics: Floats, d: int) -> tuple[Floats, Floats]:
    """Return means (n, d) and lower triangular factors (n, d, d) from statistics in their order."""
    n = len(statistics)
    spread = np.zeros((n, d, d))
    at = np.arange(d)
    spread[:, at, at] = np.exp(np.clip(statistics[:, d : 2 * d], -_STEEP, _STEEP))
    row, column = np.tril_indices(d, -1)
    spread[:, row, column] = statistics[:, 2 * d : 2 * d + row.size]
    return statistics[:, :d], spread


def statistics_of(mean: Floats, covariance: Floats, group: Group) -> Floats:
    """Return the statistics (runs, s) of means (runs, d) and covariances (runs, d, d) on the scale of a group."""
    shift = np.linalg.solve(group.root, (mean - group.mean).T).T
    half = np.linalg.solve(group.root, covariance)
    inner = np.linalg.solve(group.root, half.transpose(0, 2, 1))
    lower = np.linalg.cholesky((inner + inner.transpose(0, 2, 1)) / 2)
    row, column = np.tril_indices(group.size, -1)
    scales = np.log(np.einsum("nii->ni", lower))
    return np.hstack([shift, scales, lower[:, row, column]])


def _below(arm: Group, some: Pattern, shift: Floats, spread: Floats) -> Floats:
    """Return how likely it is, as a logarithm, that values lie below their limits, given those that were seen.

    One after the other, the values before taken as a normal cut off at its limit (Mendell and Elston 1974). The shared error of
    means is left out.
    """
    from scipy.special import log_ndtr

    n = len(shift)
    order = np.concatenate([some.seen, some.below])
    part = spread[:, order]
    covariance = part @ part.transpose(0, 2, 1)
    mean = (arm.mean + shift @ arm.root.T)[:, order]
    o = some.seen.size
    off = some.values[None] - mean[:, None, :o]
    gain = np.linalg.solve(covariance[:, :o, :o], covariance[:, :o, o:])
    middle = mean[:, None, o:] + off @ gain
    left = covariance[:, o:, o:] - covariance[:, o:, :o] @ gain
    left = np.repeat(left[:, None], some.count, axis=1)
    found = np.zeros((n, some.count))
    for j in range(some.below.size):
        sd = np.sqrt(np.maximum(left[:, :, j, j], 1e-12))
        at = (some.limits[None, :, j] - middle[:, :, j]) / sd
        chance = log_ndtr(at)
        found += chance
        ratio = np.exp(-0.5 * at * at - 0.5 * np.log(2 * np.pi) - chance)
        across = left[:, :, :, j] / sd[:, :, None]
        middle = middle - ratio[:, :, None] * across
        shrink = np.clip(ratio * (ratio + at), 0.0, 1.0 - 1e-9)
        left = left - shrink[:, :, None, None] * across[:, :, :, None] * across[:, :, None, :]
    return np.asarray(found.sum(axis=1))


@dataclass(frozen=True, eq=False)
class Moments:
    """Means and covariances of every arm in some runs, and deaths on their scale: shapes (runs, d), (runs, d, d), (runs,).

    ``different`` is how many people chance is that of.
    """

    mean: tuple[Floats, ...]
    covariance: tuple[Floats, ...]
    deaths: tuple[Floats, ...]
    death_errors: tuple[float, ...]
    different: float


def moments_in(wave: Wave, scene: Scene) -> Moments:
    """Return what the runs of a wave say, those that failed left out."""
    ok = wave.lived
    at = {d.check: j for j, d in enumerate(wave.data)}
    means, covariances, deaths, errors = [], [], [], []
    for arm in range(len(scene.data.arms)):
        d = len(scene.columns(arm))
        means.append(wave.values[ok][:, [at[f"{arm} mean {i}"] for i in range(d)]])
        whole = np.zeros((len(ok), d, d))
        for i in range(d):
            for j in range(i + 1):
                whole[:, i, j] = whole[:, j, i] = wave.values[ok][
                    :, at[f"{arm} covariance {i} {j}"]
                ]
        covariances.append(whole)
        if scene.data.died is not None:
            j = at[f"{arm} deaths"]
            deaths.append(wave.values[ok][:, j])
            errors.append(float(np.median(wave.errors[ok][:, j])))
    different = float(np.median(wave.values[ok][:, at[DIFFERENT]]))
    return Moments(tuple(means), tuple(covariances), tuple(deaths), tuple(errors), different)


def groups_of(data: TrialData, scene: Scene, adjusted: Adjusted, moments: Moments) -> tuple[Group, ...]:  # fmt: skip
    """Return the people of each arm, on the scale of the middle of some runs."""
    found = []
    for arm in range(len(data.arms)):
        who, at = data.of(arm)
        own = adjusted.of(arm, data.values[np.ix_(who, at)], covariates_of(data, who))
        below = data.below[np.ix_(who, at)]
        root = np.linalg.cholesky(moments.covariance[arm].mean(axis=0))
        seen = None if data.died is None else 2 * float(np.sqrt(data.died[who].sum() + ANSCOMBE))
        found.append(Group(moments.mean[arm].mean(axis=0), root, patterns_of(own, below), seen))
    return tuple(found)


def likelihood_on(
    data: TrialData, scene: Scene, adjusted: Adjusted, scores: Sequence[Floats], waves: Sequence[Wave]
) -> PeopleLikelihood:  # fmt: skip
    """Return the likelihood on emulators of the runs of all waves, which are judged by the last.

    ``scores`` are those of the emulators, by wave (runs, p). Raises RunError where too few runs could be lived.
    """
    each = [moments_in(wave, scene) for wave in waves]
    lived = [s[w.lived] for s, w in zip(scores, waves, strict=True)]
    if len(lived[-1]) < 20:
        raise RunError(f"only {len(lived[-1])} runs of a wave could be lived; 20 are needed")
    groups = groups_of(data, scene, adjusted, each[-1])
    values = np.concatenate([_stacked(one, groups) for one in each])
    judged = np.arange(len(values)) >= len(values) - len(lived[-1])
    fitted = fit_surface(np.concatenate(lived), values, judged)
    surface, residuals = _only_seen(fitted, values[judged])
    residuals = residuals[judged]
    means, scales, deaths = _places(groups)
    different = each[-1].different
    error = shrunk_covariance(residuals[:, means]) + np.eye(means.size) / different
    sizes, across = np.linalg.eigh(error)
    least = _SEEN_ERROR / max(1, data.arm.size)
    shared = (across * np.sqrt(np.maximum(sizes, 0.0)))[:, sizes > least]
    off = np.nanmean(residuals**2, axis=0)
    widths = _directions(residuals, scales, values.shape[1], different)
    lost = np.array([np.hypot(np.sqrt(off[j]), e) for j, e in zip(deaths, each[-1].death_errors, strict=True)])  # fmt: skip
    return PeopleLikelihood(groups, surface, shared, widths, lost)


def _directions(residuals: Floats, places: Ints, count: int, different: float) -> Floats:
    """Return the directions, at most so many, in which emulated covariances err most: (k, statistics)."""
    error = shrunk_covariance(residuals[:, places]) + np.eye(places.size) / (2 * different)
    sizes, across = np.linalg.eigh(error)
    kept = np.argsort(-sizes, kind="stable")[:_MOST_DIRECTIONS]
    found = np.zeros((kept.size, count))
    found[:, places] = (across[:, kept] * np.sqrt(sizes[kept])).T
    return found


def _only_seen(fitted: Fitted, judged: Floats) -> tuple[Surface, Floats]:
    """Return emulators and residuals, a constant where an emulator tells little that is true of runs it has not seen.

    Of some hundred statistics and unknowns some go together by chance.
    """
    blind = fitted.r2 < LEAST_R2
    surface, middle = fitted.surface, judged.mean(axis=0)
    kept = np.where(blind, 0.0, 1.0)[:, None]
    surface = replace(
        surface, intercept=np.where(blind, middle, surface.intercept), linear=kept * surface.linear,
        square=kept * surface.square, cross=kept * surface.cross,
    )  # fmt: skip
    residuals = fitted.residuals.copy()
    residuals[-len(judged) :, blind] = (judged - middle)[:, blind]
    return surface, residuals


def lived_likelihood(
    likelihood: PeopleLikelihood, scene: Scene, wave: Wave, z: Floats
) -> Floats:  # fmt: skip
    """Return the log-likelihood of draws z (n, size) of a wave by the means of their own people; minus infinity where one failed.

    Covariances stay those of the emulators: of so few people they are known too badly to say anything of one draw.
    """
    each = moments_in(wave, scene)
    ok = wave.lived
    p = likelihood.surface.centre.size
    own, values = _stacked(each, likelihood.groups), likelihood.surface(z[ok, :p])
    means, _, deaths = _places(likelihood.groups)
    values[:, means], values[:, deaths] = own[:, means], own[:, deaths]
    exact = replace(
        likelihood, shared=np.eye(means.size) / np.sqrt(each.different), death_errors=np.array(each.death_errors)
    )  # fmt: skip
    found = np.full(len(wave.scores), -np.inf)
    found[ok] = exact.loglik_of(values, z[ok, p:])
    return found


def _stacked(moments: Moments, groups: Sequence[Group]) -> Floats:
    parts = []
    for arm, group in enumerate(groups):
        parts.append(statistics_of(moments.mean[arm], moments.covariance[arm], group))
        if group.deaths is not None:
            parts.append(moments.deaths[arm][:, None])
    return np.hstack(parts)


def _places(groups: Sequence[Group]) -> tuple[Ints, Ints, Ints]:
    """Return where the means, what says the covariances, and the deaths stand among the statistics of all arms."""
    means: list[int] = []
    scales: list[int] = []
    deaths: list[int] = []
    first = 0
    for group in groups:
        means += range(first, first + group.size)
        scales += range(first + group.size, first + group.statistics - (group.deaths is not None))
        if group.deaths is not None:
            deaths.append(first + group.statistics - 1)
        first += group.statistics
    return tuple(np.array(each, dtype=np.int64) for each in (means, scales, deaths))  # type: ignore[return-value]
