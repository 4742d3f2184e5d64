"""No number of the science stands in a file of organs/ or therapies/: each is in a parameters.toml.

Allowed are:

- 0, 1 and 2, of whichever type: nothing, the whole, a complement, a square, a pair of alleles;
- ``scale=…`` of a state: the size against which the solver measures its error, which says
  nothing of biology, moves no result beyond the tolerance, and reads best beside its state.

Days of a year, milligrams of a gram and the base of a logarithm come from ``modelling``. Every
other number has a value, a unit, a meaning, a grade and a reason: as a parameter, which is drawn,
or as a fixed number, which is not (``[fixed.name]``).
"""

import ast

import pytest

from .folders import ROOT, every_folder, module_of

pytestmark = pytest.mark.contract


ALLOWED = (0, 1, 2)
ALLOWED_KEYWORD = "scale"
FILES = sorted(path for room in ("organs", "therapies") for path in (ROOT / room).rglob("*.py"))


def bare_numbers(source):
    """Return (line, number) of every number in source that is not allowed there."""
    tree = ast.parse(source)
    scales = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.keyword) and node.arg == ALLOWED_KEYWORD
    }
    return [
        (node.lineno, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, int | float | complex)
        and node.value not in ALLOWED
        and node not in scales
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_file_holds_no_bare_number(path):
    assert bare_numbers(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("CellProduct(NAME, viability=0.8)", [(1, 0.8)]),
        ("(1 + x**4) ** 0.25", [(1, 4), (1, 0.25)]),
        ("limits = {'a': (7e8, -3)}", [(1, 7e8), (1, 3)]),
        ("State(NAME, '1', 'cells', scale=0.1)", []),
        ("State(NAME, '1', 'cells', scale=10 * 0.1)", [(1, 10), (1, 0.1)]),
        ("x = 1 - 2.0 * y ** 2 + 0\nz = True\nw = '3'", []),
    ],
)
def test_what_is_a_bare_number(source, found):
    assert sorted(bare_numbers(source)) == sorted(found)


def read_of(name, files):
    """Return the fixed numbers that files read by the name that they have there."""
    return {
        node.attr
        for file in files
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == name
    }


@pytest.mark.parametrize("folder", [f for f, _ in every_folder()], ids=lambda f: f.name)
def test_every_fixed_number_of_a_folder_is_read_and_told(folder):
    from antitrypsim.evidence import load_fixed

    own = list(load_fixed(folder / "parameters.toml", folder.name))
    assert {number.name for number in own} == read_of("FIXED", folder.glob("*.py"))
    module = module_of(folder, dict(every_folder())[folder])
    assert [number.id for number in module.fixed if number.module == folder.name] == [
        number.id for number in own
    ]


def test_every_fixed_number_that_therapies_share_is_read_and_told():
    from antitrypsim.therapies import build_model
    from antitrypsim.therapies.product import FIXED

    shared = {number.name for number in FIXED}
    rest = [path for path in FILES if path.parent != ROOT / "therapies"]
    assert read_of("FIXED", (ROOT / "therapies").glob("*.py")) == shared
    assert read_of("SHARED", rest) <= shared
    told = {n.name for fixed in build_model().fixed.values() for n in fixed}
    assert shared <= told
