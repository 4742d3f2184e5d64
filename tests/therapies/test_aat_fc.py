"""AAT joined to Fc: the same inhibitor, heavier, longer in the body, with antibodies against it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antitrypsim.simulation.regimen import repeated
from antitrypsim.simulation.settings import Settings
from antitrypsim.simulation.simulate import simulate_all
from antitrypsim.therapies import build_model
from antitrypsim.uncertainty.draws import ParameterSet

from .quiet import QUIET, TOLERANCE, YEAR, run, typical_people

pytestmark = pytest.mark.law


DOSE, PLASMA_AAT = "aat_fc/intravenous", "augmentation/intravenous"
MODEL = build_model(therapies=["aat_fc", "augmentation"])
ZZ = typical_people("ZZ")
DRUG, SERUM, FUNCTIONAL = "aat_fc.plasma", "circulation.serum_aat", "circulation.functional_aat"
LINING, FREE, DENSITY = "lung.lining_aat_total", "lung.free_elastase", "lung.density"
Z = "circulation.serum_z"
LITRES = "circulation.plasma_volume"
OUTPUTS = (DRUG, LITRES, SERUM, FUNCTIONAL, LINING, FREE, Z)
SOON = [1e-6]
NO_ANTIBODIES = {"aat_fc__antibody_forming": 0.0}
UNTREATED = run(MODEL, ZZ, None, OUTPUTS, [1e-6, 30.0])


def value(name, module="aat_fc"):
    return MODEL.parameter(f"{module}.{name}").value


def once(amount, days, **values):
    return run(MODEL, ZZ, repeated(DOSE, amount, at=[0.0]), OUTPUTS, days, **values)


def test_a_dose_of_nothing_is_no_therapy():
    found = once(0.0, [1e-6, 30.0])
    for name in OUTPUTS:
        assert found[name] == pytest.approx(UNTREATED[name], rel=20 * TOLERANCE)


@pytest.mark.independent
@settings(max_examples=15)
@given(amount=st.floats(0, 200))
def test_a_milligram_holds_less_aat_and_a_micromole_inhibits_as_one_of_m(amount):
    found = once(amount, SOON)
    gained = amount * 70 / value("mass") / found[LITRES][0, 0]
    assert found[DRUG][0, 0] == pytest.approx(gained, rel=1e-3, abs=1e-5)
    for name in (SERUM, FUNCTIONAL):
        change = found[name][0, 0] - UNTREATED[name][0, 0]
        assert change == pytest.approx(gained, rel=1e-3, abs=1e-4)
    lining = value("penetration") * value("lining_ratio", "lung") * gained
    assert found[LINING][0, 0] - UNTREATED[LINING][0, 0] == pytest.approx(
        lining, rel=1e-3, abs=1e-5
    )
    assert found[FREE][0, 0] <= UNTREATED[FREE][0, 0] * (1 + 1e-6)
    assert found[Z][0, 0] == pytest.approx(UNTREATED[Z][0, 0], rel=1e-4)


@pytest.mark.independent
def test_its_half_life_is_what_the_parameter_says():
    days = [60.0, 60.0 + value("half_life")]
    found = once(100.0, days, **NO_ANTIBODIES)[DRUG][0]
    # Exchange with tissue is fast beside removal, not infinitely so.
    assert found[1] / found[0] == pytest.approx(0.5, abs=0.04)


def test_antibodies_speed_its_removal_and_do_not_come_without_it():
    formed = {"aat_fc__antibody_forming": 1e6}
    days = [21.0]
    outputs = ["aat_fc.antibody", DRUG]
    with_them = run(MODEL, ZZ, repeated(DOSE, 100.0, at=[0.0]), outputs, days, **formed)
    without = run(MODEL, ZZ, repeated(DOSE, 100.0, at=[0.0]), outputs, days, **NO_ANTIBODIES)
    nobody = run(MODEL, ZZ, None, outputs, days, **formed)
    assert with_them["aat_fc.antibody"][0, 0] == pytest.approx(1)
    assert nobody["aat_fc.antibody"][0, 0] == 0
    assert with_them[DRUG][0, 0] < 0.7 * without[DRUG][0, 0]


@pytest.mark.parametrize("weeks", [3, 4])
def test_it_holds_more_functional_aat_than_weekly_plasma_aat(weeks):
    """BIO-D38: a direction, at week 32, averaged over twelve weeks that both intervals divide."""
    days = np.arange(140.0, 224.0) + 0.5
    drug = repeated(DOSE, 120.0, every=7.0 * weeks, until=225.0)
    weekly = repeated(PLASMA_AAT, 60.0, every=7.0, until=225.0)
    ours, theirs = (
        run(MODEL, ZZ, r, [FUNCTIONAL], days, **NO_ANTIBODIES)[FUNCTIONAL].mean()
        for r in (drug, weekly)
    )
    assert ours > theirs


def test_more_of_it_keeps_more_density():
    kept = [
        run(
            MODEL,
            ZZ,
            repeated(DOSE, dose, every=21.0, until=2 * YEAR),
            [DENSITY],
            [2 * YEAR],
            **NO_ANTIBODIES,
        )[DENSITY][0, 0]
        for dose in (0.0, 40.0, 120.0)
    ]
    assert kept[0] < kept[1] < kept[2]


def test_the_mechanism_can_be_switched_off():
    off = build_model(therapies=["aat_fc"], without=["elastase balance"])
    found = run(off, ZZ, repeated(DOSE, 100.0, at=[0.0]), [DRUG, FREE], SOON)
    assert found[DRUG][0, 0] > 1
    assert found[FREE][0, 0] == pytest.approx(UNTREATED[FREE][0, 0], rel=1e-4)


@pytest.mark.contract
def test_nothing_of_it_is_said_to_be_measured():
    own = [p for p in MODEL.parameters if p.module == "aat_fc"]
    assert {p.grade for p in own} == {"assumed", "scaled"}
    assert MODEL.dose(DOSE).limit.value == 120


@pytest.mark.contract
def test_antibodies_come_while_the_drug_is_new_and_to_few():
    """Within twenty years to as many as the first ones: some per cent, and not two in three."""
    people = typical_people(*["ZZ"] * 400)
    every_three_weeks = repeated(DOSE, 60.0, every=21.0, until=20 * YEAR)
    found = simulate_all(
        MODEL, people, every_three_weeks, times=[20 * YEAR], outputs=[DRUG],
        draws=ParameterSet("quiet", QUIET | {"aat_fc.antibody_forming": 0.2}),
        settings=Settings(tolerance=1e-3),
    )  # fmt: skip
    first = found.events["drug_antibodies"][:, 0, 0]
    assert 0.1 < np.mean(first <= 20 * YEAR) < 0.27
    assert np.mean(first <= 3 * YEAR) > 0.9 * np.mean(first <= 20 * YEAR)
