from __future__ import annotations

import pytest

from antitrypsim.foundations.errors import InputError
from antitrypsim.statistics.analysis import ANALYSES

pytestmark = pytest.mark.law


DESCRIBE = ANALYSES["describe"]


@pytest.mark.independent
def test_matches_t_test(data, reference, agree, pick):
    result = DESCRIBE.run(data("slopes"), reference="placebo")
    for expected in reference["describe"]:
        row = pick(
            result,
            arm=expected["arm"],
            contrast=expected["contrast"] or None,
            visit=expected["visit"],
        )
        agree(row, expected)


def test_visits_follow_their_days(data):
    frame = data("slopes").replace({"AVISIT": {"V0": "Z", "V5": "A"}})
    rows = DESCRIBE.run(frame, reference="placebo").rows
    assert list(dict.fromkeys(row.visit for row in rows)) == ["Z", "V1", "V2", "V3", "V4", "A"]
    # Nothing has changed at baseline, so nothing is compared there.
    assert not any(row.contrast for row in rows if row.visit == "Z")


@pytest.mark.contract
def test_all_missing_and_unknown_visit(data):
    frame = data("slopes")
    frame.loc[frame["AVISIT"] == "V2", ["AVAL", "CHG"]] = float("nan")
    with pytest.raises(InputError, match="no measured value at visit 'V2'"):
        DESCRIBE.run(frame, reference="placebo")
    with pytest.raises(InputError, match="no visit 'V9'"):
        DESCRIBE.run(frame, reference="placebo", visits=["V1", "V9"])
    assert DESCRIBE.run(frame, reference="placebo", visits=["V1"]).rows


def test_visits_named_in_another_order_give_the_same_rows(data):
    frame = data("slopes")
    ahead = DESCRIBE.run(frame, reference="placebo", visits=["V0", "V2", "V5"])
    back = DESCRIBE.run(frame, reference="placebo", visits=["V5", "V0", "V2"])
    assert back.to_frame().equals(ahead.to_frame())
    assert {row.visit for row in back.rows if row.contrast} == {"V2", "V5"}
    # Without days nobody can tell which is later, so the caller's order stands.
    undated = DESCRIBE.run(frame.drop(columns="ADY"), reference="placebo", visits=["V5", "V2"])
    assert list(dict.fromkeys(row.visit for row in undated.rows)) == ["V5", "V2"]
