"""What a report of a comparison says of how much was asked."""

from types import SimpleNamespace

import pytest

from antitrypsim.reports.compare import _method

pytestmark = pytest.mark.regression


@pytest.mark.parametrize(
    ("draws", "said"),
    [(0, "No draws from what is unknown were asked for"), (10, "10 draws from what is unknown are too few")],
)  # fmt: skip
def test_few_draws_are_not_called_none(draws, said):
    assert _method(SimpleNamespace(shares={}, draws=draws)).startswith(said)
