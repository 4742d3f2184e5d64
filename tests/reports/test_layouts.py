"""One document in three layouts: the same words, in their order, whatever signs are in them."""

import re

import pytest
from test_reports_trial import Page

from antitrypsim.reports import lay_out_html, lay_out_pdf, lay_out_text
from antitrypsim.reports.document import Cell, Document, Section, Table, answered, manifest

pytestmark = pytest.mark.contract


EVIL = '<b>#panic("x")</b> $ * _ @ \\ [ ] `'
TABLE = Table(
    "Harms", ("Harm", "People", "Rate"),
    ((Cell("Fever", "active"), "3 of 20", "-1.5"), (Cell("Fever", "placebo"), "1 of 20", "0.5")),
    align="wvn", grouped=True, notes=("Counted once.",),
)  # fmt: skip
WIDE = Table(
    "", ("what", *(f"a long name {k}" for k in range(6))),
    (("words that may be broken where there is no room", *("-10.25 (3.1)" for _ in range(6))),),
)  # fmt: skip
DOCUMENT = Document(
    "A title", ("For research.",), answered(("It helps.", EVIL)),
    (
        Section("Numbers", ("See 10.1016/S0140-6736(15)60860-1.",), (TABLE, WIDE), id="numbers",
                parts=(Section("One by one", items=("first", "second")),)),
        Section("At length", ("Long.",), told="page", id="long", parts=(
            Section("To open", tables=(TABLE,), folded=True),)),
        Section("In short", ("Short.",), told="terminal"),
        manifest([("model", "abc -1")]),
    ),
    grounds=(Section("Resting on", ("Evidence.",)),),
)  # fmt: skip


def test_the_text_is_short_and_the_page_is_whole():
    text, page = lay_out_text(DOCUMENT), Page(lay_out_html(DOCUMENT)).text
    for words in ("A title", "For research.", "It helps.", "Evidence.", "Counted once.", "second"):
        assert words in text
        assert words in page
    for words, told in (("Long.", page), ("abc -1", page), ("Short.", text)):
        assert (words in page, words in text) == (told is page, told is text)
    whole = lay_out_text(DOCUMENT, whole=True)
    assert "Long." in whole
    assert "Short." not in whole


def test_a_group_is_named_once_in_text_and_in_every_row_of_a_page():
    text = lay_out_text(DOCUMENT)
    assert text.count("Fever") == 1
    assert re.search(r"^  Fever\n    active +3 of 20 +-1.5\n    placebo", text, re.MULTILINE)
    assert lay_out_html(DOCUMENT).count("Fever") == 4


def test_words_are_broken_before_any_number_and_no_line_is_too_long():
    text = lay_out_text(DOCUMENT)
    assert max(map(len, text.splitlines())) <= 96
    assert text.count("-10.25 (3.1)") == 6


def test_a_column_without_words_breaks_nothing():
    empty = Table("", ("", "", ""), (("x", "9", ""), ("y", "10", "")), align="wnw")
    text = lay_out_text(Document("Empty", (), (), (Section("Numbers", tables=(empty,)),)))
    assert text.endswith("\n  x   9\n  y  10")


def test_a_page_links_dois_alone_and_obeys_no_sign():
    html = lay_out_html(DOCUMENT)
    found = Page(html)
    links = [attrs["href"] for attrs, _ in found.all("a") if not attrs["href"].startswith("#")]
    assert links == ["https://doi.org/10.1016/S0140-6736(15)60860-1"]
    assert EVIL in found.text
    assert not [inside for attrs, inside in found.all("b")]
    assert [inside[-1] for _, inside in found.all("details")] == ["section"]
    assert "\u22121.5" in html


def test_a_pdf_is_set_whatever_signs_are_in_it():
    pytest.importorskip("typst")
    assert lay_out_pdf(DOCUMENT).startswith(b"%PDF")
