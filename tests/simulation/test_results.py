"""What was simulated, as tables."""

import numpy as np
import pytest

from antitrypsim.simulation.results import Results

pytestmark = pytest.mark.contract


def test_results_without_outputs_are_a_table_of_people_and_days():
    empty = Results(
        ids=np.array([1, 2]), times=np.array([0.0, 7.0]), outputs=(), values=np.empty((2, 1, 2, 0)),
        events={}, status=np.zeros((2, 1), dtype=np.int64), provenance={},
    )  # fmt: skip
    table = empty.to_frame()
    assert list(table.columns) == ["USUBJID", "draw", "day"]
    assert len(table) == 4
