"""A reader's way from the evidence to a claim, and to what would have to be true for it."""

import re
import shutil

import pytest
from browsing import answered, opened

from antitrypsim.evidence import load_registry
from antitrypsim.protocols import claims_tested
from antitrypsim.runs.requests import request_from
from antitrypsim.web.evidence import TESTED
from antitrypsim.web.shown import make

pytestmark = pytest.mark.contract


def table(words, caption):
    request = request_from({"request": "evidence", "words": words})
    answer = make(request, request.answer()).shown
    (found,) = [t for part in answer.sections for t in part.tables if t.caption.startswith(caption)]
    return found


def test_every_claim_leads_to_itself_and_to_the_trials_that_work_it_backwards():
    found = table([], "What is claimed")
    column = [cell.text for cell in found.head].index(TESTED)
    claims = load_registry().claims
    assert {row[0].mark for row in found.rows} == set(claims)
    tested = claims_tested()
    assert tested
    for row in found.rows:
        id = row[0].mark
        assert [link.href for link in row[0].links] == [f"#/evidence?words={id}&asked=1"]
        hrefs = [link.href for link in row[column].links]
        assert hrefs == [f"#/trial?protocol={name}&asked=1" for name in tested.get(id, ())]


def test_whoever_asks_for_a_claim_reads_it_with_the_evidence_nearest_to_it():
    id = next(iter(claims_tested()))
    claim = load_registry().claims[id]
    request = request_from({"request": "evidence", "words": [id]})
    first = next(p for p in make(request, request.answer()).shown.sections if p.tables)
    assert first.title == "Claims"
    (row,) = first.tables[0].rows
    assert row[1].text == claim.verdict
    assert [link.text for link in row[3].links] == [
        f for f in claim.facts if f in load_registry().facts
    ]


@pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium is installed")
def test_a_reader_of_a_claim_comes_to_what_would_have_to_be_true(browser, served):
    id, (protocol, *_) = next(iter(claims_tested().items()))
    with opened(browser, served, "#/evidence?asked=1") as page:
        answered(page)
        page.click(f"article a:text-is('{id}')")
        page.wait_for_selector(f"h2:has-text('Evidence: {id}')")
        page.click(f"article a:text-is('{protocol}')")
        page.wait_for_url(re.compile(f"trial.protocol={protocol}"))
        assert page.input_value("#field-protocol") == protocol
        page.wait_for_selector(".progress button")
        page.click(".progress button")
        page.wait_for_selector("text=Stopped.", timeout=120_000)
        page.go_back()
        page.wait_for_selector(f"h2:has-text('Evidence: {id}')")
