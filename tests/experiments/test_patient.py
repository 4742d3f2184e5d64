"""People like a described one, and their course with and without a therapy."""

from functools import cache

import numpy as np
import pytest

from antitrypsim.experiments.patient import SHOWN, _marks, patient
from antitrypsim.foundations.errors import InputError, RunError
from antitrypsim.populations.cohorts import cohort_like
from antitrypsim.populations.matching import Description, meet_like
from antitrypsim.populations.numbers import typical_value
from antitrypsim.protocols.therapytext import parse_therapy
from antitrypsim.reports import patient_text
from antitrypsim.simulation.settings import Settings
from antitrypsim.simulation.simulate import simulate_all
from antitrypsim.therapies import build_model

pytestmark = pytest.mark.law


WEEKLY = "augmentation:60mg/kg/week"


@cache
def course():
    return patient(age=50, sex="male", smoking="never", fev1=80, years=3, therapy=WEEKLY, people=24)


@cache
def met(count=12, **described):
    return meet_like(build_model(), Description(**described), count, settings=Settings(seed=2))


def now(people, output, factor=1.0):
    results = simulate_all(
        build_model(), people, times=[0.0], outputs=[output], settings=Settings(seed=2)
    )
    return results[output][:, 0, 0] * factor


def test_people_are_as_described():
    cohort = met(genotype="SZ", age=61, sex="male", smoking="ex", quit_age=50, fev1=70, height=1.8,
                 weight=90)  # fmt: skip
    people = cohort.people
    assert np.all(people.age == 61 * 365.25)
    assert np.all(people.covariates["person.male"] == 1)
    assert np.all(people.covariates["person.height"] == 1.8)
    assert np.all(people.covariates["person.weight"] == 90)
    assert np.all(people.covariates["person.alleles_Z"] == 1)
    assert np.all(people.courses["person.smoking"].times[:, 1] == 50 * 365.25)
    assert np.all(np.abs(now(people, "lung.fev1_share", 100) - 70) <= 3)
    assert cohort.met > len(people)
    assert cohort.met == len(people) + sum(cohort.left.values())


def test_serum_and_stiffness_are_met_too():
    people = met(serum=5.5, stiffness=5.0).people
    assert np.all(np.abs(now(people, "circulation.serum_aat") - 5.5) <= 1)
    assert np.all(np.abs(now(people, "liver.stiffness") - 5.0) <= 1)


def test_what_is_not_said_differs_between_people():
    people = met(age=40).people
    for name in ("person.height", "person.weight"):
        assert np.std(people.covariates[name]) > 0
    assert np.std(now(people, "lung.fev1_share")) > 0.01


def test_the_heavy_are_tall():
    model = build_model()
    light, heavy = (
        meet_like(model, Description(age=30, weight=w), 40, settings=Settings(seed=1)).people
        for w in (50, 110)
    )
    tall = [p.covariates["person.height"].mean() for p in (light, heavy)]
    assert tall[1] > tall[0] + 0.02


def test_a_person_met_does_not_depend_on_how_many_are_wanted():
    few, many = met(fev1=80), met(17, fev1=80)
    assert np.array_equal(few.people.ids, many.people.ids[:12])
    assert np.array_equal(few.people.snapshot.states, many.people.snapshot.states[:12])


def test_smokers_go_on_smoking():
    people = met(age=40, smoking="current").people
    assert np.all(now(people, "immunity.oxidative_stress") > 1.01)


@pytest.mark.contract
def test_a_course_is_told_by_output_and_year():
    frame = course().to_frame()
    assert set(frame["endpoint"]) == set(SHOWN)
    assert set(frame["way"]) == {"without", "with", "difference"}
    assert sorted(frame["year"].unique()) == [0, 1, 2, 3]
    assert (frame["p05"] <= frame["median"]).all()
    assert (frame["median"] <= frame["p95"]).all()
    start = frame[(frame["year"] == 0) & (frame["way"] == "difference")]
    assert (start[["median", "p05", "p95"]] == 0).all().all()


def test_serum_is_drawn_before_the_dose():
    found = course()
    rows = [r for r in found.rows if r["endpoint"] == "serum_aat" and r["year"] == 2]
    assert {r["day"] for r in rows} == {728.0}
    regimen = parse_therapy(WEEKLY, 3)
    people = cohort_like(
        build_model(), Description(age=50, sex="male", fev1=80), 24, settings=Settings(seed=1)
    ).people  # fmt: skip
    around = simulate_all(
        build_model(),
        people,
        regimen,
        times=[728.0, 728.01],
        outputs=["circulation.serum_aat"],
        settings=Settings(seed=1),
    )["circulation.serum_aat"][:, 0]
    assert np.nanmin(around[:, 1] - around[:, 0]) > 5
    told = next(r["median"] for r in rows if r["way"] == "with")
    assert told == pytest.approx(np.nanmedian(around[:, 0]), rel=1e-3)


def test_treatment_raises_serum_and_spares_the_lung():
    def last(id, way):
        return next(r["median"] for r in course().rows
                    if (r["endpoint"], r["way"], r["year"]) == (id, way, 3))  # fmt: skip

    assert last("serum_aat", "difference") > 5
    assert last("density", "difference") > 0
    assert last("fev1", "difference") >= 0


@pytest.mark.contract
def test_survival_and_events_are_told_for_both():
    found = course()
    assert {r["way"] for r in found.survival} == {"without", "with"}
    assert all(r["alive"] == 1 for r in found.survival if r["year"] == 0)
    assert all(rate["exacerbations_per_year"] >= 0 for rate in found.rates.values())
    assert all(rate["people"] == 24 for rate in found.rates.values())


def test_the_same_seed_gives_the_same_course():
    again = patient(
        age=50,
        sex="male",
        smoking="never",
        fev1=80,
        years=3,
        therapy=WEEKLY,
        people=24,
        settings=Settings(threads=1),
    )
    assert again.content_hash == course().content_hash


@pytest.mark.contract
def test_the_text_says_what_a_reader_needs():
    text = patient_text(course())
    for words in (
        "not for the care of an individual", "male, 50 years, Pi*ZZ, never smoked",
        "nobody was altered",
        "Lung density", "per cent predicted", "before the dose", "SGRQ", "stiffness", "Alive, %",
        "Severe exacerbations per person and year", "What it rests on: of",
        "numbers of the therapy", f"compare --therapy '{WEEKLY}' --population person:age=50,sex=male,fev1=80",
        "The model holds no way from it to", f"among {course().met:,} met",
    ):  # fmt: skip
        assert words in " ".join(text.split())
    assert max(map(len, text.splitlines())) <= 140
    assert "-0.00" not in text


@pytest.mark.contract
def test_without_a_therapy_there_is_one_course():
    found = patient(age=40, years=1.5, people=20)
    assert found.ways == ("without",)
    assert [r["year"] for r in found.rows if r["endpoint"] == "fev1"] == [0, 1, 1.5]
    assert "without therapy" in patient_text(found)
    assert found.to_dict()["therapy"] is None


@pytest.mark.contract
def test_who_is_rare_is_not_made_up():
    with pytest.raises(RunError, match=r"like this w.* relax 'serum'") as caught:
        patient(genotype="ZZ", age=40, serum=40, years=1, people=20)
    assert caught.value.exit_code == 1
    assert str(caught.value).endswith("relax 'serum'")
    # Of two the one that is met less often is named, and that there is another.
    with pytest.raises(RunError, match=r"40 was asked for: relax 'serum' or the others$"):
        patient(genotype="ZZ", age=40, serum=40, fev1=100, years=1, people=20)


@pytest.mark.contract
@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"genotype": "ZX"}, "no genotype 'ZX'; did you mean 'ZZ'"),
        ({"sex": "woman"}, "no sex 'woman'; use one of these: female, male|did you mean"),
        ({"smoking": "sometimes"}, "no smoking history"),
        ({"age": 12}, "age 12 years cannot be; between 18 and 90 can: a child's liver grows"),
        ({"fev1": 400}, "FEV1 400 % of predicted cannot be"),
        ({"height": 175}, "height 175 m cannot be"),
        ({"quit_age": 40}, "a quit age is for ex-smokers"),
        ({"smoking": "ex", "quit_age": 60, "age": 50}, "quit age 60 years cannot be"),
        ({"years": 0}, "0 years cannot be"),
        ({"years": float("nan")}, "nan years cannot be"),
        ({"age": 80, "years": 40}, "lead beyond 105"),
        ({"people": 0}, "0 people cannot be met"),
        ({"people": 10**9}, "cannot be met"),
        ({"wieght": 70}, "nothing called 'wieght' describes a person; did you mean 'weight'"),
        ({"therapy": "aspirin:1mg/kg/day"}, "no therapy 'aspirin'"),
    ],
)
def test_what_cannot_be_is_one_sentence(given, said):
    with pytest.raises(InputError, match=said):
        patient(**given)


@pytest.mark.parametrize(
    ("years", "marks"), [(1.0, [0, 1]), (2.0, [0, 1, 2]), (1.5, [0, 1, 1.5]), (0.5, [0, 0.5])]
)
def test_a_course_is_read_once_a_year_and_on_the_last_day(years, marks):
    assert [mark / 365.25 for mark in _marks(years)] == marks


def test_the_height_that_is_said_leaves_the_body_mass_index_as_it_is():
    """The same people, were they taller: their weight goes with the square of their height."""
    short, tall = (met(age=30, height=h).people.covariates["person.weight"] for h in (1.6, 1.9))
    assert tall / short == pytest.approx((1.9 / 1.6) ** 2)
    assert np.median(short / 1.6**2) == pytest.approx(typical_value("body_mass_index"), rel=0.2)


def test_what_is_unknown_is_a_band_of_its_own_and_moves_nothing_else():
    given = {"therapy": "augmentation:60mg/kg/week", "people": 8, "years": 1.0}
    plain, drawn = patient(**given), patient(**given, uncertainty=6)
    bands = ("unknown_low", "unknown_high")
    for one, other in zip(plain.rows, drawn.rows, strict=True):
        assert not set(bands) & set(one)
        assert one == {key: value for key, value in other.items() if key not in bands}
        assert other["unknown_low"] <= other["unknown_high"]
    serum = next(r for r in drawn.rows if (r["endpoint"], r["way"], r["year"]) == ("serum_aat", "with", 1))  # fmt: skip
    assert serum["unknown_high"] - serum["unknown_low"] > 0.5
    assert drawn.provenance.draws == 6
    assert plain.content_hash != drawn.content_hash


def test_what_decides_a_difference_is_said_where_enough_is_drawn():
    given = {"people": 8, "years": 1.0, "therapy": WEEKLY}
    found = patient(**given, uncertainty=60)
    assert set(found.shares) <= set(SHOWN)
    assert "density" in found.shares
    shares = found.shares["density"]
    assert shares.draws == 60
    assert sum(shares.parts().values()) == pytest.approx(1.0)
    (told,) = [one for one in found.to_dict()["what_decides"] if one["endpoint"] == "density"]
    assert told["draws"] == 60
    text = " ".join(patient_text(found).split())
    assert "What decides" in text
    assert "over 60 draws of what nobody knows" in text
    few, alone = patient(**given, uncertainty=6), patient(people=8, years=1.0, uncertainty=6)
    for nothing in (few, alone):
        assert not nothing.shares
        assert "what_decides" not in nothing.to_dict()
    assert "It cannot be told from 6 draws" in patient_text(few)
    assert "What decides" not in patient_text(alone)


def test_one_draw_is_no_uncertainty():
    with pytest.raises(InputError, match="1 draw cannot be"):
        patient(people=8, uncertainty=1)
