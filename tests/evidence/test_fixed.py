"""Numbers that are not drawn: limits, the numbers behind words, exponents."""

import copy
import pickle

import pytest

from antitrypsim.evidence import Fixed, Registry, load_fixed, load_parameters
from antitrypsim.foundations.errors import EvidenceError

pytestmark = pytest.mark.contract


GOOD = """\
[fixed.most]
value = 180.0
unit = "mg/kg"
meaning = "largest infusion on record"
grade = "measured"
rests_on = ["BIO-B06", "BIO-B06"]

[uptake]
value = 0.15
unit = "1/day"
meaning = "rate of uptake"
between_patients = { distribution = "none" }
uncertainty = { distribution = "lognormal", cv = 0.5 }
grade = "assumed"
rests_on = []
note = "days"

[fixed.sharpness]
value = 4
unit = "1"
meaning = "how sharply it bends"
grade = "assumed"
rests_on = []
note = "a shape"
"""


def written(tmp_path, text):
    path = tmp_path / "parameters.toml"
    path.write_text(text, encoding="utf-8")
    return path


def load(tmp_path, text=GOOD, **options):
    return load_fixed(written(tmp_path, text), "drug", **options)


def test_a_file_becomes_fixed_numbers(tmp_path):
    found = load(tmp_path)
    assert found.most == Fixed(
        name="most",
        module="drug",
        value=180.0,
        unit="mg/kg",
        meaning="largest infusion on record",
        grade="measured",
        rests_on=("BIO-B06",),
    )
    assert (found.most.id, found.most.source) == ("drug.most", "BIO-B06")
    assert [number.name for number in found] == ["most", "sharpness"]
    assert found.sharpness.source == "a shape"


def test_what_is_written_whole_is_whole_so_that_an_equation_has_it_exactly(tmp_path):
    found = load(tmp_path)
    assert isinstance(found.sharpness.value, int)
    assert isinstance(found.most.value, float)


def test_fixed_numbers_are_no_parameters_and_parameters_are_not_fixed(tmp_path):
    assert list(load_parameters(written(tmp_path, GOOD), "drug")) == ["uptake"]
    assert list(load(tmp_path, GOOD.replace("fixed.", ""))) == []


def test_an_absent_number_is_a_sentence_that_names_the_nearest(tmp_path):
    found = load(tmp_path)
    with pytest.raises(EvidenceError) as caught:
        _ = found.sharpnes
    assert "no fixed number 'sharpnes'; did you mean 'sharpness'?" in str(caught.value)
    assert str(tmp_path / "parameters.toml") in str(caught.value)
    with pytest.raises(EvidenceError, match=r"write it under \[fixed.viability\]"):
        _ = found.viability


def test_they_can_be_copied_and_sent_to_another_process(tmp_path):
    found = load(tmp_path)
    for other in (copy.copy(found), pickle.loads(pickle.dumps(found))):
        assert other.most == found.most


def test_another_registry_may_be_given(tmp_path):
    with pytest.raises(EvidenceError, match="no fact 'BIO-B06'"):
        load(tmp_path, registry=Registry(facts={}, claims={}))


WRONG = {
    "a spread": ('unit = "mg/kg"', 'unit = "mg/kg"\nuncertainty = {}', "no key 'uncertainty'"),
    "no meaning": ('meaning = "largest infusion on record"\n', "", "'meaning' is missing"),
    "a word for a number": ("180.0", '"180"', "'180' is not a number"),
    "a truth": ("180.0", "true", "True is not a number"),
    "a fact that is not": ('"BIO-B06", "BIO-B06"', '"BIO-B99"', "no fact 'BIO-B99'"),
    "nothing to rest on": ('"BIO-B06", "BIO-B06"', "", "a measured value must rest on a fact"),
    "no reason": ('note = "a shape"\n', "", "resting on no fact needs a note"),
    "fitted": ('"measured"', '"fitted"', "a fitted value has an uncertainty"),
    "an unknown grade": ('"measured"', '"measurd"', "no grade 'measurd'; did you mean 'measured'?"),
    "no name of Python's": ("fixed.most", 'fixed."most of"', "not a usable name"),
    "outside a table": (
        "[fixed.most]",
        "[fixed]\nmost = 1\n[other]",
        "'fixed.most' stands outside",
    ),
    "no table at all": ("[fixed.sharpness]", "[[fixed]]", "not valid TOML"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_broken_rule_names_path_and_key(tmp_path, case):
    old, new, sentence = WRONG[case]
    assert old in GOOD
    text = GOOD.replace(old, new, 1)
    with pytest.raises(EvidenceError) as caught:
        load(tmp_path, text)
    assert sentence in str(caught.value)
    assert caught.value.path == str(tmp_path / "parameters.toml")


def test_the_line_is_that_of_the_key(tmp_path):
    with pytest.raises(EvidenceError) as caught:
        load(tmp_path, GOOD.replace('unit = "mg/kg"', "unit = 3"))
    assert (caught.value.line, caught.value.key) == (3, "fixed.most.unit")
