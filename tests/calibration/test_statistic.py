"""Statistics bring the error that drawing people anew would show."""

import math

import numpy as np
import pytest

from antitrypsim.calibration.statistic import (
    Statistic,
    correlation_of,
    fold_of,
    in_order,
    jackknifed,
    less,
    mean_of,
    odds_ratio_of,
    over,
    quantile_of,
    quotient,
    ratio_of,
    sd_of,
    share_of,
    slope_of,
)

pytestmark = pytest.mark.law

RNG = np.random.default_rng(1)


def test_a_ratio_of_sums_errs_as_much_as_people_drawn_anew():
    n, found, told = 400, [], []
    for _ in range(400):
        years = RNG.uniform(1, 10, n)
        one = ratio_of("", RNG.poisson(0.2 * years), years, 100.0)
        found.append(one.value)
        told.append(one.error)
    assert np.mean(found) == pytest.approx(20, rel=0.02)
    assert np.mean(told) == pytest.approx(np.std(found), rel=0.15)


def heavy(rng, n):
    """Return two numbers of people of whom one in fifty has most of what happens."""
    shared = rng.standard_normal(n) * np.where(rng.random(n) < 0.02, 8.0, 1.0)
    return shared + 0.5 * rng.standard_normal(n), 0.4 * shared + 0.5 * rng.standard_normal(n)


def scattered(rng, n):
    """Return values whose scatter grows along the line, and what they lie along."""
    x = rng.exponential(1.0, n)
    return 0.3 * x + x * rng.standard_normal(n), x


@pytest.mark.parametrize(
    ("statistic", "people", "plain"),
    [
        (correlation_of, heavy, lambda r, n, y, x: (1 - r * r) / math.sqrt(n)),
        (slope_of, scattered, lambda s, n, y, x: np.std(y - s * x) / np.std(x) / math.sqrt(n)),
    ],
)
def test_errors_hold_where_few_people_have_most_of_it(statistic, people, plain):
    n, found, told, usual = 500, [], [], []
    rng = np.random.default_rng(2)
    for _ in range(600):
        pair = people(rng, n)
        one = statistic("", *pair)
        found.append(one.value)
        told.append(one.error)
        usual.append(plain(one.value, n, *pair))
    assert np.median(told) == pytest.approx(np.std(found), rel=0.15)
    # What holds of normal numbers alone says much less.
    assert np.median(usual) < 0.7 * np.std(found)


def test_a_jackknife_of_a_mean_is_its_standard_error():
    rng = np.random.default_rng(3)
    told = []
    for _ in range(200):
        values = rng.exponential(1.0, 400)
        told.append(
            jackknifed(400, lambda people, values=values: values[people].mean(keepdims=True))[0]
        )
    assert np.mean(told) == pytest.approx(1 / 20, rel=0.05)


def test_an_odds_ratio_is_that_of_the_counts_and_never_divides_by_nobody():
    some, other = np.arange(1000) < 300, np.arange(1000) < 100
    assert odds_ratio_of("", some, other).value == pytest.approx((3 / 7) / (1 / 9), rel=0.01)
    nobody = odds_ratio_of("", some, np.zeros(1000, dtype=bool))
    assert math.isfinite(nobody.value)
    assert nobody.error > nobody.value


def test_two_statistics_put_together():
    one, other = Statistic("a", 8.0, 0.3), Statistic("b", 4.0, 0.4)
    assert less("c", one, other) == Statistic("c", 4.0, 0.5)
    assert over("c", one, other).value == 2.0
    assert over("c", one, other).error == pytest.approx(2 * math.hypot(0.3 / 8, 0.4 / 4))


def test_none_of_few_is_not_certain():
    assert share_of("", np.zeros(20, dtype=bool)).value == 0
    assert 2 < share_of("", np.zeros(20, dtype=bool)).error < 5
    assert share_of("", np.arange(20) < 5).error == pytest.approx(100 * math.sqrt(0.25 * 0.75 / 20))


def test_of_nobody_there_is_no_number():
    none = np.zeros(0)
    for one in (
        mean_of("", none),
        sd_of("", none),
        share_of("", none > 0),
        quantile_of("", none, 0.5),
        ratio_of("", none, none),
        correlation_of("", none, none),
        slope_of("", none, none),
        fold_of("", none, np.ones(3)),
        over("", Statistic("a", 1.0), Statistic("b", 0.0)),
    ):
        assert math.isnan(one.value)
        assert "so few people" in one.detail


def test_an_order_counts_the_pairs_that_hold():
    assert in_order("", True, False, True) == Statistic("", 2.0)


def test_a_quotient_of_nothing_has_no_number():
    assert quotient(3.0, 2.0) == 1.5
    assert np.isnan(quotient(3.0, 0.0))
