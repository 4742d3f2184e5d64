"""A trial designer in a real browser: a protocol from nothing, checked, run, its power."""

import re
import shutil
import time

import pytest
from browsing import WAIT, answered, opened

from antitrypsim.protocols.load import read_protocol

pytestmark = [
    pytest.mark.contract,
    pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium is installed"),
]

READY = ".protocol .verdict:has-text('This can be run')"
RAIL = "[aria-label='augmentation, active'] .rail"


def begin(page):
    page.click("nav >> text=Trial")
    page.click("text=Write a protocol")
    page.wait_for_selector(READY, timeout=WAIT)


def saved_text(page):
    """Save the protocol and return its file."""
    with page.expect_download() as told:
        page.click("text=Save as my-trial.yaml")
    assert told.value.suggested_filename == "my-trial.yaml"
    return told.value.path().read_text("utf-8")


def saved(page):
    """Save the protocol and return what its file says."""
    return read_protocol(saved_text(page))


def steps(page, name):
    return page.locator(f"{RAIL} [aria-label^='{name}']")


def test_a_protocol_is_written_from_nothing_checked_run_and_judged(browser, served):
    with opened(browser, served) as page:
        begin(page)
        assert "nobody is given anything" in page.inner_text(".protocol")
        page.fill("#p-title", "Weekly against placebo")
        page.select_option("[aria-label='Give a product (active)']", "augmentation")
        page.wait_for_selector("text=104 doses")
        page.select_option("[aria-label='Measure something else']", "fev1")
        page.uncheck("[aria-label='FEV1, w52']")
        page.click("text=Add an analysis")
        page.select_option("[aria-label='Secondary 1'] select >> nth=0", "fev1")
        page.select_option("[aria-label='Secondary 1'] select >> nth=1", "random-slope")
        page.wait_for_selector("text=needs 3 visits or more")
        page.select_option("[aria-label='Secondary 1'] select >> nth=1", "ancova")
        page.select_option("[aria-label='Secondary 1'] select >> nth=2", "w104")
        page.click("text=Add a criterion")
        page.fill("#p-participants", "many")
        page.wait_for_selector("#p-participants[aria-invalid=true]")
        assert "not a whole number" in page.inner_text("#p-problem")
        page.fill("#p-participants", "24")
        page.wait_for_selector(READY)
        said = saved(page)
        assert said.title == "Weekly against placebo"
        assert said.assessment_visits("fev1") == ("baseline", "w104")
        assert said.endpoints.secondary[0].endpoint == "fev1"
        assert said.population.eligibility[0].max == 70
        page.click("button.ask")
        first = answered(page)
        assert page.inner_text(".sentence").startswith("Weekly against placebo. 24 people")
        page.reload()
        assert answered(page) == first
        page.click("nav >> text=Design")
        assert page.input_value("#field-design") == "my-trial.yaml"
        page.fill("#field-sizes", "24, 48")
        page.fill("#field-replicates", "40")
        page.fill("#field-people", "60")
        page.click("button.ask")
        answered(page)
        assert "antitrypsim power my-trial.yaml" in page.inner_text(".strip pre")
        for words, ends in (("Report (HTML)", "html"), ("Report (PDF)", "pdf")):
            with page.expect_download() as told:
                page.click(f"text={words}")
            assert told.value.suggested_filename.endswith(ends)
            assert told.value.path().stat().st_size > 10_000


def test_doses_are_dragged_on_their_time_line(browser, served):
    with opened(browser, served) as page:
        begin(page)
        page.select_option("[aria-label='Give a product (active)']", "augmentation")
        page.wait_for_selector("text=104 doses")
        page.locator(RAIL).scroll_into_view_if_needed()
        box = page.locator(RAIL).bounding_box()
        page.mouse.move(box["x"] + box["width"], box["y"] + 20)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 20, steps=4)
        page.mouse.up()
        page.wait_for_selector("text=52 doses")
        steps(page, "Begins").focus()
        for _ in range(4):
            page.keyboard.press("ArrowRight")
        page.wait_for_selector("text=48 doses")
        page.locator(f"{RAIL} .tick").nth(10).click()
        page.wait_for_selector("text=1 left out")
        (line,) = saved(page).arms[0].treatment["treatment"]
        assert (line.start, line.duration, line.missed) == ("4 weeks", "48 weeks", ("14 weeks",))


def test_a_route_without_sense_is_grey_and_says_why(browser, served):
    with opened(browser, served) as page:
        begin(page)
        page.select_option("[aria-label='Give a product (active)']", "msc")
        refused = page.locator("[aria-label='MSC, active'] option[disabled]").all_inner_texts()
        assert any("nebuliser" in one for one in refused)


def test_a_bundled_protocol_is_changed_and_a_file_is_pasted(browser, served):
    with opened(browser, served) as page:
        page.click("nav >> text=Trial")
        page.click("text=Change this protocol")
        page.wait_for_selector(READY, timeout=WAIT)
        assert page.input_value("#p-title").startswith("RAPID")
        page.click("#tab-protocol")
        text = page.input_value("#strip-text textarea")
        page.fill("#strip-text textarea", text.replace("participants: 180", "participants: 90"))
        page.click("text=Read this YAML")
        page.wait_for_selector("#p-participants")
        page.wait_for_url(re.compile("participants%22%3A90"))
        assert page.input_value("#p-participants") == "90"


def test_whoever_opens_a_broken_draft_is_told(browser, served):
    with opened(
        browser, served, "#/trial?protocol=my-trial.yaml&draft=%7B%22arms%22%3A1%7D"
    ) as page:
        page.wait_for_selector("#p-problem")
        page.wait_for_selector("text=This cannot be run yet.")


def test_a_mechanism_is_switched_off_and_a_unit_is_chosen(browser, served):
    with opened(browser, served) as page:
        page.fill("#field-therapy", "msc@intravenous:1e8cells/3months")
        page.click("text=Mechanisms")
        page.uncheck(".switch:has-text('il-10') input")
        page.wait_for_selector(".strip pre:has-text('--without il-10')")
        page.click("text=More that is known")
        page.select_option("[aria-label='Serum AAT: unit']", "mg/dL")
        page.fill("#field-serum", "80")
        page.wait_for_selector(".strip pre:has-text('--serum 15.3846')")
        page.reload()
        page.wait_for_selector("form.form")
        assert page.input_value("#field-serum") == "80"
        assert page.input_value("[aria-label='Serum AAT: unit']") == "mg/dL"


DESIGN = "#/design?sizes=40%2C+80&replicates=60&people=60"


def test_twenty_trials_are_seen_and_designs_are_pinned(browser, served):
    with opened(browser, served, f"{DESIGN}&asked=1") as page:
        answered(page)
        assert page.locator(".twenty").count() == 2
        assert page.locator(".twenty").nth(1).locator(".trial").count() == 20
        first = page.inner_html(".worlds figure >> nth=0")
        page.click("text=Twenty others")
        assert page.inner_html(".worlds figure >> nth=0") != first
        page.click("text=Pin")
        page.fill("#field-sizes", "40, 160")
        page.click("button.ask")
        answered(page)
        page.click("text=Pin")
        page.wait_for_selector(".beside th:has-text('power, 160 participants')")
        page.wait_for_url(re.compile("pins="))
        page.reload()
        page.wait_for_selector(".beside th:has-text('power, 160 participants')")
        page.click("text=Open 1")
        page.wait_for_url(re.compile("sizes=40%2C\\+80"))
        page.click("[aria-label='Unpin 2']")
        page.wait_for_selector(".beside th:has-text('power, 160')", state="detached")


def test_a_trial_is_followed_into_twenty_of_it(browser, served):
    with opened(browser, served, "#/trial?participants=12&asked=1") as page:
        answered(page)
        page.click("text=Twenty of this trial")
        page.wait_for_url(re.compile("/design.*asked=1"))
        assert page.input_value("#field-design") == "rapid"
        page.wait_for_selector(".twenty", timeout=WAIT)


def test_a_therapy_is_chosen_and_its_interval_dragged(browser, served):
    with opened(browser, served) as page:
        page.click("text=Choose product, dose and interval")
        page.select_option("[aria-label='Give a product']", "msc")
        line = "[aria-label='MSC']"
        page.wait_for_selector(f"{line} .tick")
        assert page.input_value("#field-therapy") == "msc@intravenous:1e8cells/3months"
        page.focus(f"{line} .handle")
        page.keyboard.press("ArrowLeft")
        page.wait_for_selector(".strip pre:has-text('msc@intravenous:1e8cells/12weeks')")
        page.fill(f"{line} .row input >> nth=0", "2e8 cells")
        page.wait_for_selector(".strip pre:has-text('msc@intravenous:2e8cells/12weeks')")
        page.select_option(f"{line} .row select >> nth=2", "at")
        page.wait_for_selector(".strip pre:has-text('msc@intravenous:2e8cells/once')")


def test_what_is_typed_stands_while_answers_come(browser, served):
    with opened(browser, served) as page:
        begin(page)
        # Every answer comes late, while somebody types on.
        page.route("**/api/protocol", lambda route: (time.sleep(0.5), route.continue_()))
        page.select_option("[aria-label='Add a grouping']", "age")
        page.locator("#p-bands-age").press_sequentially("55, 45", delay=150)
        page.wait_for_selector("#p-problem:has-text('does not lie above')")
        assert page.input_value("#p-bands-age") == "55, 45"
        page.fill("#p-dropout-yearly", "")
        page.locator("#p-dropout-yearly").press_sequentially("0.05", delay=150)
        assert page.input_value("#p-dropout-yearly") == "0.05"
        assert "yearly: 0.05" in saved_text(page)
        name = page.input_value("#p-arms-1-id")
        page.fill("#p-arms-1-id", page.input_value("#p-arms-0-id"))
        page.wait_for_selector("text=Another has this name")
        page.press("#p-arms-1-id", "Tab")
        assert page.input_value("#p-arms-1-id") == name


def test_people_are_randomised_within_bands_of_a_number(browser, served):
    with opened(browser, served) as page:
        begin(page)
        page.select_option("[aria-label='Add a grouping']", "age")
        page.wait_for_selector("#p-problem:has-text('no number is listed')")
        assert page.get_attribute("#p-bands-age", "aria-invalid") == "true"
        page.fill("#p-bands-age", "55, 45")
        page.press("#p-bands-age", "Tab")
        page.wait_for_selector("#p-problem:has-text('does not lie above')")
        page.fill("#p-bands-age", "45, 55")
        page.press("#p-bands-age", "Tab")
        page.select_option("[aria-label='Add a grouping']", "sex")
        page.wait_for_selector(READY)
        page.reload()
        page.wait_for_selector(READY, timeout=WAIT)
        assert page.input_value("#p-bands-age") == "45,55"
        said = saved(page)
        assert said.stratify_by == ("age", "sex")
        assert said.bands == {"age": (45, 55)}
        page.click("[aria-label='Remove age']")
        page.wait_for_selector("#p-bands-age", state="detached")
        page.wait_for_selector(READY)
        assert (saved(page).stratify_by, saved(page).bands) == (("sex",), None)
