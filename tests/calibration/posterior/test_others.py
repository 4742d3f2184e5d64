"""Runs of other people: the luck that all waves share is found, chance is no error, and weights say only what runs show."""

import numpy as np
import pytest

from antitrypsim.calibration.posterior.emulate import Fit, emulate
from antitrypsim.calibration.posterior.smc import sample
from antitrypsim.calibration.posterior.truth import truth_of
from antitrypsim.calibration.posterior.waves import Wave, own_seeds

from .toys import datum

pytestmark = pytest.mark.law

DATA = tuple(datum(f"TOY-{k}", "value", 0.3, 0.5) for k in range(6))
SLOPES = np.random.default_rng(1).normal(size=(6, 8)) / 2


def wave(n, seed, chance, luck=0.0, bend=0.0):
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(n, 8))
    # What no polynomial of degree 2 follows is the emulators' error.
    values = z @ SLOPES.T + bend * np.sin(5 * z[:, :6]) + luck + chance * rng.normal(size=(n, 6))
    return Wave(DATA, z, values, np.full((n, 6), chance), {})


def test_the_luck_of_the_people_whom_all_waves_share_is_taken_out():
    luck = np.array([1.0, -2.0, 0.5, 0.0, 3.0, -1.0])
    shared = [wave(150, 2, 0.2, luck)]
    off = emulate(shared).likelihood.surface(np.zeros((1, 8)))[0]
    found = emulate(shared, others=wave(60, 3, 0.2)).likelihood.surface(np.zeros((1, 8)))[0]
    np.testing.assert_allclose(off, luck, atol=0.15)
    np.testing.assert_allclose(found, 0.0, atol=0.15)


def test_chance_of_the_runs_is_no_error_of_the_emulators():
    found = emulate([wave(150, 4, 0.8)], others=wave(400, 5, 0.8))
    error = np.sqrt(np.diag(found.likelihood.noise) - 0.25)
    # At least a tenth of what is left stays; all of it would be 0.8.
    assert np.all(error < 0.45)


def test_an_error_of_the_emulators_is_told_as_large_as_it_is():
    found = emulate([wave(150, 6, 0.1, bend=0.6)], others=wave(400, 7, 0.1, bend=0.6))
    error = np.sqrt(np.diag(found.likelihood.noise) - 0.25)
    np.testing.assert_allclose(error, 0.6 / np.sqrt(2), rtol=0.15)


def test_runs_without_a_number_do_not_make_an_error_look_smaller():
    others = wave(400, 7, 0.1, bend=0.6)
    others.values[::2, 0] = np.nan
    found = emulate([wave(150, 6, 0.1, bend=0.6)], others=others)
    assert np.sqrt(found.likelihood.noise[0, 0] - 0.25) == pytest.approx(0.6 / np.sqrt(2), rel=0.2)


def narrow(n, seed, width):
    """Runs about a place, of which statistics hang in another way the farther off they are."""
    rng = np.random.default_rng(seed)
    z = width * rng.normal(size=(n, 8))
    values = (
        z @ SLOPES.T
        + np.where(np.abs(z[:, :6]) > 1, 4 * np.sign(z[:, :6]), 0.0)
        + 0.05 * rng.normal(size=(n, 6))
    )
    return Wave(DATA, z, values, np.full((n, 6), 0.05), {})  # fmt: skip


def test_emulators_are_of_the_waves_that_err_least_where_the_last_one_lies():
    # One wave is too few runs for eight scores, and the first ones lie where other laws hold.
    waves = [narrow(60, k, width) for k, width in enumerate((3.0, 3.0, 0.3, 0.3, 0.3), start=20)]
    waves[-1] = narrow(14, 30, 0.3)
    found, three = Fit.to(waves), Fit.to(waves[-3:])
    assert np.all(found.error <= three.error)
    for others in (waves[-1:], [*waves[:2], waves[-1]]):
        assert np.all(found.error < Fit.to(others).error)


def checked(bend, chance, seed=8, draws=200):
    emulated = emulate([wave(150, 6, 0.1, bend=bend)], others=wave(400, 7, 0.1, bend=bend))
    z = sample(emulated.likelihood, seed).draws[:draws]
    rng = np.random.default_rng(seed)
    values = z @ SLOPES.T + bend * np.sin(5 * z[:, :6]) + chance * rng.normal(size=(draws, 6))
    return truth_of(emulated, Wave(DATA, z, values, np.full((draws, 6), chance), {}), 100)


def test_where_emulators_are_right_every_draw_weighs_the_same():
    found = checked(0.0, 0.05)
    assert found.trusted
    assert found.effective > 0.97 * found.draws


def test_statistics_without_error_and_without_chance_are_no_trouble():
    def exact(n, seed):
        z = np.random.default_rng(seed).normal(size=(n, 8))
        return Wave(DATA, z, z @ SLOPES.T, np.zeros((n, 6)), {})

    emulated = emulate([exact(150, 6)], others=exact(60, 7))
    found = truth_of(emulated, exact(100, 8), 100)
    assert found.effective > 0.99 * found.draws


def test_a_run_that_is_mostly_chance_says_little_of_its_draw():
    sure, unsure = checked(0.5, 0.05), checked(0.5, 5.0)
    assert unsure.effective > 0.9 * unsure.draws > sure.effective


def test_people_of_their_own_are_others_in_each_run_and_the_same_when_there_are_more():
    few, many = own_seeds(7, "run", 5), own_seeds(7, "run", 9)
    assert many[:5] == few
    assert len(set(many)) == 9
    assert own_seeds(8, "run", 5) != few
    assert own_seeds(7, "checked run", 5) != few
