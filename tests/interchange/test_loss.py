"""The loss report: three lists and their text."""

import pytest

from antitrypsim.interchange.loss import LossReport

pytestmark = pytest.mark.contract


def test_each_list_has_its_heading_and_an_empty_one_says_so():
    text = LossReport(("a", "b"), (), ("c: no home",)).text()
    assert text.splitlines()[:3] == ["Carried:", "  - a", "  - b"]
    assert "pass over:\n  nothing\n" in text
    assert text.endswith("Left out:\n  - c: no home")


def test_two_reports_add_up_and_say_a_line_once():
    assert LossReport(("a",), (), ("c",)) + LossReport(("a", "b")) == LossReport(
        ("a", "b"), (), ("c",)
    )
