"""Criteria that nobody can meet are named early, and each reason is counted by itself."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from antitrypsim.foundations.errors import InputError, RunError
from antitrypsim.populations import eligibility
from antitrypsim.populations.eligibility import Judged, Tally
from antitrypsim.populations.enrol import enrol
from antitrypsim.populations.possible import lets_all_in, meant, other_units, possible
from antitrypsim.populations.spec import ELIGIBILITY, Population
from antitrypsim.simulation.settings import Settings
from antitrypsim.therapies import build_model

pytestmark = pytest.mark.contract


SCREENED = {"genotype": {"ZZ": 1.0}, "ascertainment": {"screening": 1.0}}


@cache
def model():
    return build_model(therapies=())


def population(*criteria, **said):
    return Population.model_validate({**SCREENED, "eligibility": list(criteria), **said})


def tally(people, criteria, **values):
    """A tally of people who are alive and of whom nobody suits."""
    found = Tally(population(*criteria))
    masks = {}
    for one in criteria:
        value = np.asarray(values[one["quantity"]], dtype=float)
        if "min" in one:
            masks[f"{one['quantity']} below"] = value < one["min"]
        if "max" in one:
            masks[f"{one['quantity']} above"] = value > one["max"]
    found.add(Judged(np.ones(people, dtype=bool), masks, values))
    return found


@pytest.mark.parametrize(
    ("criterion", "guess"),
    [
        ({"quantity": "serum_aat", "max": 0.57}, "if it was meant in g/L, write 'max: 11'"),
        ({"quantity": "serum_aat", "min": 15, "max": 60},
         "if it was meant in mg/dL, write 'min: 2.88, max: 11.5'"),
        ({"quantity": "fev1", "min": 9}, ""),
        ({"quantity": "serum_aat", "max": 0.01}, ""),
        ({"quantity": "weight", "min": 250}, ""),
    ],
)  # fmt: skip
def test_a_criterion_that_nobody_meets_is_named_with_the_unit_that_was_meant(criterion, guess):
    quantity = criterion["quantity"]
    typical = {"serum_aat": (5, 1), "fev1_percent": (55, 15), "fev1": (1.8, 0.4), "weight": (75, 9)}
    value = np.random.default_rng(1).normal(*typical[quantity], eligibility.ENOUGH)
    found = tally(value.size, [criterion], **{quantity: value})
    with pytest.raises(InputError) as problem:
        found.check()
    said = str(problem.value)
    assert said.startswith(f"'population.eligibility': none of 2,000 people met has {quantity} ")
    assert guess in said
    assert ("meant" in said) == bool(guess)


def test_a_rare_criterion_is_not_refused():
    value = np.full(eligibility.ENOUGH, 80.0)
    value[7] = 40.0
    tally(value.size, [{"quantity": "fev1_percent", "max": 50}], fev1_percent=value).check()
    few = value[: eligibility.ENOUGH - 1] + 80
    tally(few.size, [{"quantity": "fev1_percent", "max": 50}], fev1_percent=few).check()


def test_two_criteria_that_nobody_meets_together_are_both_named():
    one = np.linspace(0, 100, eligibility.IN_VAIN)
    found = tally(
        one.size,
        [{"quantity": "fev1_percent", "max": 40}, {"quantity": "sgrq", "min": 60}],
        fev1_percent=one, sgrq=one,
    )  # fmt: skip
    with pytest.raises(RunError) as problem:
        found.check()
    assert "60 % fev1_percent above" in problem.value.message
    assert "nobody is free of both 'fev1_percent above' and 'sgrq below'" in problem.value.message


def test_units_that_are_guessed_are_those_of_the_model():
    assert other_units("serum_aat")["g/L"] == pytest.approx(1 / 0.052)
    assert other_units("serum_aat")["mg/dL"] == pytest.approx(1 / 5.2)
    assert other_units("weight")["pounds"] == pytest.approx(0.45359237)
    assert other_units("kco") == {}


def test_serum_in_grams_is_refused_after_the_first_people():
    wrong = population({"quantity": "serum_aat", "max": 0.57})
    with pytest.raises(InputError, match="if it was meant in g/L, write 'max: 11'"):
        enrol(model(), wrong, 80, settings=Settings(seed=1))


@pytest.mark.law
def test_each_reason_is_counted_by_itself_and_everybody_is_left_once():
    asked = population(
        {"quantity": "fev1_percent", "max": 80}, {"quantity": "kco", "max": 1.2},
        ascertainment={"lung": 1.0},
    )  # fmt: skip
    found = enrol(model(), asked, 12, settings=Settings(seed=1))
    assert found.met == len(found.people) + sum(found.left.values())
    assert found.left.keys() == found.failing.keys()
    assert all(found.failing[k] >= found.left[k] for k in found.left)
    last = list(found.left)[-1]
    assert found.failing[last] > found.left[last]
    assert f"({found.failing[last]} in all)" in found.describe()
    assert max(found.failing.values()) < found.met


limits = st.one_of(st.none(), st.integers(10, 100))


@given(st.lists(st.tuples(limits, limits), min_size=1, max_size=3))
def test_criteria_that_exclude_each_other_are_refused_when_read(pairs):
    pairs = [p for p in dict.fromkeys(pairs) if p != (None, None) and (None in p or p[0] < p[1])]
    criteria = [
        {"quantity": "fev1_percent", **({} if low is None else {"min": low}),
         **({} if high is None else {"max": high})} for low, high in pairs
    ]  # fmt: skip
    lowest = max([low for low, _ in pairs if low is not None], default=-1)
    highest = min([high for _, high in pairs if high is not None], default=101)
    if lowest <= highest:
        population(*criteria)
    else:
        with pytest.raises(ValidationError, match="exclude each other"):
            population(*criteria)


@pytest.mark.parametrize(
    ("criterion", "words"),
    [
        ({"quantity": "age", "min": 95}, "the ages drawn"),
        ({"quantity": "fev1", "min": float("nan")}, "finite"),
        ({"quantity": "fev1", "max": float("inf")}, "finite"),
        ({"quantity": "fibrosis_stage", "min": 5}, "'fibrosis_stage' is never above 4"),
        ({"quantity": "serum_aat", "max": -1}, "'serum_aat' is never below 0"),
        ({"quantity": "fev1_percent", "min": 500}, "'fev1_percent' is never above 200"),
        ({"quantity": "weight", "min": 1000}, "'weight' is never above 300: adults"),
        ({"quantity": "age", "min": 600}, "if it was meant in months, write 'min: 50'"),
        ({"quantity": "fev1_percent", "min": 0.3, "max": 0.7},
         "if it was meant in parts of 1, write 'min: 30, max: 70'"),
        ({"quantity": "fev1", "min": 1000, "max": 2500},
         "if it was meant in mL, write 'min: 1, max: 2.5'"),
    ],
)  # fmt: skip
def test_a_limit_that_lets_nobody_or_everybody_in_is_refused(criterion, words):
    with pytest.raises(ValidationError, match=words):
        population(criterion)


def test_every_quantity_has_what_a_living_adult_can_have():
    for quantity in ELIGIBILITY:
        assert all(end.value is not None and end.why for end in possible(quantity))


def test_a_limit_that_leaves_out_nobody_is_told():
    said = lets_all_in("fev1_percent", (0.3, None))
    assert said == (
        "'min: 0.3' leaves out nobody: 'fev1_percent' is never below 5; if it was meant in parts of "
        "1, write 'min: 30'"
    )
    assert "never above 4" in lets_all_in("fibrosis_stage", (1, 9))
    assert lets_all_in("fibrosis_stage", (0, 4)) == ""


def test_the_same_criterion_twice_is_refused():
    one = {"quantity": "fev1_percent", "min": 40}
    with pytest.raises(ValidationError, match="the same criterion stands there twice"):
        population(one, one)


@pytest.mark.parametrize(
    ("quantity", "unit", "factor"),
    [
        ("age", "years", 1 / 365.25), ("serum_aat", "µM", 1), ("fev1", "L", 1),
        ("fev1_percent", "%", 100), ("fev1_fvc", "ratio", 1), ("density", "g/L", 1),
        ("stiffness", "kPa", 1), ("weight", "kg", 1),
    ],
)  # fmt: skip
def test_a_criterion_is_in_the_unit_that_physicians_use(quantity, unit, factor):
    assert ELIGIBILITY[quantity][1:] == (unit, factor)


def test_no_unit_is_guessed_where_one_end_is_not_known():
    assert meant("serum_aat", (None, 0.57), (None, 60.0)) == ""
    assert meant("serum_aat", (None, 0.57), (0.0, None)) == ""
