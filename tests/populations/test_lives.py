"""Whole lives: a cohort that is read off them is that which meeting people anew gives."""

from __future__ import annotations

from functools import cache
from itertools import combinations

import numpy as np
import pytest
from scipy import stats
from scipy.stats import kstest

from antitrypsim.foundations.units import YEAR
from antitrypsim.populations.drawn import draw
from antitrypsim.populations.drawn_like import draw_like
from antitrypsim.populations.enrol import enrol
from antitrypsim.populations.lives import Lives
from antitrypsim.populations.lives_read import Kind
from antitrypsim.populations.matching import Description, meet_like
from antitrypsim.populations.people import draw_people, months_at
from antitrypsim.populations.shelf import Shelf
from antitrypsim.populations.spec import AgeRange, Criterion, Population
from antitrypsim.protocols import load_protocol
from antitrypsim.simulation.settings import Settings
from antitrypsim.simulation.simulate import live, simulate_all
from antitrypsim.therapies import build_model

pytestmark = pytest.mark.law

SETTINGS = Settings(seed=17, tolerance=1e-3)
SETTINGS_OF_LIBRARY = Settings(tolerance=1e-3)
FOUND = Population(
    age=AgeRange(mean=50, sd=11, min=25, max=75),
    smoking={"never": 0.4, "ex": 0.5, "current": 0.1},
    ascertainment={"lung": 0.5, "screening": 0.5},
    eligibility=(Criterion(quantity="fev1_percent", max=90),),
)
YOUNG = Population(
    genotype={"ZZ": 0.5, "MZ": 0.5},
    age=AgeRange(mean=35, sd=6, min=20, max=50),
    smoking={"ex": 1.0},
    ascertainment={"screening": 1.0},
)
OUTPUTS = (
    "lung.fev1", "lung.fev1_share", "lung.density", "liver.stiffness", "liver.fibrosis_stage",
    "circulation.serum_aat",
)  # fmt: skip


@cache
def lives() -> Lives:
    model = build_model(therapies=())
    return Lives.lived(model, [(FOUND, 1200), (YOUNG, 600)], settings=SETTINGS)


def described(people) -> dict[str, np.ndarray]:
    """What people are at day 0 and become in two years, by name."""
    values = simulate_all(
        build_model(therapies=()),
        people,
        times=[0.0, 2 * YEAR],
        outputs=OUTPUTS,
        settings=Settings(tolerance=1e-3),
    ).values[:, 0]
    smoking = people.courses["person.smoking"]
    found = {
        "age": people.age / YEAR,
        "weight": people.covariates["person.weight"],
        "height": people.covariates["person.height"],
        "metabolic": people.covariates["person.metabolic"],
        "bronchiectasis": people.covariates["person.bronchiectasis"],
        "alcohol": people.covariates["person.alcohol"],
        "male": people.covariates["person.male"],
        "packs": smoking.values[:, 0],
        "stopped": np.where(people.labels["smoking"] == "ex", smoking.times[:, 1] / YEAR, np.nan),
    }
    found |= {name: values[:, 0, k] for k, name in enumerate(OUTPUTS)}
    return found | {
        f"{name}, change": values[:, 1, k] - values[:, 0, k] for k, name in enumerate(OUTPUTS)
    }


@pytest.mark.parametrize("population", [FOUND, YOUNG])
def test_a_cohort_of_lives_is_distributed_as_one_that_is_met_anew(population):
    read = lives().enrol(population, 300).people
    # A life that comes twice would count twice.
    read = read.take(np.unique(read.ids, return_index=True)[1])
    alike(described(read), described(anew(population)))


OTHERS = {
    "lung and serum": load_protocol("rapid").population,
    "liver": Population(
        genotype={"ZZ": 0.7, "SZ": 0.3},
        age=AgeRange(mean=58, sd=9, min=40, max=80),
        ascertainment={"liver": 1.0},
        eligibility=(Criterion(quantity="bmi", max=33), Criterion(quantity="alcohol", max=0)),
    ),
    "metabolic": Population(
        genotype={"MZ": 1.0},
        age=AgeRange(mean=62, sd=8, min=45, max=85),
        smoking={"ex": 0.7, "current": 0.3},
        ascertainment={"screening": 1.0},
        eligibility=(Criterion(quantity="metabolic", min=0.5),),
    ),
}


@pytest.mark.parametrize("population", [FOUND, YOUNG, *OTHERS.values()], ids=str)
def test_a_cohort_from_the_library_is_distributed_as_one_that_is_met_anew(population):
    model = build_model(therapies=())
    drawn = draw(Shelf(), model, population, 0, 300, settings=SETTINGS_OF_LIBRARY)
    assert drawn.anew < 30
    alike(described(drawn.people), described(anew(population)))


def test_people_like_one_from_the_library_are_distributed_as_those_who_are_met_anew():
    who, model = Description(age=50, smoking="ex", sex="male", fev1=60), build_model(therapies=())
    drawn = draw_like(Shelf(), model, who, 200, settings=SETTINGS_OF_LIBRARY)
    met = meet_like(model, who, 200, settings=Settings(seed=99, tolerance=1e-3))
    assert drawn.anew == 0
    one, other = described(drawn.people), described(met.people)
    # Of whom only the age is known they are of that age, and from the library to half a year.
    assert np.all(np.abs(one.pop("age") - other.pop("age")) <= 0.5)
    alike(one, other)


def anew(population):
    """Return people of a population who are met anew."""
    settings = Settings(seed=99, tolerance=1e-3)
    return enrol(build_model(therapies=()), population, 300, settings=settings).people


# What is left of a correlation beyond this hangs on errors of integration, as of a stage and its yearly change.
CLOSE = 0.97


def alike(one, other):
    """Hold two groups against each other: each quantity, and each two of them by ranks."""
    assert len(one) > 19
    for name, mine in one.items():
        mine, theirs = (x[np.isfinite(x)] for x in (mine, other[name]))
        if mine.size:
            assert stats.ks_2samp(mine, theirs, method="asymp").pvalue > 0.001 / len(one), name
    pairs = list(combinations(one, 2))
    most = stats.norm.isf(0.0005 / len(pairs))
    for pair in pairs:
        z = []
        for group in (one, other):
            both = np.isfinite(group[pair[0]]) & np.isfinite(group[pair[1]])
            x, y = (group[name][both] for name in pair)
            if both.sum() < 20 or np.ptp(x) == 0 or np.ptp(y) == 0:
                break
            # The error of a correlation of ranks is somewhat larger than that of values.
            z.append(
                (
                    np.arctanh(np.clip(stats.spearmanr(x, y)[0], -CLOSE, CLOSE)),
                    np.sqrt(1.06 / (both.sum() - 3)),
                )
            )
        if len(z) == 2:
            (r, error), (s, wrong) = z
            assert abs(r - s) < most * np.hypot(error, wrong), pair


def test_people_who_live_once_more_are_what_was_read_of_them():
    # Between readings a life has other good and bad months, so that exacerbations fall on other days.
    people = lives().enrol(FOUND, 60).people
    row = np.searchsorted(lives().ids, people.ids)
    year = np.rint(people.age / YEAR - 18 - lives().offset[row]).astype(int)
    now = live(lives().model, people, outputs=("lung.fev1_share",), settings=SETTINGS).now
    assert now["lung.fev1_share"] == pytest.approx(
        lives().now["lung.fev1_share"][row, year], rel=4e-2
    )


def test_everybody_is_of_the_kind_and_age_that_were_asked_for():
    people = lives().enrol(YOUNG, 100).people
    assert np.all((people.age >= 20 * YEAR) & (people.age <= 50 * YEAR))
    assert set(people.labels["smoking"]) == {"ex"}
    stopped = people.courses["person.smoking"].times[:, 1]
    assert np.all(stopped <= people.age - 0.5 * YEAR + 1e-6)
    for row, person in zip(np.searchsorted(lives().ids, people.ids), range(100), strict=True):
        kind = Kind(*(people.labels[name][person] for name in Kind._fields))
        first, count = lives().rows[kind]
        assert first <= row < first + count


def test_a_life_is_the_same_whatever_others_there_are():
    model = build_model(therapies=())
    alone = Lives.lived(model, [(YOUNG, 40)], settings=SETTINGS)
    among = Lives.lived(model, [(FOUND, 30), (YOUNG, 40)], settings=SETTINGS)
    both = np.intersect1d(alone.ids, among.ids)
    assert both.size == alone.ids.size
    mine, theirs = (np.searchsorted(x.ids, both) for x in (alone, among))
    for output in ("lung.fev1_usual_share", "liver.fibrosis_stage"):
        assert np.array_equal(alone.now[output][mine], among.now[output][theirs], equal_nan=True)


def test_the_months_at_an_age_are_those_of_somebody_made_at_that_age():
    ids = np.arange(40, dtype=np.int64)
    people = draw_people(build_model(therapies=()), FOUND, 3, ids, ids)
    ages = people.age / YEAR
    course = people.courses["person.airway_day"]
    found = months_at(3, ids, people.birth / YEAR, ages[:, None])
    for k, age in enumerate(people.age):
        now = np.searchsorted(course.times[k], age, side="right")
        assert np.array_equal(found.values[k], course.values[k, now - 2 : now])
        assert np.array_equal(found.times[k], course.times[k, now - 2 : now])


def test_months_of_airflow_begin_on_other_days_for_everybody():
    ids = np.arange(2000, dtype=np.int64)
    people = draw_people(build_model(therapies=()), FOUND, 3, ids, ids)
    times = people.courses["person.airway_day"].times - people.age[:, None]
    first = np.where(times > 0, times, np.inf).min(axis=1)
    length = np.diff(times[0])[0]
    assert kstest(first / length, "uniform").pvalue > 0.001
