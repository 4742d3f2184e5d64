"""What the page of one person's course must show."""

from functools import cache

import pytest
from test_reports_trial import Page

from antitrypsim.experiments.patient import patient
from antitrypsim.reports import patient_html, patient_text
from antitrypsim.reports.patient import frequencies

pytestmark = pytest.mark.contract


@cache
def course(therapy="augmentation:60mg/kg/week"):
    return patient(therapy=therapy, people=20, years=3, age=50)


def test_the_page_is_whole_and_tells_with_and_without():
    html = patient_html(course())
    found = Page(html)
    assert course().notices[0] in found.text
    assert "own difference" in found.text
    assert len(found.all("svg")) == 7
    assert all(attrs["aria-label"] for attrs, _ in found.all("svg"))
    assert all(attrs.get("scope") for attrs, _ in found.all("th"))
    assert not any(attrs.get("src") or "http" in (attrs.get("href") or "")
                   for _, attrs, _ in found.elements)  # fmt: skip
    last = next(
        r for r in course().rows
        if (r["endpoint"], r["way"], r["year"]) == ("density", "with", 3)
    )  # fmt: skip
    assert f"{last['median']:.2f} ({last['p05']:.2f} to {last['p95']:.2f})" in found.text


def test_without_a_therapy_nothing_is_compared():
    found = Page(patient_html(course(None)))
    assert "difference" not in found.text.split("Numbers")[0]
    assert "without therapy" in found.text


def test_where_many_die_medians_are_told_to_be_of_who_is_left():
    said = "As the sickest die first, a median can rise although nobody gets better"
    assert said not in patient_text(course())
    assert all(said not in one for one in frequencies(course(), 3))
    short = patient(people=20, years=12, age=70, fev1=30)
    assert said in " ".join(patient_text(short).split())
    assert f"{said}." in frequencies(short, 12)[-1]
