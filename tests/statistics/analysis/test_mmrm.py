from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antitrypsim.foundations.errors import InputError, RunError
from antitrypsim.statistics.analysis import ANALYSES, _pattern_sums, _repeated
from antitrypsim.statistics.analysis._covariances import (
    Autoregressive,
    Rooted,
    Toeplitz,
    Unstructured,
)
from antitrypsim.statistics.analysis._patterned import evaluate
from antitrypsim.statistics.block import Block

pytestmark = pytest.mark.law


MMRM, ANCOVA = ANALYSES["mmrm"], ANALYSES["ancova"]
STORED = json.loads(
    (Path(__file__).parents[2] / "reference" / "statistics" / "mmrm.json").read_text("utf-8")
)
KEYS = ("estimate", "se", "df", "lower", "upper", "p")
PLANS = [{}, {"df": "kenward-roger"}, {"covariance": "ar1"}, {"covariance": "toeplitz"}]


def block(seed: int = 0, *, gaps: float = 0.08, visits: int = 3, people: int = 36) -> Block:
    rng = np.random.default_rng(seed)
    arm = np.tile(np.arange(people) % 4 - 1, (5, 1))
    shape = (5, people, visits + 1)
    values = rng.normal(50, 8, (5, people, 1)) + rng.normal(0, 2, shape)
    values += rng.normal(0, 3, (5, people, 1)) * np.linspace(0, 1, visits + 1)
    later = values[:, :, 1:]
    left = np.cumsum(rng.random(later.shape) < gaps, axis=2) > 0
    later[left | (rng.random(later.shape) < gaps / 2)] = np.nan
    names = tuple(f"V{v}" for v in range(visits + 1))
    more = {"AGE": rng.normal(60, 9, arm.shape), "SEX": rng.integers(0, 2, arm.shape)}
    return Block(("x", "y", "z"), arm, names, 30.0 * np.arange(visits + 1), values,
                 covariates=more)  # fmt: skip


def frame_from(block: Block, r: int) -> pd.DataFrame:
    rows = []
    for i in np.flatnonzero(block.arm[r] >= 0):
        more = {k: v[r, i] for k, v in block.covariates.items()}
        rows += [
            {"USUBJID": f"P{i:03d}", "ARM": block.arms[block.arm[r, i]], "AVISIT": visit,
             "ADY": day, "BASE": block.values[r, i, 0], "AVAL": value, **more}
            for visit, day, value in zip(block.visits, block.days, block.values[r, i], strict=True)
        ]  # fmt: skip
    return pd.DataFrame(rows)


def lmer_frame() -> pd.DataFrame:
    case = STORED["lmer"]
    change = np.array(case["change"], dtype=float)
    return pd.DataFrame(
        [
            {"USUBJID": f"P{i:03d}", "ARM": case["arm"][i], "AVISIT": f"V{v + 1}", "ADY": v + 1,
             "BASE": base, "AVAL": base + change[i, v]}
            for i, base in enumerate(case["base"])
            for v in range(3)
        ]
    )  # fmt: skip


@pytest.mark.independent
@pytest.mark.parametrize(
    ("key", "options"),
    [
        ("unstructured", {}),
        (
            "unstructured_covariates",
            {"covariates": ["AGE", "REGION"], "covariate_effects": "by-visit"},
        ),
    ],
)
def test_matches_gls_and_satterthwaite(data, pick, key, options):
    result = MMRM.run(data("slopes"), reference="placebo", **options)
    assert len(result.rows) == len(STORED[key]["rows"]) == 25
    for expected in STORED[key]["rows"]:
        row = pick(result, arm=expected["arm"], contrast=expected["contrast"] or None,
                   visit=expected["visit"])  # fmt: skip
        # gls ends its search some digits before the likelihood that is written out in the script.
        for source, rel in ((expected["gls"], 1e-4), (expected, 1e-6)):
            assert row.estimate == pytest.approx(source["estimate"], rel=rel, abs=rel * row.se)
            assert row.se == pytest.approx(source["se"], rel=rel)
        # The script has its derivatives by differences.
        assert row.df == pytest.approx(expected["df"], rel=1e-5)


@pytest.mark.independent
@pytest.mark.parametrize("df", ["satterthwaite", "kenward-roger"])
def test_matches_lmer_and_pbkrtest(pick, df):
    result = MMRM.run(lmer_frame(), reference="placebo", df=df)
    for expected in STORED["lmer"]["rows"]:
        row = pick(result, arm=expected["arm"], contrast=expected["contrast"] or None,
                   visit=expected["visit"])  # fmt: skip
        source = expected["kenward"] if df == "kenward-roger" else expected
        assert row.estimate == pytest.approx(expected["estimate"], rel=1e-5)
        assert row.se == pytest.approx(source["se"], rel=1e-5)
        # The Hessian of lmerTest is by differences.
        assert row.df == pytest.approx(source["df"], rel=1e-5)


@settings(max_examples=15)
@given(st.integers(0, 10_000), st.integers(1, 4), st.sampled_from(PLANS[:2]))
def test_complete_data_give_the_analysis_of_covariance_of_each_visit(seed, visits, options):
    many = block(seed, gaps=0.0, visits=visits)
    for visit in many.visits[1:]:
        one, two = MMRM.many(many, visit=visit, **options), ANCOVA.many(many, visit=visit)
        for key in KEYS:
            assert getattr(one, key) == pytest.approx(getattr(two, key), rel=1e-6)


@pytest.mark.parametrize("options", PLANS)
@pytest.mark.parametrize("covariates", [(), ("SEX", "AGE")])
def test_many_replicates_are_each_alone(options, covariates):
    many = block()
    for visit in ("V1", "V3"):
        told = MMRM.many(many, level=0.9, visit=visit, covariates=covariates, **options)
        for r in range(many.replicates):
            result = MMRM.run(frame_from(many, r), reference="x", level=0.9, visit=visit,
                              covariates=covariates, **options)  # fmt: skip
            for k, row in enumerate(row for row in result.rows if row.contrast):
                assert [getattr(told, key)[r, k] for key in KEYS] == pytest.approx(
                    [getattr(row, key) for key in KEYS], rel=1e-6
                )
    last = MMRM.many(many, level=0.9, covariates=covariates, **options)
    assert np.array_equal(last.p, told.p)


def test_chunks_do_not_matter(monkeypatch):
    whole = MMRM.many(block())
    monkeypatch.setattr(_repeated, "ROOM", 1)
    assert MMRM.many(block()).p == pytest.approx(whole.p, rel=1e-7)


@pytest.mark.parametrize("options", PLANS)
def test_shift_and_scale(options):
    many = block(4)
    one = MMRM.many(many, **options)
    two = MMRM.many(replace(many, values=many.values * 1e-3 + 700), **options)
    assert two.estimate == pytest.approx(one.estimate * 1e-3, rel=1e-6)
    assert two.p == pytest.approx(one.p, rel=1e-5)
    assert two.df == pytest.approx(one.df, rel=1e-6)


def sums_of(seed: int, structure):
    """Sums of two replicates and parameters that are not at the maximum."""
    many = block(seed)
    y = many.values[:2, :, 1:] / 5
    u = np.stack([many.arm[:2] == k for k in range(3)] + [many.covariates["AGE"][:2] / 60], axis=2)
    code = _pattern_sums.codes(y, many.arm[:2] >= 0)
    sums = _pattern_sums.summarise(np.nan_to_num(y), u.astype(float), code)
    guess, fine = _pattern_sums.guess(sums)
    assert fine.all()
    theta = structure.start(guess)
    return sums, theta + 0.1 * np.abs(theta)


@pytest.mark.independent
@pytest.mark.parametrize("structure", [Unstructured(3), Autoregressive(3), Rooted(3), Toeplitz(3)])
def test_derivatives_of_the_likelihood(structure):
    sums, theta = sums_of(1, structure)
    value = evaluate(sums, structure.at(theta))
    for k in range(theta.shape[1]):
        h = np.zeros(theta.shape[1])
        h[k] = 1e-5
        up, down = (evaluate(sums, structure.at(theta + s * h)) for s in (1, -1))
        slope = (up.likelihood - down.likelihood) / 2e-5
        assert value.slope[:, k] == pytest.approx(slope, rel=1e-6, abs=1e-6)
        bend = -(up.slope - down.slope) / 2e-5
        assert value.observed[:, k] == pytest.approx(bend, rel=1e-6, abs=1e-5)
        inverse = -(np.linalg.inv(up.spread) - np.linalg.inv(down.spread)) / 2e-5
        assert value.moved[:, k] == pytest.approx(inverse, rel=1e-6, abs=1e-5)


@pytest.mark.contract
def test_what_cannot_be_fitted_is_nan():
    many = block(2)
    arm, values = many.arm.copy(), many.values.copy()
    arm[0][arm[0] == 1] = -1
    values[1, :, 2] = np.nan
    values[2, arm[2] == 2, 3] = np.nan
    # Two visits without a person in common: the search has no maximum.
    values[3, ::2, 1] = values[3, 1::2, 2] = np.nan
    values[3, ::2, 3] = np.nan
    arm = np.concatenate([arm, arm[:1]])
    arm[5] = many.arm[0]
    arm[5][np.flatnonzero(arm[5] == 1)[1:]] = -1
    values = np.concatenate([values, many.values[:1]])
    values[5, arm[5] == 1] = 50 + np.arange(4)
    odd = replace(many, arm=arm, values=values)
    fine = MMRM.many(many)
    for told in (MMRM.many(odd), MMRM.many(odd, df="kenward-roger")):
        assert np.isnan(told.p).all(axis=1).tolist() == [True] * 4 + [False, True]
        assert told.estimate[4] == pytest.approx(fine.estimate[4], rel=1e-7)
    empty = replace(many, values=np.where(np.arange(4) > 0, np.nan, many.values))
    assert np.isnan(MMRM.many(empty).p).all()
    flat = replace(many, values=many.values * 0 + 3)
    assert np.isnan(MMRM.many(flat, covariance="ar1").p).all()


@pytest.mark.contract
def test_blocks_without_replicates_or_without_a_comparison():
    many = block()
    empty = replace(many, arm=many.arm[:0], values=many.values[:0], covariates={})
    assert MMRM.many(empty).p.shape == (0, 2)
    alone = replace(many, arms=("x",), arm=np.zeros_like(many.arm))
    assert MMRM.many(alone).p.shape == (5, 0)


@pytest.mark.contract
def test_every_visit_or_one_is_told(data):
    frame = data("slopes")
    every = MMRM.run(frame, reference="placebo")
    one = MMRM.run(frame, reference="placebo", visit="V3")
    assert [row for row in every.rows if row.visit == "V3"] == list(one.rows)
    assert {row.visit for row in every.rows} == {"V1", "V2", "V3", "V4", "V5"}
    assert every.warnings
    measured = frame[(frame["AVISIT"] == "V3") & frame["AVAL"].notna()]
    assert one.rows[0].n == (measured["ARM"] == "placebo").sum()


def small(people: int = 12, replicates: int = 40) -> Block:
    """Trials so small that an unstructured covariance of four visits often has no maximum."""
    rng = np.random.default_rng(5)
    arm = np.tile(np.arange(people) % 2, (replicates, 1))
    values = rng.normal(50, 8, (*arm.shape, 1)) + rng.normal(0, 1.5, (*arm.shape, 5))
    values += rng.normal(0, 3, (*arm.shape, 1)) * np.linspace(0, 1, 5)
    values[:, :, 1:][np.cumsum(rng.random((*arm.shape, 4)) < 0.1, axis=2) > 0] = np.nan
    return Block(("x", "y"), arm, tuple(f"V{v}" for v in range(5)), 90.0 * np.arange(5), values)


def test_small_trials_fall_back_upon_simpler_covariances_and_say_so():
    many = small()
    told = MMRM.many(many)
    assert told.fallback is not None
    assert np.isfinite(told.p).mean() > 0.95
    assert set(told.fallback) == {0, 1, 2}
    for number, said in ((1, "heterogeneous Toeplitz"), (2, "first-order autoregressive")):
        r = int(np.flatnonzero(told.fallback == number)[0])
        result = MMRM.run(frame_from(many, r), reference="x", visit="V4")
        assert said in result.method
        assert any("unstructured covariance did not converge" in each for each in result.warnings)
        assert result.rows[-1].p == pytest.approx(told.p[r, 0], rel=1e-6)
        plain = MMRM.many(many, covariance=("", "toeplitz", "ar1")[number])
        assert plain.p[r] == pytest.approx(told.p[r], rel=1e-5)
    r = int(np.flatnonzero(told.fallback == 0)[0])
    result = MMRM.run(frame_from(many, r), reference="x", visit="V4")
    (warning,) = (each for each in result.warnings if "cautious" in each)
    assert "participants an unstructured covariance finds differences" in warning
    careful = MMRM.run(frame_from(many, r), reference="x", visit="V4", df="cautious")
    assert not any("cautious" in each for each in careful.warnings)
    assert careful.rows[-1].p > result.rows[-1].p
    kenward = MMRM.run(frame_from(many, r), reference="x", visit="V4", df="kenward-roger")
    assert careful.rows[-1].se == pytest.approx(kenward.rows[-1].se)
    assert careful.rows[-1].df <= kenward.rows[-1].df


@pytest.mark.contract
def test_participants_without_baseline_are_left_out():
    many = block()
    without = many.values.copy()
    without[:, 5, 0] = np.nan
    arm = many.arm.copy()
    arm[:, 5] = -1
    one, two = MMRM.many(replace(many, values=without)), MMRM.many(replace(many, arm=arm))
    assert one.p == pytest.approx(two.p, rel=1e-9)


@pytest.mark.independent
def test_ar1_of_one_visit_is_the_analysis_of_covariance():
    many = block(visits=1)
    one, two = MMRM.many(many, covariance="ar1"), ANCOVA.many(many)
    assert (MMRM.many(many).fallback == 0).all()
    assert one.p == pytest.approx(two.p, rel=1e-6)


@pytest.mark.contract
def test_refusals(data):
    frame, many = data("slopes"), block()

    def refused(match, frame=frame, error=InputError, **options):
        with pytest.raises(error, match=match) as caught:
            MMRM.run(frame, reference="placebo", **options)
        assert "\n" not in str(caught.value)

    refused("'covariance' cannot be 'arl'; did you mean 'ar1'", covariance="arl")
    refused("'df' cannot be 'zz'; it is one of satterthwaite, kenward-roger, cautious", df="zz")
    refused("kenward-roger needs an unstructured", covariance="ar1", df="kenward-roger")
    refused("no visit 'V33'", visit="V33")
    refused("visit 'V0' is the baseline", visit="V0")
    refused("no visit after the baseline", frame[frame["AVISIT"] == "V0"])
    refused("no column 'SEX'", covariates=["SEX"])
    refused("cannot be told apart", frame.assign(BASE=50.0))
    changed = frame.copy()
    changed.loc[8, "BASE"] += 1
    refused("'P0001' has more than one BASE", changed)
    changed = frame.copy()
    changed.loc[changed["AVISIT"] == "V4", "AVISIT"] = "V3"
    refused("more than one row at visit 'V3'", changed)
    changed = frame.copy()
    changed.loc[(changed["AVISIT"] == "V4") & (changed["ARM"] == "low"), "AVAL"] = np.nan
    refused("'low' has no participant with a value at visit 'V4'", changed)
    few = frame[frame["AVISIT"].isin(["V0", "V1", "V2"])]
    few = few[few.groupby("USUBJID")["AVAL"].transform("count") == 3]
    few = few[few.groupby("ARM")["USUBJID"].rank("dense") <= 2]
    few = few[(few["AVISIT"] != "V1") | (few["USUBJID"] > few["USUBJID"].min())]
    refused("too few participants at visit 'V1'", few, covariates=["AGE"],
            covariate_effects="by-visit")  # fmt: skip
    changed = frame[frame["AVISIT"].isin(["V0", "V1", "V2"])].copy()
    odd = changed["USUBJID"].str[-1].astype(int) % 2 == 1
    changed.loc[(changed["AVISIT"] == "V1") & odd, "AVAL"] = np.nan
    changed.loc[(changed["AVISIT"] == "V2") & ~odd, "AVAL"] = np.nan
    refused("did not converge", changed, RunError)
    with pytest.raises(InputError, match="no covariate 'AG'; did you mean 'AGE'"):
        MMRM.many(many, covariates=["AG"])
    with pytest.raises(InputError, match="visit 'V0' is the baseline"):
        MMRM.many(many, visit="V0")
    with pytest.raises(InputError, match="needs a baseline"):
        MMRM.many(Block(("x", "y"), many.arm))
