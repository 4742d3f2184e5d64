"""Whose people live in an experiment: those of a protocol, or people like a described one."""

import numpy as np
import pytest

from antitrypsim import compare, dose, patient, sensitivity
from antitrypsim.foundations.errors import InputError
from antitrypsim.populations.matching import Description
from antitrypsim.runs.requests.compare import CompareRequest

pytestmark = pytest.mark.law

WEEKLY = "augmentation:60mg/kg/week"


def of(population, **options):
    told = {"people": 20, "years": (1.0,), "uncertainty": 0}
    return compare(WEEKLY, population=population, **told | options)


def test_people_like_a_described_one_are_those_of_patient():
    found = of("person:age=61,fev1=50,smoking=ex")
    alike = patient(therapy=WEEKLY, years=1, people=20, age=61.0, fev1=50.0, smoking="ex")
    assert found.people == 20
    assert "61 years" in found.population
    own = alike.lives.values["density", "with"] - alike.lives.values["density", "without"]
    effect = found.of(WEEKLY, "density", 1.0).effect
    assert effect == pytest.approx(float(np.nanmean(own[:, -1])), rel=1e-9)


def test_a_person_in_words_and_as_values_is_the_same_population():
    words = of("person:age=61,sex=male")
    values = of(Description(age=61.0, sex="male"))
    assert words.to_dict() == values.to_dict()
    assert words.provenance.population != of("person:age=61").provenance.population


def test_fewer_than_were_asked_for_are_counted_and_said(monkeypatch):
    from antitrypsim.experiments import population

    met = population.cohort_like

    def rare(model, described, count, *, settings):
        return met(model, described, 20, settings=settings)

    monkeypatch.setattr(population, "cohort_like", rare)
    found = of("person:age=61", people=30)
    assert found.people == 20
    assert "30 people were asked for, and 20 like the described one were met" in found.warnings
    assert "20 like the described one" in " ".join(
        dose(WEEKLY, value=11, population="person:age=61", people=30, uncertainty=0).notices
    )


def test_other_questions_of_people_take_a_person_too():
    found = dose(WEEKLY, value=11, population="person:age=61", people=10, uncertainty=0)
    assert "61 years" in found.population
    pytest.importorskip("SALib")
    grades = sensitivity(WEEKLY, population="person:age=61", people=4, points=8)
    assert grades.people == 4


@pytest.mark.parametrize(
    "asked", [lambda who: of(who, years=(1.0, 30.0)), lambda who: dose(WEEKLY, value=11, population=who, years=30)]
)  # fmt: skip
def test_years_that_lead_beyond_every_age_are_refused(asked):
    with pytest.raises(InputError, match="30 years from the age of 80 lead beyond 105"):
        asked("person:age=80")


def test_a_request_says_it_on_the_command_line():
    request = CompareRequest.asked(therapies=[WEEKLY], population="person:age=48,sex=male")
    assert "--population person:age=48,sex=male" in request.as_command()
