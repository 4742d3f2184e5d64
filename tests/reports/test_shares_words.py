"""What decides is told only where it can be told."""

import pytest

from antitrypsim.reports.shareswords import decides_sentence
from antitrypsim.uncertainty.variance_shares import Share, Shares

pytestmark = pytest.mark.contract


def shares(share, grade, rest):
    return Shares(
        (Share("lung.strain", "fitted", share, 0.05),),
        {"measured": (0.0, 0.01), "fitted": (grade, 0.05), "scaled": (0.0, 0.01), "assumed": (0.0, 0.01)},
        (rest, 0.05), 40, 700, "first-order",
    )  # fmt: skip


def test_where_nothing_stands_out_no_grade_is_given_a_share():
    said = decides_sentence("FEV1", shares(0.02, 0.02, 0.98))
    assert "no single unknown stands out" in said
    assert "Variance from grades that cannot be told apart in 40 draws." in said
    assert "100 %" not in said


def test_a_grade_that_stands_out_is_told_though_no_unknown_does():
    assert "fitted 60 %" in decides_sentence("FEV1", shares(0.05, 0.6, 0.4))
    assert "fitted 60 %" in decides_sentence("FEV1", shares(0.55, 0.6, 0.4))
