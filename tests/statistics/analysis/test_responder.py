from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from antitrypsim.foundations.errors import InputError
from antitrypsim.statistics.analysis import ANALYSES
from antitrypsim.statistics.block import Block, block_of

pytestmark = pytest.mark.law


RESPONDER = ANALYSES["responder"]
STORED = json.loads(
    (Path(__file__).parents[2] / "reference" / "statistics" / "responder.json").read_text("utf-8")
)
KEYS = ("estimate", "se", "lower", "upper", "p")
RULES: dict[str, dict[str, Any]] = {
    "rise": {"change": 5},
    "fall": {"percent": -8, "direction": "at most"},
}
MISSING = {"failure": "failure", "left": "left out"}
METHODS: dict[str, dict[str, str]] = {
    "exact": {},
    "plain": {"method": "logistic"},
    "adjusted": {"method": "logistic", "adjust": "baseline"},
}


def frame_of(case: dict[str, Any]) -> pd.DataFrame:
    people = [f"P{i:03d}" for i in range(len(case["arm"]))]
    return pd.concat(
        pd.DataFrame(
            {
                "USUBJID": people,
                "ARM": case["arm"],
                "AVISIT": visit,
                "ADY": day,
                "AVAL": np.array(case[name], dtype=float),
            }
        )
        for visit, day, name in (("V0", 0.0, "base"), ("V1", 180.0, "value"))
    )


def random_block(seed: int, *, arms: int = 3, people: int = 90) -> Block:
    rng = np.random.default_rng(seed)
    arm = rng.integers(-1, arms, (6, people))
    base = rng.normal(50, 8, arm.shape)
    value = 10 + 0.8 * base + arm + rng.normal(0, 8, arm.shape)
    values = np.stack([base, base, value], axis=2).round(1)
    values[rng.random(values.shape) < 0.07] = np.nan
    return Block(
        ("a", "b", "c")[:arms], arm, ("V0", "V1", "V2"), np.array([0.0, 90, 180]),
        values.astype(np.float32),
    )  # fmt: skip


def frame_from(block: Block, r: int) -> pd.DataFrame:
    assert block.values is not None
    assert block.days is not None
    kept = np.flatnonzero(block.arm[r] >= 0)
    return pd.concat(
        pd.DataFrame(
            {
                "USUBJID": [f"P{i:03d}" for i in kept],
                "ARM": [block.arms[k] for k in block.arm[r, kept]],
                "AVISIT": visit,
                "ADY": block.days[v],
                "AVAL": block.values[r, kept, v].astype(float),
            }
        )
        for v, visit in enumerate(block.visits)
    )


def table(x: int, n: int, y: int, m: int) -> Block:
    """One trial with ``x`` of ``n`` responders in the arm and ``y`` of ``m`` in the reference."""
    met = np.arange(n + m) < x
    met[n:] = np.arange(m) < y
    arm = np.where(np.arange(n + m) < n, 1, 0)
    values = np.stack([np.zeros(n + m), np.where(met, 2.0, 0.0)], axis=1)
    return Block(("ref", "new"), arm[None], ("A", "B"), np.array([0.0, 30]), values[None])


@pytest.mark.independent
@pytest.mark.parametrize("case", STORED["tables"])
def test_tables_match_fisher_and_newcombe(case):
    block = table(*(case[key] for key in "xnym"))
    for level, name in ((0.95, "interval"), (0.9, "interval90")):
        many = RESPONDER.many(block, change=1, level=level)
        assert many.p[0, 0] == pytest.approx(case["p"], rel=1e-7)
        assert [many.lower[0, 0], many.upper[0, 0]] == pytest.approx(case[name], rel=1e-7)
        share = case["x"] / case["n"], case["y"] / case["m"]
        assert many.estimate[0, 0] == pytest.approx(share[0] - share[1])


@pytest.mark.independent
def test_newcombes_own_example():
    # 56 of 70 against 48 of 80, to the four decimals that he printed.
    many = RESPONDER.many(table(56, 70, 48, 80), change=1)
    assert [many.lower[0, 0], many.upper[0, 0]] == pytest.approx([0.0524, 0.3339], abs=5e-5)


@pytest.mark.independent
@pytest.mark.parametrize("case", STORED["single"])
def test_one_arm_matches_the_binomial_test(case):
    whole = table(case["x"], case["n"], 0, 2)
    block = Block(("new",), np.where(whole.arm == 1, 0, -1), whole.visits, whole.days, whole.values)
    many = RESPONDER.many(block, change=1, null_value=case["null"])
    assert many.p.shape == (1, 1)
    assert many.p[0, 0] == pytest.approx(case["p"], rel=1e-7, abs=1e-300)
    assert [many.lower[0, 0], many.upper[0, 0]] == pytest.approx(case["interval"], rel=1e-7)
    assert many.estimate[0, 0] == case["x"] / case["n"]
    result = RESPONDER.run(
        frame_from(block, 0), reference="new", visit="B", change=1, null_value=case["null"]
    )
    (row,) = result.rows
    assert (row.contrast, row.p, row.n, row.visit) == (None, None, case["n"], "B")
    assert [row.lower, row.upper] == pytest.approx(case["interval"], rel=1e-7)
    assert f"p = {case['p']:.4g}" in result.method


@pytest.mark.independent
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("missing", MISSING)
@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("name", STORED["trials"])
def test_trials_match_r(name, rule, missing, method):
    case = STORED["trials"][name]
    options = {**RULES[rule], **METHODS[method], "missing": MISSING[missing]}
    frame = frame_of(case)
    many = RESPONDER.many(block_of(frame, tuple(case["arms"])), **options)
    assert many.scale == ("absolute" if method == "exact" else "ratio")
    expected = case[rule][method][missing]
    if any(each.get("se", 0) > 1000 for each in expected):
        # One arm has no responder, which R tells by a standard error without meaning.
        assert np.isnan(many.p).all()
        with pytest.raises(InputError, match="'b' and 'a' have no finite ratio"):
            RESPONDER.run(frame, reference="a", visit="V1", **options)
        return
    result = RESPONDER.run(frame, reference="a", visit="V1", **options)
    rows = [row for row in result.rows if row.contrast]
    assert len(rows) == len(expected)
    for k, each in enumerate(expected):
        for key in each:
            # The last step of glm leaves 1e-6 in its p.
            assert getattr(many, key)[0, k] == pytest.approx(each[key], rel=1e-5)
            assert getattr(rows[k], key) == pytest.approx(each[key], rel=1e-5)
        assert rows[k].scale == many.scale


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("missing", MISSING.values())
@pytest.mark.parametrize(("rule", "visit"), [("rise", "V2"), ("fall", "V2"), ("rise", None)])
def test_many_equals_one_by_one(rule, visit, missing, method):
    block = random_block(1)
    options = {**RULES[rule], **METHODS[method], "missing": missing, "level": 0.9}
    many = RESPONDER.many(block, visit=visit, **options)
    assert many.p.shape == (6, 2)
    assert np.isfinite(many.p).all(axis=1).sum() >= 3
    for r in range(6):
        frame = frame_from(block, r)
        if np.isnan(many.p[r]).any():
            with pytest.raises(InputError, match="have no finite ratio"):
                RESPONDER.run(frame, reference="a", visit="V2", **options)
            continue
        result = RESPONDER.run(frame, reference="a", visit="V2", **options)
        for k, row in enumerate(each for each in result.rows if each.contrast):
            for key in KEYS:
                assert getattr(many, key)[r, k] == pytest.approx(getattr(row, key), rel=1e-9)


def test_rows_of_arms_are_shares():
    case = STORED["trials"]["three"]
    result = RESPONDER.run(frame_of(case), reference="a", visit="V1", change=5)
    change = np.array(case["value"], dtype=float) - np.array(case["base"])
    arm = np.array(case["arm"])
    for row in result.rows[:3]:
        mine = change[arm == row.arm] >= 5 - 1e-9
        assert row.estimate == mine.mean()
        assert row.n == len(mine)
        assert row.lower < row.estimate < row.upper
    lost = int(np.isnan(change).sum())
    assert result.warnings == (f"{lost} without a change count as not responding.",)
    left = RESPONDER.run(frame_of(case), reference="a", visit="V1", change=5, missing="left out")
    assert left.warnings == (f"{lost} of 165 participants were left out for want of values.",)
    assert sum(row.n for row in left.rows[:3]) == 165 - lost


def test_a_change_that_meets_the_limit_but_for_rounding_counts():
    pairs = np.array([[0.1, 0.3], [43.2, 43.4], [12.1, 12.3], [12.1, 12.29]])
    values = np.tile(pairs, (2, 1))[None]
    arm = np.repeat([0, 1], 4)[None]
    for kind in (np.float32, np.float64):
        block = Block(("a", "b"), arm, ("A", "B"), np.array([0.0, 30]), values.astype(kind))
        frame = frame_from(block, 0)
        rows = RESPONDER.run(frame, reference="a", visit="B", change=0.2).rows
        assert [row.estimate for row in rows] == [0.75, 0.75, 0.0]


@pytest.mark.contract
def test_percent_needs_a_baseline_above_nothing():
    values = np.array([[[0.0, 5], [10, 12], [-10, 5], [10, 11]] * 2])
    block = Block(("a", "b"), np.repeat([0, 1], 4)[None], ("A", "B"), np.array([0.0, 30]), values)
    frame = frame_from(block, 0)
    options = {"reference": "a", "visit": "B", "percent": 15}
    assert RESPONDER.run(frame, **options).rows[0].estimate == 0.25
    assert RESPONDER.run(frame, **options, missing="left out").rows[0].estimate == 0.5


@given(st.integers(1, 30), st.integers(1, 30), st.data())
def test_swapping_responders_and_others_flips_the_difference(n, m, data):
    x, y = data.draw(st.integers(0, n + 1)), data.draw(st.integers(0, m + 1))
    block, flipped = table(x, n + 1, y, m + 1), table(n + 1 - x, n + 1, m + 1 - y, m + 1)
    one, two = RESPONDER.many(block, change=1), RESPONDER.many(flipped, change=1)
    assert one.p[0, 0] == pytest.approx(two.p[0, 0], rel=1e-9)
    assert 0 < one.p[0, 0] <= 1
    assert one.estimate[0, 0] == pytest.approx(-two.estimate[0, 0])
    assert one.lower[0, 0] == pytest.approx(-two.upper[0, 0], abs=1e-12)
    assert -1 <= one.lower[0, 0] <= one.estimate[0, 0] <= one.upper[0, 0] <= 1


def test_fisher_keeps_its_level():
    block = random_block(2, arms=2, people=40)
    rng = np.random.default_rng(0)
    met = rng.random((3000, 40)) < 0.3
    values = np.stack([np.zeros(met.shape), met], axis=2).astype(float)
    arm = np.tile(np.arange(40) % 2, (3000, 1))
    many = RESPONDER.many(Block(block.arms, arm, ("A", "B"), np.array([0.0, 1]), values), change=1)
    assert 0.005 < (many.p <= 0.05).mean() < 0.05


@pytest.mark.contract
@pytest.mark.parametrize("options", METHODS.values())
def test_what_cannot_be_analysed_is_nan(options, recwarn):
    block = random_block(3, arms=2)
    values = block.values
    assert values is not None
    block.arm[0][block.arm[0] == 1] = -1
    block.arm[1][np.flatnonzero(block.arm[1] == 1)[1:]] = -1
    values[2, block.arm[2] == 0] = np.nan
    block.arm[3] = -1
    many = RESPONDER.many(block, change=3, **options)
    for key in KEYS:
        assert np.isnan(getattr(many, key)[:, 0]).tolist() == [True] * 4 + [False] * 2
    assert not recwarn.list


@pytest.mark.contract
def test_separation_is_nan(recwarn):
    rng = np.random.default_rng(4)
    base = rng.normal(50, 8, (3, 40))
    arm = np.tile(np.arange(40) % 2, (3, 1))
    met = rng.random((3, 40)) < 0.5
    met[0] = base[0] > 50  # The baseline tells all.
    met[1] = arm[1] == 1  # The arm tells all.
    base[2] = 50  # The baseline tells nothing.
    values = np.stack([base, base + np.where(met, 2, 0)], axis=2)
    block = Block(("a", "b"), arm, ("A", "B"), np.array([0.0, 30]), values)
    many = RESPONDER.many(block, change=1, **METHODS["adjusted"])
    assert np.isnan(many.p).all()
    plain = RESPONDER.many(block, change=1, **METHODS["plain"])
    assert np.isnan(plain.p[:, 0]).tolist() == [False, True, False]
    assert not recwarn.list


def test_an_arm_of_one_mind_leaves_the_others_as_they_are():
    block = random_block(5)
    values = block.values
    assert values is not None
    values[:, :, 2] = np.where(block.arm == 2, 0, values[:, :, 2])
    many = RESPONDER.many(block, change=3, **METHODS["adjusted"], missing="left out")
    assert np.isnan(many.p[:, 1]).all()
    two = Block(
        ("a", "b"), np.where(block.arm == 2, -1, block.arm), block.visits, block.days, values
    )
    other = RESPONDER.many(two, change=3, **METHODS["adjusted"], missing="left out")
    np.testing.assert_allclose(many.estimate[:, 0], other.estimate[:, 0], rtol=1e-6)
    np.testing.assert_allclose(many.se[:, 0], other.se[:, 0], rtol=1e-6)


@pytest.mark.contract
@pytest.mark.parametrize(
    ("arms", "options", "said"),
    [
        (2, {}, "needs one of the options 'change' and 'percent'"),
        (2, {"change": 1, "percent": 1}, "needs one of the options 'change' and 'percent'"),
        (2, {"change": "big"}, "'change' must be a number, not 'big'"),
        (2, {"change": 1, "direction": "at lest"}, "did you mean 'at least'"),
        (
            2,
            {"change": 1, "missing": "ignored"},
            "'missing' cannot be 'ignored'; it is one of failure",
        ),
        (2, {"change": 1, "method": "probit"}, "'method' cannot be 'probit'; it is one of exact"),
        (
            2,
            {"change": 1, "method": "logistic", "adjust": "age"},
            "'adjust' cannot be 'age'; it is one of none",
        ),
        (
            2,
            {"change": 1, "adjust": "baseline", "method": "exact"},
            "for the method 'logistic' alone",
        ),
        (
            2,
            {"change": 1, "covariates": ["AGE"], "method": "exact"},
            "for the method 'logistic' al",
        ),
        (
            2,
            {"change": 1, "strata": ["SEX"], "method": "exact"},
            "the method 'mantel-haenszel' alone",
        ),
        (
            2,
            {"change": 1, "strata": ["SEX"], "covariates": ["AGE"]},
            "name the strata as covariates",
        ),
        (2, {"change": 1, "method": "mantel-haenszel"}, "needs the option 'strata'"),
        (2, {"change": 1, "null_value": 0.2}, "'null_value' is for a single arm"),
        (1, {"change": 1}, "the option 'null_value' is needed"),
        (1, {"change": 1, "null_value": 20}, "must be a share from 0 to 1, not 20"),
        (1, {"change": 1, "null_value": 0.2, "method": "logistic"}, "there is one arm only"),
        (2, {"change": 1, "visit": "V0"}, "is the baseline, so nothing changed"),
        (2, {"change": 1, "visit": "V9"}, "no visit 'V9'"),
    ],
)
def test_refusals(arms, options, said):
    with pytest.raises(InputError, match=said):
        RESPONDER.many(random_block(1, arms=arms), **options)


@pytest.mark.contract
def test_refusals_of_a_frame():
    frame = frame_of(STORED["trials"]["full"])
    with pytest.raises(InputError, match="needs the option 'visit'"):
        RESPONDER.run(frame, reference="a", change=1)
    late = frame.assign(ADY=frame["ADY"] + 2)
    with pytest.raises(InputError, match="there is no visit at day 0"):
        RESPONDER.run(late, reference="a", visit="V1", change=1)
    twice = pd.concat([frame, frame.tail(1)])
    with pytest.raises(InputError, match="more than one row at visit 'V1'"):
        RESPONDER.run(twice, reference="a", visit="V1", change=1)


@pytest.mark.contract
def test_nobody_is_left_out_who_misses_the_visit_altogether():
    frame = frame_of(STORED["trials"]["small"])
    without = frame[frame["AVAL"].notna()]
    one, two = (
        RESPONDER.run(each, reference="a", visit="V1", change=5) for each in (frame, without)
    )
    assert one == two
    assert sum(row.n for row in two.rows[:2]) == 26
    assert not math.isnan(two.rows[-1].estimate)
