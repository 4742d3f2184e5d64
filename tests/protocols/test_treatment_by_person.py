"""Treatment as protocols say it: what runs in, fixed doses, what was given before, and what single people are given."""

from __future__ import annotations

import numpy as np
import pytest

from antitrypsim.foundations.errors import InputError, ProtocolError
from antitrypsim.modelling.weights import RELATIVE_WEIGHT
from antitrypsim.populations.enrol import enrol
from antitrypsim.protocols import Protocol, load_protocol
from antitrypsim.simulation.regimen import Regimen
from antitrypsim.simulation.simulate import own_parameters, simulate_all
from antitrypsim.therapies import build_model
from antitrypsim.trials.tables import treat

pytestmark = pytest.mark.independent

AAT = "augmentation/intravenous"
WEEKLY = {"product": "augmentation", "route": "intravenous", "dose": "60 mg/kg", "every": "1 week"}
INFUSED = "circulation.plasma[infused]"


def made(line=None, *, participants=6, **arm):
    data = load_protocol("rapid").to_dict()
    data["participants"] = participants
    data["allocation"] = {"active": 1, "placebo": 1}
    data["arms"][0]["treatment"] = {"treatment": [{**WEEKLY, **(line or {})}]}
    data["arms"][0] |= arm
    return Protocol.from_dict(data)


def only(regimen):
    (record,) = regimen.doses
    return record


def active(protocol, place=None):
    found = protocol.regimens_of([place or 0])["active"]
    return found if isinstance(found, Regimen) else found[0]


def test_a_line_says_what_runs_in_and_what_is_the_same_for_every_body() -> None:
    record = only(active(made({"dose": "4 g", "per_weight": "own", "over": "2 hours"})))
    assert (record.amount, record.by_weight, record.duration) == (4000.0, -1, 2 / 24)
    assert record.times[:3] == (0.0, 7.0, 14.0)


def test_what_was_given_before_goes_backwards_by_the_same_interval() -> None:
    record = only(active(made({"before": "28 days"})))
    assert record.times[:6] == (-28.0, -21.0, -14.0, -7.0, 0.0, 7.0)
    assert len(record.times) == 105 + 4


def test_single_people_miss_doses_stop_weigh_less_or_have_records_of_their_own() -> None:
    protocol = made(
        persons=[
            {"participants": [2], "missed": ["2 weeks"], "stopped": "5 weeks"},
            {"participants": [4, 5], "weight": {"26 weeks": 0.9, "52 weeks": 0.8}},
        ],
        records="ID,TIME,AMT,CMT,ADDL,II\n3,0,120,augmentation/intravenous,2,14\n5,1,30,augmentation/intravenous,,\n",
    )
    plan = protocol.regimens()["active"]
    one, two, three, four, five, six, again = protocol.regimens_of(range(7))["active"]
    assert one == six == again == plan
    assert only(two).times == (0.0, 7.0, 21.0, 28.0)
    assert (only(three).amount, only(three).times) == (120.0, (0.0, 14.0, 28.0))
    assert four.courses[RELATIVE_WEIGHT] == ((182.0, 0.9), (364.0, 0.8))
    assert four.doses == plan.doses
    assert only(five).times == (1.0,)
    assert five.courses[RELATIVE_WEIGHT]
    assert protocol.regimens_of(range(7))["placebo"] == Regimen()


def test_each_person_lives_what_they_are_given_and_nobody_elses_life_changes() -> None:
    """Infused AAT is linear: what four grams bring is four grams over the volume of each body."""
    protocol = made(
        {"dose": "4 g", "per_weight": "own"},
        persons=[
            {"participants": [2], "stopped": "13 weeks"},
            {"participants": [4], "weight": {"13 weeks": 0.8}},
        ],
    )
    model = build_model(therapies=protocol.therapies())
    people = enrol(model, protocol.population, 4).people
    own = protocol.regimens_of(range(4))["active"]
    after = 1e-6
    found = simulate_all(
        model, people, own, times=[after, 91.0, 91.0 + after], outputs=[INFUSED, "circulation.plasma_volume"]
    )  # fmt: skip
    rise = found[INFUSED][:, 0]
    values = own_parameters(model, people)
    weight = people.covariates["person.weight"]

    def grams(share):
        """Return µmol/L of 4 g in the plasma of a body of that share of its weight."""
        volume = values["circulation.plasma_volume"] * (
            share * weight / values["circulation.reference_weight"]
        ) ** values["circulation.weight_exponent"]  # fmt: skip
        mass = 4000.0 * values["augmentation.active_share"]
        return mass / (values["circulation.molar_mass"] * volume)

    np.testing.assert_allclose(rise[:, 0], grams(1.0), rtol=1e-5)
    added = rise[:, 2] - rise[:, 1]
    np.testing.assert_allclose(added[[0, 2]], grams(1.0)[[0, 2]], rtol=1e-4)
    assert abs(added[1]) < 1e-4
    np.testing.assert_allclose(added[3], grams(0.8)[3], rtol=1e-4)
    trial = treat(protocol, model, people)["active"]
    same = treat(protocol, model, people.take([2, 3]), places=[2, 3])["active"]
    np.testing.assert_array_equal(trial.values[2:], same.values)


@pytest.mark.parametrize(
    ("line", "arm", "message"),
    [
        ({"over": "0 hours"}, {}, "a length of 0 hours cannot be"),
        ({"before": "3 days"}, {}, "in 3 days nothing is given once in '1 week'"),
        ({"before": "1 year", "start": "1 week"}, {}, "'before' goes on backwards from a first dose"),
        ({"before": "100 years", "every": "1 minute"}, {}, "doses, and at most"),
        ({"per_weight": "own"}, {}, "does not hang on weight; leave 'per_weight' out"),
        ({"dose": "4 g"}, {}, "'per_weight: own' to give it to everybody"),
        ({"product": "msc", "route": "hepatic_artery", "dose": "1e8 cells", "over": "1 hour"}, {}, "cannot be given over a time"),
        ({}, {"persons": [{"participants": [7], "stopped": "1 week"}]}, "there is no participant 7; 6 take part"),
        ({}, {"persons": [{"participants": [1]}]}, "nothing is said of them"),
        ({}, {"persons": [{"participants": [1, 1], "stopped": "1 week"}]}, "participant 1 is listed twice"),
        ({}, {"persons": [{"participants": [1], "stopped": "1 week"}] * 2}, "participant 1 stands in an entry before"),
        ({}, {"persons": [{"participants": [1], "missed": ["1 day"]}]}, "no dose falls at '1 day'"),
        ({}, {"persons": [{"participants": [1], "stopped": "104.2 weeks"}]}, "nothing is given from '104.2 weeks' on"),
        ({}, {"persons": [{"participants": [1], "stopped": "5 years"}]}, "'5 years' is after the end of the trial"),
        ({}, {"persons": [{"participants": [1], "weight": {"1 week": 0.0}}]}, "weight"),
        ({}, {"records": "ID,TIME\n1,2"}, "'AMT' is missing"),
        ({}, {"records": "TIME,AMT,CMT\n1,2,augmentation/intravenous"}, "needs the column ID"),
        ({}, {"records": "ID,TIME,AMT,CMT\n9,0,60,augmentation/intravenous"}, "there is no participant 9"),
        ({}, {"records": "ID,TIME,AMT,CMT\nx,0,60,augmentation/intravenous"}, "'x' is not the number of a participant"),
        ({}, {"records": "ID,TIME,AMT,CMT\n1,0,60,msc/intravenous"}, "is given in no arm's treatment"),
        ({}, {"records": "ID,TIME,AMT,CMT\n1,0,6e7,augmentation/intravenous"}, "within a day adds up to"),
        ({}, {"records": "ID,TIME,AMT,CMT\n1,0,sixty,augmentation/intravenous"}, "row 1: 'sixty' is not a number"),
        ({}, {"records": "ID,TIME,AMT,CMT\n5,1,0,60,augmentation/intravenous"}, "row 1 has 5 cells"),
        ({}, {"records": "ID,TIME,AMT,CMT,AMT\n1,0,60,augmentation/intravenous,3"}, "AMT: the column is there twice"),
        ({}, {"persons": [{"participants": [1], "weight": {"1 week": 90.0}}]}, "90 times the body weight at day 0 cannot be"),
        ({}, {"persons": [{"participants": [1], "weight": {"1 week": 1e-300}}]}, "1e-300 times the body weight"),
        ({}, {"persons": [{"participants": [1], "weight": {"1 week": 0.9, "7 days": 0.8}}]}, "two weights are said from day 7 on"),
        ({}, {"records": "ID,TIME,AMT,CMT,EVID,SETTING\n1,3,.,person.relative_weight,2,-1"}, "cannot be; it is a share of body weight"),
        ({}, {"records": "ID,TIME,AMT,CMT,EVID,SETTING\n1,3,.,person.nope,2,1"}, "'person.nope' is no input of what the trial gives"),
        ({}, {"records": "ID,TIME,AMT,CMT\n1,9999,60,augmentation/intravenous"}, "day 9999 of participant 1 is after the end of the trial"),
        ({}, {"records": "ID,TIME,AMT,CMT\n²,0,60,augmentation/intravenous"}, "'²' is not the number of a participant"),
        ({}, {"records": '"'}, "this is not a table of commas"),
        ({}, {"treatment": {}, "records": "ID,TIME,AMT,CMT\n1,0,60,augmentation/intravenous"}, "'treatment' says what is planned"),
    ],
)  # fmt: skip
def test_what_cannot_be_given_is_one_sentence(line, arm, message) -> None:
    with pytest.raises(ProtocolError, match=message) as told:
        made(line, **arm)
    assert "\n" not in str(told.value)


def test_a_run_with_draws_is_refused_before_anybody_lives(monkeypatch) -> None:
    from antitrypsim.experiments import virtual_trial
    from antitrypsim.experiments.virtual_trial import run_trial
    from antitrypsim.laboratory.design_file.trial_design import LibrarySize
    from antitrypsim.laboratory.library import open_library

    monkeypatch.setattr(virtual_trial, "conduct", None)
    earlier = made({"before": "1 year"})
    with pytest.raises(ProtocolError, match="'active' is given something before randomisation"):
        run_trial(earlier, uncertainty=10)
    with pytest.raises(ProtocolError, match="'active' is given something before randomisation"):
        open_library(earlier, LibrarySize(people=20, draws=5, per_draw=4))
    own = made(persons=[{"participants": [1], "stopped": "1 week"}])
    with pytest.raises(InputError, match="in 'active' single participants are given otherwise"):
        run_trial(own, uncertainty=10)
