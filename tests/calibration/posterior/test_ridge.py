"""Many small effects in one group of scores, and none in the others."""

import numpy as np
import pytest

from antitrypsim.calibration.posterior.ridge import Grouped, _by_runs, _by_terms, ridge_by_groups
from antitrypsim.calibration.posterior.surface import fit_surface
from antitrypsim.uncertainty.hermite import hermite

pytestmark = pytest.mark.law

GROUPS = ["lung"] * 40 + ["liver"] * 60 + ["gene"] * 60


@pytest.fixture(scope="module")
def runs():
    rng = np.random.default_rng(4)
    z = rng.normal(size=(260, 160))
    y = z[:, :40] @ rng.normal(size=40) * 0.3 + rng.normal(size=260)
    return z, y


def test_the_group_that_matters_is_found_and_the_others_are_let_go(runs):
    z, y = runs
    _, slopes, _ = ridge_by_groups(Grouped.of(hermite(z), GROUPS), y)
    lines = slopes[0::2]
    assert np.count_nonzero(lines[:40]) == 40
    assert np.square(lines[40:]).sum() < 0.1 * np.square(lines[:40]).sum()


def test_small_effects_that_selection_misses_are_learned_by_groups(runs):
    z, y = runs
    alone, grouped = (fit_surface(z, y[:, None], groups=g) for g in ((), GROUPS))
    assert grouped.error[0] < 0.9 * alone.error[0]
    fresh = np.random.default_rng(5).normal(size=(2000, 160))
    rng = np.random.default_rng(4)
    rng.normal(size=(260, 160))
    truth = fresh[:, :40] @ rng.normal(size=40) * 0.3
    left = grouped.surface(fresh)[:, 0] - truth
    # What is told holds of runs never seen: an error of one unit is of each run's own.
    assert np.sqrt(np.mean(left**2) + 1.0) == pytest.approx(grouped.error[0], rel=0.12)


def test_what_is_left_of_a_run_is_what_a_fit_without_it_misses(runs):
    z, y = runs
    z, y = z[:60], y[:60]
    u = hermite(z)
    _, _, left = ridge_by_groups(Grouped.of(u, GROUPS), y)
    without = y.copy()
    without[17] = np.nan
    intercept, slopes, others = ridge_by_groups(Grouped.of(u, GROUPS), without)
    assert np.isnan(others[17])
    # The variances are found anew, so that the two agree nearly.
    assert left[17] == pytest.approx(y[17] - intercept - u[17] @ slopes, abs=0.25 * y.std())


def test_solved_by_terms_and_by_runs_it_is_the_same():
    rng = np.random.default_rng(6)
    terms, scale = rng.normal(size=(50, 60)), rng.uniform(0.01, 2.0, 60)
    both = rng.normal(size=(50, 2))
    inverse = np.linalg.inv(0.3 * np.eye(50) + (terms * scale) @ terms.T)
    by_hand = (inverse @ both, np.diag(inverse), np.diag(terms.T @ inverse @ terms))
    by_terms = _by_terms(terms, terms.T @ terms, scale, 0.3, both)
    for found in (_by_runs(terms, scale, 0.3, both), by_terms):
        for one, expected in zip(found, by_hand, strict=True):
            np.testing.assert_allclose(one, expected, rtol=1e-9)


def test_where_one_selected_term_says_everything_selection_is_kept(runs):
    z, _ = runs
    found = fit_surface(z, 2.0 * z[:, [50]], groups=GROUPS)
    assert set(found.surface.active) == {50}


def test_a_statistic_that_never_moves_has_no_slope(runs):
    z, _ = runs
    intercept, slopes, left = ridge_by_groups(Grouped.of(hermite(z), GROUPS), np.full(260, 3.0))
    assert intercept == pytest.approx(3.0)
    assert not slopes.any()
    np.testing.assert_array_equal(left, 0.0)
