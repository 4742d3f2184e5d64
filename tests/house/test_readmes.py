"""Every module folder has one page that says what it is."""

import pytest

from .folders import every_folder

pytestmark = pytest.mark.contract


HEADINGS = ("## What it says", "## Assumptions", "## Good for")
PAGES = [folder / "README.md" for folder, _ in every_folder()]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.parent.name)
def test_a_readme_has_its_headings(page):
    lines = [line.strip() for line in page.read_text("utf-8").splitlines()]
    assert [heading for heading in HEADINGS if heading not in lines] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.parent.name)
def test_no_heading_stands_over_nothing(page):
    sections = page.read_text("utf-8").split("\n## ")[1:]
    assert [s.splitlines()[0] for s in sections if not "".join(s.splitlines()[1:]).strip()] == []
