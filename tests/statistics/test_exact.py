"""Means and SDs that are the same bits however the numbers are cut and ordered."""

import statistics
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from antitrypsim.statistics.exact import Moments

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
