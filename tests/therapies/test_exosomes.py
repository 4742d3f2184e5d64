"""Exosomes: they land, signal and are gone; a dose on record is small by any count."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antitrypsim.foundations.errors import InputError
from antitrypsim.protocols.amounts import excess, impossible
from antitrypsim.protocols.therapytext import parse_therapy
from antitrypsim.simulation.regimen import repeated
from antitrypsim.therapies import build_model, refusals

from .quiet import TOLERANCE, YEAR, run, typical_people

pytestmark = pytest.mark.law


INHALED, INTRAVENOUS = "exosomes/inhaled", "exosomes/intravenous"
MODEL = build_model(therapies=["exosomes"])
ZZ = typical_people("ZZ")
DEPOSITED, IN_LUNG, IN_LIVER = (f"exosomes.{k}" for k in ("deposited", "in_lung", "in_liver"))
PARTICLES = (DEPOSITED, IN_LUNG, IN_LIVER)
SIGNALS = ("paracrine.lung_signal", "paracrine.liver_signal")
DRIVES = ("paracrine.lung_drive", "paracrine.liver_drive")
SERUM = "circulation.serum_aat"
COURSE = ("lung.density", "lung.fev1", "immunity.crp", "immunity.il10", SERUM, *SIGNALS)
few = settings(max_examples=15)
particles = st.floats(0, 14).map(lambda x: 10**x)
routes = st.sampled_from([INHALED, INTRAVENOUS])


def value(name):
    return MODEL.parameter(f"exosomes.{name}").value


def given_once(dose, amount, outputs, days, **values):
    return run(MODEL, ZZ, repeated(dose, amount, at=[0.0]), outputs, days, **values)


@pytest.mark.parametrize("dose", [INHALED, INTRAVENOUS])
def test_a_dose_of_nothing_is_no_therapy(dose):
    days = np.array([1.0, 30.0, YEAR])
    untreated, nothing = run(MODEL, ZZ, None, COURSE, days), given_once(dose, 0.0, COURSE, days)
    for name in COURSE:
        assert nothing[name] == pytest.approx(untreated[name], rel=20 * TOLERANCE)


@few
@given(dose=routes, amount=particles)
def test_particles_are_never_made_and_are_gone_in_weeks(dose, amount):
    found = given_once(dose, amount, PARTICLES, np.array([1e-6, 0.5, 2.0, 60.0]))
    held = sum(found[name][0] for name in PARTICLES)
    # An error per step is allowed relative to a million particles, where there are fewer.
    slack = 1e-3 * amount + 1e6 * 1e-4
    assert np.all(held >= -slack)
    assert np.all(np.diff(held) <= slack)
    assert held[0] <= amount + slack
    assert held[-1] <= slack


def test_a_share_lands_where_the_route_leads():
    found = given_once(INHALED, 1e9, PARTICLES, [1e-6])
    assert found[DEPOSITED][0, 0] == pytest.approx(1e9 * value("deposited_share"), rel=1e-4)
    assert found[IN_LUNG][0, 0] == found[IN_LIVER][0, 0] == 0
    found = given_once(INTRAVENOUS, 1e9, PARTICLES, [1e-6])
    assert found[DEPOSITED][0, 0] == 0
    assert found[IN_LIVER][0, 0] == pytest.approx(1e9 * value("liver_share"), rel=1e-4)
    left = 1 - value("liver_share")
    assert found[IN_LUNG][0, 0] == pytest.approx(1e9 * left * value("lung_share"), rel=1e-4)


@pytest.mark.independent
def test_half_of_them_are_left_after_a_half_life():
    day = value("deposit_half_life")
    found = given_once(INHALED, 1e9, PARTICLES, [1e-6, day])[DEPOSITED][0]
    assert found[1] / found[0] == pytest.approx(0.5, rel=1e-3)


def test_half_of_the_drive_is_at_the_particles_of_half_of_the_cells():
    for_one = value("particles_per_cell_day") * value("cell_days")
    half = value("lung_half_cells") * for_one / value("deposited_share")
    found = given_once(INHALED, half, DRIVES, [1e-7])
    assert found["paracrine.lung_drive"][0, 0] == pytest.approx(0.5, rel=1e-4)
    assert found["paracrine.liver_drive"][0, 0] == 0
    half = value("liver_half_cells") * for_one / value("liver_share")
    found = given_once(INTRAVENOUS, half, DRIVES, [1e-7])
    assert found["paracrine.liver_drive"][0, 0] == pytest.approx(0.5, rel=1e-4)


@few
@given(dose=routes, amount=particles)
def test_more_particles_signal_more_and_the_drive_saturates(dose, amount):
    one, two = (given_once(dose, n, DRIVES, [1e-7]) for n in (amount, 2 * amount))
    for name in DRIVES:
        assert 0 <= one[name][0, 0] <= two[name][0, 0] <= 2 * one[name][0, 0] * (1 + 1e-6)
        assert two[name][0, 0] < 1


def test_the_signal_rises_and_fades_back():
    found = given_once(INTRAVENOUS, 1e13, SIGNALS, [3.0, 2 * YEAR])
    for name in SIGNALS:
        assert found[name][0, 0] > 0.05
        assert found[name][0, 1] == pytest.approx(0, abs=1e-4)


def test_potency_scales_the_drive():
    weak, strong = (
        run(
            MODEL,
            ZZ,
            parse_therapy(f"exosomes@inhaled[potency={k}]:2e8particles/once", 1, model=MODEL),
            DRIVES,
            [1e-7],
        )["paracrine.lung_drive"][0, 0]
        for k in (0.5, 2)
    )
    assert strong == pytest.approx(4 * weak, rel=1e-4)
    assert weak > 0


def test_the_mechanism_can_be_switched_off():
    off = build_model(therapies=["exosomes"], without=["exosome signalling"])
    found = run(off, ZZ, repeated(INTRAVENOUS, 1e13, at=[0.0]), SIGNALS, [5.0])
    assert [found[name][0, 0] for name in SIGNALS] == [0, 0]


def test_particles_in_the_blood_clot_it_and_deposited_ones_do_not():
    clots = ("harms.thromboembolism_caused", "harms.fever_caused")
    inhaled = given_once(INHALED, 1e12, clots, [0.01])
    vein = given_once(INTRAVENOUS, 1e12, clots, [0.01])
    assert inhaled[clots[0]][0, 0] == 0
    assert vein[clots[0]][0, 0] > 0
    assert inhaled[clots[1]][0, 0] > 0
    cord = run(
        MODEL,
        ZZ,
        parse_therapy("exosomes@intravenous[tissue=cord]:1e12particles/once", 1, model=MODEL),
        clots,
        [0.01],
    )
    assert cord[clots[0]][0, 0] == pytest.approx(3 * vein[clots[0]][0, 0], rel=1e-4)


@pytest.mark.contract
def test_a_dose_on_record_is_a_days_work_of_few_cells_and_holds_a_tenth_of_a_microgram():
    dose = 2e8
    assert 2e4 <= dose / value("particles_per_cell_day") <= 2e5
    # Spheres of 100 nm and of the density of water, g to µg.
    micrograms = dose * math.pi / 6 * (100e-7) ** 3 * 1e6
    assert micrograms == pytest.approx(0.1, rel=0.1)
    # Were it all AAT, of 52 mg/µmol in 3 L of plasma:
    rise = micrograms / 1000 / 52 / 3
    assert rise < 1e-6
    untreated = run(MODEL, ZZ, None, [SERUM], [1.0, 7.0])[SERUM]
    treated = given_once(INHALED, dose, [SERUM], [1.0, 7.0])[SERUM]
    assert treated == pytest.approx(untreated, abs=1e-3)


@pytest.mark.contract
def test_what_can_be_said_and_given():
    line = MODEL.dose(INHALED)
    assert (line.unit, line.limit.value, line.limit.source) == ("particle", 6e9, "CELL-D16")
    assert MODEL.dose(INTRAVENOUS).limit is None
    assert set(line.attributes) == {"potency", "tissue"}


@pytest.mark.contract
def test_more_than_was_ever_inhaled_is_warned_of_and_runs():
    """No harm has set the largest inhaled dose: only what no body holds is refused."""
    line = MODEL.dose(INHALED)
    assert "above the largest dose on record" in excess(1e12, line)
    assert impossible(1e12, line) == ""
    assert "more than a body would hold" in impossible(1e19, line)
    assert parse_therapy("exosomes@inhaled:1e12particles/day", 1, model=MODEL)


@pytest.mark.contract
@pytest.mark.parametrize("route", ["portal_vein", "lymph_node", "oral", "hepatic_artery"])
def test_a_route_that_makes_no_sense_is_refused_with_the_reason(route):
    with pytest.raises(InputError) as caught:
        parse_therapy(f"exosomes@{route}:2e8particles/day", 1)
    assert refusals()[f"exosomes/{route}"] in str(caught.value)


def test_cells_are_not_particles():
    with pytest.raises(InputError, match="is dosed in particles, and '2e8cells' is not"):
        parse_therapy("exosomes@inhaled:2e8cells/day", 1)
