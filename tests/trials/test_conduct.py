"""What must hold of a conducted trial, whatever its protocol."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antitrypsim.endpoints import endpoint
from antitrypsim.experiments.virtual_trial import run_trial
from antitrypsim.foundations.errors import InputError
from antitrypsim.protocols import (
    Protocol,
    bundled_protocols,
    check_protocol,
    load_protocol,
    may_stay_empty,
    noise_of,
)
from antitrypsim.protocols.parts import Dropout
from antitrypsim.simulation.settings import Settings
from antitrypsim.trials import randomisation
from antitrypsim.uncertainty.draws import ParameterSet
from tests.shared import trial

pytestmark = pytest.mark.law


@cache
def harsh():
    """RAPID, of which many leave and many die."""
    protocol = load_protocol("rapid").model_copy(update={"dropout": Dropout(yearly=0.4)})
    deadly = ParameterSet("deadly", {"events.mortality_50": 0.15})
    return run_trial(protocol, participants=80, settings=Settings(seed=3), parameters=deadly)


def cohort_of(n, **labels):
    """A row a participant, with what randomisation asks of them."""
    return pd.DataFrame({k.upper(): v for k, v in labels.items()}, index=range(n))


def randomise(protocol, persons, seed):
    return randomisation.randomise(protocol, persons, {}, np.arange(len(persons)), seed)


def allocated(participants, strata=(), seed=1, **allocation):
    """Arms of RAPID with another allocation, by stratum label."""
    protocol = load_protocol("rapid").model_copy(
        update={"allocation": allocation, "stratify_by": ("sex",) if len(strata) else ()}
    )
    protocol = protocol.model_copy(
        update={"arms": tuple(protocol.arms[0].model_copy(update={"id": a}) for a in allocation)}
    )
    cohort = cohort_of(participants, sex=strata) if len(strata) else cohort_of(participants)
    return randomise(protocol, cohort, seed)


@pytest.mark.independent
def test_rapid_has_exactly_its_arms():
    protocol = load_protocol("rapid")
    for seed in range(5):
        for participants, sizes in ((180, (93, 87)), (360, (186, 174))):
            arms = randomise(protocol, cohort_of(participants), seed)
            assert (np.sum(arms == "active"), np.sum(arms == "placebo")) == sizes


@pytest.mark.contract
@pytest.mark.parametrize(
    ("participants", "one", "two", "sizes"),
    [(1000, 97, 3, (970, 30)), (260, 7, 6, (140, 120)), (210, 20, 1, (200, 10))],
)
def test_a_ratio_is_kept_as_it_is_said(participants, one, two, sizes):
    arms = allocated(participants, one=one, two=two)
    assert (np.sum(arms == "one"), np.sum(arms == "two")) == sizes


def test_the_arms_of_a_smaller_trial_are_the_first_of_a_larger_one():
    protocol = load_protocol("rapid")
    whole = randomise(protocol, cohort_of(200), 3)
    for participants in (2, 24, 180):
        assert np.array_equal(randomise(protocol, cohort_of(participants), 3), whole[:participants])


@settings(max_examples=15)
@given(
    parts=st.lists(st.integers(1, 60), min_size=2, max_size=3),
    participants=st.integers(2, 120),
    seed=st.integers(0, 1000),
)
def test_each_stratum_has_the_shares_that_are_said(parts, participants, seed):
    allocation = dict(zip("abc", parts, strict=False))
    sex = np.where(np.random.default_rng(seed).random(participants) < 0.3, "male", "female")
    arms = allocated(participants, sex, seed, **allocation)
    for group in ("male", "female"):
        for arm, part in allocation.items():
            exact = np.sum(sex == group) * part / sum(parts)
            assert abs(np.sum(arms[sex == group] == arm) - exact) < 1


def test_blocks_keep_arms_balanced_all_along():
    protocol = load_protocol("rapid").model_copy(update={"allocation": {"active": 1, "placebo": 1}})
    for seed in range(5):
        arms = randomise(protocol, cohort_of(77), seed)
        ahead = np.cumsum(np.where(arms == "active", 1, -1))
        assert np.max(np.abs(ahead)) <= 1


def test_strata_are_balanced_each():
    protocol = load_protocol("rapid").model_copy(
        update={"allocation": {"active": 1, "placebo": 1}, "stratify_by": ("sex",)}
    )
    sex = np.where(np.random.default_rng(1).random(60) < 0.3, "male", "female")
    arms = randomise(protocol, cohort_of(60, sex=sex), 1)
    for group in ("male", "female"):
        ahead = np.sum((arms == "active") & (sex == group)) - np.sum(
            (arms != "active") & (sex == group)
        )
        assert abs(ahead) <= 1


def test_the_same_person_stands_at_the_start_of_every_arm():
    found = trial()
    for output in found.truth["active"].outputs:
        at_start = [results[output][:, 0, 0] for results in found.truth.values()]
        assert np.array_equal(*at_start), output


def test_one_blow_gives_fev1_in_litres_and_in_percent():
    visits = trial().visits
    z = {}
    for id in ("fev1", "fev1_percent"):
        chosen = visits[visits["ENDPOINT"] == id].reset_index(drop=True)
        z[id] = ((chosen["AVAL"] - chosen["TRUTH"]) / noise_of(id).size).to_numpy()
    seen = np.isfinite(z["fev1"])
    cut = (visits.loc[visits["ENDPOINT"] == "fev1", "AVAL"] == 0).to_numpy()
    assert seen.sum() > 50
    assert np.allclose(z["fev1"][seen & ~cut], z["fev1_percent"][seen & ~cut], atol=1e-6)


def test_other_measurements_have_noise_of_their_own():
    visits = trial().visits
    noise = {
        id: (g["AVAL"] - g["TRUTH"]).reset_index(drop=True)
        for id, g in visits.groupby("ENDPOINT")
        if id in ("density", "fev1")
    }
    assert abs(noise["density"].corr(noise["fev1"])) < 0.6


def late_serum(analysis="describe"):
    """RAPID with serum AAT first measured at month 12, on treatment, and compared there."""
    protocol = load_protocol("rapid").to_dict()
    protocol["assessments"] = [
        {"endpoint": "serum_aat", "visits": ["m12", "m24"]},
        {"endpoint": "density", "visits": "all"},
    ]
    plan = {"id": "serum", "endpoint": "serum_aat", "analysis": analysis}
    protocol["endpoints"] = {"primary": {**plan, "compare": ["active", "placebo"]}}
    protocol["published"] = protocol["claimed"] = []
    return Protocol.from_dict(protocol)


@cache
def late():
    return run_trial(late_serum(), participants=24)


def test_what_is_first_measured_on_treatment_has_no_baseline():
    found = late()
    serum = found.visits[found.visits["ENDPOINT"] == "serum_aat"]
    assert len(serum) == 48
    assert serum["AVAL"].notna().any()
    assert serum[["BASE", "CHG"]].isna().all().all()
    density = found.visits[found.visits["ENDPOINT"] == "density"]
    first = density[density["ADY"] == 0].set_index("USUBJID")["AVAL"]
    assert np.array_equal(density["BASE"], density["USUBJID"].map(first))


@pytest.mark.contract
def test_without_a_baseline_values_are_compared_and_that_is_said():
    found = late()
    plan = found.plans[0]
    assert not plan.failed
    assert any("no change from baseline" in said for said in plan.warnings)
    assert "differences in mean AVAL" in plan.method
    serum = found.visits[found.visits["ENDPOINT"] == "serum_aat"]
    for row in plan.rows:
        if "contrast" in row:
            at = serum[serum["AVISIT"] == row["visit"]]
            means = at.groupby("ARM")["AVAL"].mean()
            assert row["estimate"] == pytest.approx(means["active"] - means["placebo"])


@pytest.mark.contract
def test_check_says_what_has_no_baseline():
    found = [str(each) for each in check_protocol(late_serum())]
    assert any("'serum_aat' is not measured at day 0" in said for said in found)
    assert not any("'density' is not measured" in said for said in found)


@pytest.mark.contract
def test_check_says_which_arm_may_stay_empty():
    protocol = load_protocol("rapid").model_copy(
        update={"allocation": {"active": 100, "placebo": 1}}
    )
    assert may_stay_empty(protocol) == ()
    assert may_stay_empty(protocol, 12) == (
        "the arm 'placebo' may stay empty: its share of 12 participants is 0.12",
    )
    alike = protocol.model_copy(update={"allocation": {"active": 1, "placebo": 1}})
    # Two strata and a share of two: one each, so that no arm is empty.
    two = alike.model_copy(update={"stratify_by": ("sex",)})
    assert may_stay_empty(two, 4) == ()
    assert len(may_stay_empty(two, 3)) == 2
    strata = protocol.model_copy(update={"stratify_by": ("sex",), "participants": 180})
    assert [f.key for f in check_protocol(strata) if "may stay empty" in f.message] == [
        "allocation"
    ]


def test_who_left_is_not_measured_afterwards():
    found = harsh()
    visits = found.visits.merge(found.participants[["USUBJID", "EOSDY", "EOSSTT"]], on="USUBJID")
    assert (found.participants["EOSSTT"] == "DISCONTINUED").sum() > 3
    late = visits["ADY"] > visits["EOSDY"]
    assert visits.loc[late, "AVAL"].isna().all()
    assert visits.loc[~late, "AVAL"].notna().all()


def test_the_dead_have_no_later_values_and_no_later_events():
    found = harsh()
    dead = found.participants[found.participants["EOSSTT"] == "DIED"]
    assert len(dead) > 2
    assert (dead["DTHDY"] == dead["EOSDY"]).all()
    visits = found.visits.merge(dead[["USUBJID", "DTHDY"]], on="USUBJID")
    later = visits[visits["ADY"] > visits["DTHDY"]]
    assert len(later)
    assert later[["AVAL", "TRUTH"]].isna().all().all()
    events = found.events.merge(dead[["USUBJID", "DTHDY"]], on="USUBJID")
    assert (events["ADY"] <= events["DTHDY"]).all()
    assert (found.events["EVENT"] == "death").sum() == len(dead)


@pytest.mark.contract
@pytest.mark.parametrize("id", bundled_protocols())
def test_every_bundled_protocol_runs(id):
    # The long ones are small; those of 24 are looked at elsewhere too.
    known = (
        "rapid",
        "rapid-extension",
        "natural-history",
        "silencing",
        "vesicles-escalation",
        "aat-fc",
        "msc-hepatic-artery",
    )
    people = 24 if id in known else 8
    found = trial(id, people)
    assert len(found.participants) == people
    assert len(found.rows)
    failed = [plan.failed for plan in found.plans if plan.failed]
    assert len(failed) < len(found.plans)
    for plan in found.plans:
        assert plan.rows or plan.failed


def test_a_delayed_start_is_placebo_until_it_starts():
    placebo, delayed = trial("rapid"), trial("rapid-extension")
    assert placebo.cohort.people.content_hash == delayed.cohort.people.content_hash
    ours, theirs = delayed.truth["delayed-start"], placebo.truth["placebo"]
    for week in (0, 13, 52, 91, 104):
        for output in ("lung.density", "circulation.serum_aat"):
            mine = ours[output][:, 0, list(ours.times).index(7.0 * week)]
            other = theirs[output][:, 0, list(theirs.times).index(7.0 * week)]
            if week < 52:
                assert np.array_equal(mine, other, equal_nan=True), (week, output)
            # The step in which treatment starts is cut short, which moves the last digits.
            assert np.allclose(mine, other, rtol=1e-3, equal_nan=True), (week, output)


def test_treatment_shows_once_it_has_started():
    truth = trial("rapid-extension").truth["delayed-start"]
    serum = truth["circulation.serum_aat"][:, 0]
    before, after = (list(truth.times).index(7.0 * week) for week in (104, 156))
    alive = np.isfinite(serum[:, after])
    assert np.all(serum[alive, after] > serum[alive, before] + 5)


def test_a_participant_does_not_depend_on_how_many_there_are():
    few, many = trial(participants=24), trial(participants=31)
    for arm in few.truth:
        for output in few.truth[arm].outputs:
            one, other = few.truth[arm][output], many.truth[arm][output][:24]
            assert np.array_equal(one, other, equal_nan=True), output
    wanted = ["USUBJID", "ENDPOINT", "AVISIT", "AVAL", "TRUTH"]
    ids = set(few.participants["USUBJID"])
    kept = many.visits[many.visits["USUBJID"].isin(ids)]
    assert few.visits[wanted].equals(kept[wanted].reset_index(drop=True))


def test_the_same_seed_gives_the_same_trial_and_another_another():
    one, again = (
        trial(),
        run_trial(load_protocol("rapid"), participants=24, settings=Settings(seed=1, threads=1)),
    )
    assert one.visits.equals(again.visits)
    assert one.to_frame().equals(again.to_frame())
    assert not trial(seed=2).visits["TRUTH"].equals(one.visits["TRUTH"])


def test_a_person_s_own_effect_is_the_difference_of_their_two_courses():
    found = trial()
    effect = found.true_effect("serum_aat", "active", "placebo")
    assert effect.shape[0] == 24
    assert np.array_equal(effect[:, 0], np.zeros(24))
    with pytest.raises(InputError, match="no arm 'x'"):
        found.true_effect("density", "x", "placebo")
    with pytest.raises(InputError, match="is an event"):
        found.true_effect("death", "active", "placebo")


@pytest.mark.contract
@pytest.mark.parametrize("count", [0, -1, 10**9, 1])
def test_a_number_of_participants_that_cannot_be(count):
    with pytest.raises(InputError, match=r"participants? (cannot be|is too few)"):
        run_trial(load_protocol("rapid"), participants=count)


@pytest.mark.contract
def test_endpoints_name_what_the_model_has():
    assert endpoint("fev1").unit == "L"
    with pytest.raises(InputError, match="did you mean 'density'"):
        endpoint("densty")
