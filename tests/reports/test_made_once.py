"""What a report is made of is made once: a picture is laid out and drawn once, a template compiled once."""

import re

import pytest
from matplotlib.axes import Axes

from antitrypsim.foundations import cache
from antitrypsim.reports import layout_html, style
from antitrypsim.reports.document import Document, Section

pytestmark = pytest.mark.contract


def figure(rows=2):
    with style.settings():
        made, grid = style.new(height=3, nrows=rows, sharex=True)
        for k, axes in enumerate(grid):
            axes.plot([0, 1, 2], [k, 1e4, -3], label="of two")
            axes.set_title("Change in what was measured, g/L", loc="left")
            axes.set_ylabel("people")
            style.quiet(axes)
        grid[-1].set_xlabel("months\nsince the start")
    return made


@pytest.mark.law
def test_a_picture_is_the_one_that_matplotlib_saves():
    from io import StringIO

    import matplotlib

    theirs = StringIO()
    with matplotlib.rc_context({**style.SETTINGS, "svg.hashsalt": "one"}):
        figure().savefig(theirs, format="svg", metadata={"Date": None, "Creator": None})
    shapes = re.compile(r' d="([^"]*)"|>([^<]+)<|style="([^"]*)"')
    ours = (
        style.to_svg(figure(), "one")
        .replace("#one-", "#")
        .replace(style.FONTS.replace('"', "'"), "F")
    )
    told = re.sub(r"'DejaVu Sans'[^;\"]*", "F", theirs.getvalue())
    told = re.sub(r"<metadata>.*?</metadata>", "", told[told.index("<svg") :], flags=re.DOTALL)
    assert shapes.findall(ours.strip()) == shapes.findall(told.strip())


def test_axes_are_drawn_once(monkeypatch):
    drawn = []
    real = Axes.draw
    monkeypatch.setattr(Axes, "draw", lambda axes, *rest: drawn.append(axes) or real(axes, *rest))
    style.to_svg(figure(), "one")
    assert len(drawn) == len(set(drawn)) == 2


def page():
    """Lay out a page as a process does that has compiled no template."""
    layout_html._template.cache_clear()
    return layout_html.lay_out_html(
        Document("A & B", (), (Section("Question", ("Why < how?",)),), ())
    )


@pytest.fixture
def kept(monkeypatch, tmp_path):
    monkeypatch.setenv("ANTITRYPSIM_CACHE", str(tmp_path / "cache"))
    yield tmp_path / "cache"
    layout_html._template.cache_clear()


def compiled(monkeypatch):
    """Return the list of templates compiled from now on."""
    from jinja2 import Environment

    seen, real = [], Environment.compile
    monkeypatch.setattr(
        Environment,
        "compile",
        lambda self, *a, **k: seen.append(a) or real(self, *a, **k),
    )
    return seen


def test_a_template_is_compiled_once(kept, monkeypatch):
    first = page()
    seen = compiled(monkeypatch)
    assert page() == first
    assert seen == []


def test_a_damaged_or_absent_one_is_compiled_anew(kept, monkeypatch):
    first, seen = page(), compiled(monkeypatch)
    for file in kept.glob("*.o"):
        data = bytearray(file.read_bytes())
        data[len(data) // 2] ^= 1
        file.write_bytes(data)
    assert page() == first
    assert seen
    assert page() == first


def test_another_text_or_another_jinja_is_another_template(kept, monkeypatch):
    page()
    seen = compiled(monkeypatch)
    monkeypatch.setattr(layout_html, "version", lambda name: "0")
    page()
    assert seen


def test_where_nothing_can_be_kept_the_page_is_the_same(kept, monkeypatch):
    first = page()
    monkeypatch.setenv("ANTITRYPSIM_CACHE", "/proc/none")
    assert cache.read("0") is None
    assert page() == first
