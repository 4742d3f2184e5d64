"""A described person as a line of text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antitrypsim.foundations.errors import InputError
from antitrypsim.populations.matching import Description
from antitrypsim.populations.persontext import parse_person, person_text

pytestmark = pytest.mark.law

said = st.fixed_dictionaries(
    {"age": st.floats(40, 90)},
    optional={
        "genotype": st.sampled_from(["ZZ", "MZ", "null"]),
        "sex": st.sampled_from(["male", "female"]),
        "smoking": st.just("ex"),
        "fev1": st.floats(10, 150),
        "stiffness": st.floats(3, 60),
        "height": st.floats(1.3, 2.2),
        "metabolic": st.sampled_from(["yes", "no"]),
    },
)


@given(said)
def test_what_is_written_is_read_back(values):
    person = Description(**{k: float(f"{v:.12g}") if k in ("age", "fev1", "stiffness", "height") else v
                            for k, v in values.items()})  # fmt: skip
    assert parse_person(person_text(person)) == person


def test_a_person_is_written_by_age_and_what_is_not_usual():
    assert person_text(Description()) == "person:age=50"
    assert person_text(Description(age=48, sex="male", fev1=55)) == "person:age=48,sex=male,fev1=55"
    assert parse_person(" person: age = 48 , sex=male".strip()) == Description(age=48, sex="male")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("person:", "'' describes nobody; write for example person:age=48"),
        ("person:age", "'age' describes nobody"),
        ("person:age=", "'age=' describes nobody"),
        ("person:agee=48", "nothing called 'agee' describes a person; did you mean 'age'?"),
        ("person:age=old", "'age' must be a number, not 'old'"),
        ("person:age=nan", "age"),
        ("person:age=48,age=48", "'age' of a person is said twice"),
        ("person:age=48,sex=it", "no sex 'it'"),
        ("person:age=95", "age 95 years cannot be"),
    ],
)
def test_what_describes_nobody_is_said(text, sentence):
    with pytest.raises(InputError, match=r"^.+$") as told:
        parse_person(text)
    assert sentence in str(told.value)
    assert told.value.key == "population"
