"""Logistic regression with covariates, and Mantel and Haenszel's test over strata, against R."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pandas as pd
import pytest
from stored_adjusted import MODELS, STORED, block_of, frame_of

from antitrypsim.foundations.errors import InputError
from antitrypsim.statistics.analysis import ANALYSES, _strata
from antitrypsim.statistics.block import Block

pytestmark = pytest.mark.law


RESPONDER = ANALYSES["responder"]
CASES: dict[str, Any] = STORED["answers"]
KEYS = {
    "logistic": ("estimate", "se", "p", "lower", "upper"),
    "mantel": ("estimate", "p", "lower", "upper"),
}
MEANT = {
    ("logistic", "covariates"): MODELS["covariates"],
    ("logistic", "site"): MODELS["site"],
    ("logistic", "base"): MODELS["base"],
    ("mantel", "site"): MODELS["strata"],
    ("mantel", "two"): MODELS["two"],
}
fits = pytest.mark.parametrize(("kind", "model"), MEANT)


def frame(case: dict[str, Any], **changes: Any) -> pd.DataFrame:
    """Return baseline and a later visit, at which responders have gained 10 and others nothing."""
    people = frame_of(case, **changes)
    base = np.array(case["base"])
    later = base + 10.0 * np.array(case["met"])
    first = people.assign(AVISIT="V0", ADY=0.0, AVAL=base)
    return pd.concat([first, people.assign(AVISIT="V1", ADY=90.0, AVAL=later)], ignore_index=True)


def block() -> Block:
    found = block_of(CASES)
    values = np.full((*found.arm.shape, 2), np.nan)
    for r, case in enumerate(CASES.values()):
        n = len(case["arm"])
        values[r, :n, 0] = case["base"]
        values[r, :n, 1] = values[r, :n, 0] + 10.0 * np.array(case["met"])
    return dataclasses.replace(
        found, visits=("V0", "V1"), days=np.array([0.0, 90.0]), values=values
    )


@pytest.mark.independent
@fits
@pytest.mark.parametrize("name", CASES)
def test_one_trial_matches_r(kind, model, name):
    case = CASES[name]
    told = RESPONDER.run(frame(case), reference="a", visit="V1", change=5, **MEANT[kind, model])
    rows = [row for row in told.rows if row.contrast]
    for row, expected in zip(rows, case[kind][model], strict=True):
        for key in KEYS[kind]:
            assert getattr(row, key) == pytest.approx(expected[key], rel=1e-6), key
        assert row.scale == "ratio"


@pytest.mark.independent
@fits
@pytest.mark.parametrize("room", [4_000_000, 1])
def test_replicates_match_r(kind, model, room, monkeypatch):
    monkeypatch.setattr(_strata, "ROOM", room)
    told = RESPONDER.many(block(), change=5, **MEANT[kind, model])
    for r, case in enumerate(CASES.values()):
        for key in KEYS[kind]:
            expected = [each[key] for each in case[kind][model]]
            found = getattr(told, key)[r]
            assert found[: len(expected)] == pytest.approx(expected, rel=1e-6), key
            assert np.isnan(told.p[r, len(expected) :]).all()


@pytest.mark.contract
def test_what_is_named_says_the_method():
    case = frame(CASES["three"])

    def run(**options):
        return RESPONDER.run(case, reference="a", visit="V1", change=5, **options)

    assert run(covariates=["SEX"]) == run(covariates=["SEX"], method="logistic")
    assert run(strata=["SEX"]) == run(strata=["SEX"], method="mantel-haenszel")
    assert run(covariates=["BASE"]) == run(adjust="baseline", method="logistic")
    assert run(covariates=["BASE", "SEX"]) == run(covariates=["SEX"], adjust="baseline")


@pytest.mark.contract
def test_people_of_unknown_groups_are_left_out():
    case = frame(CASES["three"])
    for name, options in (("AGE", {"covariates": ["AGE"]}), ("SITEID", {"strata": ["SITEID"]})):
        gone = case["USUBJID"].isin(case["USUBJID"].unique()[::5])
        gaps = case.assign(**{name: case[name].where(~gone)})
        one = RESPONDER.run(gaps, reference="a", visit="V1", change=5, **options)
        two = RESPONDER.run(case[~gone], reference="a", visit="V1", change=5, **options)
        assert "33 of 165 participants were left out" in one.warnings[-1]
        for row, other in zip(one.rows, two.rows, strict=True):
            assert row.estimate == pytest.approx(other.estimate, rel=1e-9)
            assert row.n == other.n


@pytest.mark.contract
def test_complete_separation_is_a_sentence_and_nan():
    case = CASES["sparse"]
    known = frame(case, AGE=50 + 10.0 * np.array(case["met"]))
    with pytest.raises(InputError, match="an arm or covariate tells who responds without error"):
        RESPONDER.run(known, reference="a", visit="V1", change=5, covariates=["AGE"])
    replicates = block()
    age = replicates.covariates["AGE"].copy()
    age[1] = replicates.values[1, :, 1] - replicates.values[1, :, 0]
    told = RESPONDER.many(
        dataclasses.replace(replicates, covariates={"AGE": age}), change=5, covariates=["AGE"]
    )
    assert np.isnan(told.p[1]).all()
    assert np.isfinite(told.p[0]).all()


def test_a_common_ratio_of_zero_has_a_test_and_no_number():
    case = frame(CASES["sparse"])
    later = (case["AVISIT"] == "V1") & (case["ARM"] == "a")
    base = case.loc[(case["AVISIT"] == "V0") & (case["ARM"] == "a"), "AVAL"].to_numpy()
    case.loc[later, "AVAL"] = base
    told = RESPONDER.run(case, reference="a", visit="V1", change=5, strata=["SEX"])
    row = told.rows[-1]
    assert np.isnan([row.estimate, row.lower, row.upper]).all()
    assert 0 < row.p < 0.01
    assert told.warnings == (
        "A common odds ratio is 0 or infinite: it has no finite estimate, and its test stands.",
    )
