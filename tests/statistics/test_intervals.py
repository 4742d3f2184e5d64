"""Intervals of means against SciPy's, and the side on which an interval lies."""

import numpy as np
import pytest
from scipy import stats

from antitrypsim.statistics.intervals import mean_half_width, side_of

pytestmark = pytest.mark.independent


def test_the_interval_is_that_of_scipy():
    values = np.array([1.0, 2.5, 4.0, 4.5])
    low, high = stats.t.interval(0.9, 3, values.mean(), stats.sem(values))
    half = mean_half_width(np.array([4, 1]), np.array([values.std(ddof=1), np.nan]), 0.9)
    assert half[0] == pytest.approx((high - low) / 2)
    assert half[1] == 0


@pytest.mark.parametrize(
    ("lower", "upper", "null", "side"),
    [
        (0.1, 2.0, 0.0, "above"), (-2.0, -0.1, 0.0, "below"), (-1.0, 0.0, 0.0, "across"),
        (0.8, 1.2, 1.0, "across"), (None, 2.0, 0.0, "unknown"), (float("nan"), 2.0, 0.0, "unknown"),
    ],
)  # fmt: skip
def test_an_interval_lies_on_one_side_or_across(lower, upper, null, side):
    assert side_of(lower, upper, null) == side
