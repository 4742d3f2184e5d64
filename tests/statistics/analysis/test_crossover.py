from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from antitrypsim.foundations.errors import InputError
from antitrypsim.statistics.analysis import ANALYSES
from antitrypsim.statistics.block import Block

pytestmark = pytest.mark.law


CROSSOVER = ANALYSES["crossover"]
STORED = json.loads(
    (Path(__file__).parents[2] / "reference" / "statistics" / "crossover.json").read_text("utf-8")
)
KEYS = ("estimate", "se", "df", "p", "lower", "upper")


def long(arm: list[str], **columns: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"USUBJID": f"P{i:03d}", "ARM": arm[i], "AVISIT": visit, "AVAL": value}
            for visit, values in columns.items()
            for i, value in enumerate(values)
        ]
    )


def periods() -> pd.DataFrame:
    case = STORED["periods"]
    return long(case["sequence"], E1=np.array(case["first"]), E2=np.array(case["second"]))


def cycles() -> pd.DataFrame:
    on, off = (np.array(STORED["cycles"][key]) for key in ("on", "off"))
    columns = {f"{name}{c}": x[:, c] for name, x in (("on", on), ("off", off)) for c in range(4)}
    return long(["solo"] * len(on), **columns)


PAIRS = [[f"on{c}", f"off{c}"] for c in range(4)]


def block_of(arms: tuple[str, ...], seed: int = 0) -> Block:
    rng = np.random.default_rng(seed)
    arm = rng.integers(-1, len(arms), (5, 30))
    values = rng.normal(50, 5, (5, 30, 1)) + rng.normal(0, 2, (5, 30, 4))
    values[rng.random(values.shape) < 0.1] = np.nan
    return Block(arms, arm, ("A", "B", "C", "D"), np.array([0.0, 30, 60, 90]), values)


def frame_from(block: Block, r: int) -> pd.DataFrame:
    assert block.values is not None
    kept = block.arm[r] >= 0
    columns = {visit: block.values[r, kept, v] for v, visit in enumerate(block.visits)}
    return long([block.arms[k] for k in block.arm[r, kept]], **columns)


@pytest.mark.independent
def test_matches_the_t_test_and_the_mixed_model():
    case = STORED["periods"]
    result = CROSSOVER.run(periods(), reference="PT", periods=["E1", "E2"])
    row = result.rows[-1]
    assert (row.arm, row.contrast, row.n, row.visit) == ("TP", "PT", 21, None)
    for key in KEYS:
        assert getattr(row, key) == pytest.approx(case[key], rel=1e-9)
    # The search of lme ends some digits before the closed form.
    assert [row.estimate, row.se] == pytest.approx(
        [case["mixed"]["estimate"], case["mixed"]["se"]], rel=1e-5
    )
    assert len(result.rows) == 3


@pytest.mark.independent
def test_cycles_match_the_t_test_and_the_mixed_model():
    case = STORED["cycles"]
    result = CROSSOVER.run(cycles(), reference="solo", cycles=PAIRS)
    (row,) = result.rows
    assert (row.contrast, row.n, row.p) == (None, 10, None)
    for key in KEYS:
        if key != "p":
            assert getattr(row, key) == pytest.approx(case[key], rel=1e-9)
    assert [row.estimate, row.se] == pytest.approx(
        [case["mixed"]["estimate"], case["mixed"]["se"]], rel=1e-5
    )
    assert f"p = {case['p']:.4g}" in result.method


def test_the_sign_is_that_of_what_the_arm_takes_first():
    rng = np.random.default_rng(0)
    person = rng.normal(50, 9, 40)
    arm = ["PT"] * 20 + ["TP"] * 20
    treated = np.array([[0] * 20 + [1] * 20, [1] * 20 + [0] * 20])
    # Treatment gives 5, the second period 100.
    first, second = person + 5 * treated + [[0.0], [100.0]] + rng.normal(0, 1e-3, (2, 40))
    frame = long(arm, E1=first, E2=second)
    row = CROSSOVER.run(frame, reference="PT", periods=["E1", "E2"]).rows[-1]
    assert row.estimate == pytest.approx(5, abs=1e-2)
    row = CROSSOVER.run(frame, reference="TP", periods=["E1", "E2"]).rows[-1]
    assert row.estimate == pytest.approx(-5, abs=1e-2)


@pytest.mark.parametrize("plan", [["B", "D"], [["A", "B"], ["C", "D"]]])
def test_many_equals_one_by_one(plan):
    block = block_of(("PT", "TP"))
    many = CROSSOVER.many(block, level=0.9, periods=plan)
    assert many.p.shape == (5, 1)
    for r in range(5):
        row = CROSSOVER.run(frame_from(block, r), reference="PT", level=0.9, periods=plan).rows[-1]
        for key in KEYS:
            assert getattr(many, key)[r, 0] == pytest.approx(getattr(row, key), rel=1e-9)


def test_many_cycles_equal_one_by_one():
    block = block_of(("solo",))
    plan = [["A", "B"], ["C", "D"]]
    many = CROSSOVER.many(block, cycles=plan)
    assert many.p.shape == (5, 1)
    for r in range(5):
        (row,) = CROSSOVER.run(frame_from(block, r), reference="solo", cycles=plan).rows
        for key in set(KEYS) - {"p"}:
            assert getattr(many, key)[r, 0] == pytest.approx(getattr(row, key), rel=1e-9)


@pytest.mark.contract
def test_what_cannot_be_analysed_is_nan(recwarn):
    block = block_of(("PT", "TP"))
    assert block.values is not None
    block.arm[0][block.arm[0] == 1] = -1
    block.values[1, :, 1] = block.values[1, :, 3]
    block.values[2] = np.nan
    many = CROSSOVER.many(block, periods=["B", "D"])
    assert np.isnan(many.p[:, 0]).tolist() == [True, True, True, False, False]
    solo = Block(("s",), np.where(block.arm < 0, -1, 0), block.visits, block.days, block.values)
    solo.arm[3] = -1
    many = CROSSOVER.many(solo, cycles=[["B", "D"]])
    assert np.isnan(many.p[:, 0]).tolist() == [False, True, True, True, False]
    assert not recwarn.list


@pytest.mark.contract
def test_those_without_a_period_are_left_out_and_told():
    frame = periods()
    frame.loc[0, "AVAL"] = np.nan
    result = CROSSOVER.run(frame, reference="PT", periods=["E1", "E2"])
    assert result.rows[-1].n == 20
    assert result.warnings == ("1 of 21 participants was left out for want of values.",)


@pytest.mark.contract
@pytest.mark.parametrize(
    ("arms", "options", "said"),
    [
        (2, {}, "needs one of the options 'periods' and 'cycles'"),
        (2, {"periods": ["A", "B"], "cycles": [["A", "B"]]}, "needs one of the options"),
        (2, {"periods": "A"}, "must be a list of visit ids or of lists of them"),
        (2, {"periods": ["A", "B", "C"]}, "must name two periods, not 3"),
        (2, {"periods": ["A", []]}, "'periods' holds an empty list"),
        (2, {"periods": [["A", "B"], ["B"]]}, "names one visit in both periods"),
        (2, {"periods": ["A", "E"]}, "no visit 'E'"),
        (1, {"periods": ["A", "B"]}, "needs two sequences, and there is one arm only"),
        (1, {"cycles": ["A", "B"]}, "must list pairs of a visit on and a visit off"),
        (2, {"cycles": [["A", "B"]]}, "is for one arm, and there are 2"),
    ],
)
def test_refusals(arms, options, said):
    with pytest.raises(InputError, match=said):
        CROSSOVER.many(block_of(("PT", "TP")[:arms]), **options)


@pytest.mark.contract
def test_an_endpoint_without_visits_is_refused():
    block = Block(("a", "b"), np.zeros((1, 4), int), count=np.ones((1, 4)))
    with pytest.raises(InputError, match="needs an endpoint measured at visits"):
        CROSSOVER.many(block, periods=["A", "B"])
