"""Cox and log-rank with covariates and strata, against R's survival."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from stored_adjusted import MODELS, STORED, block_of, frame_of

from antitrypsim.foundations.errors import InputError
from antitrypsim.statistics.analysis import ANALYSES, _strata

pytestmark = pytest.mark.law


TIMES: dict[str, Any] = STORED["times"]
KEYS = {"cox": ("estimate", "se", "p", "lower", "upper"), "log-rank": ("estimate", "se", "p")}
CASES = [
    (analysis, key, model)
    for analysis, key in (("cox", "cox"), ("log-rank", "log_rank"))
    for model in TIMES["tied"][key]
]


def frame(case: dict[str, Any]) -> Any:
    return frame_of(case, AVAL=case["day"], CNSR=1 - np.array(case["event"]))


@pytest.mark.independent
@pytest.mark.parametrize(("analysis", "key", "model"), CASES)
def test_one_trial_matches_r(analysis, key, model):
    for case in TIMES.values():
        result = ANALYSES[analysis].run(frame(case), reference="a", **MODELS[model])
        for row, told in zip(result.rows, case[key][model], strict=True):
            for name in KEYS[analysis]:
                assert getattr(row, name) == pytest.approx(told[name], rel=1e-6), (name, row.arm)


@pytest.mark.independent
@pytest.mark.parametrize("room", [4_000_000, 1])
@pytest.mark.parametrize(("analysis", "key", "model"), CASES)
def test_replicates_match_r(analysis, key, model, room, monkeypatch):
    # The trials differ in the arms, levels and strata that they have.
    monkeypatch.setattr(_strata, "ROOM", room)
    block = block_of(TIMES, time="day", event="event")
    told = ANALYSES[analysis].many(block, **MODELS[model])
    for r, case in enumerate(TIMES.values()):
        for name in KEYS[analysis]:
            expected = [each[name] for each in case[key][model]]
            found = getattr(told, name)[r]
            assert found[: len(expected)] == pytest.approx(expected, rel=1e-6), name
            assert np.isnan(told.p[r, len(expected) :]).all()


def test_the_unit_of_a_covariate_does_not_matter():
    case = frame(TIMES["plain"])
    before = ANALYSES["cox"].run(case, reference="a", covariates=["AGE", "SEX"]).rows[0]
    for shift, factor in ((0.0, 1e15), (0.0, 1e-12), (1e6, 1.0)):
        other = case.assign(AGE=shift + factor * case["AGE"])
        after = ANALYSES["cox"].run(other, reference="a", covariates=["AGE", "SEX"]).rows[0]
        assert after.estimate == pytest.approx(before.estimate, rel=1e-7)
        assert after.se == pytest.approx(before.se, rel=1e-7)


@pytest.mark.contract
def test_people_of_unknown_covariates_or_strata_are_left_out():
    case = frame(TIMES["tied"])
    block = block_of({"tied": TIMES["tied"]}, time="day", event="event")
    for option, name, mapping, unknown in (
        ("covariates", "AGE", "covariates", np.nan),
        ("strata", "SITEID", "factors", -1),
    ):
        gaps = case.copy()
        gaps[name] = gaps[name].where(np.arange(len(gaps)) % 5 > 0)
        told = ANALYSES["cox"].run(gaps, reference="a", **{option: [name]})
        assert "33 of 165 rows were left out" in told.warnings[0]
        values = getattr(block, mapping)[name].copy()
        values[0, ::5] = unknown
        changed = dataclasses.replace(block, **{mapping: {name: values}})
        many = ANALYSES["cox"].many(changed, **{option: [name]})
        assert many.estimate[0] == pytest.approx([row.estimate for row in told.rows], rel=1e-9)
        assert many.se[0] == pytest.approx([row.se for row in told.rows], rel=1e-9)


@pytest.mark.contract
def test_without_any_event_no_other_analysis_is_offered():
    case = frame(TIMES["sparse"]).assign(CNSR=1)
    with pytest.raises(InputError, match=r"^no arm has an event, so there is nothing to compare$"):
        ANALYSES["cox"].run(case, reference="a")


@pytest.mark.contract
def test_a_level_without_an_event_is_told():
    case = frame(TIMES["sparse"])
    told = ANALYSES["cox"].run(case, reference="a", covariates=["SITEID"])
    n = int((case["SITEID"] == "s4").sum())
    assert told.warnings == (
        f"{n} participants of levels of a covariate without an event say nothing on the arms.",
    )


def test_a_covariate_that_is_the_arm_or_foretells_the_events():
    case = frame(TIMES["plain"])
    same = case.assign(SEX=case["ARM"])
    with pytest.raises(InputError, match="no hazard ratio is finite"):
        ANALYSES["cox"].run(same, reference="a", covariates=["SEX"])
    order = case.assign(AGE=case["AVAL"], CNSR=0)
    with pytest.raises(InputError, match="no hazard ratio is finite"):
        ANALYSES["cox"].run(order, reference="a", covariates=["AGE"])


@pytest.mark.contract
def test_strata_of_one_arm_are_told():
    case = frame(TIMES["plain"])
    case.loc[case["ARM"] == "a", "SITEID"] = case.loc[case["ARM"] == "a", "SITEID"].replace(
        "s4", "s3"
    )
    alone = int((case["SITEID"] == "s4").sum())
    for name in ("cox", "log-rank"):
        (warning,) = ANALYSES[name].run(case, reference="a", strata=["SITEID"]).warnings
        assert warning.startswith(f"{alone} of {len(case)} participants are in strata of one arm")


@pytest.mark.contract
def test_one_arm_without_an_event_beside_others():
    case = frame(TIMES["tied"])
    case.loc[case["ARM"] == "b", "CNSR"] = 1
    told = ANALYSES["cox"].run(case, reference="a")
    assert np.isnan([told.rows[0].estimate, told.rows[0].lower, told.rows[0].p]).all()
    assert told.warnings == ("The hazard ratio of 'b' has no finite estimate.",)
    alone = ANALYSES["cox"].run(case, reference="a", arms=["c"]).rows[0]
    assert told.rows[1].estimate == pytest.approx(alone.estimate, rel=1e-7)


@pytest.mark.contract
def test_options_are_judged_without_data():
    cox = ANALYSES["cox"].check_options
    with pytest.raises(InputError, match="'SEX' stands among the covariates and the strata"):
        cox({"covariates": ["SEX"], "strata": ["SEX", "SITEID"]})
    cox({"covariates": ["SEX"], "strata": ["SITEID"]})
    with pytest.raises(InputError, match="takes no covariates, because it compares within groups"):
        ANALYSES["log-rank"].check_options({"covariates": ["AGE"]})
    block = block_of(TIMES, time="day", event="event")
    with pytest.raises(InputError, match="no factor 'SITE'; did you mean 'SITEID'"):
        ANALYSES["log-rank"].many(block, strata=["SITE"])
