"""Emulators, against polynomials that they must find and noise that they must not."""

import numpy as np
import pytest

from antitrypsim.calibration.posterior.surface import fit_surface, join, shrunk_covariance

pytestmark = pytest.mark.law

RNG = np.random.default_rng(11)


def bend(z):
    return (z * z - 1) / np.sqrt(2)


@pytest.fixture(scope="module")
def runs():
    z = np.random.default_rng(1).normal(size=(200, 40))
    y = np.stack(
        [
            1.0 + 2.0 * z[:, 3] - z[:, 7] + 0.8 * bend(z[:, 3]) + 0.7 * z[:, 3] * z[:, 7],
            np.random.default_rng(2).normal(size=200),
            z[:, 0] + 0.3 * np.random.default_rng(3).normal(size=200),
        ],
        axis=1,
    )
    return z, y


def test_a_polynomial_of_degree_two_is_found_exactly(runs):
    z, y = runs
    found = fit_surface(z, y)
    fresh = RNG.normal(size=(50, 40))
    truth = (
        1.0
        + 2.0 * fresh[:, 3]
        - fresh[:, 7]
        + 0.8 * bend(fresh[:, 3])
        + 0.7 * fresh[:, 3] * fresh[:, 7]
    )
    np.testing.assert_allclose(found.surface(fresh)[:, 0], truth, atol=1e-8)
    assert found.r2[0] > 1 - 1e-9
    assert {3, 7} <= set(found.surface.active)


def test_noise_is_not_emulated_and_its_size_is_told(runs):
    found = fit_surface(*runs)
    assert found.r2[1] < 0.1
    assert found.error[1] == pytest.approx(1.0, rel=0.15)
    assert found.error[2] == pytest.approx(0.3, rel=0.25)
    assert found.r2[2] == pytest.approx(1 / 1.09, abs=0.06)


def test_errors_told_hold_for_runs_that_were_never_seen(runs):
    z, y = runs
    found = fit_surface(z[:120], y[:120])
    left = y[120:] - found.surface(z[120:])
    np.testing.assert_allclose(np.sqrt((left[:, 1:] ** 2).mean(axis=0)), found.error[1:], rtol=0.35)


def test_slopes_are_those_of_differences(runs):
    one, h = fit_surface(*runs).surface, 1e-6
    at = RNG.normal(size=40)
    slopes = one.jacobian(at)
    for k in (3, 7, 12):
        step = np.zeros(40)
        step[k] = h
        rise = (one((at + step)[None, :]) - one((at - step)[None, :]))[0] / (2 * h)
        np.testing.assert_allclose(slopes[:, k], rise, atol=1e-6)


def test_parts_of_a_surface_say_what_the_whole_says(runs):
    z, y = runs
    one = fit_surface(z, y).surface
    np.testing.assert_array_equal(one.of(np.array([2, 0]))(z), one(z)[:, [2, 0]])
    np.testing.assert_allclose(one.among(one.active)(z[:, one.active]), one(z), atol=1e-12)


def test_of_two_surfaces_each_statistic_is_taken_from_the_one_chosen(runs):
    z, y = runs
    judged = np.arange(200) >= 80
    one, other = fit_surface(z[judged], y[judged]).surface, fit_surface(z, y, judged).surface
    both = join(one, other, np.array([True, False, True]))
    np.testing.assert_allclose(both(z)[:, [0, 2]], other(z)[:, [0, 2]], atol=1e-12)
    np.testing.assert_allclose(both(z)[:, 1], one(z)[:, 1], atol=1e-12)


def test_a_run_without_a_number_is_left_out_of_that_statistic_alone(runs):
    z, y = runs
    holes = y.copy()
    holes[::9, 0] = np.nan
    found = fit_surface(z, holes)
    assert found.r2[0] > 1 - 1e-9
    assert np.isnan(found.residuals[::9, 0]).all()
    np.testing.assert_allclose(found.residuals[:, 1:], fit_surface(z, y).residuals[:, 1:])


def test_a_statistic_that_never_moves_has_no_slope():
    z = RNG.normal(size=(60, 5))
    found = fit_surface(z, np.full((60, 1), 3.0))
    assert found.surface.active.size == 0
    np.testing.assert_array_equal(found.surface(z), 3.0)


def test_errors_in_common_are_kept_and_chance_correlations_shrink():
    n = 150
    common = RNG.normal(size=(n, 1))
    residuals = np.hstack([common + 0.3 * RNG.normal(size=(n, 2)), RNG.normal(size=(n, 6))])
    found = shrunk_covariance(residuals)
    r = found / np.sqrt(np.outer(np.diag(found), np.diag(found)))
    assert r[0, 1] > 0.6
    plain = np.corrcoef(residuals.T)
    off = ~np.eye(8, dtype=bool)
    assert np.abs(r[2:, 2:][off[2:, 2:]]).max() < 0.9 * np.abs(plain[2:, 2:][off[2:, 2:]]).max()
    assert np.linalg.eigvalsh(found).min() > 0
    np.testing.assert_allclose(np.diag(found), np.mean(residuals**2, axis=0))
