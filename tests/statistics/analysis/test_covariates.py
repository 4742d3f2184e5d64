"""Covariates in every analysis that takes them: against R, many as one by one, of any size."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antitrypsim.foundations.errors import InputError
from antitrypsim.statistics.analysis import ANALYSES
from antitrypsim.statistics.block import Block

pytestmark = pytest.mark.law


STORED = json.loads(
    (Path(__file__).parents[2] / "reference" / "statistics" / "covariates.json").read_text("utf-8")
)
KEYS = ("estimate", "se", "df", "p")
PLANS: dict[str, tuple[str, dict[str, Any]]] = {
    "ancova": ("ancova", {}),
    "mmrm": ("mmrm", {}),
    "mmrm, by visit": ("mmrm", {"covariate_effects": "by-visit", "df": "kenward-roger"}),
    "mmrm, ar1": ("mmrm", {"covariance": "ar1"}),
    "random-slope": ("random-slope", {}),
    "random-slope, kenward-roger": ("random-slope", {"df": "kenward-roger"}),
    "bayesian": ("bayesian", {"prior_sd": 2.0}),
    "multiple-imputation": ("multiple-imputation", {"imputations": 4}),
}
plans = pytest.mark.parametrize("plan", PLANS)


def block_of(seed: int = 0, people: int = 40, replicates: int = 4) -> Block:
    """Trials of two arms and three visits, with numbers and groups; 0 has a level of nobody."""
    rng = np.random.default_rng(seed)
    arm = rng.permuted(np.tile(np.arange(people) % 2, (replicates, 1)), axis=1)
    age, site = rng.normal(60, 9, arm.shape), rng.integers(0, 4, arm.shape)
    site[0][site[0] == 0] = 3
    site[1][site[1] == 2] = 1
    values = rng.normal(50, 5, (*arm.shape, 1)) + rng.normal(0, 2, (*arm.shape, 4))
    values += rng.normal(0, 2, (*arm.shape, 1)) * np.arange(4) + 0.1 * age[:, :, None]
    values[:, :, 2:][rng.random((*arm.shape, 2)) < 0.1] = np.nan
    visits = ("V0", "V1", "V2", "V3")
    return Block(("p", "a"), arm, visits, np.array([0.0, 90, 180, 360]), values,
                 covariates={"AGE": age}, factors={"SITE": site})  # fmt: skip


def frame_from(block: Block, r: int) -> pd.DataFrame:
    assert block.values is not None
    assert block.days is not None
    return pd.DataFrame(
        [
            {"USUBJID": f"P{i:03d}", "ARM": block.arms[k], "AVISIT": visit, "ADY": block.days[v],
             "AVAL": block.values[r, i, v], "BASE": block.values[r, i, 0],
             "CHG": block.values[r, i, v] - block.values[r, i, 0],
             "AGE": block.covariates["AGE"][r, i], "SITE": f"s{block.factors['SITE'][r, i]}"}
            for i, k in enumerate(block.arm[r])
            for v, visit in enumerate(block.visits)
        ]
    )  # fmt: skip


def contrast(name: str, frame: pd.DataFrame, reference: str, visit: str, **options: Any) -> Any:
    at = {} if name == "random-slope" else {"visit": visit}
    result = ANALYSES[name].run(frame, reference=reference, **at, **options)
    return next(row for row in result.rows if row.contrast)


@plans
def test_many_replicates_are_each_alone(plan):
    name, options = PLANS[plan]
    many = block_of()
    told = ANALYSES[name].many(many, covariates=["AGE", "SITE"], **options)
    assert np.isfinite(told.p).all()
    for r in range(many.replicates):
        row = contrast(name, frame_from(many, r), "p", "V3", covariates=["AGE", "SITE"], **options)
        for key in KEYS if row.df else ("estimate", "se", "p"):
            assert getattr(told, key)[r, 0] == pytest.approx(getattr(row, key), rel=1e-5)


@plans
def test_naming_the_baseline_changes_nothing_where_it_is_held_anyway(plan):
    name, options = PLANS[plan]
    many = block_of(3)
    if name == "random-slope":
        with pytest.raises(InputError, match="baseline cannot be a covariate of slopes"):
            ANALYSES[name].many(many, covariates=["BASE"])
    elif name != "bayesian":
        one = ANALYSES[name].many(many, covariates=["BASE", "AGE"], **options)
        two = ANALYSES[name].many(many, covariates=["AGE"], **options)
        assert np.array_equal(one.p, two.p)


@plans
@settings(max_examples=8)
@given(st.floats(-12, 15), st.floats(-3, 3), st.floats(-12, 15), st.integers(0, 30))
def test_units_of_covariates_do_not_matter_and_those_of_values_follow(
    plan, size, shift, unit, seed
):
    name, options = PLANS[plan]
    many, scale = block_of(seed, replicates=2), 10.0**unit
    age = (many.covariates["AGE"] + shift) * 10.0**size
    other = replace(many, values=many.values * scale, covariates={"AGE": age})
    if name == "bayesian":
        options, more = {"prior_sd": 2.0}, {"prior_sd": 2.0 * scale}
    else:
        more = options
    one = ANALYSES[name].many(many, covariates=["AGE", "SITE"], **options)
    two = ANALYSES[name].many(other, covariates=["AGE", "SITE"], **more)
    if name == "multiple-imputation":
        # Its draws are named by the data, so only what needs no draw is the same.
        assert np.isfinite(two.p).all()
        return
    assert two.estimate == pytest.approx(one.estimate * scale, rel=1e-5, abs=1e-7 * scale)
    assert two.se == pytest.approx(one.se * scale, rel=1e-5)
    assert two.p == pytest.approx(one.p, rel=1e-4)


@pytest.mark.contract
@plans
def test_arms_that_a_group_tells_cannot_be_compared(plan):
    name, options = PLANS[plan]
    many = block_of(5)
    told = ANALYSES[name].many(
        replace(many, factors={"SITE": many.arm}), covariates=["SITE"], **options
    )
    assert np.isnan(told.p).all()
    frame = frame_from(many, 0)
    with pytest.raises(InputError, match=r"the arms and covariates .* cannot be told apart"):
        contrast(name, frame.assign(SITE=frame["ARM"]), "p", "V3", covariates=["SITE"], **options)


@pytest.mark.contract
@plans
def test_a_level_that_others_tell_is_left_out_and_said(plan):
    name, options = PLANS[plan]
    frame = frame_from(block_of(6), 2)
    twice = frame.assign(PLACE=frame["SITE"])
    at = {} if name == "random-slope" else {"visit": "V3"}
    run = ANALYSES[name].run
    one = run(frame, reference="p", covariates=["SITE"], **at, **options)
    two = run(twice, reference="p", covariates=["SITE", "PLACE"], **at, **options)
    assert any("left out of the covariates" in each for each in two.warnings)
    assert not any("left out of the covariates" in each for each in one.warnings)
    here, there = (next(r for r in each.rows if r.contrast) for each in (one, two))
    assert here.estimate == pytest.approx(there.estimate, rel=1e-6)


@plans
def test_a_covariate_that_there_is_not(plan):
    name, options = PLANS[plan]
    with pytest.raises(InputError, match="no covariate 'SIT'; did you mean 'SITE'"):
        ANALYSES[name].many(block_of(), covariates=["SIT"], **options)
    with pytest.raises(InputError, match="no column 'SIT'"):
        contrast(name, frame_from(block_of(), 0), "p", "V3", covariates=["SIT"], **options)


def three(data: Any) -> pd.DataFrame:
    frame = data("slopes_small")
    return frame[frame["AVISIT"].isin(["V0", "V1", "V2", "V3"])]


def agrees(row: Any, wanted: dict[str, Any], rel: float = 1e-5) -> None:
    for key in KEYS:
        if key in wanted:
            assert getattr(row, key) == pytest.approx(wanted[key], rel=rel), key


MORE = ["AGE", "REGION"]


@pytest.mark.independent
def test_lm_and_the_posterior_with_flat_priors(data):
    for name, more in (("ancova", MORE), ("bayesian", ["BASE", *MORE])):
        row = contrast(name, three(data), "placebo", "V3", covariates=more)
        agrees(row, STORED["ancova"], 1e-9)


@pytest.mark.independent
@pytest.mark.parametrize("k", range(3))
def test_gls_with_one_effect_over_all_visits(data, k):
    wanted = STORED["common"][k]
    row = contrast("mmrm", three(data), "placebo", wanted["visit"], covariates=MORE)
    agrees(row, wanted)


@pytest.mark.independent
@pytest.mark.parametrize("k", range(3))
@pytest.mark.parametrize(("key", "covariates"), [("ar1", []), ("ar1_covariates", MORE)])
def test_club_sandwich(data, key, covariates, k):
    wanted = STORED[key][k]
    row = contrast("mmrm", three(data), "placebo", wanted["visit"], covariates=covariates,
                   covariance="ar1")  # fmt: skip
    agrees(row, wanted)


@pytest.mark.independent
def test_lmer_and_pbkrtest(data):
    frame, wanted = data("slopes_small"), STORED["slope"]
    agrees(contrast("random-slope", frame, "placebo", "", covariates=MORE), wanted)
    row = contrast("random-slope", frame, "placebo", "", covariates=MORE, df="kenward-roger")
    agrees(row, wanted["kenward"])
