"""PEtab: what is written is read back, what is not supported is refused in one sentence."""

from __future__ import annotations

import csv

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from antitrypsim.foundations.errors import InputError
from antitrypsim.interchange.petab.formulas import Formula
from antitrypsim.interchange.petab.objective import objective
from antitrypsim.interchange.petab.own import import_petab
from antitrypsim.interchange.petab.read import read_petab
from antitrypsim.interchange.petab.write import export_petab, read_data
from antitrypsim.interchange.tables import read_table, table_text
from antitrypsim.populations.people import draw_people
from antitrypsim.populations.spec import Population
from antitrypsim.simulation.regimen import repeated
from antitrypsim.therapies import build_model
from tests.interchange.corpus import corpus
from tests.interchange.suite import simulator

pytestmark = pytest.mark.independent

CORPUS = corpus("petab")
ESTIMATE = ("circulation.elimination", "circulation.activity_S")
DATA = pd.DataFrame(
    [("serum_aat", -30.0, 5.0, 1.0), ("serum_aat", 6.9, 14.0, 1.5), ("density", 200.0, 60.0, 4.0)],
    columns=["output", "day", "value", "sd"],
)


@pytest.fixture(scope="module")
def case():
    model = build_model(therapies=("augmentation",))
    person = draw_people(model, Population(smoking={"ex": 1.0}), 1, np.arange(1), np.arange(1))
    return model, person, repeated("augmentation/intravenous", 60.0, every=7.0, until=90.0)


@pytest.fixture(scope="module")
def folders(case, tmp_path_factory):
    found = {}
    for version in (1, 2):
        folder = found[version] = tmp_path_factory.mktemp(f"petab{version}")
        for name, text in export_petab(
            *case, data=DATA, estimate=ESTIMATE, version=version
        ).files.items():
            (folder / name).write_text(text, encoding="utf-8")
    return found


def test_both_versions_come_back_as_the_same_problem(folders):
    one, two = (import_petab(folders[v] / "problem.yaml") for v in (1, 2))
    assert one.problem.measurements == two.problem.measurements
    assert one.objective() == two.objective()
    told = one.to_dict()
    assert [p["name"] for p in told["parameters"]] == list(ESTIMATE)
    assert [m["day"] for m in told["measurements"]] == pytest.approx([-30.0, 6.9, 200.0])


def test_petab_finds_nothing_to_say_of_version_1(folders):
    petab = pytest.importorskip("petab.v1")
    problem = petab.Problem.from_yaml(str(folders[1] / "problem.yaml"))
    assert petab.lint_problem(problem) is False


def test_petab_finds_nothing_to_say_of_version_2(folders):
    petab = pytest.importorskip("petab.v2")
    problem = petab.Problem.from_yaml(str(folders[2] / "problem.yaml"))
    assert not problem.validate().has_errors()


def test_libroadrunner_finds_the_likelihood_that_we_find(folders):
    """The same SBML, simulated outside as pyPESTO does it, at nominal values and elsewhere."""
    import roadrunner

    own = import_petab(folders[1] / "problem.yaml")
    rng = np.random.default_rng(5)

    def simulate(known, sets, times):
        engine = roadrunner.RoadRunner(own.problem.sbml)
        engine.integrator.setValue("relative_tolerance", 1e-9)
        size = len(engine.getRateRuleIds())
        # One number would be measured against states that have died away, and cannot be met.
        engine.integrator.setValue("absolute_tolerance", [1e-10] * size)
        for id, value in known.items():
            engine.setValue(id, value)
        engine.reset()
        wanted = sorted({n for o in own.problem.observables for n in Formula(o.formula).names})
        rows = np.array(engine.simulate(times=[0.0, *times], selections=wanted))[1:]
        return [dict(zip(wanted, row, strict=True)) for row in rows]

    for share in (0.0, 0.5):
        values = {
            p.id: p.nominal + share * (rng.uniform(p.lower, p.upper) - p.nominal)
            for p in own.problem.parameters
        }
        theirs = objective(own.problem, simulate, values)
        assert own.objective(values).llh == pytest.approx(theirs.llh, rel=1e-6)


def test_pypesto_opens_it_and_finds_our_likelihood(folders):
    """At nominal values to a millionth, at 20 random points within the bounds to a hundred-thousandth."""
    pytest.importorskip("pypesto")
    import petab.v1
    import roadrunner
    from pypesto.objective.roadrunner import SolverOptions
    from pypesto.petab import PetabImporter

    theirs = petab.v1.Problem.from_yaml(str(folders[1] / "problem.yaml"))
    goal = PetabImporter(theirs, simulator_type="roadrunner").create_problem().objective
    own = import_petab(folders[1] / "problem.yaml")
    size = len(roadrunner.RoadRunner(own.problem.sbml).getRateRuleIds())
    goal.solver_options = SolverOptions(relative_tolerance=1e-9, absolute_tolerance=[1e-10] * size)
    known = {p.id: p for p in own.problem.parameters}
    scaled = [known[id].scale == "log10" for id in theirs.x_free_ids]
    assert set(theirs.x_free_ids) == set(known)
    nominal = np.array([known[id].nominal for id in theirs.x_free_ids])
    low, high = (
        np.array([getattr(known[id], end) for id in theirs.x_free_ids])
        for end in ("lower", "upper")
    )
    rng = np.random.default_rng(11)
    points = [nominal, *(low + rng.uniform(size=len(low)) * (high - low) for _ in range(20))]
    for k, point in enumerate(points):
        ours = own.objective(dict(zip(theirs.x_free_ids, point, strict=True))).llh
        found = -goal(np.where(scaled, np.log10(point), point))
        assert found == pytest.approx(ours, rel=1e-5 if k else 1e-6)


def test_a_better_value_is_more_likely(folders):
    own = import_petab(folders[2] / "problem.yaml")
    with pytest.raises(InputError, match="the problem has no parameter 'x'"):
        own.objective({"x": 1.0})
    assert own.objective({"circulation_elimination": 0.05}).llh < own.objective().llh


CASES = [] if CORPUS is None else sorted(CORPUS.glob("v*/0*"))


@pytest.mark.skipif(not CASES, reason="the suite of PEtab is not here")
@pytest.mark.corpus
@pytest.mark.parametrize("folder", CASES, ids=lambda f: f"{f.parent.name}-{f.name}")
def test_a_case_of_the_suite_gives_its_own_numbers_or_a_sentence(folder):
    from ruamel.yaml import YAML

    file = folder / f"_{folder.name}.yaml"
    with pytest.raises(InputError, match=r"^[^\n]+$"):
        import_petab(file)
    try:
        problem = read_petab(file)
    except InputError as problem:
        refused = str(problem)
    else:
        refused = ""
    if refused:
        assert "not supported" in refused
        return
    found = objective(problem, simulator(problem.sbml))
    exact = YAML(typ="safe").load(folder / f"_{folder.name}_solution.yaml")
    assert found.llh == pytest.approx(exact["llh"], abs=exact["tol_llh"])
    assert found.chi2 == pytest.approx(exact["chi2"], abs=exact["tol_chi2"])
    with (folder / "_simulations.tsv").open() as stream:
        rows = [float(row["simulation"]) for row in csv.DictReader(stream, delimiter="\t")]
    assert found.simulations == pytest.approx(rows, abs=exact["tol_simulations"])


@given(
    st.lists(
        st.tuples(st.floats(allow_nan=False, allow_infinity=False), st.integers(0, 9)), min_size=1
    )
)
def test_numbers_in_a_table_come_back_bit_for_bit(tmp_path_factory, rows):
    file = tmp_path_factory.getbasetemp() / "numbers.tsv"
    file.write_text(table_text(("a", "b"), rows))
    assert [(r.number("a"), int(r.number("b"))) for r in read_table(file, ("a", "b"), ())] == rows


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"output": ["serum_att"] * 3}, "row 1: no output 'serum_att'; did you mean 'serum_aat'"),
        ({"sd": [1.0, 0.0, 1.0]}, "row 2: an SD of 0 cannot be"),
        ({"value": [1.0, 2.0, float("nan")]}, "row 3: 'nan' is not a number"),
        ({"day": [1.0, 7.0, 2.0]}, "row 2: day 7 is the time of a dose"),
        ({"day": [-20000.0, 1.0, 2.0]}, "day -20000 lies before the simulated life"),
    ],
)
def test_data_that_do_not_fit_are_refused_with_their_row(case, change, message):
    with pytest.raises(InputError, match=message):
        export_petab(*case, data=DATA.assign(**change), estimate=ESTIMATE)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"estimate": ["circulation.least_serum"]}, "is exactly known"),
        ({"estimate": ["circulation.eliminaton"]}, "did you mean 'circulation.elimination'"),
        ({"estimate": []}, "no parameter is to be estimated"),
        ({"estimate": ESTIMATE, "version": 3}, "'3' is no version of PEtab"),
    ],
)
def test_what_cannot_be_written_is_refused(case, options, message):
    with pytest.raises(InputError, match=message):
        export_petab(*case, data=DATA, **options)


def test_data_without_a_column_are_refused(case):
    with pytest.raises(InputError, match="no column 'sd'"):
        export_petab(*case, data=DATA.drop(columns="sd"), estimate=ESTIMATE)


def _broken(name, old, new):
    return lambda f: (f / name).write_text(
        (f / name).read_text("utf-8").replace(old, new, 1), encoding="utf-8"
    )


def _again(name):
    """Return what writes the first row of a table once more below it."""

    def damage(folder):
        lines = (folder / name).read_text("utf-8").splitlines()
        (folder / name).write_text("\n".join([*lines, lines[1]]) + "\n", encoding="utf-8")

    return damage


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (_broken("problem.yaml", "parameters.tsv", "../../etc/passwd"), "lies outside the folder"),
        (_broken("problem.yaml", "2.0.0", "7"), "'7' is no version of PEtab"),
        (_broken("problem.yaml", "format_version", "mapping_files: [a.tsv]\nformat_version"), "not supported"),
        (_broken("model.xml", "<model", "<!DOCTYPE x [<!ENTITY a 'b'>]><model"), "document type or entities"),
        (_broken("model.xml", "</sbml>", ""), "this is not SBML"),
        (_broken("parameters.tsv", "circulation_elimination", "k"), "the parameter 'k' is not in the model"),
        (_broken("parameters.tsv", "nominalValue", "nominal"), "there is no column 'nominalValue'"),
        (_broken("parameters.tsv", "true", "ture"), "parameters.tsv:2: 'estimate': 'ture' is neither true nor false"),
        (_broken("parameters.tsv", "circulation_elimination\t", "circulation_elimination\t99"), "is above the upper bound"),
        (_again("parameters.tsv"), "parameters.tsv:[0-9]+: 'parameterId': 'circulation_elimination' is there twice"),
        (_again("observables.tsv"), "'observableId': '.*' is there twice"),
        (_broken("measurements.tsv", "5.0", "five"), "measurements.tsv:2: 'measurement': 'five' is not a number"),
        (_broken("measurements.tsv", "observableId", "what\tobservableId"), "cells|not supported"),
        (_broken("observables.tsv", "\tcirculation_", "\tsin(circulation_"), "formula"),
        (lambda f: (f / "model.xml").write_text((f / "model.xml").read_text("utf-8").replace("Every value", "Each value", 1), encoding="utf-8"), "was changed since"),
        (lambda f: (f / "measurements.tsv").write_bytes(b"\xff\xfe\x00"), "not text in UTF-8"),
        (lambda f: (f / "measurements.tsv").write_text(""), "this table is empty"),
        (lambda f: (f / "measurements.tsv").unlink(), "there is no such file"),
    ],
)  # fmt: skip
def test_hostile_and_damaged_problems_are_one_sentence(folders, tmp_path, damage, message):
    for file in folders[2].iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    before = (tmp_path / "model.xml").read_bytes()
    damage(tmp_path)
    if message is None and before == (tmp_path / "model.xml").read_bytes():
        pytest.skip("nothing to change")
    with pytest.raises(InputError, match=message or ".") as told:
        import_petab(tmp_path / "problem.yaml")
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    "text",
    [
        "sin(x)",
        "__import__('os')",
        "x +",
        "x" * 20_000,
        "x > 1",
        "-" * 9000 + "1",
        "^".join("1" * 4000),
    ],
)
def test_a_formula_that_is_none_is_refused_and_never_executed(text):
    with pytest.raises(InputError):
        Formula(text)


@given(st.floats(0.1, 9), st.floats(0.1, 9))
def test_formulas_are_worth_what_python_says(x, y):
    text = "2*x^2 - log(y)/(1 + x) + exp(-y) + log10(x) + sqrt(y) - -x"
    exact = 2 * x**2 - np.log(y) / (1 + x) + np.exp(-y) + np.log10(x) + np.sqrt(y) + x
    assert Formula(text).value({"x": x, "y": y}) == pytest.approx(exact, rel=1e-12)


def test_a_csv_that_is_none_is_refused(tmp_path):
    (tmp_path / "d.csv").write_text('a,b\n"1,2\n3,4,5,6\n')
    with pytest.raises(InputError, match="this is not a table of commas"):
        read_data(tmp_path / "d.csv")
