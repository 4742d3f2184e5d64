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


COX = ANALYSES["cox"]
KEYS = ("estimate", "se", "lower", "upper", "p")


@pytest.mark.independent
@pytest.mark.parametrize("name", TIMES)
def test_matches_coxph(name, pick):
    case = TIMES[name]
    result = COX.run(frame_of(case), reference="a")
    assert len(result.rows) == len(case["cox"])
    for arm, expected in zip(case["arms"][1:], case["cox"], strict=True):
        row = pick(result, arm=arm, contrast="a")
        for key in KEYS:
            assert getattr(row, key) == pytest.approx(expected[key], rel=1e-6)
        assert row.scale == "ratio"
        assert row.n == sum(each in ("a", arm) for each in case["arm"])


@pytest.mark.independent
def test_many_match_coxph():
    many = COX.many(stored_block())
    assert many.scale == "ratio"
    for r, case in enumerate(TIMES.values()):
        for k in range(2):
            for key in KEYS:
                found = getattr(many, key)[r, k]
                if k < len(case["cox"]):
                    assert found == pytest.approx(case["cox"][k][key], rel=1e-6)
                else:
                    assert math.isnan(found)


@pytest.mark.parametrize("grid", [0.001, 7.0, 90.0])
def test_many_equals_one_by_one(grid):
    block = random_block(1, grid=grid)
    many = COX.many(block, level=0.9)
    assert many.p.shape == (6, 2)
    for r in range(6):
        rows = COX.run(frame_from(block, r), reference="a", level=0.9).rows
        for k, row in enumerate(rows):
            for key in KEYS:
                assert getattr(many, key)[r, k] == pytest.approx(getattr(row, key), rel=1e-9)


@pytest.mark.independent
def test_the_score_test_of_two_arms_without_ties_is_the_log_rank_test():
    # At small effects Wald, score and log-rank chi-squared agree.
    rng = np.random.default_rng(3)
    arm = np.tile([0, 1], (4, 2000))
    block = Block(
        ("a", "b"), arm, time=rng.exponential(1 - 0.05 * arm), event=np.ones(arm.shape, dtype=bool)
    )
    p = [ANALYSES[name].many(block).p[:, 0] for name in ("cox", "log-rank")]
    assert p[0] == pytest.approx(p[1], rel=0.01)


@settings(max_examples=20)
@given(st.integers(0, 1000), st.floats(0.01, 100))
def test_the_unit_of_time_and_the_order_of_people_do_not_matter(seed, factor):
    block = random_block(seed, people=15)
    assert block.time is not None
    assert block.event is not None
    order = np.random.default_rng(seed).permutation(15)
    other = Block(
        block.arms,
        block.arm[:, order],
        time=block.time[:, order].astype(float) * factor,
        event=block.event[:, order],
    )
    one, two = COX.many(block), COX.many(other)
    np.testing.assert_allclose(one.estimate, two.estimate, rtol=1e-7)
    np.testing.assert_allclose(one.se, two.se, rtol=1e-7)


def trial(*arms: tuple[list[float], list[int]]) -> dict:
    return {
        "arm": [name for name, (days, _) in zip("abc", arms, strict=False) for _ in days],
        "day": [day for days, _ in arms for day in days],
        "event": [each for _, events in arms for each in events],
    }


CASES = {
    "no event in b": trial(([1, 3, 5], [1, 1, 0]), ([2, 4, 6], [0, 0, 0])),
    "no event in a": trial(([1, 3, 5], [0, 0, 0]), ([2, 4, 6], [1, 1, 0])),
    "no event": trial(([1, 3, 5], [0, 0, 0]), ([2, 4, 6], [0, 0, 0])),
    "all of b before a": trial(([7, 8, 9], [1, 1, 1]), ([1, 2, 3], [1, 1, 1])),
    "never at risk together": trial(([7, 8, 9], [1, 1, 1]), ([1, 2, 3], [0, 0, 0])),
    "one of b": trial(([1, 3, 5], [1, 1, 0]), ([2], [1])),
}


@pytest.mark.contract
@pytest.mark.parametrize("name", CASES)
def test_what_has_no_finite_ratio_is_nan(name, recwarn):
    case = CASES[name]
    block = Block(
        ("a", "b"),
        np.array([[0 if each == "a" else 1 for each in case["arm"]]] * 2),
        time=np.array([case["day"], case["day"]], dtype=float),
        event=np.array([case["event"], case["event"]]) == 1,
    )
    block.arm[1] = [0, 1, 0, 1, 0, 1][: len(case["arm"])]
    many = COX.many(block)
    for key in KEYS:
        assert math.isnan(getattr(many, key)[0, 0])
    assert not recwarn.list
    with pytest.raises(InputError):
        COX.run(frame_of(case), reference="a")


@pytest.mark.contract
def test_an_arm_without_an_event_leaves_the_others_as_they_are():
    block = random_block(5)
    assert block.event is not None
    block.event[block.arm == 2] = False
    many = COX.many(block)
    assert np.isnan(many.estimate[:, 1]).all()
    late = Block(block.arms[:2], np.where(block.arm == 2, -1, block.arm), time=block.time,
                 event=block.event)  # fmt: skip
    np.testing.assert_allclose(many.estimate[:, 0], COX.many(late).estimate[:, 0], rtol=1e-7)


def test_an_arm_that_fails_before_all_others_leaves_them_as_they_are():
    block = random_block(6)
    assert block.time is not None
    assert block.event is not None
    time = np.where(block.arm == 2, block.time / 1e4, block.time)
    late = Block(block.arms, block.arm, time=time, event=block.event | (block.arm == 2))
    many = COX.many(late)
    assert np.isnan(many.estimate[:, 1]).all()
    two = Block(block.arms[:2], np.where(block.arm == 2, -1, block.arm), time=time,
                event=block.event)  # fmt: skip
    np.testing.assert_allclose(many.estimate[:, 0], COX.many(two).estimate[:, 0], rtol=1e-6)
    np.testing.assert_allclose(many.se[:, 0], COX.many(two).se[:, 0], rtol=1e-6)


@pytest.mark.contract
def test_refusals():
    with pytest.raises(InputError, match="the arm 'b' has no event, so its hazard"):
        COX.run(frame_of(CASES["no event in b"]), reference="a")
    with pytest.raises(InputError, match="so far apart that no hazard ratio is finite"):
        COX.run(frame_of(CASES["all of b before a"]), reference="a")
    with pytest.raises(InputError, match="needs an endpoint that is a time to an event"):
        COX.many(Block(("a", "b"), np.zeros((1, 4), int), count=np.ones((1, 4))))
    with pytest.raises(InputError, match="compares arms, and there is one arm only"):
        COX.many(random_block(1, arms=1))
    with pytest.raises(InputError, match="the block has no factor 'REGION'"):
        COX.many(random_block(1), strata=["REGION"])


@pytest.mark.contract
def test_few_events_are_told():
    frame = frame_of(TIMES["small"])
    events = int((frame["CNSR"] == 0).sum())
    assert events < 13
    assert "conservative with so few events" in COX.run(frame, reference="a").warnings[0]
    assert not COX.run(frame_of(TIMES["plain"]), reference="a").warnings
