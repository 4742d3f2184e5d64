"""Counting: every death that falls within the years asked for is counted, on whatever day."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from antitrypsim.experiments.counterfactual import Counterfactual

pytestmark = pytest.mark.law


@given(
    st.lists(st.floats(1e-3, 3652.0), min_size=1, max_size=20),
    st.floats(min_value=1.0, max_value=3652.0),
)
def test_each_death_by_a_day_is_counted_once(deaths, day):
    days = np.array(deaths)
    read = Counterfactual({}, {"death": days[:, None, None]})
    assert read.counted("death", day).sum() == np.sum(days <= day)
    assert np.all(read.lived(day) * 365.25 <= day * (1 + 1e-12))
