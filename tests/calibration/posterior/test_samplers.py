"""Samplers of the posterior, against posteriors in closed form and a sampler of others."""

import numpy as np
import pytest

from antitrypsim.calibration.posterior.gaussian import linear_update
from antitrypsim.calibration.posterior.hmc import sample_along_slopes
from antitrypsim.calibration.posterior.normal import standard
from antitrypsim.calibration.posterior.psis import smoothed
from antitrypsim.calibration.posterior.smc import sample

from .toys import bent_toy, exact, linear_toy

pytestmark = pytest.mark.law


def test_the_update_of_a_linear_model_is_its_posterior():
    one = linear_toy()
    mean, covariance = exact(one)
    found = linear_update(one)
    np.testing.assert_allclose(found.mean, mean, atol=1e-8)
    np.testing.assert_allclose(found.covariance, covariance, atol=1e-10)
    np.testing.assert_allclose(one.about(mean).covariance, covariance, atol=1e-10)


def test_the_most_probable_scores_of_a_bent_model_have_no_slope():
    one = bent_toy()
    found = linear_update(one)
    np.testing.assert_allclose(one.gradient(found.mean[None, :])[0], 0.0, atol=1e-3)


def test_slopes_are_those_of_differences():
    one, z, h = bent_toy(), np.array([[0.3, -0.7, 0.2]]), 1e-6
    for k in range(3):
        up, down = z.copy(), z.copy()
        up[0, k] += h
        down[0, k] -= h
        rise = (one.log_posterior(up) - one.log_posterior(down)) / (2 * h)
        np.testing.assert_allclose(one.gradient(z)[0, k], rise[0], rtol=1e-5)


def test_a_widened_normal_is_nowhere_wider_than_the_prior():
    one = linear_update(linear_toy())
    wide = one.widened(1.5)
    values = np.linalg.eigvalsh(wide.covariance)
    assert values.max() <= 1 + 1e-9
    assert np.linalg.eigvalsh(one.covariance).min() * 2.25 == pytest.approx(values.min())
    np.testing.assert_allclose(standard(3).widened(2.0).covariance, np.eye(3))


@pytest.mark.parametrize("sampler", ["smc", "hmc"])
def test_draws_have_the_mean_and_the_covariance_of_the_closed_form(sampler):
    one = linear_toy()
    mean, covariance = exact(one)
    z = sample(one, 3, particles=4000).draws if sampler == "smc" else sample_along_slopes(one, 3)
    sd = np.sqrt(np.diag(covariance))
    np.testing.assert_allclose(z.mean(axis=0), mean, atol=0.06 * sd.max())
    np.testing.assert_allclose(z.std(axis=0) / sd, 1.0, atol=0.06)
    np.testing.assert_allclose(np.cov(z.T), covariance, atol=0.06)


def test_a_score_without_effect_keeps_its_prior():
    z = sample(linear_toy(), 3, particles=4000).draws[:, -1]
    assert abs(z.std() - 1) < 0.04
    assert abs(z.mean()) < 0.06


def test_the_same_seed_gives_the_same_draws_and_another_agrees():
    one = bent_toy()
    a, b, c = (sample(one, seed, particles=1500).draws for seed in (1, 1, 2))
    assert a.tobytes() == b.tobytes()
    assert a.tobytes() != c.tobytes()
    np.testing.assert_allclose(a.mean(axis=0), c.mean(axis=0), atol=0.15)


@pytest.mark.independent
def test_three_samplers_agree_where_the_posterior_is_no_normal():
    import emcee

    one = bent_toy()
    rng = np.random.default_rng(5)
    walkers = emcee.EnsembleSampler(24, 3, one.log_posterior, vectorize=True)
    walkers.random_state = np.random.RandomState(5).get_state()
    walkers.run_mcmc(rng.normal(size=(24, 3)), 4000)
    theirs = walkers.get_chain(discard=500, thin=5, flat=True)
    sd = theirs.std(axis=0)
    for ours in (sample(one, 4, particles=6000).draws, sample_along_slopes(one, 4, rounds=500)):
        assert np.all(abs(ours.mean(axis=0) - theirs.mean(axis=0)) < 0.05 * sd)
        assert np.all(abs(ours.std(axis=0) / sd - 1) < 0.05)


@pytest.mark.independent
@pytest.mark.parametrize("tail", [0.2, 0.5, 0.9, 1.5])
@pytest.mark.parametrize("count", [100, 400])
def test_smoothed_weights_are_those_of_arviz(tail, count):
    import arviz

    logs = np.random.default_rng(7).exponential(size=count) * tail
    weights, k = smoothed(logs)
    theirs, their_k = arviz.psislw(logs)
    assert k == pytest.approx(float(their_k), rel=1e-6)
    np.testing.assert_allclose(np.log(weights), theirs, atol=1e-6)


def test_few_weights_are_never_trusted_and_equal_ones_always():
    assert smoothed(np.zeros(10))[1] == np.inf
    weights, k = smoothed(np.zeros(100))
    np.testing.assert_allclose(weights, 0.01)
    assert k == -np.inf
