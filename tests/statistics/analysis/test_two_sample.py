from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from antitrypsim.foundations.errors import InputError
from antitrypsim.statistics.analysis import ANALYSES
from antitrypsim.statistics.block import Block, block_of

pytestmark = pytest.mark.law


T_TEST = ANALYSES["t-test"]
STORED = json.loads(
    (Path(__file__).parents[2] / "reference" / "statistics" / "t_test.json").read_text("utf-8")
)
KEYS = ("estimate", "se", "df", "lower", "upper", "p")
EACH = [(m, v) for m in ("change", "value", "percent") for v in ("unequal", "equal")]


def one_arm(data) -> pd.DataFrame:
    frame = data("slopes")
    return frame[frame["ARM"] == "low"]


def block(seed: int = 0, arms: int = 3) -> Block:
    rng = np.random.default_rng(seed)
    arm = rng.integers(-1, arms, (6, 30))
    values = rng.normal(50, 5, (6, 30, 1)) + rng.normal(0, 2, (6, 30, 3))
    values[rng.random(values.shape) < 0.1] = np.nan
    names = ("x", "y", "z")[:arms]
    return Block(names, arm, ("A", "B", "C"), np.array([0.0, 30, 60]), values)


def frame_from(block: Block, r: int) -> pd.DataFrame:
    assert block.values is not None
    assert block.days is not None
    kept = block.arm[r] >= 0
    return pd.DataFrame(
        [
            {
                "USUBJID": f"P{i:03d}",
                "ARM": block.arms[k],
                "AVISIT": block.visits[v],
                "ADY": block.days[v],
                "AVAL": row[v],
                "BASE": row[0],
            }
            for i, (k, row) in enumerate(
                zip(block.arm[r, kept], block.values[r, kept], strict=True)
            )
            for v in range(len(block.visits))
        ]
    )


@pytest.mark.independent
@pytest.mark.parametrize(("measure", "variance"), EACH)
def test_matches_r(data, agree, pick, measure, variance):
    frame, options = data("slopes"), {"visit": "V3", "measure": measure, "variance": variance}
    result = T_TEST.run(frame, reference="placebo", **options)
    arms = ("placebo", "high", "low")
    told = T_TEST.many(block_of(frame, arms), **options)
    for k, arm in enumerate(arms[1:]):
        expected = STORED[f"{measure} {variance} {arm}"]
        agree(pick(result, arm=arm, contrast="placebo"), expected, **dict.fromkeys(KEYS, 1e-9))
        for key in KEYS:
            assert getattr(told, key)[0, k] == pytest.approx(expected[key], rel=1e-9)


@pytest.mark.independent
@pytest.mark.parametrize("measure", ["change", "value", "percent"])
@pytest.mark.parametrize("null", [None, 1.5])
def test_one_arm_matches_r(data, measure, null):
    frame, options = one_arm(data), {"visit": "V3", "measure": measure, "null_value": null}
    expected = STORED[f"{measure} {'null' if null else 'alone'}"]
    told = T_TEST.many(block_of(frame, ("low",)), **options)
    assert told.p.shape == (1, 1)
    for key in KEYS:
        assert getattr(told, key)[0, 0] == pytest.approx(expected[key], rel=1e-9)
    result = T_TEST.run(frame, reference="low", **options)
    (row,) = result.rows
    assert (row.contrast, row.p) == (None, None)
    assert f"p = {expected['p']:.4g}" in result.method
    for key in KEYS[:-1]:
        assert getattr(row, key) == pytest.approx(expected[key], rel=1e-9)


@pytest.mark.parametrize(("measure", "variance"), EACH)
def test_many_replicates_are_each_alone(measure, variance):
    many, options = block(), {"visit": "B", "measure": measure, "variance": variance}
    told = T_TEST.many(many, level=0.9, **options)
    for r in range(many.replicates):
        rows = T_TEST.run(frame_from(many, r), reference="x", level=0.9, **options).rows
        for k, row in enumerate(row for row in rows if row.contrast):
            assert [getattr(told, key)[r, k] for key in KEYS] == pytest.approx(
                [getattr(row, key) for key in KEYS], rel=1e-9
            )


@given(st.floats(-50, 50), st.floats(0.1, 10), st.integers(0, 50))
def test_shift_and_scale(shift, scale, seed):
    before = block(seed, 2)
    other = Block(
        before.arms, before.arm, before.visits, before.days, before.values * scale + shift
    )
    one, two = T_TEST.many(before), T_TEST.many(other)
    assert two.estimate == pytest.approx(one.estimate * scale, rel=1e-6, abs=1e-9, nan_ok=True)
    assert two.p == pytest.approx(one.p, rel=1e-6, nan_ok=True)


def test_one_variance_is_that_of_the_two_arms_compared():
    many = block(3)
    both = Block(many.arms[:2], np.where(many.arm < 2, many.arm, -1), many.visits, many.days,
                 many.values)  # fmt: skip
    three, two = (T_TEST.many(each, variance="equal") for each in (many, both))
    assert three.p[:, :1] == pytest.approx(two.p)


@pytest.mark.contract
def test_what_cannot_be_tested_is_nan():
    many = block()
    arm = many.arm.copy()
    arm[0][arm[0] == 1] = -1
    arm[1][np.flatnonzero(arm[1] == 1)[1:]] = -1
    values = many.values.copy()
    values[2] = 4.0
    for variance in ("unequal", "equal"):
        told = T_TEST.many(Block(many.arms, arm, many.visits, many.days, values), variance=variance)
        assert np.isnan(told.p).tolist()[:4] == [
            [True, False], [True, False], [True, True], [False, False]
        ]  # fmt: skip
    alone = Block(("x",), np.zeros_like(arm), many.visits, many.days, values)
    assert np.isnan(T_TEST.many(alone).p[:, 0]).tolist() == [r == 2 for r in range(6)]


@pytest.mark.contract
def test_percents_of_nothing_are_left_out(data):
    frame = data("slopes")
    who = frame.loc[frame["ARM"] == "low", "USUBJID"].unique()[:2]
    without = T_TEST.run(
        frame[~frame["USUBJID"].isin(who)], reference="placebo", visit="V3", measure="percent"
    )
    frame.loc[frame["USUBJID"].isin(who), "BASE"] = 0.0
    result = T_TEST.run(frame, reference="placebo", visit="V3", measure="percent")
    assert result.rows == without.rows
    assert any("for a baseline of 0" in warning for warning in result.warnings)


@pytest.mark.contract
def test_a_value_needs_no_baseline(data):
    many = block()
    later = Block(many.arms, many.arm, many.visits[1:], many.days[1:], many.values[:, :, 1:])
    assert np.isfinite(T_TEST.many(later, measure="value").p).all()
    with pytest.raises(InputError, match="needs a baseline"):
        T_TEST.many(later)


@pytest.mark.contract
def test_refusals(data):
    frame, many = data("slopes"), block()

    def refused(match, **options):
        with pytest.raises(InputError, match=match):
            T_TEST.run(frame, reference="placebo", **{"visit": "V3", **options})

    refused("needs the option 'visit'", visit=None)
    refused("no visit 'V33'; did you mean 'V3'", visit="V33")
    refused("'measure' cannot be 'percents'; did you mean 'percent'", measure="percents")
    refused("'variance' cannot be 'zzz'; it is one of unequal, equal", variance="zzz")
    refused("'null_value' must be a number", null_value="none")
    refused("'null_value' is for one arm, and there are 3", null_value=2)
    refused("values do not differ, so nothing can be tested at visit 'V0'", visit="V0")
    with pytest.raises(InputError, match="values do not differ"):
        T_TEST.run(one_arm(data), reference="low", visit="V0")
    frame.loc[frame["AVISIT"] == "V4", "AVISIT"] = "V3"
    refused("more than one row at visit 'V3'")
    with pytest.raises(InputError, match="visit 'A' is the baseline"):
        T_TEST.many(many, visit="A")
    with pytest.raises(InputError, match="endpoint measured at visits"):
        T_TEST.many(Block(("x", "y"), many.arm))
