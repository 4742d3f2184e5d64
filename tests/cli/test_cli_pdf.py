"""A PDF is offered wherever a page is, and refused in one sentence where its extra is missing."""

import sys

import pytest
import typer

from antitrypsim.cli.main import app, main

pytestmark = pytest.mark.contract


THERAPY = "augmentation:60mg/kg/week"
SMALL = {
    "patient": ["--people", "6", "--years", "1", "--therapy", THERAPY, "--no-plot"],
    "compare": ["--people", "4", "--years", "1", "--therapy", THERAPY, "--uncertainty", "0"],
    "dose": ["--people", "4", "--years", "1", "--therapy", THERAPY, "--value", "11",
             "--uncertainty", "2", "--factors", "1"],
    "run": ["rapid", "--participants", "12", "--out", "run"],
}  # fmt: skip


def options(command):
    return {name for parameter in command.params for name in parameter.opts}


def test_whatever_writes_a_page_writes_a_pdf():
    group = typer.main.get_command(app)
    pages = {name for name, command in group.commands.items() if "--html" in options(command)}
    assert {"patient", "compare", "dose", "power", "design"} <= pages
    for name in (*pages, "run"):
        assert "--pdf" in options(group.commands[name]), name


@pytest.mark.parametrize("command", SMALL)
def test_the_pdf_is_one(command, tmp_path, monkeypatch, capsys):
    pytest.importorskip("typst")
    monkeypatch.chdir(tmp_path)
    assert main([command, *SMALL[command], "--quiet", "--pdf", "it.pdf"]) == 0, capsys.readouterr()
    assert (tmp_path / "it.pdf").read_bytes().startswith(b"%PDF")
    assert "it.pdf" in capsys.readouterr().out


@pytest.mark.parametrize("command", SMALL)
def test_without_the_extra_it_is_refused_before_the_work(command, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "typst", None)
    assert main([command, *SMALL[command], "--pdf", "it.pdf"]) == 2
    told = capsys.readouterr()
    assert "a PDF needs the extra 'pdf'" in told.err
    assert not told.out
    assert not list(tmp_path.iterdir())
