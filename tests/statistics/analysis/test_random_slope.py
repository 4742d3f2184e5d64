from __future__ import annotations

import json
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from antitrypsim.foundations.errors import InputError
from antitrypsim.statistics.analysis import ANALYSES

pytestmark = pytest.mark.law


FOLDER = Path(__file__).parents[2] / "reference" / "statistics"
SLOPE = ANALYSES["random-slope"]


@pytest.mark.independent
@pytest.mark.parametrize(
    ("key", "file", "covariates"),
    [
        ("slopes", "slopes", ()),
        ("slopes_covariates", "slopes", ("REGION", "AGE")),
        ("slopes_small", "slopes_small", ()),
        ("slopes_boundary", "slopes_boundary", ()),
    ],
)
def test_matches_lmertest(data, reference, agree, pick, key, file, covariates):
    result = SLOPE.run(data(file), reference="placebo", covariates=covariates)
    assert len(result.rows) == len(reference[key]["rows"])
    for expected in reference[key]["rows"]:
        row = pick(result, arm=expected["arm"], contrast=expected["contrast"] or None)
        agree(row, expected, lower=1e-5, upper=1e-5)
        assert row.unit_per == "year"
        assert row.scale == "absolute"


@pytest.mark.independent
@pytest.mark.parametrize(
    ("key", "file", "covariates"),
    [
        ("slopes", "slopes", ()),
        ("slopes_covariates", "slopes", ("REGION", "AGE")),
        ("slopes_small", "slopes_small", ()),
        ("slopes_boundary", "slopes_boundary", ()),
    ],
)
def test_kenward_roger_matches_pbkrtest(data, agree, pick, key, file, covariates):
    expected = json.loads((FOLDER / "kenward.json").read_text("utf-8"))[key]
    result = SLOPE.run(data(file), reference="placebo", covariates=covariates, df="kenward-roger")
    assert len(result.rows) == len(expected)
    assert "Kenward and Roger" in result.method
    for each in expected:
        agree(pick(result, arm=each["arm"], contrast=each["contrast"] or None), each)


def test_satterthwaite_is_the_default(data):
    plain = SLOPE.run(data("slopes_small"), reference="placebo")
    assert SLOPE.run(data("slopes_small"), reference="placebo", df="satterthwaite") == plain
    with pytest.raises(
        InputError, match="'df' cannot be 'kr'; it is one of satterthwaite, kenward-roger"
    ):
        SLOPE.run(data("slopes_small"), reference="placebo", df="kr")


@pytest.mark.independent
@pytest.mark.parametrize("key", ["slopes", "slopes_covariates", "slopes_small"])
def test_matches_nlme(data, reference, pick, key):
    file = key.removesuffix("_covariates")
    covariates = () if key == file else ("REGION", "AGE")
    result = SLOPE.run(data(file), reference="placebo", covariates=covariates)
    for term in reference[key]["lme"]:
        arm = term["term"].removeprefix("ARM").removesuffix(":years")
        row = (
            pick(result, arm="placebo", contrast=None)
            if arm == "years"
            else pick(result, arm=arm, contrast="placebo")
        )
        assert row.estimate == pytest.approx(term["estimate"], rel=1e-5)
        assert row.se == pytest.approx(term["se"], rel=1e-5)


@pytest.mark.independent
@pytest.mark.parametrize("key", ["slopes", "slopes_small", "slopes_boundary"])
def test_variance_components_match_lme4(data, reference, key):
    from antitrypsim.statistics.analysis import _reml

    frame = data(key).dropna(subset=["AVAL"])
    years = frame["ADY"].to_numpy() / 365.25
    arms = np.unique(frame["ARM"])
    indicators = (frame["ARM"].to_numpy()[:, None] == arms).astype(float)
    X = np.hstack([indicators, indicators * years[:, None]])
    person = np.unique(frame["USUBJID"], return_inverse=True)[1]
    fit = _reml.fit(frame["AVAL"].to_numpy(), X, years, person)
    expected = reference[key]
    assert fit.sigma == pytest.approx(expected["sigma"], rel=1e-6)
    scale = np.abs(expected["covariance"]).max()
    np.testing.assert_allclose(fit.D, expected["covariance"], rtol=1e-5, atol=1e-6 * scale)
    assert fit.boundary == expected["singular"]
    # One indicator an arm instead of R's contrasts leaves the determinant of X'X as it is.
    assert fit.deviance == pytest.approx(expected["reml_deviance"], rel=1e-9)


@pytest.mark.independent
def test_balanced_complete_data_have_the_closed_form():
    # With the same visits for all, the slopes are the means of the participants' own slopes.
    rng = np.random.default_rng(3)
    years = np.array([0.0, 0.5, 1.0, 2.0])
    values = 50 + rng.normal(0, 5, (20, 1)) + (rng.normal(-1, 1, (20, 1))) * years
    values += rng.normal(0, 0.8, values.shape)
    frame = pd.DataFrame(
        {
            "USUBJID": np.repeat([f"P{i}" for i in range(20)], 4),
            "ARM": np.repeat(["a", "b"] * 10, 4),
            "ADY": np.tile(years * 365.25, 20),
            "AVAL": values.ravel(),
        }
    )
    own = np.polyfit(years, values.T, 1)[0]
    a, b = own[::2], own[1::2]
    difference = SLOPE.run(frame, reference="a").rows[-1]
    se = np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 10)
    assert difference.estimate == pytest.approx(b.mean() - a.mean(), rel=1e-7)
    assert difference.se == pytest.approx(se, rel=1e-6)
    assert difference.df == pytest.approx(18, rel=1e-4)


@pytest.mark.contract
def test_boundary_is_told_and_not_a_crash(data):
    result = SLOPE.run(data("slopes_boundary"), reference="placebo")
    assert any("boundary" in each for each in result.warnings)
    assert not any(
        "boundary" in each for each in SLOPE.run(data("slopes"), reference="low").warnings
    )


def test_no_spread_between_participants_at_all(data):
    frame = data("slopes_small")
    frame["AVAL"] = np.random.default_rng(0).normal(50, 1, len(frame))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for row in SLOPE.run(frame, reference="placebo").rows:
            assert row.df is not None
            assert np.isfinite([row.estimate, row.se, row.lower, row.upper, row.df]).all()


@pytest.mark.parametrize(("factor", "shift"), [(1e-4, 0.0), (1e4, 1e6)])
def test_unit_of_value_carries_through(data, factor, shift):
    frame = data("slopes")
    before = SLOPE.run(frame, reference="placebo").rows[-1]
    frame["AVAL"] = frame["AVAL"] * factor + shift
    after = SLOPE.run(frame, reference="placebo").rows[-1]
    assert after.estimate == pytest.approx(before.estimate * factor, rel=1e-6)
    assert after.se == pytest.approx(before.se * factor, rel=1e-6)
    assert after.df == pytest.approx(before.df, rel=1e-5)


@pytest.mark.parametrize("noise", [1e-3, 1e-5])
def test_nearly_noiseless_values_converge(data, noise):
    frame = data("slopes_small").dropna(subset=["AVAL"])
    # Whoever was seen once shows no slope of their own to compare with.
    frame = frame[frame.groupby("USUBJID")["ADY"].transform("size") > 1]
    rng = np.random.default_rng(1)
    slope = frame["USUBJID"].map({who: rng.normal(-1, 1) for who in frame["USUBJID"].unique()})
    frame["AVAL"] = 50 + slope * frame["ADY"] / 365.25 + rng.normal(0, noise, len(frame))
    own = slope.groupby(frame["USUBJID"]).first()
    arm = frame.groupby("USUBJID")["ARM"].first()
    row = SLOPE.run(frame, reference="placebo").rows[0]
    assert row.estimate == pytest.approx(own[arm == "placebo"].mean(), abs=3 * noise)


@pytest.mark.contract
@pytest.mark.parametrize(("people", "seconds"), [(180, 1.0), (2000, 3.0)])
def test_is_fast(people, seconds):
    rng = np.random.default_rng(people)
    frame = pd.DataFrame(
        {
            "USUBJID": np.repeat([f"P{i:05d}" for i in range(people)], 5),
            "ARM": np.repeat(np.where(np.arange(people) % 2, "a", "b"), 5),
            "ADY": np.tile([0.0, 180.0, 365.0, 540.0, 730.0], people),
            "AVAL": rng.normal(50, 2, 5 * people) + np.repeat(rng.normal(0, 8, people), 5),
        }
    )
    SLOPE.run(frame.head(100), reference="a")
    start = time.perf_counter()
    SLOPE.run(frame, reference="a")
    assert time.perf_counter() - start < seconds


@pytest.mark.contract
def test_perfect_lines_are_refused(data):
    frame = data("slopes_small")
    frame["AVAL"] = 50 - frame["ADY"] / 365.25 * frame["USUBJID"].str[1:].astype(float)
    with pytest.raises(InputError, match="straight line"):
        SLOPE.run(frame, reference="placebo")


@pytest.mark.contract
def test_too_few_visits_are_refused(data):
    frame = data("slopes")
    with pytest.raises(InputError, match="three measured values"):
        SLOPE.run(frame[frame["AVISIT"].isin(["V0", "V3"])], reference="placebo")
    with pytest.raises(InputError, match="at one time only"):
        SLOPE.run(frame[frame["AVISIT"] == "V0"], reference="placebo")


@pytest.mark.contract
def test_dependent_covariates_are_refused(data):
    frame = data("slopes").assign(COPY=lambda each: each["ARM"])
    with pytest.raises(InputError, match=r"\(COPY\) cannot be told apart"):
        SLOPE.run(frame, reference="placebo", covariates=["COPY"])
