"""Who is drawn: ages, covariates and their spread follow the laws that are stated, and no others."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from antitrypsim.foundations.errors import InputError, ProtocolError
from antitrypsim.populations.numbers import population_parameters
from antitrypsim.populations.people import draw_people, effects
from antitrypsim.populations.spec import GENOTYPES, AgeRange, Population
from antitrypsim.therapies import build_model

pytestmark = pytest.mark.law


YEAR = 365.25
COUNT = 20_000
MIXED = Population(
    genotype={"ZZ": 0.5, "SZ": 0.2, "MZ": 0.2, "null": 0.1},
    age=AgeRange(mean=47, sd=12, min=30, max=70),
    male=0.6,
    smoking={"never": 0.3, "ex": 0.5, "current": 0.2},
    ascertainment={"screening": 0.2, "family": 0.3, "lung": 0.4, "liver": 0.1},
)


@cache
def model():
    return build_model()


def drawn(population=MIXED, count=COUNT, seed=5):
    ids = np.arange(count, dtype=np.int64)
    return draw_people(model(), population, seed, ids, ids)


@cache
def people():
    return drawn()


def value(name):
    return population_parameters()[name].value


def spread(name):
    return population_parameters()[name].between_patients


def label(name):
    return people().labels[name].astype(str)


def test_ages_are_a_normal_cut_at_both_ends():
    age = people().age / YEAR
    low, high = (30 - 47) / 12, (70 - 47) / 12
    assert age.min() >= 30
    assert age.max() <= 70
    assert stats.kstest(age, stats.truncnorm(low, high, 47, 12).cdf).pvalue > 1e-3


def test_an_age_without_spread_is_the_mean():
    same = drawn(Population(age=AgeRange(mean=51.5, sd=0)), 50)
    assert np.all(same.age == 51.5 * YEAR)


@pytest.mark.parametrize("name", ["genotype", "smoking", "ascertainment"])
def test_groups_have_their_shares(name):
    shares = getattr(MIXED, name)
    counts = [int((label(name) == word).sum()) for word in shares]
    assert sum(counts) == COUNT
    assert stats.chisquare(counts, [COUNT * share for share in shares.values()]).pvalue > 1e-3


def test_alleles_are_those_of_the_genotype():
    for genotype, alleles in GENOTYPES.items():
        chosen = label("genotype") == genotype
        for allele, number in zip("MZS", alleles, strict=True):
            # The letters of the word are the alleles; 0 and 'null' make no protein.
            assert number == genotype.count(allele)
            assert np.all(people().covariates[f"person.alleles_{allele}"][chosen] == number)


@pytest.mark.parametrize(("sex", "name"), [("male", "height_male"), ("female", "height_female")])
def test_men_and_women_have_their_own_heights(sex, name):
    height = people().covariates["person.height"][label("sex") == sex]
    law = stats.norm(value(name), spread(name).sd)
    assert stats.kstest(height, law.cdf).pvalue > 1e-3


def test_men_are_taller_than_women():
    height, male = people().covariates["person.height"], label("sex") == "male"
    assert 0.10 < height[male].mean() - height[~male].mean() < 0.16
    assert np.mean(male) == pytest.approx(0.6, abs=0.012)
    assert np.array_equal(people().covariates["person.male"], male.astype(float))


def test_weight_is_body_mass_index_times_height_squared():
    height, weight = (people().covariates[f"person.{k}"] for k in ("height", "weight"))
    index = weight / height**2
    sigma = np.sqrt(np.log1p(spread("body_mass_index").cv ** 2))
    assert np.std(np.log(index)) == pytest.approx(sigma, rel=0.03)
    assert np.median(index) == pytest.approx(value("body_mass_index"), rel=0.02)
    assert abs(np.corrcoef(index, height)[0, 1]) < 0.03


def test_a_smoking_history_is_what_its_word_says():
    course, age = people().courses["person.smoking"], people().age
    started, quits = course.times[:, 0], course.times[:, 1]
    never, ex, current = (label("smoking") == word for word in ("never", "ex", "current"))
    assert np.isnan(started[never]).all()
    assert np.all(course.values[never] == 0)
    assert np.all(course.values[current, 0] > 0)
    assert np.isnan(quits[current]).all()
    quitted = ex & ~np.isnan(started)
    assert quitted.sum() > 0.95 * ex.sum()
    assert np.all(started[quitted] < quits[quitted])
    assert np.all(quits[quitted] < age[quitted])
    assert np.mean(started[current]) / YEAR == pytest.approx(value("smoking_start"), abs=0.2)
    assert np.median(course.values[current, 0]) == pytest.approx(value("packs_per_day"), rel=0.05)


def test_what_sets_people_apart_is_standard_normal_and_correlated_only_as_stated():
    found = effects(model(), 5, np.arange(COUNT, dtype=np.int64))
    stated = {
        frozenset((p.id, other)): r for p in model().parameters for other, r in p.correlated_with
    }
    assert stated, "airflow and density share a susceptibility"
    names = sorted(found)
    table = np.array([found[name] for name in names])
    assert np.abs(table.mean(axis=1)).max() < 5 / np.sqrt(COUNT)
    assert np.abs(table.std(axis=1) - 1).max() < 5 / np.sqrt(2 * COUNT)
    r = np.corrcoef(table)
    for i, one in enumerate(names):
        for j in range(i):
            wanted = stated.get(frozenset((one, names[j])), 0.0)
            assert r[i, j] == pytest.approx(wanted, abs=5 / np.sqrt(COUNT)), (one, names[j])


def test_covariates_do_not_go_together_unless_stated():
    columns = {
        "age": people().age,
        "male": people().covariates["person.male"],
        "Z": people().covariates["person.alleles_Z"],
        "smokes": (label("smoking") == "current").astype(float),
        "lung": (label("ascertainment") == "lung").astype(float),
        "first effect": next(iter(people().effects.values())),
    }
    r = np.corrcoef(list(columns.values()))
    assert np.abs(r - np.eye(len(columns))).max() < 5 / np.sqrt(COUNT)


def test_good_and_bad_years_are_standard_normal_and_independent():
    for name in ("person.lung_course", "person.airway_course"):
        values = people().courses[name].values
        assert abs(values.mean()) < 5 / np.sqrt(values.size)
        assert values.std() == pytest.approx(1, abs=0.01)
        assert abs(np.corrcoef(values[:, 3], values[:, 4])[0, 1]) < 5 / np.sqrt(COUNT)


@settings(max_examples=10)
@given(st.integers(0, 2**31), st.integers(2, 40))
def test_a_person_is_the_same_however_many_there_are(seed, count):
    many, few = drawn(count=50, seed=seed), drawn(count=count, seed=seed)
    assert many.take(np.arange(count)).content_hash == few.content_hash


def test_who_is_looked_for_and_who_is_met_are_apart():
    slots = np.arange(30, dtype=np.int64)
    one = draw_people(model(), MIXED, 5, slots, slots)
    other = draw_people(model(), MIXED, 5, slots, slots + 1000)
    assert np.array_equal(one.age, other.age)
    assert np.array_equal(one.covariates["person.male"], other.covariates["person.male"])
    assert all(np.array_equal(one.labels[name], other.labels[name]) for name in one.labels)
    assert not np.any(one.covariates["person.height"] == other.covariates["person.height"])
    for name in one.effects:
        assert not np.any(one.effects[name] == other.effects[name])


@pytest.mark.parametrize(
    "said",
    [
        {"male": 1.5},
        {"male": -0.1},
        {"genotype": {"ZZ": 1.5, "SZ": -0.5}},
        {"smoking": {"never": 0.9}},
    ],
)
def test_a_share_lies_between_nothing_and_all(said):
    with pytest.raises(InputError):
        Population(**said)


BY_SMOKING = Population(
    smoking={"never": 0.4, "ex": 0.4, "current": 0.2},
    ascertainment={"lung": 0.6, "family": 0.4},
    ascertainment_by_smoking={"never": {"screening": 0.7, "lung": 0.3}},
)


def test_a_smoking_history_may_have_its_own_ways_of_being_found():
    people = drawn(BY_SMOKING)
    never = people.labels["smoking"].astype(str) == "never"
    way = people.labels["ascertainment"].astype(str)
    counts = [int((way[never] == word).sum()) for word in ("lung", "screening")]
    assert sum(counts) == never.sum()
    assert stats.chisquare(counts, never.sum() * np.array([0.3, 0.7])).pvalue > 1e-3
    counts = [int((way[~never] == word).sum()) for word in ("lung", "family")]
    assert stats.chisquare(counts, (~never).sum() * np.array([0.6, 0.4])).pvalue > 1e-3
    assert BY_SMOKING.kinds("ascertainment") == ("screening", "lung", "family")


def test_ways_that_are_said_alike_for_all_draw_the_same_people():
    same = BY_SMOKING.model_copy(
        update={"ascertainment_by_smoking": {"never": BY_SMOKING.ascertainment}}
    )
    plain = BY_SMOKING.model_copy(update={"ascertainment_by_smoking": None})
    assert drawn(same, 500).content_hash == drawn(plain, 500).content_hash


@pytest.mark.parametrize(
    ("ways", "said"),
    [
        ({"ex": {"lung": 0.5}}, "ascertainment_by_smoking.ex: the shares add up to 0.5"),
        ({"current": {"lung": 1.0}}, "ascertainment_by_smoking.current: nobody here has that"),
    ],
)
def test_ways_of_a_smoking_history_are_checked(ways, said):
    with pytest.raises(ProtocolError, match=said):
        Population(smoking={"never": 0.5, "ex": 0.5}, ascertainment_by_smoking=ways)
