"""The grades are listed once."""

import ast
from pathlib import Path

import pytest

import antitrypsim
from antitrypsim.evidence import GRADES
from antitrypsim.evidence.grade import MEANINGS
from antitrypsim.reports.style import GRADE_COLOURS

pytestmark = pytest.mark.contract


ROOT = Path(antitrypsim.__file__).parent


def listed(source):
    """Return the lines on which a source lists the grades, as a sequence or in a type."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Tuple | ast.List | ast.Set)
        and {e.value for e in node.elts if isinstance(e, ast.Constant)} >= set(GRADES)
    ]


def test_one_file_lists_the_grades():
    found = [p for p in ROOT.rglob("*.py") if listed(p.read_text(encoding="utf-8"))]
    assert found == [ROOT / "evidence" / "grade.py"]


def test_the_test_sees_a_second_list():
    assert listed('x = 1\nORDER = ["assumed", "fitted", "measured", "scaled"]') == [2]
    assert listed('MEANING = {"measured": 1, "fitted": 2, "scaled": 3, "assumed": 4}') == []


def test_every_grade_has_a_meaning_and_a_colour():
    assert tuple(MEANINGS) == tuple(GRADE_COLOURS) == GRADES
