from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stored_events import STORED

from antitrypsim.foundations.errors import InputError
from antitrypsim.statistics.analysis import ANALYSES
from antitrypsim.statistics.block import Block

pytestmark = pytest.mark.law


COUNTS = ANALYSES["negative-binomial"]


@pytest.mark.independent
@pytest.mark.parametrize(
    ("key", "covariates"), [("negbin", ()), ("negbin_covariates", ("REGION",))]
)
def test_matches_glm_nb(data, reference, pick, key, covariates):
    result = COUNTS.run(data("counts"), reference="placebo", covariates=covariates)
    for group, contrast in (("means", None), ("contrasts", "placebo")):
        for expected in reference[key][group]:
            row = pick(result, arm=expected["arm"], contrast=contrast)
            assert math.log(row.estimate) == pytest.approx(expected["estimate"], rel=1e-6)
            assert math.log(row.lower) == pytest.approx(expected["lower"], rel=1e-6)
            assert math.log(row.upper) == pytest.approx(expected["upper"], rel=1e-6)
            log_se = row.se if contrast else row.se / row.estimate
            assert log_se == pytest.approx(expected["se"], rel=1e-6)
            if contrast:
                assert row.p == pytest.approx(expected["p"], rel=1e-5)
            assert row.scale == ("ratio" if contrast else "absolute")
            assert row.unit_per == (None if contrast else "year")
    assert f"{1 / reference[key]['theta']:.4g} mu^2" in result.method


@pytest.mark.independent
def test_dispersion_matches_glm_nb(data, reference):
    from antitrypsim.statistics.analysis import _many_counts

    frame = data("counts")
    arm = np.unique(frame["ARM"], return_inverse=True)[1]
    count, years = frame["COUNT"].to_numpy()[None], frame["EXPOSURE"].to_numpy()[None]
    alpha = _many_counts.rates(count, years, arm[None], 3)[2]
    assert 1 / alpha[0] == pytest.approx(reference["negbin"]["theta"], rel=1e-6)


@pytest.mark.independent
def test_poisson_when_underdispersed():
    frame = pd.DataFrame(
        {
            "USUBJID": [f"P{i}" for i in range(8)],
            "ARM": ["a"] * 4 + ["b"] * 4,
            "COUNT": [2, 2, 3, 2, 1, 1, 1, 2],
            "EXPOSURE": [1.0, 1.0, 1.5, 1.0, 1.0, 1.0, 1.0, 2.0],
        }
    )
    result = COUNTS.run(frame, reference="a")
    assert any("Poisson" in each for each in result.warnings)
    assert result.method.startswith("Poisson")
    assert result.rows[0].estimate == pytest.approx(9 / 4.5)
    assert result.rows[-1].estimate == pytest.approx((5 / 5) / (9 / 4.5))
    assert result.rows[-1].se == pytest.approx(math.sqrt(1 / 9 + 1 / 5))


@pytest.mark.contract
@pytest.mark.parametrize(
    ("column", "value", "match"),
    [
        ("COUNT", -1.0, "whole numbers"),
        ("COUNT", 0.5, "whole numbers"),
        ("EXPOSURE", 0.0, "above 0"),
        ("EXPOSURE", float("inf"), "infinite"),
    ],
)
def test_bad_values(data, column, value, match):
    frame = data("counts")
    frame[column] = frame[column].astype(float)
    frame.loc[3, column] = value
    with pytest.raises(InputError, match=match):
        COUNTS.run(frame, reference="placebo")


@pytest.mark.contract
def test_arm_without_an_event(data):
    frame = data("counts")
    frame.loc[frame["ARM"] == "low", "COUNT"] = 0
    with pytest.raises(InputError, match="arm 'low' has no event"):
        COUNTS.run(frame, reference="placebo")


def frame_of(case):
    return pd.DataFrame(
        {
            "USUBJID": [f"P{i:03d}" for i in range(len(case["arm"]))],
            "ARM": case["arm"],
            "COUNT": case["count"],
            "EXPOSURE": case["years"],
        }
    )


def random_block(seed: int, *, spread: float = 0.8, people: int = 60) -> Block:
    rng = np.random.default_rng(seed)
    arm = rng.integers(-1, 3, (6, people))
    years = rng.uniform(0.2, 2, arm.shape).astype(np.float32)
    years[rng.random(arm.shape) < 0.03] = 0
    frailty = rng.gamma(1 / spread, spread, arm.shape)
    count = rng.poisson(years * frailty * (2 - 0.4 * arm.clip(0)))
    return Block(("a", "b", "c"), np.where(years > 0, arm, -1), count=count, exposure=years)


def frame_from(block: Block, r: int) -> pd.DataFrame:
    assert block.count is not None
    assert block.exposure is not None
    kept = np.flatnonzero(block.arm[r] >= 0)
    return frame_of(
        {
            "arm": [block.arms[k] for k in block.arm[r, kept]],
            "count": block.count[r, kept],
            "years": block.exposure[r, kept].astype(float),
        }
    )


KEYS = ("estimate", "se", "lower", "upper", "p")


@pytest.mark.independent
@pytest.mark.parametrize("name", STORED["counts"])
def test_matches_glm_nb_on_small_and_spread_counts(name, pick):
    from antitrypsim.statistics.block import block_of

    case = STORED["counts"][name]
    result = COUNTS.run(frame_of(case), reference="a")
    many = COUNTS.many(block_of(frame_of(case), tuple(case["arms"])))
    assert many.scale == "ratio"
    for k, expected in enumerate(case["ratio"]):
        row = pick(result, arm=case["arms"][k + 1], contrast="a")
        for key in KEYS:
            assert getattr(row, key) == pytest.approx(expected[key], rel=1e-5)
            assert getattr(many, key)[0, k] == pytest.approx(expected[key], rel=1e-5)


@pytest.mark.parametrize(("spread", "people"), [(0.01, 60), (0.3, 60), (2.0, 60), (0.5, 24)])
def test_many_equals_one_by_one(spread, people):
    block = random_block(9, spread=spread, people=people)
    many = COUNTS.many(block, level=0.9)
    assert many.p.shape == (6, 2)
    poisson = 0
    for r in range(6):
        result = COUNTS.run(frame_from(block, r), reference="a", level=0.9)
        poisson += any("Poisson" in each for each in result.warnings)
        for k, row in enumerate(each for each in result.rows if each.contrast):
            for key in KEYS:
                assert getattr(many, key)[r, k] == pytest.approx(getattr(row, key), rel=1e-6)
    assert (poisson > 0) == (spread == 0.01)


@settings(max_examples=15)
@given(st.integers(0, 10**6))
def test_the_unit_of_exposure_does_not_matter(seed):
    block = random_block(seed, people=25)
    assert block.exposure is not None
    other = Block(block.arms, block.arm, count=block.count, exposure=block.exposure * 8)
    one, two = COUNTS.many(block), COUNTS.many(other)
    np.testing.assert_allclose(one.estimate, two.estimate, rtol=1e-6)
    np.testing.assert_allclose(one.se, two.se, rtol=1e-6)


@pytest.mark.contract
def test_what_cannot_be_analysed_is_nan(recwarn):
    block = random_block(10)
    assert block.count is not None
    block.count[0] = 0
    block.count[1, block.arm[1] == 0] = 0
    block.count[2, block.arm[2] == 1] = 0
    block.arm[3][np.flatnonzero(block.arm[3] == 2)[1:]] = -1
    block.arm[4] = -1
    many = COUNTS.many(block)
    assert np.isnan(many.p).tolist() == [
        [True, True], [True, True], [True, False], [False, True], [True, True], [False, False],
    ]  # fmt: skip
    assert not recwarn.list
    # Whoever is left is compared as if the arm without an event had not been there.
    frame = frame_from(block, 2)
    row = COUNTS.run(frame[frame["ARM"] != "b"], reference="a").rows[-1]
    assert many.estimate[2, 1] == pytest.approx(row.estimate, rel=1e-6)
    assert many.se[2, 1] == pytest.approx(row.se, rel=1e-6)


@pytest.mark.contract
def test_refusals_of_many():
    with pytest.raises(InputError, match="the block has no covariate 'REGION'"):
        COUNTS.many(random_block(1), covariates=["REGION"])
    with pytest.raises(InputError, match="needs an endpoint that is a count"):
        COUNTS.many(Block(("a", "b"), np.zeros((1, 4), int), time=np.ones((1, 4))))
    with pytest.raises(InputError, match="compares arms, and there is one arm only"):
        COUNTS.many(Block(("a",), np.zeros((1, 4), int), count=np.ones((1, 4))))


@pytest.mark.contract
def test_the_inflation_of_small_trials_is_told(data):
    frame = data("counts")
    many = pd.concat([frame, frame.assign(USUBJID=frame["USUBJID"] + "-again")])
    assert not COUNTS.run(many, reference="placebo").warnings
    few = frame.groupby("ARM").head(33)
    assert "liberal in so few people" in COUNTS.run(few, reference="placebo").warnings[-1]
