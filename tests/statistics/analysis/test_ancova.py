from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from antitrypsim.foundations.errors import InputError
from antitrypsim.statistics.analysis import ANALYSES
from antitrypsim.statistics.block import Block

pytestmark = pytest.mark.law


ANCOVA = ANALYSES["ancova"]


@pytest.mark.independent
@pytest.mark.parametrize(
    ("key", "covariates"), [("ancova", ()), ("ancova_covariates", ("REGION", "AGE"))]
)
def test_matches_emmeans(data, reference, agree, pick, key, covariates):
    result = ANCOVA.run(data("slopes"), reference="placebo", visit="V3", covariates=covariates)
    for expected in reference[key]["means"]:
        agree(pick(result, arm=expected["arm"], contrast=None, visit="V3"), expected, rel=1e-9)
    for expected in reference[key]["contrasts"]:
        agree(pick(result, arm=expected["arm"], contrast="placebo"), expected, rel=1e-9)
    assert len(result.rows) == 5
    assert all((row.p is None) == (row.contrast is None) for row in result.rows)


def test_level_sets_the_width(data):
    narrow, wide = (
        ANCOVA.run(data("slopes"), reference="low", visit="V3", level=level).rows[-1]
        for level in (0.8, 0.99)
    )
    assert wide.lower < narrow.lower < narrow.upper < wide.upper


@pytest.mark.contract
def test_visit_is_needed_and_known(data):
    with pytest.raises(InputError, match="needs the option 'visit'"):
        ANCOVA.run(data("slopes"), reference="placebo")
    with pytest.raises(InputError, match="no visit 'V33'; did you mean 'V3'"):
        ANCOVA.run(data("slopes"), reference="placebo", visit="V33")


@pytest.mark.contract
def test_all_missing_visit(data):
    frame = data("slopes")
    frame.loc[frame["AVISIT"] == "V3", ["AVAL", "CHG"]] = float("nan")
    with pytest.raises(InputError, match="no participant with a value at visit 'V3'"):
        ANCOVA.run(frame, reference="placebo", visit="V3")


@pytest.mark.contract
def test_two_rows_of_one_participant(data):
    frame = data("slopes")
    frame.loc[frame["AVISIT"] == "V4", "AVISIT"] = "V3"
    with pytest.raises(InputError, match="more than one row at visit 'V3'"):
        ANCOVA.run(frame, reference="placebo", visit="V3")


@pytest.mark.contract
def test_constant_baseline_is_refused(data):
    with pytest.raises(InputError, match="cannot be told apart"):
        ANCOVA.run(data("slopes").assign(BASE=50.0), reference="placebo", visit="V3")


def block(seed: int = 0, *, gaps: float = 0.1) -> Block:
    rng = np.random.default_rng(seed)
    arm = rng.integers(-1, 3, (6, 40))
    values = rng.normal(50, 5, (6, 40, 1)) + rng.normal(0, 2, (6, 40, 3))
    values[rng.random(values.shape) < gaps] = np.nan
    more = {"AGE": rng.normal(60, 9, arm.shape), "SEX": rng.integers(0, 2, arm.shape)}
    return Block(("x", "y", "z"), arm, ("A", "B", "C"), np.array([0.0, 30, 60]), values,
                 covariates=more)  # fmt: skip


def frame_from(block: Block, r: int) -> pd.DataFrame:
    rows = []
    for i in np.flatnonzero(block.arm[r] >= 0):
        base, more = block.values[r, i, 0], {k: v[r, i] for k, v in block.covariates.items()}
        rows += [
            {"USUBJID": f"P{i:03d}", "ARM": block.arms[block.arm[r, i]], "AVISIT": visit,
             "BASE": base, "CHG": value - base, **more}
            for visit, value in zip(block.visits, block.values[r, i], strict=True)
        ]  # fmt: skip
    return pd.DataFrame(rows)


@pytest.mark.parametrize("covariates", [(), ("AGE",), ("AGE", "SEX")])
@pytest.mark.parametrize("visit", ["B", "C"])
def test_many_replicates_are_each_alone(covariates, visit):
    many = block()
    told = ANCOVA.many(many, level=0.9, visit=visit, covariates=covariates)
    for r in range(many.replicates):
        result = ANCOVA.run(
            frame_from(many, r), reference="x", level=0.9, visit=visit, covariates=covariates
        )
        for k, row in enumerate(row for row in result.rows if row.contrast):
            for key in ("estimate", "se", "df", "lower", "upper", "p"):
                assert getattr(told, key)[r, k] == pytest.approx(getattr(row, key), rel=1e-9)


def test_many_is_at_the_last_visit_by_default():
    many = block()
    assert np.array_equal(ANCOVA.many(many).p, ANCOVA.many(many, visit="C").p)


@given(st.floats(-1e3, 1e3), st.floats(0.1, 10), st.integers(0, 50))
def test_shift_and_scale_of_what_is_measured(shift, scale, seed):
    before = block(seed)
    after = replace(before, values=before.values * scale + shift)
    one, two = (ANCOVA.many(each, covariates=["AGE"]) for each in (before, after))
    assert two.estimate == pytest.approx(one.estimate * scale, rel=1e-6, abs=1e-8, nan_ok=True)
    assert two.p == pytest.approx(one.p, rel=1e-5, nan_ok=True)


@pytest.mark.contract
def test_what_cannot_be_fitted_is_nan():
    many = block(gaps=0)
    arm, values = many.arm.copy(), many.values.copy()
    arm[0][arm[0] == 1] = -1
    arm[1][np.flatnonzero(arm[1] == 1)[1:]] = -1
    values[2, :, 0] = 50.1
    arm[3, 6:] = -1
    arm[3, :6] = [0, 0, 1, 1, -1, -1]
    values[4] = np.nan
    odd = replace(many, arm=arm, values=values, covariates={"AGE": 2 * values[:, :, 0] + 1})
    lost = [[True, False], [True, False], [True, True], [False, True], [True, True], [False] * 2]
    told = ANCOVA.many(odd)
    assert np.isnan(told.p).tolist() == lost
    assert np.isnan(told.estimate).tolist() == lost
    # A covariate that is the baseline over again.
    assert np.isnan(ANCOVA.many(odd, covariates=["AGE"]).p).all()


def test_an_arm_that_is_not_there_leaves_the_others_as_they_are():
    many = block()
    one = ANCOVA.many(replace(many, arm=np.where(many.arm == 1, -1, many.arm)))
    two = ANCOVA.many(replace(many, arms=("x", "z"), arm=np.array([-1, 0, -1, 1])[many.arm + 1]))
    assert one.p[:, 1] == pytest.approx(two.p[:, 0])


@pytest.mark.contract
def test_blocks_without_replicates_or_without_a_comparison():
    many = block()
    empty = replace(many, arm=many.arm[:0], values=many.values[:0])
    assert ANCOVA.many(empty).p.shape == (0, 2)
    alone = replace(many, arms=("x",), arm=np.zeros_like(many.arm))
    assert ANCOVA.many(alone).p.shape == (6, 0)


@pytest.mark.contract
def test_refusals_of_many():
    many = block()
    with pytest.raises(InputError, match="no covariate 'AG'; did you mean 'AGE'"):
        ANCOVA.many(many, covariates=["AG"])
    with pytest.raises(InputError, match="visit 'A' is the baseline"):
        ANCOVA.many(many, visit="A")
    with pytest.raises(InputError, match="no visit 'D'"):
        ANCOVA.many(many, visit="D")
