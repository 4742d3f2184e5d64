"""Gene-added blood stem cells: a price at once, a slow gain, a late risk."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antitrypsim.foundations.errors import InputError
from antitrypsim.protocols.therapytext import parse_therapy
from antitrypsim.simulation.regimen import repeated
from antitrypsim.therapies import build_model, refusals

from .quiet import TOLERANCE, YEAR, run, typical_people

pytestmark = pytest.mark.law


DOSE = "gene_added_hsc/intravenous"
MODEL = build_model(therapies=["haematopoietic_stem_cells"])
ZZ = typical_people("ZZ")
STATES = tuple(
    f"haematopoietic_stem_cells.{k}"
    for k in ("seeded", "chimerism", "progeny", "exposed", "neutropenia")
)
SEEDED, CHIMERISM, PROGENY, EXPOSED, NEUTROPENIA = STATES
LINING, MACROPHAGES = "lung.lining_aat[M]", "lung.macrophages"
INFECTION, TUMOUR = "harms.infection_caused", "harms.tumour_caused"
COURSE = (LINING, MACROPHAGES, INFECTION, TUMOUR, "lung.free_elastase", "circulation.serum_aat")
# Infections come by chance; here they leave nothing behind.
STILL = {"harms__infection_inflammation": 0.0, "harms__infection_fatality": 0.0}
CELLS = 4e8
few = settings(max_examples=12)


def value(name):
    return MODEL.parameter(f"haematopoietic_stem_cells.{name}").value


def course(regimen, outputs, days, model=MODEL, **values):
    return run(model, ZZ, regimen, outputs, days, **STILL, **values)


def once(amount=CELLS):
    return repeated(DOSE, amount, at=[0.0])


def said(details):
    return parse_therapy(f"gene_added_hsc[{details}]:{CELLS:.0f}cells/once", 1, model=MODEL)


def test_a_dose_of_nothing_is_no_therapy():
    days = [1.0, 90.0, 5 * YEAR]
    untreated, nothing = course(None, COURSE, days), course(once(0.0), COURSE, days)
    for name in COURSE:
        assert nothing[name] == pytest.approx(untreated[name], rel=20 * TOLERANCE)


@few
@given(amount=st.floats(0, 12).map(lambda x: 10**x))
def test_shares_stay_shares_and_nothing_goes_below_nothing(amount):
    found = course(once(amount), STATES, np.array([1e-6, 30.0, YEAR, 10 * YEAR]))
    for name in STATES:
        assert np.all(found[name] >= -1e-4)
    for name in (CHIMERISM, PROGENY, EXPOSED):
        assert np.all(found[name] <= value("largest") + 1e-4)


def test_chimerism_grows_with_the_dose_and_saturates():
    doses = np.array([1e7, 1e8, 1e9, 1e10, 1e11])
    shares = np.array([course(once(n), [CHIMERISM], [YEAR])[CHIMERISM][0, 0] for n in doses])
    assert np.all(np.diff(shares) > 0)
    assert shares[-1] - shares[-2] < 0.1 * (shares[2] - shares[0])
    assert shares[-1] == pytest.approx(value("largest"), rel=0.02)


def test_macrophages_follow_the_blood_and_exposure_follows_later():
    found = course(once(), (CHIMERISM, PROGENY, EXPOSED), [30.0, 180.0, YEAR])
    assert np.all(found[CHIMERISM] > found[PROGENY])
    assert np.all(found[PROGENY] > found[EXPOSED])
    assert np.all(np.diff(found[PROGENY][0]) > 0)


def test_progeny_secrete_m_in_the_lung_and_calm_macrophages():
    untreated = course(None, COURSE, [5 * YEAR])
    found = course(once(), (*COURSE, PROGENY), [5 * YEAR])
    added = value("lining") * value("translation") * found[PROGENY][0, 0]
    assert untreated[LINING][0, 0] == 0
    assert found[LINING][0, 0] == pytest.approx(added, rel=1e-6)
    assert found[MACROPHAGES][0, 0] < untreated[MACROPHAGES][0, 0]
    assert found["lung.free_elastase"][0, 0] < untreated["lung.free_elastase"][0, 0]
    # Local: serum does not feel it, but for what calmer lungs take from the acute phase.
    serum = [x["circulation.serum_aat"][0, 0] for x in (untreated, found)]
    assert serum[1] == pytest.approx(serum[0], rel=1e-3)


def test_nothing_of_the_mouse_reaches_people_but_through_the_species_factor():
    names = (LINING, MACROPHAGES)
    untreated = course(None, names, [5 * YEAR])
    found = course(once(), names, [5 * YEAR], haematopoietic_stem_cells__translation=0.0)
    for name in names:
        assert found[name] == pytest.approx(untreated[name], rel=1e-4)


def reads_progeny(model):
    """Return which of lining fluid and macrophages the progeny act on directly."""
    lines = [(s.handle.name, s.rate) for s in model.states]
    lines += [(q.handle.name, q.expression) for q in model.quantities]
    acted_on = {name for name, e in lines if PROGENY in {s.name for s in e.free_symbols}}
    return acted_on & {LINING, MACROPHAGES}


@pytest.mark.parametrize(
    ("mechanism", "gone"), [("elastase balance", LINING), ("macrophages", MACROPHAGES)]
)
def test_a_mechanism_can_be_switched_off_alone(mechanism, gone):
    off = build_model(therapies=["haematopoietic_stem_cells"], without=[mechanism])
    assert reads_progeny(MODEL) == {LINING, MACROPHAGES}
    assert reads_progeny(off) == {LINING, MACROPHAGES} - {gone}


def test_the_price_of_conditioning_is_paid_in_weeks():
    found = course(once(), (NEUTROPENIA, INFECTION), [1e-6, 28.0, YEAR])
    assert found[NEUTROPENIA][0, 0] == pytest.approx(1, rel=1e-4)
    assert found[INFECTION][0, 0] > 5 * found[INFECTION][0, 1] / 2 > 0
    assert found[INFECTION][0, 2] == pytest.approx(0, abs=1e-6)


@pytest.mark.regression
def test_expected_infections_are_those_of_one_conditioning():
    days = np.linspace(0.001, 400, 4000)
    rate = course(once(), [INFECTION], days)[INFECTION][0]
    assert np.trapezoid(rate, days) == pytest.approx(value("infections"), rel=1e-2)


def test_tumours_come_late():
    rate = course(once(), [TUMOUR], [30.0, YEAR, 10 * YEAR])[TUMOUR][0]
    assert rate[0] < 0.05 * rate[2]
    assert rate[1] < 0.5 * rate[2]
    assert rate[2] * YEAR < value("tumours")


def test_without_conditioning_there_is_no_neutropenia_and_few_cells_find_room():
    names = (NEUTROPENIA, SEEDED)
    full, none = (course(said(f"conditioning={k}"), names, [1e-6]) for k in (1, 0))
    assert none[NEUTROPENIA][0, 0] == 0
    assert none[SEEDED][0, 0] == pytest.approx(
        value("unconditioned") * full[SEEDED][0, 0], rel=1e-4
    )


def test_cells_without_the_gene_do_nothing_but_cost_the_conditioning():
    found = course(said("transduced=0"), (SEEDED, NEUTROPENIA), [1e-6])
    assert found[SEEDED][0, 0] == 0
    assert found[NEUTROPENIA][0, 0] > 0.9


def test_the_graft_fades_back():
    short = {"haematopoietic_stem_cells__persistence": 60.0}
    found = course(once(), (SEEDED, CHIMERISM, PROGENY, LINING), [YEAR, 12 * YEAR], **short)
    for name in found:
        assert found[name][0, 1] < 0.02 * max(found[name][0, 0], 0.05)


@pytest.mark.contract
def test_a_donors_cells_are_refused():
    with pytest.raises(InputError, match="no source 'allogeneic'"):
        said("source=allogeneic")
    assert said("source=autologous").doses


@pytest.mark.contract
@pytest.mark.parametrize("route", ["portal_vein", "inhaled", "oral", "lymph_node"])
def test_a_route_that_makes_no_sense_is_refused_with_the_reason(route):
    with pytest.raises(InputError) as caught:
        parse_therapy(f"gene_added_hsc@{route}:4e8cells/once", 1)
    assert refusals()[f"gene_added_hsc/{route}"] in str(caught.value)
