"""Means and SDs that are the same bits however the numbers are cut and ordered."""

import statistics
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from antitrypsim.statistics.exact import Moments, Products, Quantiles

pytestmark = pytest.mark.law

NUMBERS = st.lists(st.floats(-1e150, 1e150), min_size=2, max_size=40)


def moments(*parts):
    found = Moments()
    for part in parts:
        found.add(part)
    return found


@given(NUMBERS, st.integers(0, 40), st.randoms())
def test_cut_and_order_change_no_bit(values, at, chance):
    whole = moments(values)
    mixed = list(values)
    chance.shuffle(mixed)
    parts = moments(mixed[:at], mixed[at:])
    assert (parts.count, parts.mean, parts.sd) == (whole.count, whole.mean, whole.sd)


@given(NUMBERS)
def test_the_mean_is_the_exact_one_rounded_once(values):
    exact = sum(map(Fraction, values)) / len(values)
    assert moments(values).mean == float(exact)


@pytest.mark.independent
@given(st.lists(st.floats(0, 200), min_size=2, max_size=60))
def test_mean_and_sd_are_those_of_the_standard_library(values):
    found = moments(values)
    assert found.mean == pytest.approx(statistics.fmean(values), rel=1e-14, abs=1e-300)
    size = max(map(abs, values))
    assert found.sd == pytest.approx(statistics.stdev(values), rel=1e-9, abs=1e-7 * size + 1e-150)


def test_what_is_no_number_is_left_out_and_little_has_no_sd():
    assert moments([1.0, np.nan, 3.0, np.inf]).mean == 2.0
    assert np.isnan(moments([]).mean)
    assert moments([]).sd is None
    assert moments([5.0]).sd is None
    assert moments([5.0, 5.0]).sd == 0.0


@given(
    st.lists(st.tuples(*[st.floats(-1e60, 1e60)] * 3), min_size=1, max_size=30), st.integers(0, 30)
)
def test_products_are_exact_but_for_the_rounding_of_each_and_of_the_sum(rows, at):
    whole, cut = Products(3), Products(3)
    whole.add(rows)
    for part in (rows[at:], rows[:at]):
        cut.add(np.array(part).reshape(-1, 3))
    exact = [[float(sum(Fraction(r[i] * r[j]) for r in rows)) for j in range(3)] for i in range(3)]
    assert whole.total().tolist() == cut.total().tolist() == exact
    assert whole.count == len(rows)


@pytest.mark.independent
@given(
    st.lists(st.floats(allow_nan=False, allow_infinity=False, width=32), min_size=1, max_size=60),
    st.integers(0, 60),
)
def test_quantiles_are_numpy_s(values, at):
    found = Quantiles((0.05, 0.5, 0.95, 0.0, 1.0), len(values))
    while found.wanting:
        for part in (values[:at], [np.nan, np.inf], values[at:]):
            found.add(part)
        found.step()
    expected = np.quantile(values, [0.05, 0.5, 0.95, 0.0, 1.0])
    assert found.values().tolist() == expected.tolist()


def test_quantiles_of_nothing_are_unknown():
    found = Quantiles((0.5,), 0)
    assert not found.wanting
    assert np.isnan(found.values()).all()
