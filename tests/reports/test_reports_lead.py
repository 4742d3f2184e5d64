"""A page leads with what was asked, in one table, and a therapy is told in words."""

from functools import cache

import pytest
from test_reports_trial import Page

from antitrypsim.experiments.compare import compare
from antitrypsim.experiments.dose_finding import dose
from antitrypsim.experiments.patient import patient
from antitrypsim.experiments.virtual_trial import run_trial
from antitrypsim.protocols import load_protocol
from antitrypsim.protocols.delivery import Delivery
from antitrypsim.protocols.parts import Endpoints
from antitrypsim.reports import (
    compare_html,
    compare_text,
    lay_out_html,
    lay_out_text,
    patient_html,
    patient_text,
    trial_text,
)
from antitrypsim.reports.compare import compare_document
from antitrypsim.reports.dose_finding import dose_document
from antitrypsim.reports.people import delivery_words
from antitrypsim.simulation.settings import Settings

pytestmark = pytest.mark.contract


SILENCING, WORDS = "fazirsiran:200mg@75kg/12weeks", "fazirsiran 200 mg every 12 weeks"
AUGMENTATION = "augmentation:60mg/kg/week"


@cache
def comparison():
    return compare([AUGMENTATION, SILENCING], people=5, years=(1,), uncertainty=2)


@cache
def person():
    return patient(therapy=SILENCING, people=8, years=2, stiffness=9.0)


def test_a_comparison_leads_with_one_table_and_tells_sentences_below():
    html = compare_html(comparison())
    first, _, rest = html.partition("</section>")
    assert first.count("<table") == 1
    assert 'class="answer"' not in html
    for name in comparison().therapies:
        effect = comparison().of(name, "serum_aat", 1.0).told
        assert f"{effect:+.1f}".replace("-", "\u2212") in first
    told = next(s for s in compare_document(comparison()).sections if s.title == "In words")
    assert len(told.parts) == len(comparison().therapies)
    for part in told.parts:
        for sentence in (*part.sentences, *part.items):
            assert sentence in Page(html).text
    assert ", after 1 year: " not in first
    assert rest.count("<figure") == 5


@pytest.mark.parametrize("told", [compare_text, lambda c: Page(compare_html(c)).text])
def test_a_comparison_names_therapies_in_words(told):
    text = told(comparison())
    assert f"augmentation 60 mg/kg every week + {WORDS}" in " ".join(text.split())
    # Once, in small print, as the command line takes it; never in the text of a terminal.
    assert text.count(SILENCING) <= 1


def test_both_spreads_are_named_in_each_picture():
    pictures = [p for s in compare_document(comparison()).sections for p in s.pictures]
    pictures = [p for p in pictures if p.name != "rival"]
    assert len(pictures) == 4
    for picture in pictures:
        assert ">people</text>" in picture.svg
        assert ">unknown</text>" in picture.svg
        assert WORDS in picture.alt


def test_a_person_with_liver_stiffness_is_told_of_the_liver_first():
    html = patient_html(person())
    assert f"without and with {WORDS}" in Page(html).text
    for text in (Page(html).text, patient_text(person())):
        assert text.index("Liver stiffness") < text.index("FEV1")
    assert html.index('id="course-stiffness"') < html.index('id="course-fev1"')


def test_reach_leads_with_one_table_and_the_picture():
    found = dose([AUGMENTATION, "augmentation@inhaled:80mg/day"], value=11.0, people=5, years=1,
                  factors=(0.5, 1.0), uncertainty=2)  # fmt: skip
    first = lay_out_html(dose_document(found)).partition("</section>")[0]
    assert first.count("<table") == first.count("<figure") == 1
    assert "augmentation 80 mg inhaled every day" in first
    assert "60 mg/kg" in first
    text = lay_out_text(dose_document(found))
    assert "augmentation 80 mg inhaled every day" in text
    assert ":80mg" not in text
    assert "within 1 year\n" in text


def test_a_primary_description_tells_every_visit():
    protocol = load_protocol("rapid")
    plan = next(p for p in protocol.endpoints.all if p.analysis == "describe")
    endpoints = Endpoints(primary=plan, alpha=protocol.endpoints.alpha)
    changed = protocol.model_copy(update={"endpoints": endpoints, "published": ()})
    trial = run_trial(changed, participants=12, settings=Settings(seed=1))
    whens = {row["visit"] for row in trial.plans[0].rows}
    assert len(whens) > 1
    primary = trial_text(trial).partition("Primary result")[2].partition("Participants")[0]
    for when in ("week 13", "week 52", "week 104"):
        assert when in primary


def test_what_differs_in_a_detail_only_is_told_apart():
    def words(source):
        return delivery_words(Delivery.model_validate({
            "product": "msc", "route": "intravenous", "dose": "2e8 cells", "every": "3 months",
            "details": {"source": source, "donor": "never told here"},
        }))  # fmt: skip

    assert words("autologous") == "MSC (autologous) 2 × 10⁸ cells intravenous every 3 months"
    assert words("allogeneic") != words("autologous")
