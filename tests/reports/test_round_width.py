"""The physician's round is read at 1,200 px without scrolling sideways."""

import shutil

import pytest

from antitrypsim.calibration.physicians_round import AGES, GENOTYPES, LINES, Round, Visit
from antitrypsim.reports.layout_html import lay_out_html
from antitrypsim.reports.physicians_round import round_document

BROWSER = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)

pytestmark = [
    pytest.mark.contract,
    pytest.mark.skipif(BROWSER is None, reason="no chromium is installed to look at pages"),
]


def test_no_table_of_the_round_hides_a_column(tmp_path):
    sync = pytest.importorskip("playwright.sync_api")
    values = {line.name: -123.456 if line.since else 123.456 for line in LINES}
    visits = tuple(
        Visit(genotype, smoking, age, 0.97, values)
        for smoking in ("never", "current")
        for genotype in GENOTYPES
        for age in AGES
    )
    page = tmp_path / "round.html"
    page.write_text(
        lay_out_html(round_document(Round(visits, {("ZZ", "never"): 80.0}, 2000, 1))), "utf-8"
    )
    with sync.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        seen = browser.new_page(viewport={"width": 1200, "height": 900})
        seen.goto(page.as_uri())
        wide = seen.evaluate(
            "[...document.querySelectorAll('.wide')].map((one) => one.scrollWidth - one.clientWidth)"
        )
        browser.close()
    assert wide == [0] * 4
