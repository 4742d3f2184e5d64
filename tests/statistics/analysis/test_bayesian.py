from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antitrypsim.foundations.errors import InputError
from antitrypsim.statistics.analysis import ANALYSES, _bayes
from antitrypsim.statistics.block import Block, Estimates

pytestmark = pytest.mark.law


BAYES = ANALYSES["bayesian"]
STORED = json.loads(
    (Path(__file__).parents[2] / "reference" / "statistics" / "bayes.json").read_text("utf-8")
)
ROBUST = {
    "borrowing": "robust",
    "weight": 0.7,
    "external_mean": -1.0,
    "external_se": 0.3,
    "external_n": 50,
}


def frame_of(**changes: list[float]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"USUBJID": f"{arm}{k:03d}", "ARM": arm, "AVISIT": "V1", "CHG": change}
            for arm, values in changes.items()
            for k, change in enumerate(values)
        ]
    )


def block_of(seed: int = 0, replicates: int = 6, arms: int = 3) -> Block:
    rng = np.random.default_rng(seed)
    arm = rng.permuted(np.tile(np.arange(60) % arms, (replicates, 1)), axis=1)
    arm[:, -5:] = -1
    values = rng.normal(50, 8, (replicates, 60, 1)) + rng.normal(0, 2, (replicates, 60, 3))
    values += 0.8 * arm[:, :, None] * np.arange(3)
    values[rng.random(values.shape) < 0.1] = np.nan
    visits = ("V0", "V1", "V2")
    return Block(("a", "b", "c")[:arms], arm, visits, np.array([0.0, 90, 180]), values)


def frame_from(block: Block, r: int) -> pd.DataFrame:
    assert block.values is not None
    change = block.values[r] - block.values[r, :, :1]
    return pd.DataFrame(
        [
            {"USUBJID": f"P{i:03d}", "ARM": block.arms[k], "AVISIT": visit, "CHG": change[i, v]}
            for i, k in enumerate(block.arm[r])
            if k >= 0
            for v, visit in enumerate(block.visits)
        ]
    )


@pytest.mark.independent
@pytest.mark.parametrize("number", range(len(STORED["cases"])))
def test_matches_numerical_integration(number):
    case = STORED["cases"][number]
    frame = frame_of(control=STORED["control"], treated=STORED["treated"])
    keys = ("borrowing", "weight", "margin", "prior_mean", "prior_sd")
    options = {key: case[key] for key in case if key in keys or key.startswith("external")}
    result = BAYES.run(frame, reference="control", visit="V1", **options)
    row = result.rows[-1]
    wanted = [case[key] for key in ("mean", "sd", "lower", "upper")]
    flat = "prior_sd" not in case and case["borrowing"] == "none"
    # With flat priors the scale of the t distribution is told, not its standard deviation.
    df = len(STORED["control"]) + len(STORED["treated"]) - 2
    se = row.se * (df / (df - 2)) ** 0.5 if flat else row.se
    assert [row.estimate, se, row.lower, row.upper] == pytest.approx(wanted, abs=1e-7)
    chance = case["probability"]
    assert row.p == pytest.approx(2 * min(chance, 1 - chance), abs=1e-7)
    assert row.df == (df if flat else None)
    (told,) = re.findall(r"is ([\d.]+) \(treated\)", result.method)
    assert float(told) == pytest.approx(chance, abs=1e-4)


@pytest.mark.independent
def test_single_arm_matches_numerical_integration():
    case = STORED["single"]
    options = {key: case[key] for key in ("margin", "prior_mean", "prior_sd")}
    result = BAYES.run(
        frame_of(treated=STORED["treated"]), reference="treated", visit="V1", **options
    )
    (row,) = result.rows
    wanted = [case[key] for key in ("mean", "sd", "lower", "upper")]
    assert [row.estimate, row.se, row.lower, row.upper] == pytest.approx(wanted, abs=1e-7)
    assert row.contrast is None
    values = np.array(STORED["treated"])[None, :, None] * [0.0, 1.0]
    block = Block(("t",), np.zeros(values.shape[:2], int), ("V0", "V1"), np.array([0.0, 9]), values)
    many = BAYES.many(block, **options)
    assert many.probability == pytest.approx(np.array([[case["probability"]]]), abs=1e-7)
    assert many.estimate == pytest.approx(np.array([[case["mean"]]]), abs=1e-7)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"prior_mean": 1.0, "prior_sd": 0.5, "margin": 0.4},
        ROBUST,
        ROBUST | {"borrowing": "power"},
    ],
)
@pytest.mark.parametrize("visit", ["V1", "V2"])
def test_many_equals_one_by_one(options, visit):
    block = block_of()
    many = BAYES.many(block, level=0.9, visit=visit, **options)
    assert many.estimate.shape == (6, 2)
    assert np.isinf(many.df).all() == bool(options)
    for r in range(block.replicates):
        rows = BAYES.run(
            frame_from(block, r), reference="a", level=0.9, visit=visit, **options
        ).rows[3:]
        for key in ("estimate", "se", "lower", "upper", "p"):
            one = [getattr(row, key) for row in rows]
            assert getattr(many, key)[r] == pytest.approx(one, rel=1e-9)
    last = BAYES.many(block, level=0.9, **options)
    assert np.array_equal(last.p, many.p) == (visit == "V2")


@pytest.mark.independent
@pytest.mark.parametrize("people", [6, 60])
def test_flat_prior_is_the_analysis_of_covariance(people):
    rng = np.random.default_rng(people)
    arm = np.tile(np.arange(people) % 2, (4, 1))
    values = rng.normal(0, 1, (4, people, 2))
    age = rng.normal(60, 9, arm.shape)
    block = Block(
        ("a", "b"), arm, ("V0", "V1"), np.array([0.0, 9]), values, covariates={"AGE": age}
    )
    told = BAYES.many(block, covariates=["BASE", "AGE"], level=0.9)
    plain = ANALYSES["ancova"].many(block, covariates=["AGE"], level=0.9)
    for key in ("estimate", "se", "df", "p", "lower", "upper"):
        assert getattr(told, key) == pytest.approx(getattr(plain, key), rel=1e-9)
    # All but flat priors, which are summed over, find the same.
    wide = BAYES.many(block, covariates=["BASE", "AGE"], level=0.9, prior_sd=1e7)
    for key in ("estimate", "p", "lower", "upper"):
        assert getattr(wide, key) == pytest.approx(getattr(plain, key), rel=1e-5)


@pytest.mark.independent
def test_flat_prior_is_the_t_test():
    block = block_of(1)
    many = BAYES.many(block)
    assert np.array_equal(BAYES.many(block, prior_sd=float("inf")).p, many.p)
    again = Estimates.of(many.estimate, many.se, many.df, 0.95)
    assert many.p == pytest.approx(again.p)
    assert many.lower == pytest.approx(again.lower)
    assert many.probability is not None
    assert (many.p < 0.05).tolist() == (np.abs(many.probability - 0.5) > 0.475).tolist()


def test_weights_of_nothing_and_of_all():
    block = block_of(2)
    none = BAYES.many(block)
    for borrowing in ("power", "robust"):
        options = ROBUST | {"borrowing": borrowing}
        whole = BAYES.many(block, **options | {"weight": 1})
        both = BAYES.many(block, **ROBUST | {"borrowing": "power", "weight": 1.0})
        assert whole.lower == pytest.approx(both.lower)
        assert (whole.se < none.se).all()
    nothing = BAYES.many(block, **ROBUST | {"borrowing": "power", "weight": 0})
    assert nothing.upper == pytest.approx(none.upper)
    alias = BAYES.many(block, **ROBUST | {"borrowing": "commensurate"})
    assert np.array_equal(alias.p, BAYES.many(block, **ROBUST).p)


def test_conflict_is_discounted_by_the_mixture_alone():
    block = block_of(3)
    none = BAYES.many(block)
    far = ROBUST | {"external_mean": -5.0}
    assert BAYES.many(block, **far).estimate == pytest.approx(none.estimate, abs=1.0)
    assert (BAYES.many(block, **far | {"borrowing": "power"}).estimate > none.estimate + 2).all()


@settings(max_examples=60)
@given(
    st.lists(st.floats(-5, 5), min_size=2, max_size=2),
    st.lists(st.floats(0.05, 5), min_size=2, max_size=2),
    st.floats(0, 1),
    st.floats(0.001, 0.999),
)
def test_quantiles_undo_probabilities(means, sds, weight, q):
    mixture = _bayes.Mixture(np.array([weight, 1 - weight]), np.array(means), np.array(sds))
    x = mixture.quantile(q)
    assert mixture.below(x) == pytest.approx(q, abs=1e-9)
    assert mixture.above(x) + mixture.below(x) == pytest.approx(1)


@pytest.mark.contract
def test_what_cannot_be_analysed_is_nan(recwarn):
    block = block_of(4)
    assert block.values is not None
    block.arm[0][block.arm[0] == 1] = -1
    block.values[1, :, 2] = block.values[1, :, 0]
    block.values[2] = np.nan
    many = BAYES.many(block, **ROBUST)
    assert np.isnan(many.p[:3]).tolist() == [[True, False], [True, True], [True, True]]
    for each in (many.estimate, many.se, many.lower, many.upper, many.probability):
        assert np.array_equal(np.isnan(each), np.isnan(many.p))
    assert not recwarn.list


@pytest.mark.contract
@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"prior_sd": 0}, "'prior_sd' must be above 0, not 0"),
        ({"prior_sd": "wide"}, "'prior_sd' must be a number, not 'wide'"),
        ({"prior_mean": float("nan")}, "'prior_mean' must be a number"),
        ({"borrowing": "powr"}, "'borrowing' cannot be 'powr'; did you mean 'power'"),
        ({"borrowing": "power"}, "option 'weight' is needed"),
        (ROBUST | {"weight": 1.5}, "'weight' must lie between 0 and 1, not 1.5"),
        (ROBUST | {"external_mean": None}, "option 'external_mean' is needed"),
        (ROBUST | {"external_se": float("inf")}, "'external_se' must be a number, not 'inf'"),
        (ROBUST | {"external_se": -1}, "'external_se' must be above 0"),
        (ROBUST | {"external_n": None}, "option 'external_n' is needed"),
        (ROBUST | {"external_n": 0}, "'external_n' must be a whole number from 1, not '0'"),
        ({"visit": "V0"}, "'V0' is the baseline"),
        ({"visit": "V9"}, "no visit 'V9'"),
    ],
)
def test_refusals(options, said):
    with pytest.raises(InputError, match=said):
        BAYES.many(block_of(), **options)


@pytest.mark.contract
def test_refusals_of_one_trial():
    frame = frame_of(a=[1.1, 1.1, 1.1], b=[1.0, 1.0, 1.0])
    with pytest.raises(InputError, match="needs the option 'visit'"):
        BAYES.run(frame, reference="a")
    with pytest.raises(
        InputError, match="values do not differ, so nothing can be tested at visit 'V1'"
    ):
        BAYES.run(frame, reference="a", visit="V1")
    with pytest.raises(InputError, match="there is one arm only"):
        BAYES.run(frame.assign(CHG=range(6)), reference="a", arms=["a"], visit="V1", **ROBUST)
    with pytest.raises(InputError, match="more than one row at visit 'V1'"):
        BAYES.run(pd.concat([frame, frame]), reference="a", visit="V1")
