from __future__ import annotations

import json
from itertools import product
from math import comb
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antitrypsim.foundations.errors import InputError
from antitrypsim.statistics.escalation import (
    RULES,
    OverdoseControl,
    RiskPrior,
    Stopped,
    logistic,
    three_plus_three,
)

pytestmark = pytest.mark.law


FILE = Path(__file__).parents[1] / "reference" / "statistics" / "escalation.json"
REFERENCE = json.loads(FILE.read_text("utf-8"))
FIVE = (1, 2.5, 5, 10, 20)


def toxic_above(tolerance, doses):
    """People who are harmed by the doses from the index of their tolerance upwards."""
    return np.arange(doses) >= np.asarray(tolerance)[..., None]


def drawn(rate, replicates, people, seed=1):
    u = np.random.default_rng(seed).random((replicates, people, 1))
    return u < np.asarray(rate)


def counts(found, doses):
    at = found.dose[..., None] == np.arange(doses)
    return at.sum(axis=1), (at & found.toxicity[..., None]).sum(axis=1)


def every_course(case):
    """The chances of each dose by running the rule on all tables of cohorts by harmed people."""
    rate = np.atleast_1d(case["rate"])
    cohorts = 2 * rate.size
    table = np.array(list(product(range(4), repeat=cohorts)))
    harmed = (np.arange(3) < table[..., None]).reshape(len(table), -1, 1)
    toxic = np.broadcast_to(harmed, (*harmed.shape[:2], rate.size))
    found = three_plus_three.escalate(toxic, start=case["start"])
    dose = found.dose[:, ::3]
    risk = rate[np.maximum(dose, 0)]
    chance = np.array([comb(3, k) for k in range(4)])[table]
    chance = chance * risk**table * (1 - risk) ** (3 - table)
    weight = np.where(dose < 0, 0.25, chance).prod(axis=1)
    selected = np.bincount(found.selected + 1, weights=weight, minlength=rate.size + 1)
    return selected, weight @ found.entered, found


@pytest.mark.independent
@pytest.mark.parametrize("case", REFERENCE["three_plus_three"])
def test_three_plus_three_is_that_of_the_enumeration(case):
    selected, people, found = every_course(case)
    assert selected == pytest.approx(case["selected"], abs=1e-12)
    assert people == pytest.approx(case["people"], rel=1e-12)
    assert np.array_equal(found.stopped == Stopped.TOXIC, found.selected < 0)
    assert Stopped.FULL not in found.stopped


@pytest.mark.parametrize("case", REFERENCE["three_plus_three"][:3])
def test_three_plus_three_on_people_with_a_tolerance(case):
    replicates = 40_000
    found = three_plus_three.escalate(drawn(case["rate"], replicates, 24), start=case["start"])
    share = np.bincount(found.selected + 1, minlength=5) / replicates
    expected = np.array(case["selected"])
    assert np.all(np.abs(share - expected) <= 4 * np.sqrt(expected * (1 - expected) / replicates))


@pytest.mark.independent
@pytest.mark.parametrize(
    ("harmed", "doses", "selected", "stopped"),
    [
        # None harmed: six get the highest dose.
        ([0, 0, 0, 0], [0, 1, 2, 2], 2, Stopped.FOUND),
        # One of three, then none of three more: up. Then two: down, and six had it.
        ([1, 0, 2], [0, 0, 1], 0, Stopped.FOUND),
        # None, then two: down for three more, one of six is tolerated.
        ([0, 2, 1], [0, 1, 0], 0, Stopped.FOUND),
        # The three more bring two of six: too toxic even at the lowest.
        ([0, 2, 2], [0, 1, 0], -1, Stopped.TOXIC),
        ([1, 1], [0, 0], -1, Stopped.TOXIC),
    ],
)
def test_three_plus_three_by_hand(harmed, doses, selected, stopped):
    toxic = np.zeros((1, 18, 3), dtype=bool)
    for cohort, number in enumerate(harmed):
        toxic[:, 3 * cohort : 3 * cohort + number] = True
    found = three_plus_three.escalate(toxic)
    assert found.dose[0].tolist() == np.repeat(doses, 3).tolist() + [-1] * (18 - 3 * len(doses))
    assert (found.selected[0], found.stopped[0]) == (selected, stopped)
    assert found.entered[0] == 3 * len(doses)


@pytest.mark.contract
def test_three_plus_three_without_room():
    found = three_plus_three.escalate(np.zeros((2, 8, 3), dtype=bool))
    assert found.entered.tolist() == [6, 6]
    assert found.stopped.tolist() == [Stopped.FULL] * 2
    assert found.selected.tolist() == [-1, -1]


tables = st.tuples(st.integers(1, 5), st.integers(0, 2**32 - 1), st.data())


@settings(max_examples=40)
@given(tables)
def test_laws_of_three_plus_three(case):
    doses, seed, data = case
    start = data.draw(st.integers(0, doses - 1))
    rng = np.random.default_rng(seed)
    toxic = toxic_above(rng.integers(0, doses + 2, (50, 6 * doses)), doses)
    found = three_plus_three.escalate(toxic, start=start)
    n, x = counts(found, doses)
    rows = np.flatnonzero(found.selected >= 0)
    best = found.selected[rows]
    assert np.isin(n, (0, 3, 6)).all()
    assert np.all(n[rows, best] == 6)
    assert np.all(x[rows, best] <= 1)
    above = best < doses - 1
    assert np.all(x[rows[above], best[above] + 1] >= 2)
    assert np.all(x[found.selected < 0, 0] >= 2)
    assert np.all(np.diff(found.dose[:, ::3].astype(int), axis=1).max(initial=0) <= 1)


@pytest.mark.independent
@pytest.mark.parametrize("case", REFERENCE["posterior"])
def test_chances_are_those_of_adaptive_integration(case):
    found = logistic.chances(
        [case["given"]], [case["harmed"]], doses=case["doses"], target=tuple(case["target"]),
        prior=RiskPrior(case["mean"], case["sd"], case["correlation"], case["reference"]),
    )  # fmt: skip
    expected = np.array([case["below"], case["inside"], case["above"]])
    assert found[:, 0] == pytest.approx(expected, abs=5e-6)


@pytest.mark.independent
def test_courses_of_the_logistic_rule_are_those_of_r():
    case = REFERENCE["courses"]
    toxic = toxic_above(case["tolerance"], len(case["doses"]))
    found = logistic.escalate(
        toxic, doses=case["doses"], start=case["start"], rule=OverdoseControl(enough=case["enough"])
    )
    for row, course in enumerate(case["courses"]):
        path = found.dose[row]
        assert path[path >= 0].tolist() == course["path"]
        assert found.selected[row] == course["selected"]
        assert found.stopped[row] == course["stopped"]


@settings(max_examples=15)
@given(
    seed=st.integers(0, 2**32 - 1),
    cohort=st.integers(1, 4),
    start=st.integers(0, 2),
    enough=st.integers(1, 12),
    most=st.integers(1, 20),
)
def test_laws_of_the_logistic_rule(seed, cohort, start, enough, most):
    rng = np.random.default_rng(seed)
    toxic = toxic_above(rng.integers(0, 7, (20, 20)), 5)
    rule = OverdoseControl(enough=enough, most=most)
    options = {"doses": FIVE, "cohort": cohort, "start": start, "rule": rule}
    found = logistic.escalate(toxic, **options)
    n, x = counts(found, 5)
    assert np.array_equal(n.sum(axis=1), found.entered)
    assert found.entered.max() <= most
    assert np.all(found.dose[:, 0] == start)
    # No dose is skipped.
    path = np.where(found.dose < 0, 0, found.dose).astype(int)
    ceiling = np.maximum.accumulate(path, axis=1)[:, :-1]
    assert np.all(path[:, 1:] <= ceiling + 1)
    # A dose is selected only where an overdose is unlikely, and stopping tells the truth.
    above = logistic.chances(n, x, doses=FIVE)[2]
    rows = np.flatnonzero(found.selected >= 0)
    best = found.selected[rows]
    assert np.all(above[rows, best] < 0.25)
    assert np.all(n[rows, best] > 0)
    at_best = n[rows, best]
    assert np.array_equal(found.stopped[rows] == Stopped.FOUND, at_best >= enough)
    toxic_rows = found.stopped == Stopped.TOXIC
    assert np.all(above[toxic_rows] >= 0.25 - 1e-12)
    assert np.all(found.entered[found.stopped == Stopped.FULL] == most)
    # Replicates do not know of each other.
    alone = logistic.escalate(toxic[3:4], **options)
    assert np.array_equal(alone.dose[0], found.dose[3])
    assert alone.selected[0] == found.selected[3]


def test_all_doses_too_toxic():
    found = logistic.escalate(np.ones((2, 30, 5), dtype=bool), doses=FIVE)
    assert found.stopped.tolist() == [Stopped.TOXIC] * 2
    assert found.selected.tolist() == [-1, -1]
    assert found.entered.tolist() == [3, 3]


def test_enough_at_the_highest_dose():
    found = logistic.escalate(
        np.zeros((1, 30, 5), dtype=bool), doses=FIVE, rule=OverdoseControl(enough=9)
    )
    assert found.stopped[0] == Stopped.FOUND
    assert found.selected[0] == 4
    assert (found.dose[0] == 4).sum() == 9


def test_none_of_the_doses_that_were_given_will_do():
    # One harmed at the first dose given, too toxic then, while much lower ones are not.
    doses = (1e-4, 1e-2, 1)
    toxic = np.ones((1, 1, 3), dtype=bool)
    assert logistic.chances([[0, 0, 1]], [[0, 0, 1]], doses=doses)[2, 0, 0] < 0.25
    found = logistic.escalate(toxic, doses=doses, start=2, cohort=1)
    assert found.selected[0] == -1
    assert found.stopped[0] == Stopped.FULL


@pytest.mark.contract
def test_no_replicates():
    for name, options in (("three_plus_three", {}), ("logistic", {"doses": FIVE})):
        assert RULES[name](np.zeros((0, 9, 5), dtype=bool), **options).dose.shape == (0, 9)


TOXIC = np.zeros((1, 9, 3), dtype=bool)


@pytest.mark.contract
@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"toxic": np.zeros((1, 9, 3))}, "true or false by replicate, person and dose"),
        ({"toxic": np.zeros((1, 1, 128), dtype=bool)}, "no room for 128 doses"),
        ({"cohort": 0}, "at least one person"),
        ({"start": 3}, "one of 0 to 2, not 3"),
        ({"rule": OverdoseControl(most=10)}, "at most 9 people"),
        ({"rule": OverdoseControl(enough=0)}, "after at least one person"),
        ({"rule": OverdoseControl(overdose=0.0)}, "chance of an overdose must lie between 0 and 1"),
        ({"doses": (1, 2)}, "under 3 doses, not 2"),
        ({"doses": (0, 1, 2)}, "numbers above 0"),
        ({"doses": (1, 3, 3)}, "doses must ascend"),
        ({"rule": OverdoseControl(target=(0.33, 0.16))}, "two risks that ascend"),
        ({"prior": RiskPrior(reference=0.0)}, "reference dose must be above 0"),
        ({"prior": RiskPrior(mean=(0.0,))}, "means of two logarithms"),
        ({"prior": RiskPrior(sd=(1.0, 0.0))}, "two standard deviations above 0"),
        ({"prior": RiskPrior(correlation=1.0)}, "between -1 and 1"),
    ],
)
def test_logistic_errors(options, match):
    with pytest.raises(InputError, match=match):
        logistic.escalate(**({"toxic": TOXIC, "doses": (1, 2, 3)} | options))


@pytest.mark.contract
@pytest.mark.parametrize(
    ("given", "harmed", "match"),
    [
        ([[3, 3]], [[0, 0]], "a column for each dose"),
        ([[3, 3, 0]], [[0, 4, 0]], "counted among the people"),
    ],
)
def test_errors_of_counts(given, harmed, match):
    with pytest.raises(InputError, match=match):
        logistic.chances(given, harmed, doses=(1, 2, 3))


@pytest.mark.contract
def test_a_cohort_of_another_size():
    with pytest.raises(InputError, match="three people at a time, not 4"):
        three_plus_three.escalate(TOXIC, cohort=4)
