"""SBML in the hands of COPASI and libRoadRunner: every state of a whole life, as our engine has it."""

from __future__ import annotations

import numpy as np
import pytest

from antitrypsim.interchange.sbml import export_sbml
from antitrypsim.interchange.sbml.read import origin_of
from antitrypsim.modelling.weights import RELATIVE_WEIGHT
from antitrypsim.populations.people import draw_people
from antitrypsim.populations.spec import Population
from antitrypsim.protocols.therapytext import parse_therapy
from antitrypsim.simulation.given import DoseRecord, HeldLevel, InputRecord
from antitrypsim.simulation.model_for import model_for
from antitrypsim.simulation.regimen import Regimen
from antitrypsim.simulation.settings import Settings
from antitrypsim.simulation.simulate import simulate_all
from antitrypsim.therapies import build_model, therapies_in
from tests.interchange.oracles import YEAR, by_copasi, by_engine, by_roadrunner, gap

pytestmark = pytest.mark.independent

SMALL = 1e-7
YEARS = 1.5
DAYS = np.concatenate([[-3000.3, -100.3], np.arange(0.37, YEARS * YEAR, 30.4)])


def somebody(model, genotype="ZZ", smoking="ex", seed=1):
    population = Population(genotype={genotype: 1.0}, smoking={smoking: 1.0})
    return draw_people(model, population, seed, np.arange(1), np.arange(1))


def written(regimen, genotype="ZZ", smoking="ex", **options):
    model = build_model(therapies=therapies_in(regimen.names))
    person = somebody(model, genotype, smoking)
    return model, person, export_sbml(model, person, regimen, years=YEARS, **options)


@pytest.mark.parametrize(
    ("text", "genotype", "smoking", "tool"),
    [
        ("augmentation:60mg/kg/week", "SZ", "current", by_roadrunner),
        ("augmentation:60mg/kg/week", "null", "never", by_copasi),
        # The dose reads where the cells are, and moves several states at once.
        ("base_editor:60mg@75kg/once", "ZZ", "ex", by_copasi),
        ("ipsc_hepatocytes@portal_vein[source=autologous,corrected=1]:1e9cells/month", "ZZ", "ex", by_copasi),
    ],
)  # fmt: skip
def test_a_treated_life_is_the_same(text, genotype, smoking, tool):
    regimen = parse_therapy(text, YEARS)
    model, person, sbml = written(regimen, genotype, smoking)
    ours = by_engine(model, person, regimen, DAYS, YEARS)
    assert gap(model, tool(model, sbml, sbml.day_0 + DAYS), ours).max() < SMALL


def test_doses_at_one_moment_follow_each_other_and_levels_begin_and_end():
    """The second edit reads what the first one left; a level of a drug is held for a while."""
    edits = Regimen(
        "edits",
        (
            DoseRecord("base_editor/intravenous", 0.8, (30.0, 60.0)),
            DoseRecord("nuclease_knockout/intravenous", 0.7, (30.0, 61.5, 200.0)),
        ),
        levels=(
            HeldLevel("rejection.tacrolimus", 8.0, 20.0, 300.0),
            HeldLevel("rejection.tacrolimus", 3.0, 100.0, 200.0),
        ),
    )
    model, person, sbml = written(edits)
    ours = by_engine(model, person, edits, DAYS, YEARS)
    found = by_copasi(model, sbml, sbml.day_0 + DAYS)
    assert gap(model, found, ours).max() < SMALL
    edited = model.state_names.index("liver.hepatocytes[edited]")
    assert ours[-1, edited] > 0.05


@pytest.mark.parametrize("tool", [by_roadrunner, by_copasi])
def test_a_fixed_dose_that_runs_in_and_weight_that_changes(tool):
    """Infusions of an hour once a week, 4 g whoever it is, beside doses by weight, while weight goes up and down."""
    weekly = tuple(float(day) for day in range(0, 400, 7))
    regimen = Regimen(
        "weighed",
        (
            DoseRecord("augmentation/intravenous", 4000.0, weekly, 1 / 24, -1),
            DoseRecord("augmentation/intravenous", 60.0, (3.0, 10.0)),
        ),
        (InputRecord(RELATIVE_WEIGHT, (40.0, 200.0), (1.1, 0.9)),),
    )
    model, person, sbml = written(regimen)
    whole = model_for(model, (regimen,))
    ours = by_engine(whole, person, regimen, DAYS, YEARS)
    assert gap(whole, tool(whole, sbml, sbml.day_0 + DAYS), ours).max() < SMALL
    assert sbml.loss.text().count("infusion.augmentation/intravenous[whole]") == 1
    assert origin_of(sbml.text, "zz.xml").regimen == regimen


def test_chance_events_happen_when_they_happen_to_this_person():
    model = build_model(therapies=())
    person = somebody(model, smoking="current", seed=1)
    sbml = export_sbml(model, person, years=YEARS, chance=True)
    ours = simulate_all(
        model, person, times=DAYS, outputs=model.state_names, settings=Settings(tolerance=1e-9)
    )
    exacerbations = ours.events["exacerbation"]
    assert np.isfinite(exacerbations).sum() > 3
    assert np.isnan(ours.events["death"]).all()
    found = by_copasi(model, sbml, sbml.day_0 + DAYS)
    # The times of events carry the error of the hazard that is integrated.
    assert gap(model, found, ours.values[0, 0]).max() < 1e-5
