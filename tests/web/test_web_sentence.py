"""A question as a sentence whose numbers are moved, with the form, and the answer follows."""

import re
import shutil

import pytest
from browsing import WAIT, answered, opened

from antitrypsim.populations.matching import Description
from antitrypsim.protocols import load_protocol
from antitrypsim.protocols.therapytext import parse_therapy
from antitrypsim.protocols.therapywords import therapy_words
from antitrypsim.web.asked import asked
from antitrypsim.web.strip import strip

pytestmark = pytest.mark.contract

CHROMIUM = pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium is installed")
BOTH = "fazirsiran:200mg@75kg/12weeks + msc@intravenous[source=autologous]:200e6cells/3months"
PERSON = {
    "request": "patient", "age": 60, "smoking": "ex", "quit_age": 44, "fev1": 45, "serum": 5.5,
    "stiffness": 6, "therapy": BOTH, "years": 3, "people": 30, "uncertainty": 10,
}  # fmt: skip
COMPARE = {
    "request": "compare", "years": [1, 2, 5], "people": 40, "uncertainty": 0,
    "therapies": {"Weekly": "augmentation:60mg/kg/week", "Cells": "msc@intravenous:1e8cells/once"},
}  # fmt: skip
RUN = {"request": "run", "protocol": "rapid", "participants": 90, "uncertainty": 10}
POWER = {
    "request": "power", "design": "rapid", "sizes": [60, 120, 500], "replicates": 400, "people": 500,
    "draws": 20, "wanted": 0.9, "per_month": 3,
}  # fmt: skip
ADDRESS = "#/person?people=20&years=2&therapy=augmentation%3A60mg%2Fkg%2Fweek&asked=1"


def told(said):
    return strip(asked(said), None).sentence


def text_of(parts):
    return "".join(part.text for part in parts)


def moved(said):
    return [part for part in told(said) if part.steps]


def field_of(said, part):
    """Return what a field of the page says of a question, as a moved number writes it."""
    value = said[part.field]
    if isinstance(value, dict):
        return "\n".join(f"{name}: {text}" for name, text in value.items())
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)


def test_the_sentence_is_of_the_words_that_reports_have():
    words = text_of(told(PERSON))
    described = {k: PERSON[k] for k in ("age", "smoking", "quit_age", "fev1", "serum", "stiffness")}
    assert Description(**described).words() in words
    assert therapy_words(BOTH) in words
    words = text_of(told(COMPARE))
    for name, text in COMPARE["therapies"].items():
        assert f"{name}: {therapy_words(text)}" in words
    assert told({"request": "evidence"}) == ()


def test_what_a_trial_leaves_out_is_its_protocols_own():
    protocol = load_protocol("rapid")
    said = told({"request": "run", "protocol": "rapid"})
    assert text_of(said) == (
        f"{protocol.title}. {protocol.participants} people take part in one virtual trial."
    )
    own = {"request": "run", "protocol": "my-trial.yaml", "uncertainty": 10}
    data = {**load_protocol("rapid").to_dict(), "title": "A trial of my own", "participants": 44}
    assert text_of(strip(asked(own, data), None, data).sentence) == (
        "A trial of my own. 44 people take part in one virtual trial; what nobody knows is drawn 10 times."
    )


def test_the_trials_of_a_design_are_said_with_every_size():
    assert text_of(told(POWER)).endswith(
        "400 trials are drawn from 500 virtual people, with 60, 120 or 500 participants, of whom 3 are "
        "found a month; a power of 90 % is wanted; what nobody knows is drawn 20 times."
    )
    sizes = [part for part in moved(POWER) if part.field == "sizes"]
    # A size stays between its neighbours, so that no step is a curve that goes back.
    assert sizes[0].steps[-1].said == "100"
    assert (sizes[1].steps[0].said, sizes[1].steps[-1].said) == ("70", "450")


@pytest.mark.parametrize("said", [PERSON, COMPARE, RUN, POWER], ids=lambda one: one["request"])
def test_each_number_stands_in_its_field_and_every_step_is_a_question_that_can_be(said):
    found = moved(said)
    names = [part.name for part in found]
    assert len(set(names)) == len(names)
    for part in found:
        assert part.steps[part.at].text == part.text
        written = part.before + part.steps[part.at].said + part.after
        if part.field not in ("therapy", "therapies"):
            assert written == field_of(said, part)
        for step in (part.steps[0], part.steps[-1]):
            value = part.before + step.said + part.after
            if part.field == "therapies":
                value = dict(line.split(": ", 1) for line in value.split("\n"))
                assert list(value) == list(COMPARE["therapies"])
            elif part.field == "years" and said["request"] == "compare":
                value = [float(one) for one in value.split(",")]
            elif part.field == "sizes":
                value = [int(one) for one in value.split(",")]
            elif part.field != "therapy":
                value = float(value) if "." in value else int(value)
            after = told({**said, part.field: value})
            again = next(one for one in after if one.name == part.name)
            assert again.text == step.text


def test_a_therapy_is_the_same_when_a_number_of_it_comes_back():
    regimen = parse_therapy(BOTH, 3)
    doses = [part for part in moved(PERSON) if part.field == "therapy"]
    assert [part.name for part in doses] == [
        "dose of fazirsiran", "interval of fazirsiran", "dose of MSC", "interval of MSC",
    ]  # fmt: skip
    for part in doses:
        assert parse_therapy(part.before + part.steps[part.at].said + part.after, 3) == regimen
        other = part.before + part.steps[part.at - 1].said + part.after
        assert parse_therapy(other, 3) != regimen


def test_no_step_is_a_dose_that_is_refused():
    (dose,) = [one for one in moved({**PERSON, "therapy": "augmentation:400mg/kg/once"}) if one.field == "therapy"]  # fmt: skip
    for step in dose.steps:
        parse_therapy(dose.before + step.said + dose.after, 3)


@pytest.mark.parametrize(
    ("often", "words", "moves"),
    [
        ("7d", "7 d", False), ("7 day", "7 day", True), ("1.0week", "1.0 week", True), ("07days", "07 days", True),
        ("36hours", "36 hours", False), ("1weeks", "week", True), ("1.5weeks", "1.5 weeks", True),
    ],
)  # fmt: skip
def test_an_interval_is_said_however_it_is_written(often, words, moves):
    text = f"augmentation:60mg/kg/{often}"
    question = {**PERSON, "therapy": text}
    assert f"every {words};" in text_of(told(question))
    found = [one for one in moved(question) if one.name == "interval of augmentation"]
    assert len(found) == moves
    for one in found:
        assert one.steps[one.at].text == words
        assert parse_therapy(one.steps[one.at].said, 3) == parse_therapy(text, 3)


@CHROMIUM
def test_a_number_is_dragged_and_the_form_and_the_answer_follow(browser, served):
    with opened(browser, served, ADDRESS) as page:
        first = answered(page)
        dose = page.get_by_role("slider", name="dose of augmentation", exact=True)
        box = dose.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 12, y)
        # Held, it has moved the field, and nothing is asked yet.
        page.wait_for_function(
            "document.querySelector('#field-therapy').value.includes('100mg/kg')"
        )
        assert dose.inner_text() == "100 mg/kg"
        assert page.locator("article.old").count() == 1
        page.mouse.up()
        page.wait_for_selector(f"#answer-hash:not(:text('{first}'))", timeout=WAIT)
        page.wait_for_selector("article.answer:not(.old) >> text=augmentation 100 mg/kg every week")
        assert page.url.endswith("asked=1")
        assert "100mg/kg" in page.inner_text(".strip pre")


@CHROMIUM
def test_a_number_is_moved_without_a_mouse_and_a_refusal_is_said(browser, served):
    with opened(browser, served, ADDRESS) as page:
        first = answered(page)
        years = page.get_by_role("slider", name="years looked ahead")
        years.focus()
        for key in ("ArrowRight", "ArrowRight", "ArrowLeft"):
            page.keyboard.press(key)
        assert page.input_value("#field-years") == "3"
        assert years.get_attribute("aria-valuetext") == "3 years"
        page.wait_for_selector(f"#answer-hash:not(:text('{first}'))", timeout=WAIT)
        page.wait_for_selector("article >> text=Each lives 3 years twice")
        assert page.evaluate("document.activeElement.ariaLabel") == "years looked ahead"
        page.fill("#field-fev1", "900")
        page.wait_for_selector(".sentence.stale")
        assert "cannot be" in page.inner_text("#problem")


@CHROMIUM
def test_what_counts_as_more_is_moved_in_its_own_sentence(browser, served):
    with opened(browser, served, ADDRESS) as page:
        answered(page)
        page.locator(".hundred .moved").first.focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_url(re.compile("more="))
        more = page.inner_text(".hundred .yearline output")
        assert page.locator(".hundred .moved").all_inner_texts() == [more, more]
        assert page.get_attribute(".hundred .yearline input", "aria-valuetext") == more


@CHROMIUM
def test_a_comparison_is_moved_too(browser, served):
    with opened(browser, served, "#/compare") as page:
        cells = page.get_by_role("slider", name="dose of MSC")
        cells.focus()
        page.keyboard.press("ArrowRight")
        assert cells.inner_text() == "1.5 × 10⁸ cells"
        page.wait_for_function(
            "document.querySelector('#field-therapies').value.includes('1.5e8cells')"
        )
        assert page.input_value("#field-therapies").split("\n")[0] == "augmentation:60mg/kg/week"
        # Nothing was asked before, and nothing is asked now.
        page.wait_for_timeout(900)
        assert page.locator("article, .progress").count() == 0
