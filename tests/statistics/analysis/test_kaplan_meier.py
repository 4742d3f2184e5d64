from __future__ import annotations

import math

import numpy as np
import pytest
from stored_adjusted import STORED
from stored_events import frame_of

from antitrypsim.foundations.errors import InputError
from antitrypsim.statistics.analysis import ANALYSES
from antitrypsim.statistics.analysis.kaplan_meier import Curve

pytestmark = pytest.mark.law


CURVES = ANALYSES["kaplan-meier"]


@pytest.mark.independent
def test_matches_survfit(data, reference, agree, pick):
    result = CURVES.run(data("survival"), reference="placebo", times=[91, 182, 365, 700])
    for expected in reference["kaplan_meier"]:
        row = pick(result, arm=expected["arm"], contrast=None, time=expected["time"])
        agree(row, expected)


def test_differences_are_of_the_arms(data, pick):
    result = CURVES.run(data("survival"), reference="placebo", times=[365])
    low, placebo = (pick(result, arm=arm, contrast=None) for arm in ("low", "placebo"))
    row = pick(result, arm="low", contrast="placebo")
    assert row.estimate == low.estimate - placebo.estimate
    assert row.se == pytest.approx(math.hypot(low.se, placebo.se))
    assert row.n == low.n + placebo.n


def test_before_the_first_event_and_after_the_end(data, pick):
    result = CURVES.run(data("survival"), reference="placebo", times=[0, 5000])
    start = pick(result, arm="low", contrast=None, time=0.0)
    assert (start.estimate, start.se, start.n) == (1.0, 0.0, 40)
    assert math.isnan(start.lower)
    end = pick(result, arm="low", contrast=None, time=5000.0)
    assert end.n == 0
    assert math.isnan(end.estimate)
    assert any("ends before day 5000" in each for each in result.warnings)


def test_survival_of_zero_stays_zero(data, pick):
    frame = data("survival").assign(CNSR=0)
    row = pick(CURVES.run(frame, reference="placebo", times=[5000]), arm="placebo", contrast=None)
    assert row.estimate == 0


@pytest.mark.contract
def test_arm_without_an_event(data, pick):
    frame = data("survival")
    frame.loc[frame["ARM"] == "low", "CNSR"] = 1
    told = CURVES.run(frame, reference="placebo", times=[365])
    row = pick(told, arm="low", contrast=None)
    assert (row.estimate, row.se) == (1.0, 0.0)
    difference, placebo = (
        pick(told, arm="low", contrast="placebo"),
        pick(told, arm="placebo", contrast=None),
    )
    assert difference.se == placebo.se > 0
    one, other = told.warnings
    assert "error" not in one
    assert other == (
        "The difference on day 365 of the arms 'low' and 'placebo' holds the error of 'placebo' alone."
    )


@pytest.mark.contract
def test_a_difference_from_an_arm_that_is_not_followed_holds_no_error(data):
    frame = data("survival")
    frame.loc[frame["ARM"] == "low", "CNSR"] = 1
    frame = frame[(frame["ARM"] != "placebo") | (frame["AVAL"] < 300)]
    told = CURVES.run(frame, reference="placebo", times=[365], arms=["placebo", "low"])
    assert [row.se for row in told.rows if row.contrast] == pytest.approx([math.nan], nan_ok=True)
    assert not any("holds the error" in warning for warning in told.warnings)


@pytest.mark.independent
def test_before_an_event_there_are_no_limits_as_in_r(pick):
    quiet = STORED["quiet"]
    told = CURVES.run(frame_of(quiet), reference="a", times=[100, 270])
    for k, arm in enumerate(quiet["strata"]):
        row = pick(told, arm=arm.removeprefix("arm="), contrast=None, time=quiet["time"][k])
        assert row.estimate == pytest.approx(quiet["surv"][k], rel=1e-12)
        assert row.se == pytest.approx(quiet["se"][k], rel=1e-9)
        for name in ("lower", "upper"):
            if quiet[name][k] is None:
                assert math.isnan(getattr(row, name))
            else:
                assert getattr(row, name) == pytest.approx(quiet[name][k], rel=1e-9)
    nothing = pick(told, arm="b", contrast="a", time=100.0)
    assert nothing.estimate == 0
    assert all(math.isnan(each) for each in (nothing.se, nothing.lower, nothing.upper, nothing.p))
    assert not math.isnan(pick(told, arm="b", contrast="a", time=270.0).p)
    # 7 of 8 and 8 of 9 are followed for 100 days: 0.025^(1/7) and 0.025^(1/8).
    assert [warning[-25:] for warning in told.warnings[:2]] == [
        "xact interval is 0.590 to 1."[-25:], "xact interval is 0.631 to 1."[-25:],
    ]  # fmt: skip
    of = "of the arms 'b' and 'a'"
    assert told.warnings[2:] == (
        f"The difference on day 100 {of} has no error and so no interval.",
    )


@pytest.mark.contract
@pytest.mark.parametrize("times", [None, [], [-1], "91", 91, ["x"], [float("nan")]])
def test_bad_times(data, times):
    with pytest.raises(InputError, match="option 'times'"):
        CURVES.run(data("survival"), reference="placebo", times=times)


@pytest.mark.contract
def test_bad_values(data):
    with pytest.raises(InputError, match="1 for censored and 0 for an event"):
        CURVES.run(data("survival").assign(CNSR=2), reference="placebo", times=[91])
    with pytest.raises(InputError, match="negative time"):
        CURVES.run(data("survival").assign(AVAL=-2.0), reference="placebo", times=[91])


def test_the_curve_is_what_is_read_off_it():
    days, event = np.array([3.0, 5.0, 5.0, 8.0, 9.0]), np.array([1, 0, 1, 1, 0])
    curve = Curve.of(days, event)
    assert list(curve.at) == [3, 5, 8]
    # By hand: 4 of 5, then 3 of 4 of them, then 1 of 2 of those.
    assert curve.alive == pytest.approx([0.8, 0.6, 0.3])
    assert [curve.read(t)[1] for t in curve.at] == list(curve.alive)
    assert Curve.of(days, 0 * event).at.size == 0


def test_a_curve_is_made_once_an_arm(data, monkeypatch):
    made, of = [], Curve.of
    monkeypatch.setattr(Curve, "of", lambda days, event: made.append(len(days)) or of(days, event))
    rows = CURVES.run(data("survival"), reference="placebo", times=[91, 182, 365]).rows
    assert len(made) == len({row.arm for row in rows}) == 3


def test_times_named_in_another_order_give_the_same_rows(data):
    frame = data("survival")
    ahead = CURVES.run(frame, reference="placebo", times=[182, 365])
    back = CURVES.run(frame, reference="placebo", times=[365, 182])
    assert back.to_frame().equals(ahead.to_frame())
