from __future__ import annotations

import math

import numpy as np
import pytest
from stored_events import TIMES, frame_from, frame_of, random_block, stored_block

from antitrypsim.foundations.errors import InputError
from antitrypsim.statistics.analysis import ANALYSES
from antitrypsim.statistics.block import Block

pytestmark = pytest.mark.law


LOG_RANK = ANALYSES["log-rank"]


@pytest.mark.independent
@pytest.mark.parametrize(("key", "strata"), [("logrank", ()), ("logrank_strata", ("REGION",))])
def test_matches_survdiff(data, reference, agree, pick, key, strata):
    result = LOG_RANK.run(data("survival"), reference="placebo", strata=strata)
    assert len(result.rows) == 2
    for expected in reference[key]:
        row = pick(result, arm=expected["arm"], contrast="placebo")
        agree(row, expected)
        assert (row.estimate / row.se) ** 2 == pytest.approx(expected["chisq"], rel=1e-9)


def test_tiny_p_is_not_zero(data):
    frame = data("survival").assign(CNSR=0)
    frame.loc[frame["ARM"] == "low", "AVAL"] += 2000
    p = LOG_RANK.run(frame, reference="placebo", arms=["low"]).rows[0].p
    assert p is not None
    assert 0 < p < 1e-15


@pytest.mark.contract
def test_no_event(data):
    with pytest.raises(InputError, match="no event to compare"):
        LOG_RANK.run(data("survival").assign(CNSR=1), reference="placebo")


@pytest.mark.independent
@pytest.mark.parametrize("name", TIMES)
def test_matches_survdiff_on_ties_and_censoring(name, pick):
    case = TIMES[name]
    result = LOG_RANK.run(frame_of(case), reference="a")
    for arm, expected in zip(case["arms"][1:], case["log_rank"], strict=True):
        row = pick(result, arm=arm, contrast="a")
        for key in ("estimate", "se", "p"):
            assert getattr(row, key) == pytest.approx(expected[key], rel=1e-9)


@pytest.mark.independent
def test_many_match_survdiff():
    many = LOG_RANK.many(stored_block())
    assert many.scale == "absolute"
    assert np.isinf(many.df).all()
    for r, case in enumerate(TIMES.values()):
        for k in range(2):
            for key in ("estimate", "se", "p"):
                found = getattr(many, key)[r, k]
                if k < len(case["log_rank"]):
                    assert found == pytest.approx(case["log_rank"][k][key], rel=1e-9)
                else:
                    assert math.isnan(found)


@pytest.mark.parametrize("grid", [0.001, 7.0, 90.0])
def test_many_equals_one_by_one(grid):
    block = random_block(7, grid=grid)
    assert block.event is not None
    # An arm without an event is compared all the same.
    block.event[0, block.arm[0] == 1] = False
    many = LOG_RANK.many(block, level=0.9)
    assert many.p.shape == (6, 2)
    for r in range(6):
        for k, row in enumerate(LOG_RANK.run(frame_from(block, r), reference="a", level=0.9).rows):
            for key in ("estimate", "se", "lower", "upper", "p"):
                assert getattr(many, key)[r, k] == pytest.approx(getattr(row, key), rel=1e-9)


@pytest.mark.contract
def test_what_cannot_be_analysed_is_nan(recwarn):
    block = random_block(8)
    assert block.event is not None
    block.event[0] = False
    block.event[1, block.arm[1] != 2] = False
    block.arm[2][np.flatnonzero(block.arm[2] == 1)[1:]] = -1
    block.arm[3] = -1
    many = LOG_RANK.many(block)
    assert np.isnan(many.p).tolist() == [
        [True, True], [True, False], [True, False], [True, True], [False, False], [False, False],
    ]  # fmt: skip
    assert not recwarn.list


@pytest.mark.contract
def test_refusals_of_many():
    with pytest.raises(InputError, match="the block has no factor 'REGION'"):
        LOG_RANK.many(random_block(1), strata=["REGION"])
    with pytest.raises(InputError, match="needs an endpoint that is a time to an event"):
        LOG_RANK.many(Block(("a", "b"), np.zeros((1, 4), int), count=np.ones((1, 4))))
    with pytest.raises(InputError, match="compares arms, and there is one arm only"):
        LOG_RANK.many(random_block(1, arms=1))
