"""What is refused is said in its place, also after a reload, and nothing stands there as if it had been answered."""

import json
import shutil
from urllib.parse import quote

import httpx
import pytest
from browsing import answered, opened
from serving import start

from antitrypsim.web.drafts import MOST_PARTS, draft_from

CHROMIUM = pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium is installed")
pytestmark = pytest.mark.contract

SMALL = "#/person?people=4&years=1"


@CHROMIUM
@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("#/evidence?words=zzzz&asked=1", "zzzz"),
        ("#/trial?participants=26&uncertainty=-1&asked=1", "-1 draws cannot be"),
        ("#/trial?participants=26&uncertainty=1&asked=1", "1 draw cannot be"),
        ("#/compare?people=10&uncertainty=-3&asked=1", "-3 draws cannot be"),
    ],
)
def test_what_cannot_be_answered_is_said_after_a_reload(browser, served, address, told):
    with opened(browser, served, address) as page:
        page.wait_for_selector("#problem")
        # The strip's own answer, which comes later, does not take it away.
        page.wait_for_selector(".strip pre")
        page.wait_for_timeout(800)
        assert told in page.inner_text("#problem")
        assert "Nothing has been asked yet" not in page.inner_text("main")


@CHROMIUM
def test_a_link_that_was_cut_off_opens_no_other_trial(browser, served):
    draft = quote(json.dumps(draft_from("rapid")), safe="")[:200]
    with opened(browser, served, f"#/trial?protocol=my-trial.yaml&draft={draft}&asked=1") as page:
        page.wait_for_selector("#problem:has-text('cut off')")
        page.wait_for_timeout(500)
        assert page.locator(".protocol, article, .progress").count() == 0


@CHROMIUM
def test_a_protocol_that_became_wrong_unfolds_and_says_so(browser, served):
    draft = draft_from("rapid") | {"participants": 24}
    address = f"#/trial?protocol=my-trial.yaml&draft={quote(json.dumps(draft), safe='')}&asked=1"
    with opened(browser, served, address) as page:
        answered(page)
        assert not page.is_visible("#p-participants")
        page.click(".protocol summary >> nth=0")
        page.fill("#p-participants", "many")
        page.wait_for_selector("#p-participants[aria-invalid=true]")
        page.click("button.ask")
        page.wait_for_timeout(500)
        assert page.is_visible("#p-participants")
        assert "not a whole number" in page.inner_text("#p-problem")


@CHROMIUM
@pytest.mark.parametrize(
    ("seed", "told"), [("abc", "'abc' is no seed"), ("1.5", "'1.5' is no seed")]
)
def test_a_seed_that_is_none_is_said(browser, served, seed, told):
    with opened(browser, served, f"{SMALL}&seed={seed}") as page:
        page.wait_for_selector(f'#problem:has-text("{told}")')
        page.wait_for_selector(".strip .before, .strip :text('Of the question before')")


@CHROMIUM
def test_a_large_seed_is_the_one_that_was_typed(browser, served):
    with opened(browser, served, f"{SMALL}&seed=9007199254740993") as page:
        page.wait_for_selector(".strip pre:has-text('--seed=9007199254740993')")


@CHROMIUM
def test_twenty_of_this_trial_are_of_its_size_and_its_draws(browser, served):
    with opened(browser, served, "#/trial?participants=60&uncertainty=20") as page:
        page.wait_for_selector(".sentence:has-text('60 people take part')")
        page.click("nav >> text=Design")
        page.wait_for_selector(".sentence:has-text('with 60 participants')")
        assert page.input_value("#field-draws") == "20"


@CHROMIUM
def test_a_first_answer_whose_rest_was_stopped_says_so(browser, served):
    with opened(browser, served, "#/person?people=20000&years=40&fev1=55&asked=1") as page:
        page.wait_for_selector("article >> text=First answer")
        page.click(".progress button")
        page.wait_for_selector("article >> text=Only the first answer")
        assert page.locator("#answer-hash").count() == 0


@CHROMIUM
def test_a_server_that_is_gone_is_said_while_it_is_waited_for(browser, tmp_path):
    own = start(tmp_path)
    with opened(browser, own, "#/person?people=20000&years=40&fev1=55&asked=1") as page:
        page.wait_for_selector("article >> text=First answer")
        own.kill()
        page.wait_for_selector("#problem:has-text('does not answer')")


@CHROMIUM
@pytest.mark.parametrize("width", [320, 600, 768, 900])
def test_every_room_is_in_sight_and_the_page_stays_in_its_width(browser, served, width):
    with opened(browser, served, SMALL) as page:
        page.set_viewport_size({"width": width, "height": 800})
        wide = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide[0] <= wide[1]
        for link in page.locator("nav a").all():
            box = link.bounding_box()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width


def test_a_reader_without_the_token_is_told_in_words(served):
    found = httpx.get(served.base + "/", headers={"accept": "text/html"}, timeout=60)
    assert found.status_code == 403
    assert found.headers["content-type"].startswith("text/html")
    assert "needs the token" in found.text
    assert "content-security-policy" in found.headers


@pytest.mark.parametrize("kind", ["arms", "visits"])
def test_more_parts_than_a_trial_has_are_refused_before_they_are_read(served, kind):
    draft = draft_from("rapid")
    draft[kind] = [{"id": "one"}] * 10_000
    asked = {"request": {"request": "run", "protocol": "my-trial.yaml"}, "protocol": draft}
    with served.client() as one:
        one.post("/api/strip", json={"request": {"request": "run", "protocol": "rapid"}})
        for path, body in (("jobs", asked), ("strip", asked), ("protocol", {"data": draft})):
            found = one.post(f"/api/{path}", json=body)
            assert found.status_code == 422
            assert f"10,000 {kind} are no protocol; up to {MOST_PARTS} can be" in found.text
