from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from antitrypsim.foundations.errors import InputError
from antitrypsim.statistics.analysis import ANALYSES, _imputation
from antitrypsim.statistics.analysis._rubin import pool
from antitrypsim.statistics.block import Block

pytestmark = pytest.mark.law


IMPUTE = ANALYSES["multiple-imputation"]
STORED = json.loads(
    (Path(__file__).parents[2] / "reference" / "statistics" / "imputation.json").read_text("utf-8")
)
KEYS = ("estimate", "se", "df", "p", "lower", "upper")
ARMS = ("placebo", "low", "high")


def block_of(seed: int = 0, replicates: int = 5, dtype: type = float) -> Block:
    """Three arms, dropout and some gaps."""
    rng = np.random.default_rng(seed)
    arm = rng.permuted(np.tile(np.arange(72) % 3, (replicates, 1)), axis=1)
    arm[:, -6:] = -1
    values = rng.normal(50, 8, (replicates, 72, 1)) + rng.normal(0, 3, (replicates, 72, 4))
    values += 0.8 * arm[:, :, None] * np.arange(4)
    last = rng.integers(1, 9, arm.shape)
    values[np.arange(4) > last[:, :, None]] = np.nan
    values[rng.random(values.shape) < 0.04] = np.nan
    visits = ("V0", "V1", "V2", "V3")
    days = np.array([0.0, 90, 180, 270])
    return Block(("a", "b", "c"), arm, visits, days, values.astype(dtype))


def frame_from(block: Block, r: int) -> pd.DataFrame:
    assert block.values is not None
    assert block.days is not None
    values = block.values[r].astype(float)
    return pd.DataFrame(
        [
            {
                "USUBJID": f"P{i:03d}",
                "ARM": block.arms[k],
                "AVISIT": visit,
                "ADY": block.days[v],
                "BASE": values[i, 0],
                "AVAL": values[i, v],
                "CHG": values[i, v] - values[i, 0],
            }
            for i, k in enumerate(block.arm[r])
            if k >= 0
            for v, visit in enumerate(block.visits)
        ]
    )


@pytest.mark.independent
@pytest.mark.parametrize("case", STORED["pool"])
def test_pool_matches_mice(case):
    df = np.inf if case["df"] == "infinite" else case["df"]
    found = pool(case["estimates"], case["variances"], df)
    for key in ("estimate", "within", "between", "se"):
        assert getattr(found, key) == pytest.approx(case[key], rel=1e-12)
    assert found.df == pytest.approx(case["pooled_df"], rel=1e-10)


@pytest.mark.independent
def test_pool_of_data_sets_that_agree():
    found = pool([[0.1] * 7, [0.2] * 6 + [0.3]], [[2.0] * 7, [2.0] * 7], [30, 30])
    assert found.between[0] == 0
    assert found.df[0] == 30
    assert found.df[1] < 30
    assert found.se[0] == pytest.approx(2**0.5)


@pytest.mark.contract
@pytest.mark.parametrize(
    ("estimates", "variances"), [([1.0], [1.0]), ([1.0, 2.0], [1.0]), (1.0, 1.0)]
)
def test_pool_refuses_too_few(estimates, variances):
    with pytest.raises(InputError, match="of two or more data sets"):
        pool(estimates, variances, 10)


@pytest.mark.independent
def test_nothing_missing_is_analysis_of_covariance(data):
    frame = data("slopes")
    there = frame[frame["AVISIT"].isin(["V1", "V2", "V3"])].groupby("USUBJID")["AVAL"]
    whole = there.transform(lambda x: x.notna().all()).reindex(frame.index)
    ids = frame.loc[whole == 1, "USUBJID"].unique()
    frame = frame[frame["USUBJID"].isin(ids)]
    one = IMPUTE.run(frame, reference="placebo", visit="V3").rows
    two = ANALYSES["ancova"].run(frame, reference="placebo", visit="V3").rows
    assert len(one) == len(two) == 5
    for mine, other in zip(one, two, strict=True):
        assert (mine.arm, mine.contrast, mine.n) == (other.arm, other.contrast, other.n)
        for key in ("estimate", "se", "df", "lower", "upper"):
            assert getattr(mine, key) == pytest.approx(getattr(other, key), rel=1e-9)
        assert (mine.p or 0) == pytest.approx(other.p or 0, rel=1e-9)


@pytest.mark.parametrize("options", [{}, {"imputed_from": "control", "delta": -2.0}, {"seed": 3}])
@pytest.mark.parametrize("visit", ["V1", "V3"])
@pytest.mark.parametrize("dtype", [float, np.float32])
def test_many_equals_one_by_one(options, visit, dtype):
    block = block_of(dtype=dtype)
    options = {"imputations": 4, "visit": visit, **options}
    many = IMPUTE.many(block, level=0.9, **options)
    assert many.p.shape == (5, 2)
    for r in range(block.replicates):
        rows = IMPUTE.run(frame_from(block, r), reference="a", level=0.9, **options).rows[3:]
        for key in KEYS:
            one = [getattr(row, key) for row in rows]
            assert getattr(many, key)[r] == pytest.approx(one, rel=1e-6)


def test_chunks_change_nothing(monkeypatch):
    from antitrypsim.statistics.analysis import multiple_imputation

    block = block_of(1)
    before = IMPUTE.many(block, imputations=3)
    monkeypatch.setattr(multiple_imputation, "ROOM", 1)
    assert IMPUTE.many(block, imputations=3).estimate == pytest.approx(before.estimate, rel=1e-9)
    assert IMPUTE.many(block, imputations=3, seed=1).estimate != pytest.approx(before.estimate)


def wide(data) -> tuple[np.ndarray, np.ndarray]:
    frame = data("slopes")
    values = frame.pivot(index="USUBJID", columns="AVISIT", values="AVAL")
    arm = frame.drop_duplicates("USUBJID").set_index("USUBJID")["ARM"].reindex(values.index)
    return values[["V0", "V1", "V2", "V3"]].to_numpy(), arm.map(ARMS.index).to_numpy()


@pytest.mark.independent
@pytest.mark.parametrize("key", ["monotone", "chained"])
def test_imputed_values_agree_with_mice(data, key):
    values, arm = wide(data)
    if key == "monotone":
        gap = (np.diff(np.isnan(values).astype(int), axis=1) < 0).any(axis=1)
        assert gap.sum() == STORED["gaps"]
        values, arm = values[~gap], arm[~gap]
    sets = 1000
    found = _imputation.complete(values[None], arm[None], 3, seed=0, sets=sets, control=False)
    for k, name in enumerate(ARMS):
        mine = found[0][:, (arm == k) & np.isnan(values[:, 3])]
        theirs = STORED[key][name]
        assert mine.shape[1] == theirs["missing"]
        error = theirs["mean_sd"] * (1 / sets + 1 / theirs["imputations"]) ** 0.5
        assert mine.mean() == pytest.approx(theirs["mean"], abs=4 * error)
        spread = theirs["mean_sd"] * (0.5 / sets + 0.5 / theirs["imputations"]) ** 0.5
        assert mine.mean(axis=1).std() == pytest.approx(theirs["mean_sd"], abs=4 * spread)
        assert mine.std(axis=1, ddof=1).mean() == pytest.approx(theirs["within_sd"], rel=0.04)


@pytest.mark.parametrize("control", [False, True])
def test_mean_of_draws_is_the_line_they_come_from(control):
    rng = np.random.default_rng(4)
    arm = np.arange(24) % 2
    values = np.cumsum(rng.normal(0, 1, (24, 3)), axis=1) + 20
    values[:, 2] += 3 * arm
    values[::5, 2] = np.nan
    found = _imputation.complete(values[None], arm[None], 2, seed=5, sets=4000, control=control)[0]
    gone = np.isnan(values[:, 2])
    assert np.array_equal(found[:, ~gone], np.tile(values[~gone, 2], (4000, 1)))
    X = np.column_stack([np.ones(24), values[:, :2]])
    for k in (0, 1):
        fit = ~gone & (arm == (0 if control else k))
        beta, squares, *_ = np.linalg.lstsq(X[fit], values[fit, 2], rcond=None)
        mine = gone & (arm == k)
        free = fit.sum() - 3
        # The predictive distribution is Student's t about the line.
        lever = np.einsum("ij,jk,ik->i", X[mine], np.linalg.inv(X[fit].T @ X[fit]), X[mine])
        sd = np.sqrt(squares[0] / free * (1 + lever) * free / (free - 2))
        assert np.abs((found[:, mine].mean(axis=0) - X[mine] @ beta) / sd).max() < 4.5 / 4000**0.5
        assert found[:, mine].std(axis=0) == pytest.approx(sd, rel=0.08)


def test_gaps_come_from_the_own_arm_also_under_copy_reference():
    rng = np.random.default_rng(6)
    arm = np.arange(40) % 2
    base = rng.normal(50, 1, 40)
    first = base + 100 * arm + rng.normal(0, 1, 40)
    second, last = first + rng.normal(0, 50, 40), first + rng.normal(0, 0.1, 40)
    values = np.column_stack([base, first, second, last])
    values[1, [1, 3]] = values[3, 1:] = np.nan
    found = _imputation.complete(values[None], arm[None], 2, seed=0, sets=50, control=True)[0]
    # The last visit repeats the first: a gap there is the arm's own, a whole loss the reference's.
    assert found[:, 1].mean() == pytest.approx(150, abs=5)
    assert found[:, 3].mean() == pytest.approx(50, abs=5)


def test_missing_at_random_is_unbiased_where_complete_cases_are_not():
    rng = np.random.default_rng(8)
    replicates, people, effect = 400, 80, 1.0
    arm = np.tile(np.arange(people) % 2, (replicates, 1))
    base = rng.normal(0, 1, (replicates, people))
    first = 0.6 * base + rng.normal(0, 0.8, base.shape) + 0.5 * effect * arm
    last = 0.9 * first + 0.1 * base + rng.normal(0, 0.5, base.shape) + 0.55 * effect * arm
    # In the control arm those who do badly early leave, in the other those who do well.
    chance = 1 / (1 + np.exp(1 + np.where(arm == 0, 2.5, -2.5) * first))
    last[rng.random(base.shape) < chance] = np.nan
    values = np.stack([base, first, last], axis=2)
    block = Block(("p", "t"), arm, ("V0", "V1", "V2"), np.array([0.0, 90, 180]), values)
    found = IMPUTE.many(block, imputations=10)
    error = found.estimate.std() / replicates**0.5
    assert abs(found.estimate.mean() - effect) < 3.5 * error
    assert found.se.mean() == pytest.approx(found.estimate.std(), rel=0.12)
    covered = ((found.lower <= effect) & (effect <= found.upper)).mean()
    assert covered == pytest.approx(0.95, abs=4 * (0.95 * 0.05 / replicates) ** 0.5)
    measured = np.where(np.isnan(last), -1, arm)
    naive = ANALYSES["ancova"].many(replace(block, arm=measured)).estimate[:, 0]
    assert abs(naive.mean() - effect) > 8 * naive.std() / replicates**0.5


def test_delta_moves_treated_arms_alone_and_in_proportion():
    block = block_of(2)
    frame = frame_from(block, 0)
    none, one, two = (
        IMPUTE.run(frame, reference="a", visit="V3", imputations=3, delta=delta).rows
        for delta in (0, 1.5, 3.0)
    )
    for k in (3, 4):
        moved = one[k].estimate - none[k].estimate
        assert 0.1 < moved < 1.5
        assert two[k].estimate - none[k].estimate == pytest.approx(2 * moved)
    # The slope on baseline is shared, so a whisper of it reaches the reference.
    assert one[0].estimate == pytest.approx(none[0].estimate, abs=0.05)


def test_copy_reference_draws_the_arms_together():
    block = block_of(3, 40)
    own, copied = (
        IMPUTE.many(block, imputations=5, imputed_from=source) for source in ("own arm", "control")
    )
    assert (own.estimate - copied.estimate).mean(axis=0).min() > 0.1


@pytest.mark.contract
def test_what_cannot_be_analysed_is_nan(recwarn):
    block = block_of(5)
    assert block.values is not None
    block.arm[0][block.arm[0] == 1] = -1
    few = np.flatnonzero(block.arm[1] == 1)
    block.values[1, few[3:], 3] = np.nan
    block.values[2, :, 0] = 50.0
    block.values[3] = np.nan
    many = IMPUTE.many(block, imputations=3)
    assert np.isnan(many.p).tolist() == [
        [True, False],
        [True, True],
        [True, True],
        [True, True],
        [False, False],
    ]
    assert not recwarn.list
    assert IMPUTE.many(Block(block.arms, block.arm[:0], block.visits, block.days, block.values[:0]))


def test_visits_that_repeat_each_other_do_no_harm():
    block = block_of(7, 2)
    assert block.values is not None
    block.values[:, :, 2] = block.values[:, :, 1]
    assert np.isfinite(IMPUTE.many(block, imputations=3).p).all()


@pytest.mark.contract
@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"imputations": 1}, "'imputations' must be a whole number from 2, not '1'"),
        ({"seed": 1.5}, "'seed' must be a whole number from 0"),
        ({"delta": "x"}, "'delta' must be a number, not 'x'"),
        ({"imputed_from": "kontrol"}, "cannot be 'kontrol'; did you mean 'control'"),
        ({"visit": "V0"}, "'V0' is the baseline"),
        ({"visit": "V9"}, "no visit 'V9'"),
    ],
)
def test_refusals(options, said):
    block = block_of()
    with pytest.raises(InputError, match=said):
        IMPUTE.many(block, **options)
    with pytest.raises(InputError, match=said):
        IMPUTE.run(frame_from(block, 0), reference="a", **{"visit": "V3", **options})


@pytest.mark.contract
def test_refusals_of_one_trial():
    frame = frame_from(block_of(), 0)
    with pytest.raises(InputError, match="needs the option 'visit'"):
        IMPUTE.run(frame, reference="a")
    with pytest.raises(InputError, match="more than one row at visit 'V1'"):
        IMPUTE.run(pd.concat([frame, frame[frame["AVISIT"] == "V1"]]), reference="a", visit="V2")
    with pytest.raises(InputError, match="cannot be told apart"):
        IMPUTE.run(frame.assign(BASE=50.0), reference="a", visit="V2")
    with pytest.raises(InputError, match="has more than one BASE"):
        IMPUTE.run(frame.assign(BASE=np.arange(len(frame)) + 1.0), reference="a", visit="V2")
    few = frame["ARM"].eq("b") & frame["AVISIT"].eq("V3")
    known = frame.loc[few & frame["AVAL"].notna() & frame["BASE"].notna()].index
    frame.loc[known[3:], "AVAL"] = np.nan
    with pytest.raises(
        InputError,
        match=r"the arm 'b' has too few participants with a value .* to impute from: 3 of",
    ):
        IMPUTE.run(frame, reference="a", visit="V3")


@pytest.mark.contract
def test_those_without_a_baseline_are_left_out_and_told():
    frame = frame_from(block_of(), 0)
    lost = frame.loc[frame["BASE"].isna(), "USUBJID"].nunique()
    assert lost
    result = IMPUTE.run(frame, reference="a", visit="V3", imputations=2)
    assert result.warnings[0].startswith(f"{lost} of 66 participants were left out")
    assert sum(row.n for row in result.rows[:3]) == 66 - lost
