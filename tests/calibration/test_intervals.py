"""The one rule from a published error to what is accepted, against closed forms and R."""

import math

import pytest
from scipy.stats import binom, chi2, poisson

from antitrypsim.calibration.intervals import error_of

pytestmark = pytest.mark.law


def of(text, statistic, n=0, percent=False):
    error = error_of(text, statistic, percent=percent)
    return error.of(n) if n else error


def test_a_printed_interval_stays_as_printed():
    assert of("95 % CI 56 to 83", "mean").interval(70) == (56, 83)
    assert of("range -2 to 18.6", "median").interval(math.nan) == (-2, 18.6)


def test_a_standard_error_and_an_sd_of_people():
    assert of("SE 0.25", "mean").interval(-1.51) == pytest.approx((-2.0, -1.02))
    assert of("SD 2.4", "mean", 36).interval(5.0) == pytest.approx((5 - 0.784, 5 + 0.784))


@pytest.mark.parametrize(
    ("share", "n", "low", "high"),
    # R: binom.test(1, 31)$conf.int, binom.test(7, 31), binom.test(0, 10), binom.test(10, 10)
    [
        (3, 31, 0.0008163701, 0.1670211),
        (23, 31, 0.0959422, 0.411),
        (0, 10, 0.0, 0.3084971),
        (100, 10, 0.6915029, 1.0),
    ],
)
def test_a_share_is_exactly_binomial(share, n, low, high):
    found = of("exact", "share", n, percent=True).interval(share)
    assert found == pytest.approx((100 * low, 100 * high), abs=0.01)
    assert of("exact", "share", n).interval(share / 100) == pytest.approx((low, high), abs=1e-4)
    counted = round(share * n / 100)
    if counted > 0:
        assert binom.sf(counted - 1, n, found[0] / 100) == pytest.approx(0.025)
    if counted < n:
        assert binom.cdf(counted, n, found[1] / 100) == pytest.approx(0.025)


@pytest.mark.parametrize("count", [0, 1, 14])
def test_a_count_is_exactly_poisson(count):
    low, high = of("exact", "count", 100).interval(count)
    assert poisson.cdf(count, high) == pytest.approx(0.025)
    assert (low == 0) if count == 0 else (poisson.sf(count - 1, low) == pytest.approx(0.025))


def test_an_sd_goes_by_chi_square():
    low, high = of("exact", "SD", 20).interval(5.8)
    # 19 s2 / sigma2 is chi-square with 19 degrees of freedom.
    assert chi2.cdf(19 * 5.8**2 / low**2, 19) == pytest.approx(0.975)
    assert chi2.cdf(19 * 5.8**2 / high**2, 19) == pytest.approx(0.025)
    assert (low, high) == pytest.approx((4.410846, 8.471296), rel=1e-3)


def test_a_correlation_goes_by_fishers_z():
    # R: tanh(atanh(0.286) + c(-1, 1) * 1.96 / sqrt(137))
    assert of("Fisher z", "correlation", 140).interval(0.286) == pytest.approx(
        (0.1259, 0.4313), abs=1e-3
    )


def test_how_far_apart_in_the_errors_of_both():
    assert of("SE 3", "mean").distance(10, 15, 4) == pytest.approx(1.0)
    assert of("SD 30", "mean", 100).distance(10, 15, 4) == pytest.approx(1.0)
    assert math.isnan(of("range 1 to 2", "mean").distance(1.5, 5, 1))
    assert math.isnan(of("SE 3", "mean").distance(10, math.nan, 1))
    ratio = of("95 % CI 0.5 to 2", "ratio")
    assert ratio.distance(1, 2, 0) == pytest.approx(1.96)
    assert ratio.distance(1, 0.5, 0) == pytest.approx(-1.96)
    r = of("Fisher z", "correlation", 103)
    assert r.distance(0.0, math.tanh(0.3), 0.0) == pytest.approx(3.0)
    share = of("exact", "share", 10000, percent=True)
    assert share.distance(50, 51, 0) == pytest.approx(2.0, rel=0.02)


def test_what_has_no_value_has_no_interval():
    for text, statistic, n in (("exact", "share", 9), ("SD 1", "mean", 9), ("exact", "count", 9)):
        assert math.isnan(of(text, statistic, n).interval(math.nan)[0])


def test_too_few_people():
    with pytest.raises(ValueError, match="'Fisher z' cannot be reckoned of 3 people"):
        of("Fisher z", "correlation", 3)
