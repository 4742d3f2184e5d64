"""The page in a real browser: the ways of those who come to it."""

import json
import re
import shutil
from pathlib import Path

import pytest
from browsing import WAIT, answered, opened

from antitrypsim.web.jobs import ANSWER, OVER

pytestmark = [
    pytest.mark.contract,
    pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium is installed"),
]

PERSON = "#/person?people=30&years=2&therapy=augmentation%3A60mg%2Fkg%2Fweek&asked=1"
AXE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
DESIGN = "#/design?sizes=40&replicates=40&people=60&asked=1"
TRIAL = "#/trial?participants=24&asked=1"
FADED = "#/evidence?words=density&only=measured&asked=1"
CALENDAR = "#/design?sizes=40&replicates=40&people=60&looks=0.5%2C+1&per_month=6&asked=1"
COMPARED = "#/compare?people=8&uncertainty=0&asked=1"
WRITTEN = "#/trial?protocol=my-trial.yaml"
LONG = "#/person?people=4000&fev1=60&years=30&asked=1"

# Press Stop as soon as it is there, which is while the first answer is on its way.
AT_ONCE = """() => new MutationObserver((_, observer) => {
    const button = document.querySelector('.progress button');
    if (button) { observer.disconnect(); button.click(); }
}).observe(document.body, {childList: true, subtree: true})"""


def test_a_newcomer_has_the_result_of_rapid_in_few_clicks(browser, served):
    with opened(browser, served) as page:
        page.click("text=Trial")
        page.fill("#field-participants", "24")
        page.click("button.ask")
        first = answered(page)
        told = page.inner_text("article")
        assert page.inner_text(".sentence").startswith("RAPID")
        for words in (
            "What came out",
            "p\u00a0=",
            "published",
            "every arm",
            "Participants",
        ):
            assert words in told
        assert "Protocol check" in page.inner_text(".ask-side")
        page.click("button.again")
        page.wait_for_selector(f"#answer-hash:not(:text('{first}'))", timeout=WAIT)
        page.wait_for_url(re.compile("seed=2&asked=1$"))
        page.go_back()
        page.wait_for_selector(f"#answer-hash:text('{first}')", timeout=WAIT)


def test_the_address_holds_everything(browser, served):
    with opened(browser, served, PERSON) as page:
        first = answered(page)
        assert page.input_value("#field-people") == "30"
        page.reload()
        assert answered(page) == first
        page.fill("#field-age", "61")
        page.wait_for_url(re.compile("age=61(?!.*asked)"))
        assert "before" in page.inner_text("article")
        page.reload()
        page.wait_for_selector("form.form")
        assert page.input_value("#field-age") == "61"
        other = page.context.new_page()
        other.goto(f"{served.base}/{PERSON}")
        assert answered(other) == first


def test_the_numbers_on_the_screen_are_those_that_are_kept(browser, served):
    with opened(browser, served, PERSON) as page, served.client() as client:
        answered(page)
        id = next(job["id"] for job in client.get("/api/jobs").json()
                  if job["question"]["request"].get("people") == 30)  # fmt: skip
        kept = client.get(f"/api/jobs/{id}/{ANSWER.removesuffix('.json')}").json()
        page.eval_on_selector(
            ".yearline input",
            "one => { one.value = 1; one.dispatchEvent(new Event('input', {bubbles: true})) }",
        )
        now = kept["years"][1]
        assert page.inner_text(".yearline output") == "1"
        assert page.inner_text(".alive").split("\n\n") == now["sentences"]
        for chart in kept["charts"]:
            told = page.locator(f"#course-{chart['id']} dd").all_inner_texts()
            assert told == now["cells"][chart["id"]]
        rows = page.locator("#course-density details td")
        words = [cell["text"] for row in kept["charts"][1]["table"]["rows"] for cell in row[1:]]
        assert rows.all_text_contents() == words


def test_a_long_question_is_stopped(browser, served):
    with opened(browser, served, LONG) as page:
        page.wait_for_selector("text=more people are met", timeout=WAIT)
        page.click(".progress button")
        page.wait_for_selector("text=Stopped.", timeout=WAIT)


def test_a_stop_that_comes_as_the_first_answer_ends_stops_the_rest(browser, served):
    with opened(browser, served) as page:
        # As if the first of the two jobs were over by the time that the server hears of it.
        page.route("**/stop", lambda route: route.fulfill(json={}))
        page.evaluate(AT_ONCE)
        page.goto(f"{served.base}/{LONG.replace('fev1=60', 'fev1=61')}")
        page.wait_for_selector("text=Stopped.", timeout=WAIT)
        assert "asked" not in page.url
        with served.client() as client:

            def asked():
                jobs = client.get("/api/jobs").json()
                return [job for job in jobs if job["question"]["request"].get("fev1") == 61]

            while any(job["state"] not in OVER for job in asked()):
                page.wait_for_timeout(100)
            page.wait_for_timeout(500)
            assert [job["question"]["request"]["people"] for job in asked()] == [20]
        # Asked again it goes on, and a reload of what was stopped does not ask.
        page.reload()
        page.wait_for_selector("form.form")
        assert page.locator(".progress").count() == 0
        page.fill("#field-people", "24")
        page.click("button.ask")
        answered(page)


def test_what_was_stopped_is_asked_again_by_its_button(browser, served):
    with opened(browser, served, LONG.replace("fev1=60", "fev1=62")) as page:
        page.wait_for_selector("text=more people are met", timeout=WAIT)
        page.click(".progress button")
        page.wait_for_selector("text=Stopped.", timeout=WAIT)
        page.click("button.ask")
        page.wait_for_selector(".progress button", timeout=WAIT)
        assert "Stopped." not in page.inner_text("main")
        page.click(".progress button")
        page.wait_for_selector("text=Stopped.", timeout=WAIT)


def test_back_leads_to_the_question_that_was_answered(browser, served):
    with opened(browser, served, PERSON) as page:
        first = answered(page)
        page.fill("#field-age", "57")
        page.click("button.ask")
        page.wait_for_selector(f"#answer-hash:not(:text('{first}'))", timeout=WAIT)
        page.go_back()
        page.go_back()
        page.wait_for_selector(f"#answer-hash:text('{first}')", timeout=WAIT)
        assert page.input_value("#field-age") == "50"


def test_what_is_wrong_is_said_where_it_is(browser, served):
    with opened(browser, served) as page:
        page.fill("#field-age", "old")
        page.wait_for_selector("#problem")
        assert "not a number" in page.inner_text("#problem")
        assert page.get_attribute("#field-age", "aria-invalid") == "true"
        page.fill("#field-age", "51")
        page.wait_for_selector("#problem", state="detached")
        assert "--age 51" in page.inner_text(".strip pre")


def test_a_pasted_question_moves_the_fields(browser, served):
    with opened(browser, served) as page:
        page.click("#tab-yaml")
        page.fill(
            ".yaml textarea",
            "request: compare\ntherapies:\n  Weekly: augmentation:60mg/kg/week\npeople: 7\nseed: 5\n",
        )
        page.click("text=Read this YAML")
        page.wait_for_selector("#field-therapies")
        assert page.input_value("#field-therapies") == "Weekly: augmentation:60mg/kg/week"
        assert page.input_value("#field-people") == "7"
        assert page.input_value("#seed") == "5"


@pytest.mark.parametrize("address", ["#/trial?protocol=my-trial.yaml", "#/compare", DESIGN, TRIAL])
def test_nothing_is_wider_than_a_narrow_window(browser, served, address):
    with opened(browser, served, address) as page:
        page.set_viewport_size({"width": 320, "height": 700})
        if "asked" in address:
            answered(page)
        elif "protocol" in address:
            page.select_option("[aria-label='Give a product (active)']", "msc")
            page.wait_for_selector(".rail .tick")
        assert page.evaluate("document.documentElement.scrollWidth") == 320
        # A window of 1400 at 200 % is 700 wide.
        page.set_viewport_size({"width": 700, "height": 500})
        assert page.evaluate("document.documentElement.scrollWidth") == 700


def test_a_person_is_read_on_a_telephone_and_without_a_mouse(browser, served):
    with opened(browser, served, PERSON) as page:
        page.set_viewport_size({"width": 320, "height": 700})
        answered(page)
        assert page.evaluate("document.documentElement.scrollWidth") == 320
        page.focus(".yearline input")
        page.keyboard.press("ArrowLeft")
        assert page.inner_text(".yearline output") == "1"
        page.focus("#tab-command")
        page.keyboard.press("ArrowRight")
        assert page.get_attribute("#tab-python", "aria-selected") == "true"
        named = page.eval_on_selector_all(
            "input, select, textarea",
            "all => all.filter(one => !one.labels?.length && !one.ariaLabel).map(one => one.outerHTML)",
        )
        assert named == []


@pytest.mark.parametrize(
    "words",
    [
        "%00",
        "?age=%E0%A4%A",
        "/nowhere?x=1",
        "/person?age=<script>",
        "/trial?protocol=../x&asked=1",
    ],
)
def test_whatever_stands_in_the_address_the_page_stands(browser, served, words):
    with opened(browser, served, f"#{words}") as page:
        assert page.inner_text("nav [aria-current]") in ("Person", "Trial")


def test_the_house_is_told_by_the_server(browser, served):
    with opened(browser, served) as page, served.client() as client:
        house = client.get("/api/house").json()
        assert page.locator("nav a").all_inner_texts() == [one["title"] for one in house["rooms"]]
        assert page.inner_text(".notice") == house["notice"]
        assert json.dumps(house).count("not for the care") == 1


@pytest.mark.skipif(not AXE.exists(), reason="'npm ci' was not run in frontend/")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(browser, served, scheme):
    for address in (f"{PERSON}&who=3", FADED, CALENDAR, COMPARED, WRITTEN):
        with opened(browser, served, address, color_scheme=scheme, reduced_motion="reduce") as page:
            if address == WRITTEN:
                page.select_option("[aria-label='Give a product (active)']", "msc")
                page.wait_for_selector(".rail .tick")
                page.select_option("[aria-label='Add a grouping']", "age")
                page.wait_for_selector("#p-bands-age")
            else:
                answered(page)
            # What is folded is looked at too.
            page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
            page.evaluate(AXE.read_text("utf-8"))
            found = page.evaluate("axe.run(document)")["violations"]
            serious = [one["id"] for one in found if one["impact"] in ("serious", "critical")]
            assert serious == []


def test_a_clinician_has_what_was_measured_of_a_person_weighed(browser, served):
    with opened(browser, served, "#/person?age=48&sex=male&people=40&years=2") as page:
        page.click("details:has(#field-measured) > summary")
        page.fill("#field-measured", "FEV1 2.31 L at 44\nFEV1 2.3 L at 60")
        page.wait_for_selector("text=lies after today")
        page.fill("#field-measured", "FEV1 2.31 L at 44\nFEV1 2.1 L now\nAATSER 0.29 g/L now")
        page.fill("#field-therapy", "augmentation:60mg/kg/week")
        page.click("button.ask")
        # First come 20 people, then as many as were asked for.
        page.wait_for_selector("text=40 virtual people of this kind", timeout=WAIT)
        whole = answered(page)
        told = page.inner_text("article")
        assert "as likely to be the person as 3 values of their own history" in told
        assert "What the history taught" in told
        page.reload()
        assert answered(page) == whole
        assert page.input_value("#field-measured").count("\n") == 2


def test_the_described_person_walks_into_compare_and_back(browser, served):
    with opened(browser, served) as page:
        page.click("nav >> text=Compare")
        assert page.input_value("#field-population") == "natural-history"
        page.click("nav >> text=Person")
        page.fill("#field-age", "48")
        page.select_option("#field-sex", "male")
        page.fill("#field-fev1", "55")
        page.wait_for_selector(".strip pre:has-text('--fev1 55')")
        page.click("nav >> text=Compare")
        assert page.input_value("#field-population") == "person:age=48,sex=male,fev1=55"
        assert "like the described person" in page.inner_text("#field-population option:checked")
        page.wait_for_selector(".strip pre:has-text('--population person:age=48,sex=male,fev1=55')")
        assert "people such as: male, 48 years" in page.inner_text(".sentence")
        page.focus(".sentence [aria-label='age']")
        page.keyboard.press("ArrowRight")
        page.wait_for_url(re.compile("age%3D49"))
        page.fill("#field-people", "8")
        page.fill("#field-uncertainty", "0")
        page.click("button.ask")
        answered(page)
        assert "(male, 49 years, Pi*ZZ, never smoked, FEV1 55" in page.inner_text("article")
        page.click("nav >> text=Person")
        assert page.input_value("#field-age") == "49"
        assert page.input_value("#field-fev1") == "55"


def test_each_room_keeps_what_was_asked_in_it(browser, served):
    with opened(browser, served) as page:
        page.fill("#field-age", "66")
        # At once, before the strip has followed.
        page.click("nav >> text=Compare")
        page.wait_for_url(re.compile("population=person%3Aage%3D66"))
        page.fill("#field-therapies", "augmentation:60mg/kg/week\nmsc@intravenous:1e8cells/3months")
        page.fill("#field-years", "3")
        page.click("nav >> text=Evidence")
        page.click("nav >> text=Person")
        assert page.input_value("#field-age") == "66"
        page.click("nav >> text=Compare")
        page.wait_for_selector("#field-years")
        assert page.input_value("#field-years") == "3"
        assert "msc@" in page.input_value("#field-therapies")
        page.select_option("#field-population", "rapid")
        page.select_option("#field-population", "person:age=66")
        page.click("nav >> text=Person")
        page.fill("#field-age", "old")
        page.click("nav >> text=Compare")
        page.wait_for_selector("#problem:has-text('not a number')")
        assert page.get_attribute("#field-age", "aria-invalid") == "true"


def test_a_unit_converts_and_what_was_measured_is_told_to_stay(browser, served):
    with opened(browser, served, "#/person?measured=FEV1+2.31+L+at+44&age=48") as page:
        page.select_option("[aria-label='Height: unit']", "cm")
        page.fill("#field-height", "178")
        page.select_option("[aria-label='Height: unit']", "m")
        assert page.input_value("#field-height") == "1.78"
        page.click("nav >> text=Compare")
        page.wait_for_selector("text=weighs nobody here")


def test_what_an_answer_rests_on_leads_to_evidence_and_back(browser, served):
    with opened(browser, served, PERSON) as page:
        first = answered(page)
        page.click("article a:text-is('BIO-B06')")
        page.wait_for_url(re.compile("evidence.words=BIO-B06"))
        page.wait_for_selector("article:has-text('half-life')", timeout=WAIT)
        page.go_back()
        page.wait_for_selector(f"#answer-hash:text('{first}')", timeout=WAIT)
