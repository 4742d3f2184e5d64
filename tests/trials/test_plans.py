"""Planned analyses, rehearsed on made-up data: what a protocol may plan is what can be run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from antitrypsim.endpoints import endpoint
from antitrypsim.foundations.errors import ProtocolError
from antitrypsim.protocols import ANALYSES, Protocol
from antitrypsim.statistics.analysis import ANALYSES as PROGRAMS
from antitrypsim.trials.plans import PlanResult, analyse_all

pytestmark = pytest.mark.contract


KIND = {"measurement": "fvc", "count": "exacerbations", "event": "death"}


def protocol_of(primary: dict[str, Any], **changes: Any) -> Protocol:
    """Return a protocol of two arms with this primary analysis."""
    arms = changes.pop("arms", ["active", "placebo"])
    return Protocol.from_dict(
        {
            "antitrypsim": 1, "id": "rehearsal", "title": "A rehearsal", "question": "Which?",
            "context_of_use": "A test.", "role": "demonstration",
            "population": {
                "genotype": {"ZZ": 0.7, "SZ": 0.3}, "age": {"mean": 52, "sd": 9},
                "smoking": {"never": 0.4, "ex": 0.5, "current": 0.1},
            },
            "participants": 40, "allocation": dict.fromkeys(arms, 1),
            "epochs": [{"id": "all", "length": "2 years"}],
            "arms": [
                {"id": arm, "title": arm, **({} if arm == "placebo" else {"treatment": {"all": [
                    {"product": "augmentation", "route": "intravenous", "dose": "60 mg/kg",
                     "every": f"{k + 1} weeks"}]}})}
                for k, arm in enumerate(arms)
            ],
            "visits": {"unit": "months", "at": {"m0": 0, "m6": 6, "m12": 12, "m24": 24}},
            "assessments": [
                {"endpoint": "fvc", "visits": "all"}, {"endpoint": "fev1", "visits": "all"},
                {"endpoint": "exacerbations"}, {"endpoint": "death"},
            ],
            "endpoints": {"primary": {"id": "first", **primary}},
            **changes,
        }
    )  # fmt: skip


def data_of(
    protocol: Protocol, n: int = 60, seed: int = 1, arm_effect: float = 0.3
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return people, visits and events of a made-up trial with effects of arm, smoking and age."""
    rng = np.random.default_rng(seed)
    arms = [arm.id for arm in protocol.arms]
    ids = [f"P{k:03d}" for k in range(n)]
    arm = np.array([arms[k % len(arms)] for k in range(n)], dtype=object)
    smoking = rng.choice(np.array(["never", "ex", "current"], dtype=object), n)
    age = rng.normal(52, 9, n)
    end = protocol.length_days
    time = rng.exponential(end * (1 + 0.5 * (arm == arms[0])), n)
    died = time < end
    people = pd.DataFrame(
        {
            "USUBJID": ids, "ARM": arm, "AGE": age, "WEIGHT": rng.normal(75, 10, n),
            "HEIGHT": rng.normal(1.7, 0.1, n), "SMOKING": smoking,
            "GENOTYPE": rng.choice(np.array(["ZZ", "SZ"], dtype=object), n),
            "SEX": rng.choice(np.array(["male", "female"], dtype=object), n),
            "ASCERT": rng.choice(np.array(["lung", "family"], dtype=object), n),
            "EOSDY": np.where(died, time, end), "EOSSTT": np.where(died, "DIED", "COMPLETED"),
        }
    )  # fmt: skip
    parts = []
    for what in ("fvc", "fev1"):
        level = rng.normal(3, 0.5, n) - 0.02 * (age - 52) + 0.8 * (smoking == "never")
        base = None
        for visit, day in protocol.visit_days().items():
            years = day / 365.25
            seen = level + years * (arm_effect * (arm == arms[0]) - 0.1 * (smoking == "current"))
            seen = seen + rng.normal(0, 0.1, n)
            base = seen if base is None else base
            parts.append(
                pd.DataFrame(
                    {
                        "USUBJID": ids, "ARM": arm, "PARAMCD": what.upper(), "PARAM": what,
                        "ENDPOINT": what, "AVISIT": visit, "ADY": day, "AVAL": seen, "BASE": base,
                        "CHG": seen - base, "TRUTH": seen,
                    }
                )
            )  # fmt: skip
    process = endpoint("exacerbations").output
    count = rng.poisson((1 + (smoking == "current")) * rng.gamma(1, 1, n))
    events = pd.DataFrame(
        {
            "USUBJID": [*np.repeat(ids, count), *np.array(ids)[died]],
            "EVENT": [process] * int(count.sum()) + [endpoint("death").output] * int(died.sum()),
            "ADY": [*np.full(int(count.sum()), 10.0), *time[died]],
        }
    )
    return people, pd.concat(parts, ignore_index=True), events


def run(protocol: Protocol, **changes: Any) -> PlanResult:
    return analyse_all(protocol, *data_of(protocol, **changes))[0][0]


# Plans, one row each: what it adds to an endpoint and an analysis, so that it can be made.
PLANS: list[dict[str, Any]] = [
    {"analysis": "random-slope", "options": {"df": "kenward-roger"}},
    {"analysis": "ancova", "visit": "m12"},
    {"analysis": "t-test", "visit": "m12", "options": {"measure": "percent"}},
    {"analysis": "t-test", "visit": "m12", "options": {"variance": "equal", "measure": "value"}},
    {"analysis": "mmrm", "visit": "m24", "options": {"df": "kenward-roger"}},
    {"analysis": "bayesian", "visit": "m12", "options": {"prior_sd": 1, "margin": 0.1}},
    {"analysis": "multiple-imputation", "visit": "m12", "options": {"imputations": 4}},
    {"analysis": "responder", "visit": "m12", "options": {"percent": 5}},
    {"analysis": "responder", "visit": "m12", "options": {"change": 0, "method": "logistic"}},
    {"analysis": "crossover", "options": {"periods": ["m6", ["m12", "m24"]]}},
    {"analysis": "describe", "options": {"visits": ["m12", "m24"]}},
    {"analysis": "negative-binomial"},
    {"analysis": "kaplan-meier", "times": ["6 months", "2 years"]},
    {"analysis": "log-rank"},
    {"analysis": "cox"},
    {"analysis": "rmst", "options": {"horizon": 300}},
]


def planned(**plan: Any) -> dict[str, Any]:
    """Return a plan on an endpoint that its analysis fits."""
    return {"endpoint": KIND[ANALYSES[plan["analysis"]][1][0]], **plan}


def test_every_analysis_is_among_the_plans() -> None:
    assert {plan["analysis"] for plan in PLANS} == set(ANALYSES)


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan["analysis"])
def test_what_a_protocol_may_plan_can_be_run(plan: dict[str, Any]) -> None:
    result = run(protocol_of(planned(**plan)))
    assert result.failed == ""
    assert result.wanting == ""
    assert all(np.isfinite(row["estimate"]) for row in result.rows)


WORDS = ["genotype", "smoking", "sex", "ascertainment", "age", "weight", "height", "fev1"]
# So small an effect in so many that neither arm nor covariate tells who responds without error.
SMALL: dict[str, Any] = {"n": 120, "arm_effect": 0.1}
ADJUSTABLE = [name for name in ANALYSES if "covariates" in PROGRAMS[name].options]


@pytest.mark.law
@pytest.mark.parametrize("analysis", ADJUSTABLE)
def test_covariates_reach_every_analysis_that_takes_them(analysis: str) -> None:
    plan = planned(**next(plan for plan in PLANS if plan["analysis"] == analysis))
    plain = run(protocol_of(plan), **SMALL)
    for word in WORDS:
        found = run(protocol_of({**plan, "covariates": [word]}), **SMALL)
        assert found.failed == "", word
        assert found.rows != plain.rows, word
    every = run(protocol_of({**plan, "covariates": ["smoking", "sex", "age"]}), **SMALL)
    assert every.failed == ""


@pytest.mark.law
@pytest.mark.parametrize("name", [name for name in PROGRAMS if "strata" in PROGRAMS[name].options])
def test_strata_reach_every_analysis_that_takes_them(name: str) -> None:
    plan = planned(**next(plan for plan in PLANS if plan["analysis"] == name))
    plain = run(protocol_of(plan), **SMALL)
    found = run(protocol_of({**plan, "strata": ["smoking", "sex"]}), **SMALL)
    assert found.failed == ""
    assert found.rows != plain.rows


@pytest.mark.independent
def test_an_adjusted_change_is_that_of_least_squares_by_hand() -> None:
    protocol = protocol_of(planned(analysis="ancova", visit="m12", covariates=["smoking", "age"]))
    people, visits, events = data_of(protocol)
    found = analyse_all(protocol, people, visits, events)[0][0]
    at = visits[(visits["ENDPOINT"] == "fvc") & (visits["AVISIT"] == "m12")].merge(
        people[["USUBJID", "SMOKING", "AGE"]], on="USUBJID"
    )
    columns = [
        at["ARM"] == "active", np.ones(len(at)), at["BASE"], at["AGE"],
        at["SMOKING"] == "ex", at["SMOKING"] == "never",
    ]  # fmt: skip
    matrix = np.column_stack([np.asarray(c, dtype=float) for c in columns])
    by_hand = np.linalg.lstsq(matrix, at["CHG"].to_numpy(dtype=float), rcond=None)[0][0]
    (contrast,) = (row for row in found.rows if row.get("contrast"))
    assert contrast["estimate"] == pytest.approx(by_hand, rel=1e-9)


@pytest.mark.law
def test_the_baseline_may_be_named_and_changes_nothing() -> None:
    plan = planned(analysis="mmrm", visit="m12")
    assert (
        run(protocol_of({**plan, "covariates": ["baseline"]})).rows == run(protocol_of(plan)).rows
    )


def test_strata_that_are_not_adjusted_for_are_said() -> None:
    plan = planned(analysis="ancova", visit="m12")
    stratified = {"stratify_by": ["smoking", "sex"]}
    assert "stratified by smoking and sex, for which" in run(protocol_of(plan, **stratified)).method
    half = run(protocol_of({**plan, "covariates": ["smoking"]}, **stratified)).method
    assert "stratified by sex, for which" in half
    both = run(protocol_of({**plan, "covariates": ["smoking", "sex"]}, **stratified)).method
    assert "stratified" not in both
    one_kind = {"stratify_by": ["ascertainment"], "population": {"ascertainment": {"lung": 1.0}}}
    assert "stratified" not in run(protocol_of(plan, **one_kind)).method


def test_numbers_carry_the_unit_that_they_are_in() -> None:
    def units(**plan: Any) -> set[str]:
        return {row["unit"] for row in run(protocol_of(planned(**plan))).rows}

    assert units(analysis="responder", visit="m12", options={"change": 0.1}) == {"1"}
    assert units(analysis="t-test", visit="m12", options={"measure": "percent"}) == {"percent"}
    assert units(analysis="t-test", visit="m12") == {"L"}
    assert units(analysis="kaplan-meier", times=["1 year"]) == {"1"}
    assert units(analysis="log-rank") == {"events"}


def test_an_analysis_that_fails_has_a_row_that_says_why() -> None:
    protocol = protocol_of(planned(analysis="ancova", visit="m12"))
    people, visits, events = data_of(protocol)
    late = visits["ADY"] > 0
    visits.loc[late, ["AVAL", "CHG"]] = np.nan
    plans, rows = analyse_all(protocol, people, visits, events)
    assert "needed" in plans[0].failed
    assert plans[0].wanting
    (row,) = (row for row in rows if row["plan"] == "first")
    assert row["failed"] == plans[0].failed
    assert row["primary"]
    assert row["estimate"] is None


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        ({"analysis": "t-test", "visit": "m12", "covariates": ["age"]}, "takes no covariates"),
        ({"analysis": "describe", "covariates": ["age"]}, "takes no covariates"),
        ({"analysis": "ancova", "visit": "m12", "strata": ["sex"]}, "takes no strata"),
        ({"analysis": "ancova", "visit": "m12", "covariates": ["smokin"]}, "mean 'smoking'"),
        ({"analysis": "ancova", "visit": "m12", "covariates": ["age", "age"]}, "listed twice"),
        ({"analysis": "ancova", "visit": "m12", "covariates": ["site"]}, "has no sites"),
        ({"analysis": "random-slope", "covariates": ["baseline"]}, "belongs to the analyses"),
        ({"analysis": "log-rank", "strata": ["age"]}, "'age' is a number and makes no groups"),
        ({"analysis": "ancova", "visit": "m12", "endpoint": "fev1", "covariates": ["fev1"]},
         "the baseline itself"),
        ({"analysis": "ancova", "visit": "m12", "options": {"covariates": ["age"]}},
         "stands beside 'options'"),
        ({"analysis": "ancova", "visit": "m12", "options": {"visit": "m6"}}, "stands beside"),
        ({"analysis": "ancova", "visit": "m12", "options": {"arms": ["active"]}}, "no option"),
        ({"analysis": "ancova", "visit": "m12", "options": {"reference": "x"}}, "no option"),
        ({"analysis": "mmrm", "visit": "m12", "options": {"covariance": "ar2"}}, "mean 'ar1'"),
        ({"analysis": "mmrm", "visit": "m12", "options": {"foo": 1}}, "no option 'foo'"),
        ({"analysis": "describe", "options": {"visits": ["m13"]}}, "no visit at which"),
        ({"analysis": "crossover", "options": {"periods": ["m6", "m13"]}}, "no visit at which"),
        ({"analysis": "crossover", "options": {"cycles": [["m6", "m12"]]}}, "for one arm"),
        ({"analysis": "t-test", "visit": "m12", "options": {"null_value": 1}}, "for one arm"),
        ({"analysis": "rmst", "options": {"horizon": 9999}}, "after the end"),
        ({"analysis": "kaplan-meier", "times": ["1 year", "12 months"]}, "listed twice"),
        ({"analysis": "kaplan-meier", "times": ["0 days"]}, "the randomisation"),
    ],
)  # fmt: skip
def test_what_cannot_be_run_is_refused_before(plan: dict[str, Any], said: str) -> None:
    with pytest.raises(ProtocolError, match=said):
        protocol_of(planned(**plan))


def test_a_covariate_that_tells_nobody_apart_is_refused() -> None:
    plan = planned(analysis="ancova", visit="m12", covariates=["genotype"])
    with pytest.raises(ProtocolError, match="everybody is ZZ"):
        protocol_of(plan, population={"genotype": {"ZZ": 1.0}})
    plan["covariates"] = ["sex"]
    with pytest.raises(ProtocolError, match="everybody is male"):
        protocol_of(plan, population={"male": 1.0})


def test_fev1_at_the_start_must_be_measured_then() -> None:
    plan = planned(analysis="ancova", visit="m12", covariates=["fev1"])
    only = {"assessments": [{"endpoint": "fvc", "visits": "all"}]}
    with pytest.raises(ProtocolError, match="is not assessed then"):
        protocol_of(plan, **only)


def test_one_arm_by_itself_says_what_it_is_held_against() -> None:
    plan = planned(analysis="responder", visit="m12", options={"change": 0.1})
    with pytest.raises(ProtocolError, match="needs the option 'null_value'"):
        protocol_of(plan, arms=["active"])
    plan["options"]["null_value"] = 0.2
    assert run(protocol_of(plan, arms=["active"])).failed == ""


@pytest.mark.independent
def test_means_of_every_visit_have_t_intervals():
    from scipy.stats import t

    plan = protocol_of({"endpoint": "fvc", "analysis": "ancova", "visit": "m24"})
    people, visits, events = data_of(plan)
    _, rows = analyse_all(plan, people, visits, events)
    means = [row for row in rows if row["analysis"] == "mean" and row["endpoint"] == "fvc"]
    assert {(row["arm"], row["visit"]) for row in means} == {
        (arm, visit) for arm in ("active", "placebo") for visit in ("m0", "m6", "m12", "m24")
    }
    for row in means:
        own = visits[(visits["ENDPOINT"] == "fvc") & (visits["AVISIT"] == row["visit"])]
        values = own.loc[own["ARM"] == row["arm"], "AVAL"].dropna()
        half = t.ppf(0.975, len(values) - 1) * values.std() / len(values) ** 0.5
        assert (row["n"], row["estimate"]) == (len(values), pytest.approx(values.mean()))
        assert (row["lower"], row["upper"]) == pytest.approx(
            (values.mean() - half, values.mean() + half)
        )


@pytest.mark.parametrize(
    ("endpoint", "options", "sentence"),
    [
        ("sgrq", {"change": -4}, "less of 'sgrq' is better, so say whom it counts"),
        ("fvc", {"change": -30_000}, "a change of -30000 cannot be"),
        ("fvc", {"percent": -500}, "nothing falls by 500 % of itself"),
    ],
)
def test_a_response_that_says_the_contrary_or_cannot_be_is_refused(endpoint, options, sentence):
    measured = [{"endpoint": "fvc", "visits": "all"}, {"endpoint": "sgrq", "visits": "all"}]
    plan = {"endpoint": endpoint, "analysis": "responder", "visit": "m12", "options": options}
    with pytest.raises(ProtocolError, match=sentence):
        protocol_of(plan, assessments=measured)
    fewer = {**plan, "endpoint": "sgrq", "options": {"change": -4, "direction": "at most"}}
    assert protocol_of(fewer, assessments=measured)


# The same analysis in two words: with a default written out, or with its names in another order.
SAME: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"analysis": "responder", "visit": "m12", "options": {"change": 0.1}},
     {"options": {"change": 0.1, "direction": "at least", "missing": "failure", "adjust": "none"}}),
    ({"analysis": "responder", "visit": "m12", "options": {"change": 0.1, "adjust": "baseline"}},
     {"options": {"change": 0.1}, "covariates": ["baseline"]}),
    ({"analysis": "mmrm", "visit": "m12", "covariates": ["age", "sex"]},
     {"options": {"df": "satterthwaite"}, "covariates": ["sex", "baseline", "age"]}),
    ({"analysis": "ancova", "visit": "m12"}, {"covariates": ["baseline"]}),
    ({"analysis": "t-test", "visit": "m12"}, {"options": {"measure": "change"}}),
    ({"analysis": "random-slope"}, {"options": {"df": "satterthwaite"}}),
    ({"analysis": "bayesian", "visit": "m12"}, {"options": {"margin": 0, "borrowing": "none"}}),
    ({"analysis": "multiple-imputation", "visit": "m12"}, {"options": {"imputations": 20}}),
    ({"analysis": "crossover", "options": {"periods": ["m6", "m12"]}},
     {"options": {"periods": [["m6"], ["m12"]]}}),
    ({"analysis": "describe"}, {"options": {"visits": ["m24", "m12", "m6", "m0"]}}),
    ({"analysis": "kaplan-meier", "times": ["1 year", "2 years"]},
     {"times": ["24 months", "12 months"]}),
    ({"analysis": "cox", "strata": ["sex", "smoking"]}, {"strata": ["smoking", "sex"]}),
]  # fmt: skip


@pytest.mark.parametrize(("plan", "again"), SAME, ids=lambda plan: plan.get("analysis", ""))
def test_the_same_analysis_in_other_words_is_refused(plan, again):
    first, second = {"id": "first", **planned(**plan)}, {"id": "second", **planned(**plan), **again}
    both = {"primary": first, "secondary": [second]}
    with pytest.raises(ProtocolError, match="the same analysis as 'first'"):
        protocol_of(planned(**plan), endpoints=both)


def test_analyses_that_differ_in_an_option_stand_beside_each_other():
    plan = planned(analysis="responder", visit="m12", options={"change": 0.1})
    for other in ({"change": 0.2}, {"percent": 0.1}, {"change": 0.1, "missing": "left out"}):
        second = {"id": "second", **plan, "options": other}
        assert protocol_of(
            plan, endpoints={"primary": {"id": "first", **plan}, "secondary": [second]}
        )


def test_survival_is_told_with_its_time():
    plan = protocol_of(
        {"endpoint": "death", "analysis": "kaplan-meier", "times": ["1 year", "2 years"]}
    )
    people, visits, events = data_of(plan)
    _, rows = analyse_all(plan, people, visits, events)
    times = [row["time"] for row in rows if row["analysis"] == "kaplan-meier"]
    assert sorted(set(times)) == [365.25, 730.5]


def test_a_response_is_named_by_its_limit():
    plan = protocol_of(
        {"endpoint": "fvc", "analysis": "responder", "visit": "m12", "options": {"change": -0.1}}
    )
    (first, *_), _ = analyse_all(plan, *data_of(plan))
    assert first.title == "FVC: Share of responders, a change of at least -0.1 L"
