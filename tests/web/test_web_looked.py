"""What is looked at stands in the address; what is taken for known stands on top."""

import re
import shutil

import pytest
from browsing import WAIT, answered, opened

from antitrypsim.calibration.posterior import knowledge
from antitrypsim.calibration.posterior.knowledge import Knowledge
from antitrypsim.therapies import build_model
from antitrypsim.web.asked import asked
from antitrypsim.web.strip import strip

pytestmark = pytest.mark.contract

PERSON = "#/person?age=60&people=25&years=3&fev1=45&therapy=augmentation%3A60mg%2Fkg%2Fweek&asked=1"
CHROMIUM = pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium is installed")


def said(**request):
    return strip(asked(request), None).knowledge


def test_what_draws_are_from_is_said_in_the_products_sentence(monkeypatch, tmp_path):
    monkeypatch.setattr(knowledge, "PACKAGED", tmp_path / "none.parquet")
    (sentence,) = Knowledge.read(None).said(build_model(therapies=()), 5)
    for drawn in (
        {"request": "patient", "uncertainty": 5},
        {"request": "compare", "therapies": ["augmentation:60mg/kg/week"]},
        {"request": "power", "design": "rapid", "draws": 5},
    ):
        assert said(**drawn) == f"As known before the published targets. {sentence}"
    for typical in ({"request": "patient"}, {"request": "run", "protocol": "rapid"}):
        assert said(**typical).startswith("Best single values: nothing is drawn")
        assert Knowledge.read(None).name in said(**typical)
    prior = said(request="patient", uncertainty=5, posterior="prior")
    assert prior == f"As known before the published targets. {knowledge.PRIOR.why}"
    assert sentence not in prior


def test_a_packaged_posterior_is_named_and_asked_of_the_questions_own_model(monkeypatch):
    class Packaged(Knowledge):
        def fitting(self, model):
            stands_aside = any(name == "silencing" for name, _ in model.modules)
            return knowledge.PRIOR if stands_aside else self

        def said(self, model, count):
            return (f"{count} draws, {','.join(sorted(name for name, _ in model.modules))}",)

    class Posterior:
        content_hash = "0123456789abcdef"

    monkeypatch.setattr(
        Knowledge, "read", classmethod(lambda *_: Packaged(Posterior(), packaged=True))
    )
    assert "the packaged posterior 0123456789abcdef" in said(request="patient")
    told = said(request="patient", uncertainty=7, therapy="fazirsiran:200mg@75kg/12weeks")
    # It fits no model with this therapy, and stands aside.
    assert told.startswith("As known before the published targets. 7 draws")
    assert "silencing" in told
    alone = said(request="patient", uncertainty=7)
    assert alone.startswith(
        "As known after the published targets: what agrees with them is drawn. 7"
    )
    assert "silencing" not in alone
    for other in (
        {"request": "compare", "therapies": ["augmentation:60mg/kg/week"], "uncertainty": 7},
        {"request": "power", "design": "rapid", "draws": 7},
        {"request": "run", "protocol": "rapid", "uncertainty": 7},
    ):
        assert "augmentation" in said(**other)


@CHROMIUM
def test_whoever_is_pointed_at_and_what_counts_as_more_are_in_the_link(browser, served):
    with opened(browser, served, PERSON) as page:
        answered(page)
        page.focus("[aria-label='Year']")
        page.keyboard.press("ArrowLeft")
        page.focus("[aria-label='One person']")
        for _ in range(3):
            page.keyboard.press("ArrowRight")
        page.select_option("[aria-label='What is looked at']", "density")
        page.focus(".hundred input")
        page.keyboard.press("ArrowRight")
        page.wait_for_url(re.compile("year=2&who=3&figures=density&more="))
        told = page.inner_text(".about"), page.inner_text(".hundred")
        assert page.inner_text(".yearline output >> nth=0") == "2"
        other = page.context.new_page()
        other.goto(page.url)
        answered(other)
        other.wait_for_selector(".life")
        assert (other.inner_text(".about"), other.inner_text(".hundred")) == told
        other.fill("#field-age", "61")
        other.wait_for_selector(".life", state="detached")
        other.wait_for_url(re.compile("age=61(?!.*who)"))


@CHROMIUM
def test_which_posterior_stands_on_top_in_every_room(browser, served):
    with opened(browser, served) as page, served.client() as client:
        for room in client.get("/api/house").json()["rooms"]:
            page.click(f"nav a:text-is('{room['title']}')")
            page.wait_for_selector(".known:not(:empty)", timeout=WAIT)
            box = page.locator(".known").bounding_box()
            assert box["y"] < 150
        page.click("nav a:text-is('Person')")
        page.wait_for_selector(".known:has-text('Best single values')", timeout=WAIT)
        page.fill("#field-uncertainty", "20")
        page.wait_for_selector(".known:not(:has-text('Best single values'))", timeout=WAIT)
        question = {"request": {"request": "patient", "uncertainty": 20}}
        assert (
            page.inner_text(".known")
            == client.post("/api/strip", json=question).json()["knowledge"]
        )


@CHROMIUM
def test_what_was_known_before_the_targets_is_one_switch_away(browser, served):
    with opened(browser, served, "#/person?uncertainty=20") as page:
        page.wait_for_selector(".known:has-text('As known')", timeout=WAIT)
        there = knowledge.PACKAGED.is_file()
        assert ("after" if there else "No posterior comes") in page.inner_text(".known")
        page.select_option("#field-posterior", "prior")
        page.wait_for_selector(
            f".known:text-is('As known before the published targets. {knowledge.PRIOR.why}')"
        )
        page.wait_for_url(re.compile("posterior=prior"))
        assert "--posterior prior" in page.inner_text(".strip pre")
        page.click("#tab-yaml")
        page.fill(
            ".yaml textarea",
            "request: compare\ntherapies: [augmentation:60mg/kg/week]\nposterior: prior\n",
        )
        page.click("text=Read this YAML")
        page.wait_for_selector("#field-therapies")
        assert page.input_value("#field-posterior") == "prior"
