"""Claimed results in reports: never without their label, and nothing where nothing is claimed."""

from __future__ import annotations

import json
import re

import pytest

from antitrypsim.experiments.virtual_trial import run_trial
from antitrypsim.protocols import load_protocol
from antitrypsim.protocols.load import protocol_from
from antitrypsim.reports import trial_html, trial_text
from antitrypsim.reports.claims import LABEL, METHOD, one_in
from antitrypsim.runs.folder import results_json
from antitrypsim.simulation.settings import Settings

pytestmark = pytest.mark.contract


@pytest.fixture(scope="module")
def trial():
    data = load_protocol("claimed-german-msc").to_dict()
    data["claimed"] = data["claimed"][:1]
    return run_trial(protocol_from(data), settings=Settings(seed=2))


def flat(text):
    return re.sub(r"\s+", " ", text)


def test_the_text_says_what_would_have_to_be_true(trial):
    text = flat(trial_text(trial))
    for words in (
        "Working backwards", METHOD, f"CLAIM-15: FEV1 +10 % at week 53 [{LABEL}]",
        f"Of what is {LABEL}: FEV1 +10 % (CLAIM-15)", "against being untreated",
        "Their change from baseline by week 53, untreated course included, is ",
        "200 draws reach", "would need '", "prior SDs away", "by these priors about 1 in",
        "the assumption is", "One unknown alone", "The most plausible combination",
        "Verdict: ", "unknown needed prior",
    ):  # fmt: skip
        assert words in text, words
    assert max(map(len, trial_text(trial).splitlines())) <= 96


def test_the_page_has_the_section_and_its_label(trial):
    page = trial_html(trial)
    assert '<a href="#backwards">Working backwards</a>' in page
    assert f'<p class="banner">{LABEL.capitalize()}: ' in page
    assert "The most plausible combination" in page
    section = page[page.index('<section id="backwards">') :]
    assert "CLAIM-15" in section[: section.index("</section>")]


def test_the_results_hold_it(trial):
    *others, last = json.loads(results_json(trial))
    assert last["analysis"] == "backwards"
    assert last["backwards"]["claim"] == "CLAIM-15"
    assert last["backwards"]["evidence"] is False
    assert all("backwards" not in row for row in others)


def test_nothing_is_said_where_nothing_is_claimed_or_asked():
    plan = load_protocol("claimed-german-msc")
    quiet = run_trial(plan, settings=Settings(seed=2), claims=False)
    assert quiet.claims == ()
    assert "Working backwards" not in trial_text(quiet)
    assert 'id="backwards"' not in trial_html(quiet)


@pytest.mark.parametrize(
    ("chance", "said"),
    [
        (0.5, "1 in 2"), (0.297, "1 in 3.4"), (0.0234, "1 in 43"), (0.0006, "1 in 1,700"),
        (4.9e-5, "1 in 20,000"), (3e-7, "1 in 3,000,000"), (0.0, "1 in a billion or fewer"),
    ],
)  # fmt: skip
def test_chances_are_told_as_one_in(chance, said):
    assert one_in(chance) == said
