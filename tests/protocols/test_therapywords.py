"""A therapy in words: read by people, and still told from its kin."""

import pytest

from antitrypsim.protocols.therapywords import amount_words, therapy_words, told_apart

pytestmark = pytest.mark.contract


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("fazirsiran:200mg@75kg/12weeks", "fazirsiran 200 mg every 12 weeks"),
        ("augmentation:60mg/kg/week", "augmentation 60 mg/kg every week"),
        ("augmentation@inhaled:80mg/day", "augmentation 80 mg inhaled every day"),
        ("tacrolimus:6ng/mL/held", "tacrolimus 6 ng/mL held"),
        ("msc@hepatic_artery:200e6cells/once", "MSC 2 × 10⁸ cells hepatic artery once"),
        (
            "augmentation:60mg/kg/week+msc@intravenous[source=autologous, viability=0.9]:2e+8cells/3months",
            "augmentation 60 mg/kg every week + MSC (autologous, viability 0.9) 2 × 10⁸ cells "
            "intravenous every 3 months",
        ),
        ("weekly + what I take", "weekly + what I take"),
    ],
)
def test_a_therapy_is_told_in_words(text, words):
    assert therapy_words(text) == words


def test_two_that_differ_in_a_detail_are_told_apart():
    texts = [
        "fazirsiran:200mg@75kg/12weeks",
        "fazirsiran:200mg@60kg/12weeks",
        "augmentation:60mg/kg/week",
        "augmentation:60 mg/kg/week",
        "msc@intravenous[source=autologous]:2e8cells/once",
        "msc@intravenous[source=allogeneic]:2e8cells/once",
    ]
    found = told_apart(texts)
    assert len(set(found.values())) == len(texts)
    assert found[texts[0]] == "fazirsiran 200 mg for 75 kg every 12 weeks"
    assert found[texts[4]] == "MSC (autologous) 2 × 10⁸ cells intravenous once"


def test_large_amounts_are_no_computer_numbers():
    assert amount_words(2e8, "cell") == "2 × 10⁸ cells"
    assert amount_words(60.5, "mg/kg") == "60.5 mg/kg"
    assert amount_words(-2.5e-6, "") == "-2.5 × 10⁻⁶"
