"""The likelihood of people's own values: against closed forms, and trials of known scores."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binom, multivariate_normal, norm

from antitrypsim.calibration.posterior.smc import sample
from antitrypsim.calibration.posterior.surface import Surface
from antitrypsim.experiments.fitting.likelihood import (
    Group,
    PeopleLikelihood,
    patterns_of,
    statistics_of,
    triangular,
)
from antitrypsim.experiments.fitting.lived import expected_deaths, moments
from antitrypsim.experiments.fitting.ranks import rank_of_truth, simulated
from antitrypsim.foundations.errors import RunError

pytestmark = pytest.mark.law

SCORES = 5


def toy(people=30, *, missing=True, error=0.1, scale_error=0.05):
    """Two arms of three visits of one endpoint: scores move the level, the slope, the effect and how far people differ."""
    rng = np.random.default_rng(3)
    root = np.linalg.cholesky(np.array([[1.0, 0.8, 0.7], [0.8, 1.0, 0.8], [0.7, 0.8, 1.0]]))
    groups = []
    for _ in range(2):
        values = rng.standard_normal((people, 3)) @ root.T
        if missing and people > 6:
            values[people // 2 :, 2] = np.nan
            values[: people // 6, 1] = np.nan
        below = np.zeros(values.shape, dtype=bool)
        groups.append(Group(np.zeros(3), root, patterns_of(values, below), None))
    linear = np.zeros((18, SCORES))
    for k, first in enumerate((0, 9)):
        level = np.linalg.solve(root, np.ones(3))
        slope = np.linalg.solve(root, np.array([0.0, 0.3, 0.6]))
        linear[first : first + 3, 0] = level
        linear[first : first + 3, 1] = slope
        linear[first : first + 3, 2] = k * slope
        linear[first + 3 : first + 6, 3] = 0.3
    nothing = np.zeros_like(linear)
    surface = Surface(
        np.zeros(SCORES), np.ones(SCORES), np.zeros(18), linear, nothing, np.zeros((0, 2), dtype=np.int64),
        np.zeros((18, 0)),
    )  # fmt: skip
    shared = error * np.vstack([np.eye(3), np.eye(3)])
    scales = np.zeros((1, 18))
    scales[0, [3, 4, 5, 12, 13, 14]] = scale_error
    return PeopleLikelihood(tuple(groups), surface, shared, scales, np.zeros(2))


@pytest.mark.independent
def test_it_is_the_normal_of_all_values_together():
    """Missing values are left out and the shared error is one for all: scipy's normal of everything stacked says the same."""
    one = toy(8)
    z = np.array([[0.4, -0.3, 0.8, 0.5, 0.0, 0.7], [0.0, 0.2, -1.0, -0.5, 1.0, -0.2]])
    values = one.surface(z[:, :SCORES])
    expected = []
    for k in range(2):
        rows, blocks, centre, data = [], [], [], []
        for a, arm in enumerate(one.groups):
            shift, spread = triangular(values[k : k + 1, 9 * a : 9 * a + 9], 3)
            root = np.exp(0.05 * z[k, SCORES]) * arm.root @ spread[0]
            mean = arm.mean + arm.root @ shift[0]
            push = arm.root @ one.shared[3 * a : 3 * a + 3]
            for some in arm.patterns:
                for person in some.values:
                    o = some.seen
                    rows.append(push[o])
                    blocks.append((root @ root.T)[np.ix_(o, o)])
                    centre.append(mean[o])
                    data.append(person)
        push = np.vstack(rows)
        whole = push @ push.T
        at = 0
        for block in blocks:
            whole[at : at + len(block), at : at + len(block)] += block
            at += len(block)
        expected.append(
            multivariate_normal(np.concatenate(centre), whole).logpdf(np.concatenate(data))
        )
    found = one.loglik(z)
    assert found[1] - found[0] == pytest.approx(expected[1] - expected[0], rel=1e-9)


@pytest.mark.independent
@pytest.mark.parametrize(("others", "off"), [(0, 0.06), (1, 0.03), (2, 1e-9)])
def test_a_value_below_the_limit_counts_by_its_probability(others, off):
    one = toy(8, missing=False)
    root = one.groups[0].root
    values = np.array([[0.3, -0.2, -0.4]])
    below = np.array([[False] * others + [True] * (3 - others)])
    group = replace(one.groups[0], patterns=patterns_of(values, below))
    alone = replace(one, groups=(group, replace(one.groups[1], patterns=())))
    z = np.zeros((1, 6))
    covariance = root @ root.T
    o, c = np.arange(others), np.arange(others, 3)
    chance = multivariate_normal(
        covariance[np.ix_(c, o)] @ np.linalg.solve(covariance[np.ix_(o, o)], values[0, o]),
        covariance[np.ix_(c, c)]
        - covariance[np.ix_(c, o)] @ np.linalg.solve(covariance[np.ix_(o, o)], covariance[np.ix_(o, c)]),
    ).cdf(values[0, c])  # fmt: skip
    seen = replace(group, patterns=patterns_of(np.where(below, np.nan, values), below & False))
    without = replace(alone, groups=(seen, alone.groups[1]))
    # Several at once are a normal cut off one after the other, which is an approximation.
    assert (alone.loglik(z) - without.loglik(z))[0] == pytest.approx(np.log(chance), abs=off)


def test_moments_with_missing_rows_are_those_that_are_most_likely():
    """What depends on the values before it biases no mean; the mean of those who are left is biased."""
    rng = np.random.default_rng(1)
    root = np.linalg.cholesky(np.array([[1.0, 0.8], [0.8, 1.0]]))
    y = rng.standard_normal((20_000, 2)) @ root.T
    sick = y[:, 0] < -0.5
    gone = y.copy()
    gone[sick, 1] = np.nan
    mean, covariance = moments(gone)
    np.testing.assert_allclose(mean, y.mean(axis=0), atol=0.03)
    np.testing.assert_allclose(covariance, np.cov(y.T), atol=0.05)
    assert np.nanmean(gone[:, 1]) > 0.3
    whole_mean, whole = moments(y)
    np.testing.assert_allclose(whole, np.cov(y.T, bias=True))
    np.testing.assert_allclose(whole_mean, y.mean(axis=0))
    with pytest.raises(RunError, match="too few people"):
        moments(y[:1])


@pytest.mark.independent
def test_expected_deaths_are_the_hazard_that_runs_up():
    days = np.random.default_rng(2).exponential(1000.0, 50_000)
    found, error = expected_deaths(days, np.full(40, 100.0))
    assert found == pytest.approx(2 * np.sqrt(40 * 0.1 + 0.375), rel=0.02)
    assert 0 < error < 0.1


def test_statistics_carry_moments_there_and_back():
    group = toy().groups[0]
    rng = np.random.default_rng(5)
    mean = rng.standard_normal((4, 3))
    half = rng.standard_normal((4, 3, 3)) + 2 * np.eye(3)
    covariance = half @ half.transpose(0, 2, 1)
    shift, spread = triangular(statistics_of(mean, covariance, group), 3)
    np.testing.assert_allclose(shift @ group.root.T + group.mean, mean, atol=1e-10)
    there = group.root @ spread
    np.testing.assert_allclose(there @ there.transpose(0, 2, 1), covariance, atol=1e-9)


def covered(ranks, share):
    """Return how likely so many or so few truths inside an interval are by chance."""
    inside = int(np.sum(np.abs(ranks - 0.5) <= share / 2))
    return min(binom.cdf(inside, ranks.size, share), binom.sf(inside - 1, ranks.size, share))


def test_trials_of_known_scores_are_covered():
    one = toy(30)
    ranks = np.stack([rank_of_truth(one, 100 + k) for k in range(100)])
    for share in (0.5, 0.9):
        for k in (0, 1, 2, 3):
            assert covered(ranks[:, k], share) > 1e-3, (share, k)


def test_a_likelihood_that_is_too_sure_is_not_covered():
    """Without the error of the emulators, which is in the trials, truths lie outside too often."""
    one = toy(30, error=0.5)
    sure = replace(one, shared=np.zeros((6, 0)))
    ranks = np.stack([rank_of_truth(one, 100 + k, sure) for k in range(60)])
    assert min(covered(ranks[:, k], 0.9) for k in (0, 1)) < 1e-5


def test_few_people_leave_the_prior_nearly_as_it_was_and_more_do_not():
    left = {}
    # What is unknown moves the mean by a third of the SD between people, as it mostly does.
    for people in (2, 200):
        one = toy(people)
        one = replace(one, surface=replace(one.surface, linear=0.3 * one.surface.linear))
        data = simulated(one, np.zeros(SCORES + 1), np.random.default_rng(4))
        drawn = sample(data, 3, particles=1500, moves=10, last_moves=60).draws
        left[people] = drawn.std(axis=0)
        # The last score moves nothing that is seen.
        assert drawn[:, 4].std() == pytest.approx(1.0, abs=0.06)
    assert (left[2] > 0.8).all()
    assert (left[200][[0, 1, 3]] < 0.6).all()


def test_data_that_do_not_depend_on_anything_give_the_prior():
    one = toy(30)
    flat = replace(one, surface=replace(one.surface, linear=np.zeros_like(one.surface.linear)))
    drawn = sample(flat, 3, particles=1500, moves=10, last_moves=40).draws
    np.testing.assert_allclose(drawn[:, :SCORES].mean(axis=0), 0.0, atol=0.1)
    np.testing.assert_allclose(drawn[:, :SCORES].std(axis=0), 1.0, atol=0.06)


def test_the_sick_who_drop_out_bias_nothing_that_was_seen_before():
    """Who leaves after a low value leaves the slope as it was; a likelihood of the last visit alone would not."""
    one = toy(400, missing=False, error=0.0)
    z = np.zeros(SCORES + 1)
    rng = np.random.default_rng(8)
    whole = simulated(one, z, rng)
    groups = []
    for arm in whole.groups:
        (some,) = arm.patterns
        values = some.values.copy()
        values[values[:, 0] < -0.3, 1:] = np.nan
        groups.append(replace(arm, patterns=patterns_of(values, np.zeros(values.shape, bool))))
    drawn = sample(
        replace(whole, groups=tuple(groups)), 5, particles=800, moves=10, last_moves=60
    ).draws
    middle, sd = drawn[:, 1].mean(), drawn[:, 1].std()
    assert abs(middle) < 3 * sd
    assert sd < 0.25
    late = np.concatenate([v[np.isfinite(v)] for g in groups for p in g.patterns for v in [p.values[:, -1] if p.seen[-1] == 2 else np.zeros(0)]])  # fmt: skip
    # Taken alone, those who are left would say that everybody gained half an SD.
    assert late.mean() / 0.6 > 5 * sd
    assert norm.sf(late.mean() * np.sqrt(late.size)) < 1e-6
