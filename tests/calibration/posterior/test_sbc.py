"""Simulation-based calibration: right inference passes, inference with half the noise is caught."""

import numpy as np
import pytest

from antitrypsim.calibration.posterior.sbc import Ranks, simulation_based_calibration

from .toys import bent_toy, linear_toy

pytestmark = pytest.mark.law


def ranks(likelihood, **options):
    return simulation_based_calibration(
        likelihood, 3, sets=options.pop("sets", 200), scores=(0, 1, 2), predict=likelihood.surface,
        predicted=[f"statistic {k}" for k in range(len(likelihood.centre))], **options,
    )  # fmt: skip


@pytest.mark.parametrize("toy", [linear_toy, bent_toy])
def test_ranks_of_what_was_true_are_uniform(toy):
    found = ranks(toy())
    assert found.worst > 0.001
    assert found.ranks.shape == (200, 3 + len(toy().centre))


def test_half_of_the_noise_is_noticed():
    one = linear_toy(noise=0.6)
    assert ranks(one, assumed=one.noise / 2).worst < 0.001


def test_a_simulation_that_is_not_the_emulator_is_noticed():
    one = linear_toy()
    assert ranks(one, sets=60, simulate=lambda z: one.surface(z) + 1.0).worst < 0.001
    same = [ranks(one, sets=5, **how).ranks for how in ({}, {"simulate": one.surface})]
    np.testing.assert_array_equal(*same)


def test_uniform_ranks_have_uniform_p_values():
    rng = np.random.default_rng(4)
    found = Ranks(tuple("x" * 400), rng.integers(0, 100, size=(200, 400)), 99)
    assert np.mean(found.p_values() < 0.05) == pytest.approx(0.05, abs=0.035)
