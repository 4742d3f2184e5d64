"""Inhaled AAT: it lies in lining fluid, a share of it where elastase is released, and is lost."""

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
INHALED, LINING, FREE = "augmentation.inhaled", "lung.lining_aat_total", "lung.free_elastase"
AIRWAYS, FOOTPRINT = "lung.airway_free_elastase", "lung.footprint"
SERUM, INFUSED, DENSITY = "circulation.serum_aat", "circulation.plasma[infused]", "lung.density"
OUTPUTS = (INHALED, LINING, FREE, AIRWAYS, FOOTPRINT, SERUM, INFUSED, DENSITY)
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
    gained = found[LINING][0, 0] - UNTREATED[LINING][0, 0]
    assert gained == pytest.approx(expected, rel=1e-3, abs=1e-5)
    left = 0.5 ** (1 / value("inhaled_half_life"))
    assert found[INHALED][0, 1] == pytest.approx(expected * left, rel=1e-3, abs=1e-6)
    assert np.all(found[INHALED] >= -1e-5)
    assert np.all(found[FREE] <= UNTREATED[FREE] * (1 + 1e-6))


def test_it_fades_back():
    found = once(100.0)
    assert found[FREE][0, 0] < 0.9 * UNTREATED[FREE][0, 0]
    # What elastin was saved recruits a little less, and that stays.
    assert found[FREE][0, -1] == pytest.approx(UNTREATED[FREE][0, -1], rel=1e-2)


@pytest.mark.parametrize("reach", [0.01, 0.16, 0.99])
def test_a_share_acts_at_elastin_and_all_of_it_away_from_there(reach):
    found = run(
        MODEL, ZZ, repeated(DOSE, 100.0, at=[0.0]), OUTPUTS, DAYS[:1], augmentation__reach=reach
    )
    lung = {
        n: MODEL.parameter(f"lung.{n}").value for n in ("association", "near_delay", "far_delay")
    }
    oxidised = run(MODEL, ZZ, None, ["lung.unoxidised"], DAYS[:1])["lung.unoxidised"][0, 0]
    rate = lung["association"] * oxidised * found[INHALED][0, 0]
    for name, exponent in (
        (FREE, reach * lung["near_delay"]),
        (AIRWAYS, lung["near_delay"]),
        (FOOTPRINT, lung["far_delay"]),
    ):
        left = found[name][0, 0] / UNTREATED[name][0, 0]
        assert np.log(left) == pytest.approx(-rate * exponent, rel=2e-3, abs=1e-4)


@pytest.mark.independent
def test_what_leaves_lining_fluid_reaches_plasma_by_its_share():
    """Given daily until nothing changes, removal from plasma a day is what is absorbed a day."""
    days = [200.0]
    regimen = repeated(DOSE, 80.0, every=1.0, until=200.5)
    found = run(MODEL, ZZ, regimen, [INFUSED, "circulation.plasma_volume"], days)
    volume = found["circulation.plasma_volume"][0, 0]
    absorbed = 80.0 / 52 * value("deposited_share") * value("absorbed_share")
    removed = MODEL.parameter("circulation.elimination").value * found[INFUSED][0, 0] * volume
    assert removed == pytest.approx(absorbed, rel=0.05)
    assert found[INFUSED][0, 0] < 3


def test_it_does_not_make_a_lung_age_slower_than_a_healthy_one():
    """Over five years, at the share that is assumed to reach elastin."""
    both = typical_people("ZZ", "MM", age=54.0)
    regimen = parse_therapy("augmentation@inhaled:80mg/day", 5, model=MODEL)
    treated, plain = (
        run(MODEL, both, r, [DENSITY], [0.0, 5 * YEAR])[DENSITY] for r in (regimen, None)
    )
    assert treated[0, 0] - treated[0, 1] > plain[1, 0] - plain[1, 1]


def test_inhaled_daily_it_keeps_density():
    regimen = parse_therapy("augmentation@inhaled:80mg/day", 2, model=MODEL)
    found, untreated = (run(MODEL, ZZ, r, [DENSITY], [2 * YEAR])[DENSITY] for r in (regimen, None))
    assert found[0, 0] > untreated[0, 0]


def test_the_mechanism_can_be_switched_off():
    off = build_model(therapies=["augmentation"], without=["elastase balance"])
    found = run(off, ZZ, repeated(DOSE, 100.0, at=[0.0]), OUTPUTS, DAYS)
    assert found[INHALED][0, 0] > 1
    # What reaches plasma inhibits from there.
    assert found[FREE] == pytest.approx(UNTREATED[FREE], rel=1e-3)


def test_a_dose_by_vein_is_as_it_was():
    found = run(
        MODEL, ZZ, repeated("augmentation/intravenous", 60.0, at=[0.0]), OUTPUTS, [1e-6, 7.0]
    )
    assert np.all(found[INHALED] == 0)
    ratio = MODEL.parameter("lung.lining_ratio").value
    own = UNTREATED[LINING][0, 0]
    assert found[LINING][0, 0] - own == pytest.approx(ratio * found[INFUSED][0, 0], rel=1e-3)
    assert found[INFUSED][0, 0] > 20


@pytest.mark.contract
def test_the_largest_dose_on_record():
    line = MODEL.dose(DOSE)
    assert (line.unit, line.limit.value, line.limit.source) == ("mg", 160, "BIO-B46")
