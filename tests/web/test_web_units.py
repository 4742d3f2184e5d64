"""Serum AAT in another unit, wherever an answer tells of it, and no other number moved."""

import shutil

import pytest
from browsing import answered, opened

from antitrypsim.evidence.aat import grams_per_micromole
from antitrypsim.runs.requests import request_from
from antitrypsim.web.rooms import serum_units
from antitrypsim.web.shown import make, rest_of

pytestmark = pytest.mark.contract

PERSON = "#/person?people=20&years=2&therapy=augmentation%3A60mg%2Fkg%2Fweek&unit=g%2FL&asked=1"
ASKED = (
    {"request": "patient", "therapy": "augmentation:60mg/kg/week", "people": 20, "years": 2},
    {"request": "compare", "therapies": ["augmentation:60mg/kg/week"], "people": 20, "uncertainty": 4},
)  # fmt: skip


def cells(answer):
    """Return every cell of every table as (whose it is, its words): by caption, row and column."""
    found = []
    for section in answer.sections:
        for table in section.tables:
            for row in table.rows:
                for k, cell in enumerate(row[1:], 1):
                    head = table.head[k].text if table.head else ""
                    found.append(
                        (f"{table.caption} {row[0].text} {head}", f"{cell.text} {cell.mark}")
                    )
    return found


def first_number(text):
    return float(text.split()[0].replace("\N{MINUS SIGN}", "-").replace("+", ""))


@pytest.mark.parametrize("said", ASKED, ids=lambda one: one["request"])
def test_serum_is_turned_and_nothing_else(said):
    request = request_from(said)
    answer = request.answer()
    made = make(request, answer)
    rest = rest_of(request, answer, made)
    assert set(rest.others) == set(serum_units()) - {"µM"}
    for unit, other in rest.others.items():
        per, decimals = serum_units()[unit]
        assert other.hash == made.shown.hash
        turned = 0
        for (whose, before), (_, after) in zip(cells(made.shown), cells(other), strict=True):
            if before == after:
                continue
            assert "Serum AAT" in whose
            assert "functional" not in whose
            size = 0.5 * 10**-decimals + 0.06 * per
            assert first_number(after) == pytest.approx(first_number(before) * per, abs=size)
            turned += 1
        assert turned >= 2


def test_a_gram_is_as_heavy_as_the_model_says():
    assert serum_units()["g/L"] == (pytest.approx(grams_per_micromole()), 2)
    assert serum_units()["mg/dL"] == (pytest.approx(100 * grams_per_micromole()), 0)


@pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium is installed")
def test_a_reader_has_serum_in_their_own_unit(browser, served):
    with opened(browser, served, PERSON) as page:
        first = answered(page)
        page.wait_for_selector("article th:has-text('Serum AAT, antigenic, g/L')")
        page.select_option(".aat", "mg/dL")
        page.wait_for_selector("article th:has-text('Serum AAT, antigenic, mg/dL')")
        page.select_option(".aat", "µM")
        page.wait_for_selector("article th:has-text('Serum AAT, antigenic, µM')")
        assert answered(page) == first
        assert "unit=" not in page.url
