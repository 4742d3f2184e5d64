"""A therapy in one line of text."""

import pytest

from antitrypsim.foundations.errors import InputError
from antitrypsim.protocols.therapytext import parse_therapy

pytestmark = pytest.mark.contract


def test_a_dose_per_kilogram_each_week():
    regimen = parse_therapy("augmentation:60mg/kg/week", 10)
    (record,) = regimen.doses
    assert record.dose == "augmentation/intravenous"
    assert record.amount == 60
    assert record.times[:3] == (0.0, 7.0, 14.0)
    assert record.times[-1] < 3652.5
    assert len(record.times) == 522
    assert regimen.name == "augmentation:60mg/kg/week"


@pytest.mark.parametrize(
    ("text", "amount", "interval"),
    [
        ("augmentation@intravenous:120 mg/kg/2 weeks", 120, 14),
        ("augmentation:0.06g/kg/week", 60, 7),
        ("fazirsiran:2.67mg/kg/12weeks", 2.67, 84),
        ("fazirsiran:200mg@75kg/12weeks", 200 / 75, 84),
        ("fazirsiran:200 mg @ 75 kg / 3 months", 200 / 75, 3 * 365.25 / 12),
    ],
)
def test_ways_to_say_it(text, amount, interval):
    (record,) = parse_therapy(text, 2).doses
    assert record.amount == pytest.approx(amount)
    assert record.times[1] - record.times[0] == pytest.approx(interval)


def test_the_usual_route_is_meant_where_none_is_named():
    given = {text: parse_therapy(text, 1).doses[0] for text in (
        "augmentation:60mg/kg/week",
        "augmentation@intravenous:60mg/kg/week",
        "augmentation@inhaled:80mg/day",
        "fazirsiran:2mg/kg/once",
    )}  # fmt: skip
    assert [record.dose for record in given.values()] == [
        "augmentation/intravenous",
        "augmentation/intravenous",
        "augmentation/inhaled",
        "fazirsiran/subcutaneous",
    ]
    assert given["augmentation@inhaled:80mg/day"].amount == 80


def test_without_a_usual_route_one_must_be_named():
    with pytest.raises(InputError, match="several routes; write exosomes@inhaled or exosomes@intr"):
        parse_therapy("exosomes:2e8particles/day", 1)


def test_once_is_one_dose():
    assert parse_therapy("fazirsiran:2mg/kg/once", 2).doses[0].times == (0.0,)


def test_several_are_joined():
    regimen = parse_therapy("augmentation:60mg/kg/week + fazirsiran:200mg@75kg/12weeks", 1)
    assert [r.dose for r in regimen.doses] == [
        "augmentation/intravenous",
        "fazirsiran/subcutaneous",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is no therapy; write product:dose/interval"),
        ("augmentation", "for example 'augmentation:60mg/kg/week'"),
        ("augmentation:", "is no therapy"),
        (":60mg/kg/week", "is no therapy"),
        ("augmentation:60mg/kg/week+", "is no therapy"),
        ("augmentaton:60mg/kg/week", "no therapy 'augmentaton'; did you mean 'augmentation'"),
        (
            "augmentation@oral:60mg/kg/week",
            "not given by the route 'oral'; write augmentation@intravenous or augmentation@inhaled",
        ),
        ("augmentation:60mg/kg", "does not say how often"),
        ("augmentation:60mg/kg/fortnight", "does not say how often"),
        ("augmentation:60mg/week", "dosed in mg/kg, and '60mg' is not"),
        ("fazirsiran:200mg/12weeks", "'@75kg' behind it"),
        ("augmentation:60cells/kg/week", "dosed in mg/kg"),
        ("augmentation:60qqq/week", "unknown unit 'qqq'"),
        ("augmentation:sixty/week", "not a number with a unit"),
        ("augmentation:-60mg/kg/week", "negative"),
        ("augmentation:60/week", "no unit"),
        ("augmentation:60000mg/kg/week", "times the largest dose on record"),
        ("augmentation:60mg/kg/0weeks", "must be above 0"),
        ("augmentation:60mg/kg/0.001 minutes", "at most 20,000"),
        ("fazirsiran:200mg@2kg/12weeks", "not the weight of a person"),
    ],
)
def test_a_fault_is_one_sentence(text, said):
    with pytest.raises(InputError) as caught:
        parse_therapy(text, 10)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("years", [0, -1, float("nan"), 1000])
def test_years_that_cannot_be(years):
    with pytest.raises(InputError, match="years cannot be"):
        parse_therapy("augmentation:60mg/kg/week", years)
