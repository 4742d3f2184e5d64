"""What must hold of every therapy as it is given: bodies stay physical, and no cure is better than its cause away."""

import numpy as np
import pytest

from antitrypsim.calibration.therapies_round import examples
from antitrypsim.protocols.therapytext import parse_therapy
from antitrypsim.simulation.regimen import Regimen, repeated
from antitrypsim.simulation.simulate import simulate_all
from antitrypsim.therapies import build_model
from antitrypsim.uncertainty.draws import ParameterSet
from tests.therapies.quiet import QUIET, YEAR, run, typical_people

pytestmark = pytest.mark.law

MODEL = build_model()
GIVEN = examples(MODEL)
# Who gets a donor's organ has another organ: its cause is gone with it.
REPLACED = ("lung_transplant", "liver_transplant")
MENDING = tuple(text for text in GIVEN if not text.startswith(REPLACED))
SERUM, DENSITY, SHARE, NEUTROPHILS = (
    "circulation.serum_aat", "lung.density", "lung.fev1_share", "lung.neutrophils",
)  # fmt: skip
STIFFNESS, STAGE, CELLS = "liver.stiffness", "liver.fibrosis_stage", "liver.occupancy"
PRESSURE = "portal.pressure"
PHYSICAL = {
    SERUM: (0, 200), DENSITY: (15, 125), SHARE: (0.02, 1.6), NEUTROPHILS: (0, 40), STAGE: (0, 4),
    STIFFNESS: (2, 75), CELLS: (0, 1.5), PRESSURE: (0, 60),
}  # fmt: skip
KINDS = ("ZZ", "null", "SZ", "MZ", "MM")
DAYS = [1.0, 30.0, 364.0, 3 * YEAR]


@pytest.mark.parametrize("age", [20.0, 55.0, 90.0])
@pytest.mark.parametrize("text", GIVEN)
def test_a_body_stays_physical_under_every_therapy_at_every_age(text, age):
    found = simulate_all(
        MODEL, typical_people(*KINDS, age=age), parse_therapy(text, 3, model=MODEL),
        times=DAYS, outputs=list(PHYSICAL), draws=ParameterSet("quiet", QUIET),
    )  # fmt: skip
    assert np.all(found.status <= 1)
    for name, (low, high) in PHYSICAL.items():
        values = found[name]
        # Some therapies kill; nobody does so on the first day.
        assert np.all(np.isfinite(values[..., 0])), name
        seen = values[np.isfinite(values)]
        assert np.all((seen >= low - 1e-6) & (seen <= high)), (name, seen.min(), seen.max())


def after(regimen, output, **values):
    """Return the output of a typical ZZ person of 50 after five years."""
    people = typical_people("ZZ", age=50.0)
    return float(run(MODEL, people, regimen, [output], [5 * YEAR], **values)[output][0, 0])


@pytest.fixture(scope="module")
def without_polymer():
    """Stiffness where no Z protein has been made for five years: the cause of the liver's disease gone."""
    silenced = repeated("fazirsiran/subcutaneous", 300.0, every=28.0, until=5 * YEAR)
    return after(silenced, STIFFNESS, silencing__largest_effect=1.0)


@pytest.fixture(scope="module")
def without_deficiency():
    """Density where plasma has held far more than a healthy person's AAT for five years."""
    given = repeated("augmentation/intravenous", 1500.0, every=7.0, until=5 * YEAR)
    return after(given, DENSITY)


@pytest.mark.parametrize("text", MENDING)
def test_no_therapy_mends_a_liver_better_than_its_cause_away(text, without_polymer):
    assert after(parse_therapy(text, 5, model=MODEL), STIFFNESS) > without_polymer - 0.02


@pytest.mark.parametrize("text", MENDING)
def test_no_therapy_keeps_a_lung_better_than_the_deficiency_away(text, without_deficiency):
    assert after(parse_therapy(text, 5, model=MODEL), DENSITY) < without_deficiency + 0.05


def test_the_cause_away_is_better_than_nothing(without_polymer, without_deficiency):
    nothing = Regimen()
    assert without_polymer < after(nothing, STIFFNESS) - 0.05
    assert without_deficiency > after(nothing, DENSITY) + 0.5


RATE, AIRFLOW_LOSS = "events.exacerbation_rate", "wellbeing.airflow_loss"


@pytest.mark.parametrize("text", [t for t in MENDING if not t.startswith(("msc", "exosomes"))])
def test_exacerbations_follow_airflow_alone_whatever_is_given(text):
    """No trial showed another way; signals of cells have one of their own, fitted to trials (TGT-23)."""
    rare = MODEL.parameter(RATE).value * 1e-6
    rise = MODEL.parameter("events.exacerbation_airflow").value
    found = [
        run(MODEL, typical_people("ZZ", age=50.0), regimen, [RATE, AIRFLOW_LOSS], [3 * YEAR],
            events__exacerbation_rate=rare, events__exacerbation_recent=0.0)
        for regimen in (parse_therapy(text, 4, model=MODEL), Regimen())
    ]  # fmt: skip
    treated, untreated = (float(each[RATE][0, 0]) for each in found)
    missed = [1 + rise * float(each[AIRFLOW_LOSS][0, 0]) for each in found]
    assert treated / untreated == pytest.approx(missed[0] / missed[1], rel=1e-3)


def test_a_lung_better_than_typical_draws_no_fewer_neutrophils_for_it():
    people = typical_people("MM", "ZZ", age=85.0)
    found = [
        run(MODEL, people, Regimen(), [NEUTROPHILS], [30.0], lung__elastin_ageing=0.0, lung__elastin_attack=0.0,
            lung__damage_recruitment=steep)
        for steep in (0.0, 120.0)
    ]  # fmt: skip
    none, steep = (each[NEUTROPHILS][:, 0] for each in found)
    np.testing.assert_allclose(steep, none, rtol=0.05)


def test_nobody_lives_without_hepatocytes():
    given = parse_therapy("base_editor:0.8mg/kg/day", 1, model=MODEL)
    people = typical_people("ZZ", "MM", age=45.0)
    deaths = {
        killed: simulate_all(
            MODEL, people, given, times=(0.0, 365.0), outputs=["liver.occupancy"],
            draws=ParameterSet("killing", QUIET | {"editing.killed": killed}),
        ).events["death_liver"][:, 0, 0]
        for killed in (0.0, 0.5)
    }  # fmt: skip
    assert not np.isfinite(deaths[0.0]).any()
    assert np.all(deaths[0.5] < 365)
