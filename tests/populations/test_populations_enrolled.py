"""Who is enrolled: alive, found as stated, within every criterion, and the same in any cohort."""

from functools import cache

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from antitrypsim.foundations.errors import InputError
from antitrypsim.populations.enrol import enrol
from antitrypsim.populations.numbers import population_parameters
from antitrypsim.populations.spec import ELIGIBILITY, AgeRange, Criterion, Population
from antitrypsim.simulation.settings import Settings
from antitrypsim.simulation.simulate import simulate_all
from antitrypsim.therapies import build_model

pytestmark = pytest.mark.law


YEAR = 365.25
EASY = Population(
    genotype={"ZZ": 0.6, "SZ": 0.2, "MZ": 0.2},
    age=AgeRange(mean=50, sd=12, min=20, max=80),
    ascertainment={"screening": 0.7, "family": 0.3},
)
LIMITS = {
    "age": (45, 60),
    "weight": (60, 85),
    "serum_aat": (4, 8),
    "fev1": (2.0, 3.2),
    "fev1_percent": (60, 90),
    "fev1_fvc": (0.5, 0.72),
    "kco": (0.9, 1.4),
    "density": (45, 70),
    "stiffness": (4.5, 7.0),
    "fibrosis_stage": (0.3, 1.5),
    "alt": (0.6, 0.9),
    "sgrq": (25, 50),
    "bmi": (23, 27),
}
"""Limits that many of EASY lie outside of, on both sides."""
YES_OR_NO = {"alcohol", "metabolic", "bronchiectasis"}


@cache
def model():
    return build_model(therapies=[])


def enrolled(population, count=30, seed=11):
    return enrol(model(), population, count, settings=Settings(seed=seed))


@cache
def anybody():
    """People of EASY without any criterion."""
    return enrolled(EASY, 40).people


def now(people, quantity, seed=11):
    """Return each person's value of an eligibility quantity on day 0, in its own unit."""
    output, _, factor = ELIGIBILITY[quantity]
    if quantity == "age":
        return people.age / YEAR
    if quantity == "bmi":
        return people.covariates["person.weight"] / people.covariates["person.height"] ** 2
    if output in people.covariates:
        return people.covariates[output]
    lived = simulate_all(
        model(), people, times=[0.0], outputs=[output], settings=Settings(seed=seed)
    )
    return lived[output][:, 0, 0] * factor


@pytest.mark.contract
def test_the_limits_cover_every_quantity():
    assert set(LIMITS) | YES_OR_NO == set(ELIGIBILITY)


@pytest.mark.parametrize("quantity", list(LIMITS))
def test_nobody_enrolled_lies_outside_a_criterion(quantity):
    low, high = LIMITS[quantity]
    open_to_all = now(anybody(), quantity)
    assert (open_to_all < low).any(), "the lower limit decides something"
    assert (open_to_all > high).any(), "the upper limit decides something"
    for limits in ({"min": low}, {"max": high}, {"min": low, "max": high}):
        chosen = EASY.model_copy(update={"eligibility": (Criterion(quantity=quantity, **limits),)})
        values = now(enrolled(chosen, 12).people, quantity)
        assert np.all(values >= limits.get("min", -np.inf))
        assert np.all(values <= limits.get("max", np.inf))


@pytest.mark.parametrize("quantity", sorted(YES_OR_NO))
def test_what_people_have_beside_can_be_asked_for_or_left_out(quantity):
    for limits, wanted in (({"max": 0}, 0), ({"min": 1}, 1)):
        chosen = EASY.model_copy(update={"eligibility": (Criterion(quantity=quantity, **limits),)})
        assert np.all(now(enrolled(chosen, 12).people, quantity) == wanted)


def test_all_criteria_hold_together():
    both = EASY.model_copy(
        update={
            "eligibility": (
                Criterion(quantity="serum_aat", max=11),
                Criterion(quantity="fev1_percent", min=40, max=85),
                Criterion(quantity="age", min=40),
            )
        }
    )
    people = enrolled(both).people
    assert now(people, "serum_aat").max() <= 11
    assert now(people, "fev1_percent").min() >= 40
    assert now(people, "fev1_percent").max() <= 85
    assert now(people, "age").min() >= 40


@pytest.mark.parametrize(
    ("way", "quantity", "sign", "parameter"),
    [
        ("lung", "fev1_percent", -1, "lung_threshold"),
        ("liver", "fibrosis_stage", 1, "liver_threshold"),
    ],
)
def test_whoever_is_found_by_a_disease_has_it(way, quantity, sign, parameter):
    population = EASY.model_copy(update={"genotype": {"ZZ": 1.0}, "ascertainment": {way: 1.0}})
    values = now(enrolled(population, 40).people, quantity)
    stated = population_parameters()[parameter]
    factor = ELIGIBILITY[quantity][2]
    limit = factor * (stated.value - sign * 4 * stated.between_patients.sd)
    assert np.all(sign * (values - limit) > 0)
    assert sign * (np.mean(values) - np.mean(now(anybody(), quantity))) > 0


def test_everybody_enrolled_is_alive_and_has_lived_to_the_day():
    people = enrolled(
        EASY.model_copy(update={"age": AgeRange(mean=76, sd=3, min=70, max=85)})
    ).people
    run = simulate_all(
        model(), people, times=[0.0, 1.0], outputs=["lung.fev1"], settings=Settings(seed=11)
    )
    deaths = run.events["death"][:, 0, 0]
    assert not np.any(deaths <= 0)
    assert np.isfinite(run["lung.fev1"][:, 0, 0]).all()
    assert people.snapshot is not None


def test_those_met_are_those_enrolled_and_those_left():
    population = EASY.model_copy(
        update={"eligibility": (Criterion(quantity="fev1_percent", min=60, max=90),)}
    )
    cohort = enrolled(population)
    assert cohort.met == len(cohort.people) + sum(cohort.left.values())
    assert str(cohort.met) in cohort.describe()
    assert sum(count for reason, count in cohort.left.items() if "fev1_percent" in reason) > 0


@settings(max_examples=3, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**31), st.integers(1, 14))
def test_a_place_has_the_same_person_in_any_cohort(seed, count):
    population = EASY.model_copy(
        update={"eligibility": (Criterion(quantity="fev1_percent", min=60, max=90),)}
    )
    few = enrolled(population, count, seed).people
    many = enrolled(population, 15, seed).people
    assert many.take(np.arange(count)).content_hash == few.content_hash


def test_another_seed_is_other_people():
    one, other = (enrolled(EASY, 10, seed).people for seed in (1, 2))
    assert not np.any(one.age == other.age)


@pytest.mark.contract
@pytest.mark.parametrize("count", [0, -3, 1_000_001])
def test_a_number_of_people_that_cannot_be_is_refused(count):
    with pytest.raises(InputError, match="cannot be enrolled"):
        enrol(model(), EASY, count)


@pytest.mark.contract
@pytest.mark.parametrize("how", [{"seed": "a"}, {"threads": -1}, {"chunk": 0}])
def test_half_a_person_and_other_than_whole_numbers_are_refused(how):
    with pytest.raises(InputError, match="must be a whole number"):
        enrol(model(), EASY, 1.5)
    with pytest.raises(InputError, match="must be a whole number"):
        Settings(**how)
