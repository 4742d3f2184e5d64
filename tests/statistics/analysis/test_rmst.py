from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stored_events import TIMES, frame_from, frame_of, random_block, stored_block

from antitrypsim.foundations.errors import InputError
from antitrypsim.statistics.analysis import ANALYSES
from antitrypsim.statistics.block import Block

pytestmark = pytest.mark.law


RMST = ANALYSES["rmst"]
KEYS = ("estimate", "se", "lower", "upper", "p")


@pytest.mark.independent
@pytest.mark.parametrize("name", TIMES)
@pytest.mark.parametrize("given", [False, True])
def test_matches_survfit(name, given, pick):
    case = TIMES[name]
    expected = case["rmst"][int(given)]
    options = {"horizon": expected["horizon"]} if given else {}
    result = RMST.run(frame_of(case), reference="a", **options)
    for k, arm in enumerate(case["arms"]):
        row = pick(result, arm=arm, contrast=None)
        assert row.estimate == pytest.approx(expected["mean"][k], rel=1e-9)
        assert row.se == pytest.approx(expected["se"][k], rel=1e-9)
        assert row.time == expected["horizon"]
        if k:
            row = pick(result, arm=arm, contrast="a")
            assert row.estimate == pytest.approx(expected["mean"][k] - expected["mean"][0])
            assert row.se == pytest.approx(math.hypot(expected["se"][k], expected["se"][0]))
            assert row.lower == pytest.approx(row.estimate - 1.959963984540054 * row.se)


@pytest.mark.independent
def test_many_match_survfit():
    many = RMST.many(stored_block(), horizon=120.0)
    for r, case in enumerate(TIMES.values()):
        row = RMST.run(frame_of(case), reference="a", horizon=120.0)
        rows = [each for each in row.rows if each.contrast]
        for k in range(2):
            if k < len(rows):
                assert many.estimate[r, k] == pytest.approx(rows[k].estimate, rel=1e-9)
            else:
                assert math.isnan(many.p[r, k])


@pytest.mark.parametrize("options", [{}, {"horizon": 95}])
def test_many_equals_one_by_one(options):
    block = random_block(2)
    many = RMST.many(block, level=0.9, **options)
    assert many.p.shape == (6, 2)
    for r in range(6):
        result = RMST.run(frame_from(block, r), reference="a", level=0.9, **options)
        rows = [row for row in result.rows if row.contrast]
        for k, row in enumerate(rows):
            for key in KEYS:
                assert getattr(many, key)[r, k] == pytest.approx(getattr(row, key), rel=1e-9)


@pytest.mark.independent
@settings(max_examples=20)
@given(st.integers(0, 1000))
def test_without_censoring_it_is_the_mean_of_the_times_cut_at_the_horizon(seed):
    block = random_block(seed, arms=2, people=30)
    assert block.time is not None
    block = Block(block.arms, block.arm, time=block.time, event=np.ones(block.arm.shape, bool))
    many = RMST.many(block, horizon=200)
    cut = np.minimum(block.time, 200).astype(float)
    for r in range(6):
        groups = [cut[r, block.arm[r] == k] for k in (0, 1)]
        assert many.estimate[r, 0] == pytest.approx(groups[1].mean() - groups[0].mean())
        # Greenwood's sum is then the variance of a mean with divisor n.
        variance = sum(group.var() / len(group) for group in groups)
        assert many.se[r, 0] == pytest.approx(math.sqrt(variance))


@pytest.mark.contract
def test_what_cannot_be_analysed_is_nan(recwarn):
    block = random_block(4, arms=2)
    assert block.time is not None
    assert block.event is not None
    block.arm[0][block.arm[0] == 1] = -1
    block.arm[1][np.flatnonzero(block.arm[1] == 1)[1:]] = -1
    block.time[2] = np.minimum(block.time[2], 80)
    block.event[2] = False
    block.event[3] = False
    block.arm[4] = -1
    many = RMST.many(block, horizon=90)
    nan = np.isnan(many.p[:, 0])
    assert nan.tolist() == [True, True, True, True, True, False]
    # Nobody had the event: a difference of nothing without a test or an interval.
    assert many.estimate[3, 0] == 0
    assert np.isnan([many.se[3, 0], many.lower[3, 0], many.upper[3, 0]]).all()
    assert np.isnan(many.estimate[[0, 1, 2, 4], 0]).all()
    assert np.isnan(RMST.many(block).p[[0, 1, 2, 3, 4], 0]).all()
    assert not recwarn.list


@pytest.mark.contract
def test_a_curve_that_ends_at_nothing_needs_no_further_follow_up():
    case = {"arm": ["a"] * 3 + ["b"] * 3, "day": [10, 20, 30, 10, 40, 90], "event": [1] * 6}
    rows = RMST.run(frame_of(case), reference="a", horizon=80).rows
    assert [row.estimate for row in rows] == pytest.approx([20, 130 / 3, 70 / 3])


@pytest.mark.contract
def test_refusals():
    frame = frame_of(TIMES["plain"])
    with pytest.raises(InputError, match="'horizon' must be above 0, not 0"):
        RMST.run(frame, reference="a", horizon=0)
    with pytest.raises(InputError, match="'horizon' must be a number, not 'long'"):
        RMST.run(frame, reference="a", horizon="long")
    frame = frame_of(TIMES["censored"])
    with pytest.raises(InputError, match=r"follow-up of the arm 'a' ends on day \d+, before the"):
        RMST.run(frame, reference="a", horizon=5000)
    with pytest.raises(InputError, match="needs an endpoint that is a time to an event"):
        RMST.many(Block(("a", "b"), np.zeros((1, 4), int), count=np.ones((1, 4))))
    with pytest.raises(InputError, match="compares arms, and there is one arm only"):
        RMST.many(random_block(1, arms=1))


@pytest.mark.contract
def test_without_an_event_there_is_no_interval():
    frame = frame_of(TIMES["small"]).assign(CNSR=1)
    told = RMST.run(frame, reference="a", horizon=50)
    assert [row.estimate for row in told.rows] == [50, 50, 0]
    assert np.isnan([(row.se, row.lower, row.upper) for row in told.rows]).all()
    assert told.warnings[0].startswith("The test is liberal in so few people")
    assert told.warnings[1].startswith("Up to day 50 nothing varies in the arm 'a' or 'b'")
    assert told.warnings[2].endswith("of the arms 'b' and 'a' has no error and so no interval.")
    frame.loc[frame["ARM"] == "b", "CNSR"] = 0
    told = RMST.run(frame, reference="a", horizon=100)
    assert told.rows[2].se == told.rows[1].se > 0
    assert "nothing varies in the arm 'a' (no event" in told.warnings[1]
    assert told.warnings[2].endswith("of the arms 'b' and 'a' holds the error of 'b' alone.")
