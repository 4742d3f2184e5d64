"""Negative binomial regression with covariates, against R's MASS::glm.nb."""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np
import pytest
from stored_adjusted import MODELS, STORED, block_of, frame_of

from antitrypsim.foundations.errors import InputError, RunError
from antitrypsim.statistics.analysis import ANALYSES, _strata

pytestmark = pytest.mark.law


COUNTS = ANALYSES["negative-binomial"]
CASES: dict[str, Any] = STORED["counts"]
KEYS = ("estimate", "se", "p", "lower", "upper")


def frame(case: dict[str, Any]) -> Any:
    return frame_of(case, COUNT=case["count"], EXPOSURE=case["years"])


@pytest.mark.independent
@pytest.mark.parametrize("model", ["covariates", "site"])
@pytest.mark.parametrize("name", CASES)
def test_one_trial_matches_glm_nb(name, model, pick):
    case = CASES[name]
    told = COUNTS.run(frame(case), reference="a", **MODELS[model])
    assert f"{1 / case['fits'][model]['theta']:.4g} mu^2" in told.method
    for arm, expected in zip(case["arms"][1:], case["fits"][model]["ratio"], strict=True):
        row = pick(told, arm=arm, contrast="a")
        for key in KEYS:
            assert getattr(row, key) == pytest.approx(expected[key], rel=1e-6), key


@pytest.mark.independent
@pytest.mark.parametrize("room", [4_000_000, 1])
@pytest.mark.parametrize("model", ["covariates", "site"])
def test_replicates_match_glm_nb(model, room, monkeypatch):
    monkeypatch.setattr(_strata, "ROOM", room)
    told = COUNTS.many(block_of(CASES, count="count", exposure="years"), **MODELS[model])
    for r, case in enumerate(CASES.values()):
        for key in KEYS:
            expected = [each[key] for each in case["fits"][model]["ratio"]]
            found = getattr(told, key)[r]
            assert found[: len(expected)] == pytest.approx(expected, rel=1e-6), key
            assert np.isnan(told.p[r, len(expected) :]).all()


@pytest.mark.independent
def test_with_a_covariate_that_says_nothing_it_is_the_closed_form():
    block = block_of(CASES, count="count", exposure="years")
    one = COUNTS.many(block)
    block.covariates["AGE"][:] = 50.0
    two = COUNTS.many(block, covariates=["AGE"])
    # A number that is the same for all cannot be told from the arms.
    assert np.isnan(two.p).all()
    for r, case in enumerate(CASES.values()):
        frame_ = frame(case).assign(SEX="F")
        rows = COUNTS.run(frame_, reference="a", covariates=["SEX"]).rows
        found = [row.estimate for row in rows if row.contrast]
        assert found == pytest.approx(list(one.estimate[r, : len(found)]), rel=1e-7)


@pytest.mark.parametrize(("shift", "factor"), [(0.0, 1e15), (0.0, 1e-12), (1e6, 1.0)])
def test_the_unit_of_a_covariate_does_not_matter(shift, factor):
    case = frame(CASES["mild"])
    before = COUNTS.run(case, reference="a", covariates=["AGE"])
    after = COUNTS.run(
        case.assign(AGE=shift + factor * case["AGE"]), reference="a", covariates=["AGE"]
    )
    for one, two in zip(before.rows, after.rows, strict=True):
        assert two.estimate == pytest.approx(one.estimate, rel=1e-7)
        assert two.se == pytest.approx(one.se, rel=1e-7)


@pytest.mark.contract
@pytest.mark.parametrize("years", [1e-8, 1e-100, 1e-300])
@pytest.mark.parametrize("count", [0, 1, 4])
def test_an_exposure_of_nearly_nothing_is_a_result_or_a_sentence(years, count, recwarn):
    case = frame(CASES["mild"])
    case.loc[0, ["COUNT", "EXPOSURE"]] = count, years
    told = None
    with contextlib.suppress(RunError):
        told = COUNTS.run(case, reference="a")
    assert told is None or np.isfinite([row.se for row in told.rows]).all()
    assert not recwarn.list


def test_nobody_has_a_thousand_million_exacerbations():
    case = frame(CASES["mild"])
    case.loc[0, "COUNT"] = 10**9
    with pytest.raises(InputError, match="a participant has 1e"):
        COUNTS.run(case, reference="a")


@pytest.mark.contract
def test_levels_without_an_event_are_told():
    case = frame(CASES["sparse"])
    told = COUNTS.run(case, reference="a", covariates=["SITEID"])
    n = int((case["SITEID"] == "s2").sum())
    assert told.warnings[0].startswith(f"{n} participants of levels of a covariate without an")
    same = case.assign(SEX=case["ARM"])
    with pytest.raises(InputError, match=r"arms and covariates \(SEX\) cannot be told apart"):
        COUNTS.run(same, reference="a", covariates=["SEX"])


@pytest.mark.contract
def test_strata_are_refused_with_the_reason():
    with pytest.raises(InputError, match="takes no strata, because the strata of such a model"):
        COUNTS.check_options({"strata": ["SITEID"]})
