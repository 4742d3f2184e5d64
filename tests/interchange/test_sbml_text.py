"""SBML as text: ids, formulas, notes, and what is refused."""

from __future__ import annotations

import math
import os
import subprocess
import sys

import numpy as np
import pytest
import sympy
from hypothesis import assume, given
from hypothesis import strategies as st

from antitrypsim.foundations.errors import InputError, ModelError
from antitrypsim.interchange.extras import needed
from antitrypsim.interchange.sbml import equations, export_sbml
from antitrypsim.interchange.sbml.course import _timed
from antitrypsim.interchange.sbml.formulas import formula, looked_up
from antitrypsim.interchange.sbml.names import Names
from antitrypsim.modelling.handles import State
from antitrypsim.populations.people import draw_people
from antitrypsim.populations.spec import Population
from antitrypsim.simulation.regimen import repeated
from antitrypsim.therapies import build_model

pytestmark = pytest.mark.law

X, Y = State("toy.x", "1", "x"), State("toy.y", "1", "y")


class _Toy:
    """As much of a model as names need."""

    def __init__(self, *states):
        self.state_names, self.quantity_names, self.inputs = states, (), ()
        self.parameter_names, self.covariates = states[:1], ()


def piecewise(*parts):
    pairs, last = parts[: len(parts) // 2 * 2], parts[-1]
    for value, holds in zip(pairs[::2], pairs[1::2], strict=True):
        if holds:
            return value
    return last


def value_of(text, **values):
    """Return the number of a formula: SBML's own notation, read by Python."""
    known = {"piecewise": piecewise, "ln": math.log, "exp": math.exp, "tanh": math.tanh, "abs": abs}
    text = text.replace("^", "**").replace("&&", " and ").replace("||", " or ")
    return eval(text, known, values)


@given(st.lists(st.text("ab.[]_ é1", min_size=1, max_size=6), unique=True, max_size=8))
def test_every_name_has_an_id_of_its_own_that_sbml_takes(words):
    names = Names(_Toy(*words))
    ids = [*names.moving.values(), *names.fixed.values()]
    assert len(set(ids)) == len(ids)
    assert all(id.isascii() and id.isidentifier() for id in ids)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40))
def test_a_list_is_looked_up_by_its_count(values):
    text = looked_up("n", values)
    assert [value_of(text, n=float(k)) for k in range(len(values))] == values


@given(st.floats(0.01, 50), st.floats(0.01, 50))
def test_a_formula_is_worth_what_the_expression_is(x, y):
    expression = (
        sympy.Max(X, 2 * Y) / (1 + X**3) - sympy.exp(-Y) * X**0.3
        + sympy.Piecewise((X, X > Y), (Y * sympy.Rational(1, 3), True))
        + sympy.log(1 + X) * sympy.tanh(Y) * sympy.sqrt(Y) - X ** (-Y / 50) + sympy.Min(1, X)
    )  # fmt: skip
    text = formula(expression, Names(_Toy("toy.x", "toy.y")))
    exact = float(expression.subs({X: x, Y: y}))
    assert value_of(text, toy_x=x, toy_y=y) == pytest.approx(exact, rel=1e-12)


def test_a_base_below_zero_counts_as_zero_as_in_the_engine():
    text = formula(X**0.3, Names(_Toy("toy.x")))
    assert value_of(text, toy_x=-1e-12) == 0


def test_what_sbml_lacks_is_refused():
    with pytest.raises(ModelError, match="SBML is not written for 'erf'"):
        formula(sympy.erf(X), Names(_Toy("toy.x")))


def test_an_interval_is_one_only_where_it_gives_every_time():
    assert _timed(np.array([1.0, 8.0, 15.0]), np.zeros(0))[1] == 7
    assert _timed(np.array([1.0, 8.0, 16.0]), np.zeros(0))[1] is None
    assert _timed(np.array([1.0]), np.zeros(0))[1] is None


@given(
    st.lists(st.floats(0, 1e4), min_size=1, max_size=9), st.floats(0, 1e4), st.floats(0.1, 60),
    st.integers(1, 30), st.floats(-4e-8, 4e-8),
)  # fmt: skip
def test_what_is_at_once_is_at_one_number(others, first, every, count, off):
    taken = np.unique([*others, first + every * (count - 1) + off])
    assume(np.all(np.diff(taken) > 1e-6))
    times, _ = _timed(first + every * np.arange(count), taken)
    gaps = np.abs(times[:, None] - taken[None, :])
    assert np.all((gaps == 0) | (gaps > 5e-8))
    assert np.all(np.abs(times - (first + every * np.arange(count))) < 2e-7)


@pytest.fixture(scope="module")
def treated():
    model = build_model(therapies=("augmentation",))
    person = draw_people(model, Population(), 1, np.arange(1), np.arange(1))
    regimen = repeated("augmentation/intravenous", 60.0, every=7.0, until=365.0)
    return model, person, regimen, export_sbml(model, person, regimen, years=1.0)


def test_a_series_of_doses_is_one_event_and_every_number_carries_its_source(treated):
    import libsbml

    model, _, _, sbml = treated
    document = libsbml.readSBMLFromString(sbml.text)
    assert document.checkConsistency() == 0
    found = document.getModel()
    assert (document.getLevel(), document.getVersion()) == (3, 2)
    events = [e.getId() for e in found.getListOfEvents()]
    assert events.count("given_augmentation_intravenous") == 1
    assert "SYNTHETIC: not of real people" in found.getNotesString()
    for parameter in model.parameters:
        notes = found.getParameter(sbml.constants[parameter.id]).getNotesString()
        assert f"grade: {parameter.grade}" in notes
        assert parameter.id in notes
        assert all(id in notes for id in parameter.rests_on)
    for name in (*model.state_names, *model.quantity_names):
        assert found.getParameter(sbml.ids[name]).getName() == name


def test_the_loss_report_says_what_was_carried_and_what_not(treated):
    model, *_, sbml = treated
    text = sbml.loss.text()
    assert "dose augmentation/intravenous: 53 doses as one event" in text
    assert "what chance events do" in sbml.loss.left_out[-1]
    assert all(line.name in sbml.loss.left_out[-1] for line in model.hazards)


_SCRIPT = """
import hashlib, numpy as np
from antitrypsim.interchange.sbml import export_sbml
from antitrypsim.populations.people import draw_people
from antitrypsim.populations.spec import Population
from antitrypsim.simulation.regimen import repeated
from antitrypsim.therapies import build_model
model = build_model(therapies=("augmentation",))
person = draw_people(model, Population(), 1, np.arange(1), np.arange(1))
regimen = repeated("augmentation/intravenous", 60.0, every=7.0, until=365.0)
print(hashlib.sha256(export_sbml(model, person, regimen, years=1.0).text.encode()).hexdigest())
"""


def test_the_same_question_gives_the_same_bytes_in_every_process(treated):
    import hashlib

    own = hashlib.sha256(treated[-1].text.encode()).hexdigest()
    other = "1" if os.environ.get("PYTHONHASHSEED") == "0" else "0"
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT], capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONHASHSEED": other},
    )  # fmt: skip
    assert done.stdout.strip() == own


def test_the_equations_alone_have_no_events():
    import libsbml

    sbml = equations(build_model(therapies=()))
    document = libsbml.readSBMLFromString(sbml.text)
    assert document.getModel().getNumEvents() == 0


def test_several_people_are_refused(treated):
    model, _, regimen, _ = treated
    people = draw_people(model, Population(), 1, np.arange(2), np.arange(2))
    with pytest.raises(InputError, match="a course is of one person, and these are 2"):
        export_sbml(model, people, regimen)


@pytest.mark.parametrize("years", [0.0, -1.0, math.inf, math.nan])
def test_years_that_cannot_be_are_refused(treated, years):
    model, person, regimen, _ = treated
    with pytest.raises(InputError, match="years cannot be written; a number above 0 can"):
        export_sbml(model, person, regimen, years=years)


def test_a_missing_extra_is_one_sentence_with_its_line():
    with pytest.raises(InputError, match=r"the extra 'sbml': pip install \"antitrypsim\[sbml\]\""):
        needed("antitrypsim_no_such_library", "sbml")


def test_a_file_comes_back_on_the_command_line_as_records(tmp_path, capsys):
    from antitrypsim.cli.main import main
    from antitrypsim.interchange.records import import_records
    from antitrypsim.protocols.therapytext import parse_therapy

    text, file, given = "augmentation:4g@own/week", tmp_path / "a.xml", tmp_path / "given.csv"
    assert main(["export", "sbml", str(file), "--therapy", text, "--years", "1", "--quiet"]) == 0
    capsys.readouterr()
    assert main(["import", "sbml", str(file), "--out", str(given)]) == 0
    assert f"given: {text}, 53 doses, followed until day 365.25" in capsys.readouterr().out
    (regimen,) = import_records(given).regimens.values()
    assert regimen == parse_therapy(text, 1.0)
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert main(["import", "sbml", str(file)]) == 0
    file.write_text(file.read_text("utf-8").replace("Every value", "Each value", 1), "utf-8")
    assert main(["import", "sbml", str(file)]) == 2
    assert "was changed since antitrypsim wrote it" in capsys.readouterr().err


@pytest.mark.parametrize(
    "told", [("--age", "60"), ("--genotype", "MZ"), ("--sex", "male"), ("--smoking", "ex")]
)
def test_a_participant_of_a_protocol_is_not_described_as_well(tmp_path, capsys, told):
    from antitrypsim.cli.main import main

    file = tmp_path / "a.xml"
    assert main(["export", "sbml", str(file), "--protocol", "rapid", *told]) == 2
    assert f"{told[0]} describes a person, and --protocol" in capsys.readouterr().err
    assert not file.exists()
