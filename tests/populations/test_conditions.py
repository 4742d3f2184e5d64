"""What somebody has beside the deficiency, and their body mass index, as said of a person."""

import numpy as np
import pytest

from antitrypsim.foundations.errors import InputError
from antitrypsim.populations.cohorts import cohort_like
from antitrypsim.populations.matching import Description, of_the_kind
from antitrypsim.simulation.settings import Settings
from antitrypsim.therapies import build_model

pytestmark = pytest.mark.law

SAID = [("alcohol", "yes"), ("metabolic", "yes"), ("metabolic", "no"), ("bronchiectasis", "yes")]


@pytest.mark.parametrize("anew", [False, True], ids=["library", "anew"])
@pytest.mark.parametrize(("name", "has"), SAID)
def test_people_who_have_what_is_said_are_taken_and_the_others_left(name, has, anew):
    model = build_model(therapies=[])
    how = Settings(meet_anew=anew)
    met = cohort_like(model, Description(**{name: has}), 20, settings=how)
    assert len(met.people) == 20
    assert set(met.people.covariates[f"person.{name}"]) == {1.0 if has == "yes" else 0.0}
    assert met.met > 20
    assert any(reason.startswith(("with ", "without ")) for reason in met.left)
    assert bool(met.lives) is not anew


def test_a_bmi_is_everybodys_and_height_or_weight_follows():
    model = build_model(therapies=[])

    def bodies(**said):
        people = of_the_kind(model, Description(bmi=31, **said), 2, np.arange(40))
        return people.covariates["person.height"], people.covariates["person.weight"]

    for said in ({}, {"height": 1.7}, {"weight": 90}):
        height, weight = bodies(**said)
        np.testing.assert_allclose(weight / height**2, 31)
    assert np.ptp(bodies()[0]) > 0.05
    assert set(bodies(height=1.7)[0]) == {1.7}
    np.testing.assert_allclose(bodies(weight=90)[1], 90)


@pytest.mark.contract
@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"alcohol": "some"}, "no answer of alcohol 'some'; use one of these: yes, no"),
        ({"metabolic": True}, "metabolic"),
        ({"bmi": 5}, "bmi 5 kg/m² cannot be; between 10 and 100 can"),
        ({"bmi": "high"}, "bmi"),
        ({"bmi": 30, "height": 1.7, "weight": 80},
         "a bmi follows from height and weight; say two of the three"),
    ],
)  # fmt: skip
def test_what_cannot_be_said_is_refused_in_one_sentence(said, told):
    with pytest.raises(InputError) as refused:
        Description(**said)
    assert told in refused.value.message
    assert "\n" not in refused.value.message


@pytest.mark.contract
def test_what_is_said_stands_in_the_words():
    words = Description(bmi=31, alcohol="no", metabolic="yes").words()
    assert words.endswith("31 kg/m², without harmful drinking, with metabolic liver disease")
