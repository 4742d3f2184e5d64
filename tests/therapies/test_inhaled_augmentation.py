"""Inhaled AAT: it lies in lining fluid, inhibits there and is lost; plasma does not feel it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antitrypsim.protocols.therapytext import parse_therapy
from antitrypsim.simulation.regimen import repeated
from antitrypsim.therapies import build_model

from .quiet import TOLERANCE, YEAR, run, typical_people

pytestmark = pytest.mark.law


DOSE = "augmentation/inhaled"
MODEL = build_model(therapies=["augmentation"])
ZZ = typical_people("ZZ")
INHALED, LINING, FREE = "augmentation.inhaled", "lung.lining_aat[infused]", "lung.free_elastase"
SERUM, INFUSED, DENSITY = "circulation.serum_aat", "circulation.plasma[infused]", "lung.density"
OUTPUTS = (INHALED, LINING, FREE, SERUM, INFUSED, DENSITY)
DAYS = [1e-6, 1.0, 30.0]
UNTREATED = run(MODEL, ZZ, None, OUTPUTS, DAYS)


def once(amount):
    return run(MODEL, ZZ, repeated(DOSE, amount, at=[0.0]), OUTPUTS, DAYS)


def value(name):
    return MODEL.parameter(f"augmentation.{name}").value


def test_a_dose_of_nothing_is_no_therapy():
    found = once(0.0)
    for name in OUTPUTS:
        assert found[name] == pytest.approx(UNTREATED[name], rel=20 * TOLERANCE)


@pytest.mark.independent
@settings(max_examples=15)
@given(amount=st.floats(0, 1000))
def test_a_share_is_mixed_into_lining_fluid_and_lost_at_its_half_life(amount):
    found = once(amount)
    # mg over 52 mg/µmol and a volume in L.
    expected = amount * value("deposited_share") / 52 / value("lining_volume")
    assert found[INHALED][0, 0] == pytest.approx(expected, rel=1e-4, abs=1e-6)
    assert found[LINING] == pytest.approx(found[INHALED], abs=1e-9)
    left = 0.5 ** (1 / value("inhaled_half_life"))
    assert found[INHALED][0, 1] == pytest.approx(expected * left, rel=1e-3, abs=1e-6)
    assert np.all(found[INHALED] >= -1e-5)
    assert np.all(found[FREE] <= UNTREATED[FREE] * (1 + 1e-6))


def test_it_fades_back_and_leaves_plasma_alone():
    found = once(100.0)
    assert found[FREE][0, 0] < 0.5 * UNTREATED[FREE][0, 0]
    assert found[FREE][0, -1] == pytest.approx(UNTREATED[FREE][0, -1], rel=1e-3)
    assert np.all(found[INFUSED] == 0)
    assert found[SERUM] == pytest.approx(UNTREATED[SERUM], rel=1e-4)


def test_inhaled_daily_it_keeps_density():
    regimen = parse_therapy("augmentation@inhaled:80mg/day", 2, model=MODEL)
    found, untreated = (run(MODEL, ZZ, r, [DENSITY], [2 * YEAR])[DENSITY] for r in (regimen, None))
    assert found[0, 0] > untreated[0, 0]


def test_the_mechanism_can_be_switched_off():
    off = build_model(therapies=["augmentation"], without=["elastase balance"])
    found = run(off, ZZ, repeated(DOSE, 100.0, at=[0.0]), OUTPUTS, DAYS)
    assert found[INHALED][0, 0] > 1
    assert np.all(found[LINING] == 0)


def test_a_dose_by_vein_is_as_it_was():
    found = run(
        MODEL, ZZ, repeated("augmentation/intravenous", 60.0, at=[0.0]), OUTPUTS, [1e-6, 7.0]
    )
    assert np.all(found[INHALED] == 0)
    ratio = MODEL.parameter("lung.lining_ratio").value
    assert found[LINING] == pytest.approx(ratio * found[INFUSED], rel=1e-9)
    assert found[INFUSED][0, 0] > 20


@pytest.mark.contract
def test_no_largest_dose_is_on_record():
    line = MODEL.dose(DOSE)
    assert (line.unit, line.limit) == ("mg", None)
