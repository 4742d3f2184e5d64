"""A folder is its own registration: a toy therapy and a toy organ, added by one folder each."""

import numpy as np
import pytest
import sympy

from antitrypsim.foundations.errors import EvidenceError, ModelError
from antitrypsim.modelling.explain import chain, explain_module, to_latex, to_text
from antitrypsim.modelling.handles import Amount, Param
from antitrypsim.therapies import build_model

from .grown import run_with
from .transplant import KIDNEY_FILES, TRANSPLANT_FILES, kidney, transplant

pytest.importorskip("antitrypsim.engine.kernel")

from antitrypsim.organs.liver.module import CELLS, M_OF_Z, MESSAGE_Z, OCCUPANCY
from antitrypsim.simulation.given import InputRecord
from antitrypsim.simulation.people import People
from antitrypsim.simulation.regimen import Regimen, repeated
from antitrypsim.simulation.settings import Settings
from antitrypsim.simulation.simulate import simulate_all

pytestmark = pytest.mark.contract


DAYS = np.array([-1.0, 0.0, 1.0, 30.0, 180.0, 365.0])
OUTPUTS = (
    "liver.hepatocytes[host]",
    "circulation.plasma[M]",
    "circulation.plasma[Z]",
    "liver.polymer_total",
    "lung.fev1",
    "immunity.crp",
    "lung.elastin",
)
TOLERANCE = 1e-5


TOUCHES = {
    "a therapy": {f"therapies/toy_transplant/{n}": text for n, text in TRANSPLANT_FILES.items()},
    "an organ": {f"organs/toy_kidney/{n}": text for n, text in KIDNEY_FILES.items()},
}
CODE = """
from antitrypsim.cli.main import main
from antitrypsim.protocols import load_protocol, dump_protocol
own = load_protocol("rapid").to_dict()
toy = {"product": "toy", "route": "portal", "dose": "1e9 cells", "at": ["0 days"]}
own |= {"id": "toy", "published": []}
own["arms"][0]["treatment"]["treatment"] = [toy]
with open("toy.yaml", "w") as file:
    file.write(dump_protocol(load_protocol("rapid").from_dict(own)))
assert main(["explain", "toy_transplant"]) == 0
assert main(["explain", "toy_kidney"]) == 0
assert main(["evidence", "toy_transplant.most"]) == 0
assert main(["run", "toy.yaml", "--participants", "12", "--quiet", "--out", "run"]) == 0
"""


def test_a_folder_in_the_package_is_all_that_a_therapy_or_an_organ_needs(tmp_path):
    run = run_with(tmp_path, TOUCHES["a therapy"] | TOUCHES["an organ"], CODE)
    assert run.returncode == 0, run.stderr
    assert "a toy transplant of hepatocytes" in run.stdout
    assert "a toy kidney" in run.stdout
    assert "toy" in (tmp_path / "run" / "report.html").read_text("utf-8")


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return build_model(extra=[transplant(tmp_path_factory.mktemp("toys"))])


@pytest.fixture(scope="module")
def people():
    n = 6
    ages = np.full(n, 45 * 365.25)
    covariates = {"weight": 70.0, "height": 1.7, "male": 1.0}
    covariates |= {"alcohol": 0.0, "metabolic": 0.0, "bronchiectasis": 0.0}
    covariates |= {"alleles_M": 0.0, "alleles_Z": 2.0, "alleles_S": 0.0}
    return People(
        ids=np.arange(n),
        seed=1,
        covariates={f"person.{k}": np.full(n, v) for k, v in covariates.items()},
        effects={},
        birth=ages - 365.25,
        age=ages,
    )


def run(model, people, regimen=None, outputs=OUTPUTS):
    found = simulate_all(
        model, people, regimen, times=DAYS, outputs=outputs, settings=Settings(tolerance=TOLERANCE)
    )
    assert np.all(found.status == 0)
    return found


@pytest.mark.law
def test_a_folder_adds_a_therapy_and_the_house_does_not_change(model):
    plain = build_model()
    assert "toy_transplant" in dict(model.modules)
    assert "toy_transplant" not in dict(plain.modules)
    assert "liver.hepatocytes[donor]" not in plain.state_names
    added = set(model.state_names) - set(plain.state_names)
    assert {"liver.hepatocytes[donor]", "liver.polymer[donor]", "toy_transplant.memory"} <= added
    assert "toy_transplant.suppression" in [i.name for i in model.inputs]
    assert build_model().content_hash == plain.content_hash


@pytest.mark.law
def test_donor_cells_add_m_to_plasma_entry(model):
    entry = next(q for q in model.quantities if q.handle.name == "circulation.entry[M]")
    slope = sympy.diff(entry.expression, CELLS["donor"])
    # A donor's cells have no message of Z, whatever a therapy would make of it.
    slope = slope.subs(M_OF_Z["donor"], 0)
    assert {s.name for s in slope.free_symbols} == {"liver.allele_output", "liver.synthesis[donor]"}
    assert slope.subs(dict.fromkeys(slope.free_symbols, 1)) == 2
    z = next(q for q in model.quantities if q.handle.name == "circulation.entry[Z]")
    made = next(q for q in model.quantities if q.handle.name == "liver.made_Z[donor]")
    assert CELLS["donor"] in z.expression.free_symbols
    message = next(q for q in model.quantities if q.handle == MESSAGE_Z["donor"])
    assert message.expression == made.expression.subs(MESSAGE_Z["donor"], 0) == 0


@pytest.mark.law
def test_what_lands_falls_as_the_liver_fills_and_nothing_lands_above_the_limit(model):
    jump = dict(model.dose("toy/portal").jumps)[CELLS["donor"]]
    numbers = {s: model.parameter(s.name).value for s in jump.free_symbols if isinstance(s, Param)}
    numbers |= {s: 2e9 for s in jump.free_symbols if isinstance(s, Amount)}
    landed = [float(jump.subs(numbers).subs(OCCUPANCY, room)) for room in (0.8, 1.0, 1.2, 1.3, 2.0)]
    assert landed == pytest.approx([0.0025, 0.0015, 0.0005, 0, 0])


def test_the_toy_explains_itself(model):
    (note,) = explain_module(model, "toy_transplant").modules
    assert {(a.kind, a.target) for a in note.acts_on} == {
        ("adds to", "liver.deaths[donor]"),
        ("adds to", "immunity.inflammation"),
        ("multiplies", "liver.synthesis[donor]"),
        ("multiplies", "immunity.crp_drive"),
    }
    assert "rejection" in to_text(explain_module(model, "toy_transplant"))
    assert "cases" in to_latex(model)
    assert chain(model, "toy/portal", "lung.fev1").grade == "assumed"


def test_a_limit_and_an_exponent_of_the_toy_are_told_with_what_they_rest_on(model):
    (note,) = explain_module(model, "toy_transplant").modules
    assert {f.name: f.value for f in note.fixed} == {"most": 1e10, "steepness": 1}
    dose = model.dose("toy/portal")
    assert (dose.limit.value, dose.limit.unit, dose.limit.source) == (1e10, "cells", "toy")
    assert "Fixed numbers" in to_text(explain_module(model, "toy_transplant"))


def test_a_folder_that_reads_a_number_which_its_file_lacks_is_refused(tmp_path):
    folder = transplant(tmp_path)
    file = folder / "parameters.toml"
    file.write_text(file.read_text("utf-8").replace("[fixed.most]", "[fixed.largest]"))
    with pytest.raises(EvidenceError, match="no fixed number 'most'"):
        build_model(extra=[folder])


@pytest.mark.law
def test_without_the_toy_its_effects_are_off(model, tmp_path):
    off = build_model(extra=[transplant(tmp_path)], without=["toy_transplant"])
    drive = next(q for q in off.quantities if q.handle.name == "immunity.crp_drive")
    plain = next(q for q in build_model().quantities if q.handle.name == "immunity.crp_drive")
    assert drive.expression == plain.expression


@pytest.mark.law
def test_no_dose_and_a_dose_of_nothing_leave_the_course_as_it_was(model, people):
    untreated = run(build_model(), people)
    for regimen in (None, repeated("toy/portal", 0.0, at=[0.0])):
        found = run(model, people, regimen)
        scale = np.maximum(np.abs(untreated.values), 1e-2)
        assert np.all(np.abs(found.values - untreated.values) <= 10 * TOLERANCE * scale)


def suppressed(regimen):
    return regimen + Regimen("s", inputs=(InputRecord("toy_transplant.suppression", (-2,), (1,)),))


OUT = ("liver.hepatocytes[donor]", "circulation.plasma[M]", "liver.occupancy")


@pytest.mark.law
def test_a_dose_engrafts_and_makes_m(model, people):
    found = run(model, people, suppressed(repeated("toy/portal", 1e10, at=[0.0])), OUT)
    donor, m = found[OUT[0]][:, 0], found[OUT[1]][:, 0]
    # 1e10 of 2e11 cells, half of them, in the room that was left just before the dose.
    room = 1.3 - found[OUT[2]][:, 0, 1]
    assert donor[:, 1] == pytest.approx(0)
    assert donor[:, 2] == pytest.approx(0.05 * 0.5 * room, rel=0.02)
    assert np.all(m[:, 1] == 0)
    assert np.all(m[:, 3] > 0.01)


@pytest.mark.law
def test_two_doses_land_less_than_twice_one(model, people):
    one, two = (
        run(model, people, suppressed(repeated("toy/portal", 8e11, at=at)), OUT)[OUT[0]][:, 0, 2]
        for at in ([0.0], [0.0, 0.0])
    )
    assert np.all(one > 0.3)
    assert np.all(two == pytest.approx(one, abs=0.01))


@pytest.mark.law
def test_rejection_costs_donor_cells_and_suppression_prevents_it(model, people):
    dose = repeated("toy/portal", 1e10, at=[0.0])
    free, held = run(model, people, dose, OUT), run(model, people, suppressed(dose), OUT)
    assert np.all(np.isnan(held.events["rejection"]))
    times = free.events["rejection"][:, 0, 0]
    early = times < 100
    assert early.any()
    after = DAYS > 0.5
    kept = free[OUT[0]][:, 0, after] / held[OUT[0]][:, 0, after]
    left_on_day_180 = kept[early, -2]
    assert np.all(left_on_day_180 < 0.15)
    assert np.all(kept[times[:, None] > DAYS[after]] > 0.5)


def test_a_folder_adds_an_organ(tmp_path, people):
    model = build_model(extra=[kidney(tmp_path)])
    assert "toy_kidney" in dict(model.modules)
    assert "toy_kidney" not in dict(build_model().modules)
    found = run(model, people, outputs=("toy_kidney.filtration", "toy_kidney.score"))
    assert np.all((found["toy_kidney.filtration"] > 0) & (found["toy_kidney.filtration"] <= 1))
    assert np.all((found["toy_kidney.score"] > 0) & (found["toy_kidney.score"] <= 100))


def test_two_folders_together(tmp_path):
    folders = [transplant(tmp_path), kidney(tmp_path)]
    both = build_model(extra=folders)
    assert {"toy_transplant", "toy_kidney"} <= set(dict(both.modules))
    assert both.content_hash == build_model(extra=reversed(folders)).content_hash


@pytest.mark.parametrize("missing", ["module.py", "parameters.toml", "README.md"])
def test_an_incomplete_folder_is_refused(tmp_path, missing):
    folder = kidney(tmp_path)
    (folder / missing).unlink()
    with pytest.raises(ModelError, match=f"lacks {missing}"):
        build_model(extra=[folder])
