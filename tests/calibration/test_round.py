"""The physician's round: every kind of people at every age, on a page."""

import pytest

from antitrypsim.calibration.physicians_round import AGES, GENOTYPES, LINES, SMOKING, go_round
from antitrypsim.calibration.therapies_round import YEARS, examples, reading_day
from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.units import YEAR
from antitrypsim.protocols.therapytext import parse_therapy
from antitrypsim.reports import lay_out_text
from antitrypsim.reports.physicians_round import round_document, therapies_round_document
from antitrypsim.runs.requests.validate import ValidateRequest
from antitrypsim.simulation.regimen import Regimen
from antitrypsim.therapies import build_model

pytestmark = pytest.mark.contract


@pytest.fixture(scope="module")
def found():
    return ValidateRequest.asked(people=20, round=True).answer()


def test_every_kind_is_visited_at_every_age(found):
    visited = [(v.smoking, v.genotype, v.age) for v in found.visits]
    assert visited == [(s, g, a) for s in SMOKING for g in GENOTYPES for a in AGES]
    assert all(set(v.values) == {line.name for line in LINES} for v in found.visits)
    at_30 = [v for v in found.visits if v.age == AGES[0]]
    assert all(v.alive > 0.9 for v in at_30)


def test_the_page_names_each_line_with_its_unit(found):
    text = " ".join(lay_out_text(round_document(found)).split())
    for line in LINES:
        assert line.unit.split()[0] in text, line.name
    assert "Half of those who reach 18 have died by" in text
    assert set(found.to_dict()["units"]) == {line.name for line in LINES}


def test_what_cannot_be_a_round_is_one_sentence():
    with pytest.raises(InputError, match="19 people of a kind are too few"):
        go_round(people=19)
    with pytest.raises(InputError, match="a round reads no target"):
        ValidateRequest.asked(only=["TGT-02"], round=True).answer()
    with pytest.raises(InputError, match="'therapies' is for a round"):
        ValidateRequest.asked(therapies=True).answer()


def test_a_round_with_therapies_shows_what_each_adds():
    found = ValidateRequest.asked(people=20, round=True, therapies=True).answer()
    texts = examples(build_model())
    assert "augmentation:60mg/kg/week" in texts
    assert [(e.therapy, e.years) for e in found.effects] == [
        (text, years) for text in ("", *texts) for years in YEARS
    ]
    by = {(e.therapy, e.years): e.values for e in found.effects}
    given = by["augmentation:60mg/kg/week", 1]
    assert 4 < given["serum"] < 20
    assert given["free_elastase"] < 0
    assert given["density_loss"] < 0
    assert abs(given["stiffness"]) < 0.1
    text = " ".join(lay_out_text(therapies_round_document(found)).split())
    assert "augmentation:60mg/kg/week" in text
    assert f"{by['', 1]['serum']:.1f}" in text
    harms = {(e.therapy, e.years): e.events for e in found.effects}
    assert harms["msc@intravenous:1e8cells/3months", 1]["fever"] > 5
    assert "Events per 100 years lived" in text


@pytest.mark.parametrize("text", [*examples(build_model()), ""])
def test_people_are_read_before_a_dose(text):
    """A day after one is not what a therapy leaves: cells given every three months peak then."""
    regimen = parse_therapy(text, 21) if text else Regimen()
    given = sorted({t for record in regimen.doses for t in record.times})
    for years in YEARS:
        day = reading_day(regimen, years)
        assert 0.9 * years * YEAR < day <= years * YEAR
        if len(given) > 1:
            assert day in given
            assert not [t for t in given if day < t <= years * YEAR]


def test_every_product_says_how_it_is_given():
    model = build_model()
    texts = examples(model)
    products = {dose.product for dose in model.doses}
    assert {text.partition(":")[0].partition("@")[0] for text in texts} == products
    assert all(parse_therapy(text, 1).names for text in texts)
