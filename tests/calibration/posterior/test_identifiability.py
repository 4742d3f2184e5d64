"""What trades and what is known, on toys whose answer can be written down."""

import numpy as np
import pytest

from antitrypsim.calibration.posterior.gaussian import linear_update
from antitrypsim.calibration.posterior.likelihood import Likelihood
from antitrypsim.calibration.posterior.profile import profile
from antitrypsim.calibration.posterior.smc import sample
from antitrypsim.calibration.posterior.trades import trades
from antitrypsim.evidence import Spread
from antitrypsim.uncertainty.unknowns import Unknown

from .toys import bent_toy, linear_toy, surface

pytestmark = pytest.mark.law


def unknown(name, prior=None):
    prior = prior or Spread("lognormal", cv=0.3)
    return Unknown(f"toy.{name}", "value", 1.0, prior, "assumed", name)


def only_known(slopes, noise=0.05):
    return Likelihood(surface([slopes]), np.array([0.2]), np.array([[noise**2]]))


@pytest.mark.parametrize(
    ("slopes", "prior", "word"),
    [
        ([1.0, 1.0, 0.0], None, "the product is known better than each"),
        ([1.0, -1.0, 0.0], None, "the ratio is known better than each"),
        ([1.0, 1.0, 0.0], Spread("normal", sd=1.0), "the sum is known better than each"),
        ([1.0, -1.0, 0.0], Spread("normal", sd=1.0), "the difference is known better"),
    ],
)
def test_where_only_a_product_is_known_it_is_said(slopes, prior, word):
    of = [unknown(name, prior) for name in ("one", "other", "idle")]
    (found,) = trades(of, sample(only_known(slopes), 1, particles=2000).draws)
    assert found.ids == ("toy.one", "toy.other")
    assert word in found.words
    assert found.known_sd == pytest.approx(0.05 / np.sqrt(2), rel=0.15)
    assert found.free_sd == pytest.approx(1.0, rel=0.05)


def test_of_three_that_trade_all_are_named_with_their_sides():
    of = [unknown(name) for name in ("a", "b", "c")]
    (found,) = trades(of, sample(only_known([1.0, 1.0, -1.2]), 1, particles=4000).draws)
    assert set(found.ids) == {"toy.a", "toy.b", "toy.c"}
    assert "a combination is known better than each" in found.words
    assert "against" in found.words


def test_where_each_is_known_nothing_trades():
    one = Likelihood(surface(np.eye(3)), np.zeros(3), 0.01 * np.eye(3))
    assert trades([unknown(n) for n in "abc"], sample(one, 1, particles=1000).draws) == ()


def test_the_profile_of_a_linear_model_is_its_posterior():
    one = linear_toy()
    found = linear_update(one)
    for k in range(3):
        curve = profile(one, k)
        sd = np.sqrt(found.covariance[k, k])
        away = curve.grid - found.mean[k]
        expected = -0.5 * (away / sd) ** 2
        np.testing.assert_allclose(curve.height, expected - expected.max(), atol=1e-3)
        assert curve.sd == pytest.approx(sd, rel=0.01)


def test_the_profile_of_a_bent_model_agrees_with_its_draws():
    one = bent_toy()
    draws = sample(one, 2, particles=4000).draws
    for k in range(3):
        assert profile(one, k).sd == pytest.approx(draws[:, k].std(), rel=0.25)


def test_what_no_grid_holds_has_no_width():
    assert np.isnan(profile(linear_toy(), 0, np.linspace(-0.01, 0.01, 5)).sd)
