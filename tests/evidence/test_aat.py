"""What a micromole of AAT weighs stands once, in the parameters of the circulation."""

import ast
from pathlib import Path

import pytest

import antitrypsim
from antitrypsim.evidence.aat import grams_per_micromole
from antitrypsim.organs.circulation.module import PARAMETERS

pytestmark = pytest.mark.contract


ROOT = Path(antitrypsim.__file__).parent
MASS = PARAMETERS["molar_mass"]


def test_equations_and_documents_read_one_number():
    assert (MASS.value, MASS.unit) == (52.0, "mg/µmol")
    assert grams_per_micromole() == 0.052


def test_no_file_says_it_a_second_time():
    said = (0.052, 5.2)
    found = {
        str(path.relative_to(ROOT))
        for path in ROOT.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and node.value in said
    }
    assert found == set()
