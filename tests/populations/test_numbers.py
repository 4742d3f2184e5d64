"""The numbers of populations stand in one file, each with a unit and a reason, and each is read."""

import ast
import re
from pathlib import Path
from typing import get_args

import pytest

import antitrypsim.populations
from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.units import parse_unit
from antitrypsim.populations.matching import LIKENESS, Description
from antitrypsim.populations.numbers import FIXED
from antitrypsim.populations.possible import HEAVIEST, LIGHTEST, OLDEST, YOUNGEST, possible
from antitrypsim.populations.spec import ELIGIBILITY, AgeRange, Ascertainment, Population, Smoking

pytestmark = pytest.mark.contract

ROOM = Path(antitrypsim.populations.__file__).parent
SOURCES = {path.name: path.read_text(encoding="utf-8") for path in ROOM.glob("*.py")}
NAMES = {number.name for number in FIXED}


@pytest.mark.parametrize("number", list(FIXED), ids=lambda number: number.name)
def test_a_fixed_number_has_a_unit_a_grade_and_a_reason(number):
    assert parse_unit(number.unit) is not None
    assert number.grade == "assumed"
    assert number.source


def test_every_fixed_number_is_read():
    read = set(re.findall(r"FIXED\.(\w+)\.", "".join(SOURCES.values())))
    ends = {f"{quantity}_{side}" for quantity in ELIGIBILITY for side in ("least", "most")}
    described = re.findall(r'_described\("(\w+)"\)', SOURCES["matching.py"])
    read |= {f"described_{name}_{side}" for name in described for side in ("least", "most")}
    read |= {f"usual_{word}" for word in (*get_args(Smoking), *get_args(Ascertainment))}
    assert read - ends <= NAMES <= read | ends


def test_what_the_numbers_were_they_are():
    assert (YOUNGEST, OLDEST, LIGHTEST, HEAVIEST) == (18, 110, 20, 300)
    asked = {q: tuple(end.value for end in possible(q)) for q in ELIGIBILITY}
    assert asked == {
        "age": (18, 110), "serum_aat": (0, 200), "fev1": (0.1, 10), "fev1_percent": (5, 200),
        "fev1_fvc": (0, 1), "kco": (0, 10), "density": (0, 1000), "stiffness": (0, 75),
        "fibrosis_stage": (0, 4), "alt": (0, 1000), "sgrq": (0, 100), "weight": (20, 300), "bmi": (10, 100),
        "alcohol": (0, 1), "metabolic": (0, 1), "bronchiectasis": (0, 1),
    }  # fmt: skip
    assert [(o.name, o.band, o.low, o.high) for o in LIKENESS] == [
        ("fev1", 3, 5, 160), ("serum", 1, 0, 100), ("stiffness", 1, 1, 75),
    ]  # fmt: skip
    # The text of a population is part of a content hash: 18 stays 18, and no 18.0.
    assert str(Population().age.model_dump()) == "{'mean': 50.0, 'sd': 12.0, 'min': 18, 'max': 90}"


def test_an_end_is_the_rooms_or_else_that_of_the_scale():
    assert [end.why for end in possible("fibrosis_stage")] == ["the scale ends there"] * 2
    assert possible("fev1")[0].why == "with less nobody breathes"
    assert possible("spo2")[1].value == 100
    assert [end.value for end in possible("nothing")] == [None, None]


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("age", 17, "between 18 and 90"),
        ("height", 2.4, "between 1.2 and 2.3"),
        ("weight", 20, "between 30 and 250"),
        ("fev1", 161, "between 5 and 160"),
    ],
)
def test_a_description_out_of_bounds_says_them(key, value, words):
    with pytest.raises(Exception, match=words):
        Description(**{key: value})


@pytest.mark.parametrize("key", ["min", "max"])
def test_children_are_refused_with_the_reason_in_one_sentence(key):
    with pytest.raises(InputError, match="12 years cannot be; 18 is the youngest: a child's liver"):
        AgeRange(**({"mean": 20, "sd": 5} | {key: 12}))


# How people are met, guards against a slip of a key, and units: no science.
PROCEDURE = {
    "eligibility.py": {2000, 20000, 0.02, 0.005, 0.05, 0.95, 100},
    "enrol.py": {32, 4096, 4, 16384},
    "drawn.py": {4, 48, 128, 2048},
    "drawn_like.py": {0.5, 48},
    "lives.py": {8},
    "lives_read.py": {32, 50},
    "matching.py": {20000, 20, 16, 64, 1000, 4096, 32, 0.05, 0.9, 0.95, 100, 50.0},
    "people.py": {3, 8},
    "possible.py": {100.0, 0.01},
    "shelf.py": {256, 0.001, 3600.0},
    "spec.py": {1_000_000, 100, 40, 1e-6},
}


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_a_file_holds_no_number_of_the_science(name):
    found = {
        node.value
        for node in ast.walk(ast.parse(SOURCES[name]))
        if isinstance(node, ast.Constant)
        and type(node.value) in (int, float)
        and node.value not in (0, 1, 2)
    }
    assert found == PROCEDURE.get(name, set())
