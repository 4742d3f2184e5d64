"""Every kind of page at four widths and printed: nothing cut, nothing overlapping, pictures in words."""

import shutil
import subprocess
from pathlib import Path

import pytest

from antitrypsim.experiments.compare import compare
from antitrypsim.experiments.dose_finding import dose
from antitrypsim.experiments.patient import patient
from antitrypsim.laboratory.appraisal import laboratory
from antitrypsim.laboratory.design_file.trial_design import TrialDesign
from antitrypsim.laboratory.power import power_curve
from antitrypsim.protocols import load_protocol
from antitrypsim.reports import compare_html, lay_out_html, patient_html, trial_html
from antitrypsim.reports.dose_finding import dose_document
from antitrypsim.reports.dossier import power_document
from tests.shared import trial

BROWSER = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
WIDTHS = (1400, 1100, 768, 400)
FIT = Path(__file__).with_name("fit.js").read_text("utf-8").partition("\n")[2]
AUGMENTATION, SILENCING = "augmentation:60mg/kg/week", "fazirsiran:200mg@75kg/12weeks"

pytestmark = [
    pytest.mark.contract,
    pytest.mark.skipif(BROWSER is None, reason="no chromium is installed to look at pages"),
]


def of_trial(id):
    return trial_html(trial(id))


def of_person():
    return patient_html(patient(
        therapy=f"{SILENCING}+tacrolimus:6ng/mL/held", people=12, years=2, stiffness=9.0
    ))  # fmt: skip


def of_comparison():
    return compare_html(compare([AUGMENTATION, SILENCING], people=6, years=(1, 2), uncertainty=3))


def of_reach():
    therapies = [AUGMENTATION, "augmentation@inhaled:80mg/day"]
    return lay_out_html(
        dose_document(dose(therapies, value=11.0, people=6, years=1.0, uncertainty=3))
    )


def of_power():
    protocol = load_protocol("rapid")
    design = TrialDesign.model_validate({
        "trial_design": 1, "id": "small", "title": "Density", "protocol": "rapid",
        "question": "How many people?", "participants": 60, "sizes": [40, 80], "replicates": 40,
        "primary": {"id": "d", "endpoint": "density", "analysis": "ancova", "visit": "m24"},
        "library": {"people": 60, "draws": 0, "per_draw": 10},
    })  # fmt: skip
    lab, _ = laboratory(design, protocol)
    return lay_out_html(power_document(lab, power_curve(lab)))


PAGES = {
    "two arms": (lambda: of_trial("rapid"), "Virtual trial"),
    "four arms": (lambda: of_trial("silencing"), "How it is known"),
    "person": (of_person, "own difference"),
    "comparison": (of_comparison, "Benefit"),
    "reach": (of_reach, "Chance"),
    "power": (of_power, "where nothing works"),
}


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        found = play.chromium.launch(
            executable_path=BROWSER, args=["--no-sandbox", "--disable-gpu"]
        )
        yield found
        found.close()


@pytest.fixture(scope="module", params=PAGES)
def page(browser, request, tmp_path_factory):
    make, last_column = PAGES[request.param]
    file = tmp_path_factory.mktemp("pages") / "page.html"
    file.write_text(make(), encoding="utf-8")
    tab = browser.new_page()
    tab.goto(file.as_uri())
    yield tab, last_column
    tab.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_cut_or_overlaps(page, width):
    tab, _ = page
    tab.emulate_media(media="screen")
    tab.set_viewport_size({"width": width, "height": 1000})
    assert tab.evaluate(FIT) == []


def test_it_prints_whole(page, tmp_path):
    tab, last_column = page
    tab.emulate_media(media="print")
    # An A4 sheet between its margins, in CSS pixels.
    tab.set_viewport_size({"width": 720, "height": 1000})
    assert tab.evaluate("() => document.documentElement.scrollWidth") <= 720
    cut = "() => [...document.querySelectorAll('.wide')].filter((e) => e.scrollWidth > e.clientWidth + 1).map((e) => e.textContent.trim().slice(0, 60))"
    assert tab.evaluate(cut) == []
    squeezed = "() => [...document.querySelectorAll('tbody th')].filter((e) => e.textContent.trim().length > 12 && e.clientWidth < 50).map((e) => e.textContent)"
    assert tab.evaluate(squeezed) == []
    printed = tmp_path / "page.pdf"
    tab.pdf(path=printed, format="A4", margin=dict.fromkeys(("left", "right"), "10mm"))
    if shutil.which("pdftotext") is None:
        pytest.skip("no pdftotext is installed to read the print")
    text = subprocess.run(
        ["pdftotext", printed, "-"], check=True, capture_output=True, text=True
    ).stdout
    assert last_column.lower() in " ".join(text.split()).lower()
