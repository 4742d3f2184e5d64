"""What a kind of design or an analysis is, is asked of it: nobody else compares its word."""

import ast
from pathlib import Path

import pytest

import antitrypsim
from antitrypsim.foundations.errors import InputError
from antitrypsim.laboratory.designs import KINDS, discover
from antitrypsim.statistics.analysis import ANALYSES

pytestmark = pytest.mark.contract


ROOT = Path(antitrypsim.__file__).parent
OWN = {"laboratory/designs", "statistics"}
USUAL = {
    # What a file is where it says nothing, and the means that every trial is shown with.
    ("laboratory/design_file/trial_design.py", "parallel"), ("reports/published.py", "describe"),
}  # fmt: skip
ROOMS = ("cli", "experiments", "laboratory", "protocols", "reports", "trials")


def words_in(source):
    """Return the strings of a source that are the word of a kind or an analysis, whole."""
    known = {*KINDS, *ANALYSES}
    found = (n.value for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Constant))
    return {value for value in found if isinstance(value, str) and value in known}


def test_nobody_else_knows_the_word_of_a_kind_or_an_analysis():
    found = set()
    for room in ROOMS:
        for file in (ROOT / room).rglob("*.py"):
            name = file.relative_to(ROOT).as_posix()
            if not any(name.startswith(f"{own}/") for own in OWN):
                found |= {(name, word) for word in words_in(file.read_text(encoding="utf-8"))}
    assert found == USUAL


def test_the_test_sees_a_word():
    assert words_in('if kind == "platform" or plan.analysis in ("cox", "other"): "a platform"') == {
        "platform", "cox",
    }  # fmt: skip


def test_two_files_of_one_kind_are_refused(tmp_path, monkeypatch):
    folder = tmp_path / "twokinds"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    text = (ROOT / "laboratory" / "designs" / "parallel.py").read_text(encoding="utf-8")
    for name in ("one", "two", "_helper"):
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(InputError, match="two designs are both of the kind 'parallel'"):
        discover(folder, "twokinds")
    (folder / "two.py").unlink()
    assert list(discover(folder, "twokinds")) == ["parallel"]
