"""Clots of the portal vein after cells: how often, and what becomes of route, flow, graft, person."""

import pytest

from antitrypsim.simulation.regimen import repeated
from antitrypsim.therapies import build_model

from .quiet import run, typical_people

pytestmark = pytest.mark.law

MODEL = build_model(therapies=["primary_hepatocytes", "liver_progenitors"])
CELLS = "liver.hepatocytes[primary_hepatocytes]"
AMOUNT = 5e9
SURE = {"portal__thrombosis": 300.0}
NONE = {"portal__thrombosis": 0.0, "harms__portal_thrombosis": 0.0}
ALIVE = {
    "harms__portal_thrombosis_fatality": 0.0,
    "rejection__killing": 0.0,
    "rejection__antibody_killing": 0.0,
}


def after(regimen, names, days, genotype="ZZ", **values):
    found = run(MODEL, typical_people(genotype), regimen, names, days, **ALIVE, **values)
    return {name: found[name][0] for name in names}


def cells(route, at, product="primary_hepatocytes"):
    return repeated(f"{product}/{route}", AMOUNT, at=at)


def expected(regimen):
    """Return the clots expected of a regimen, by a sum of the rate over its first days."""
    days = [0.01 * k for k in range(1500)]
    rate = after(regimen, ["harms.portal_thrombosis_caused"], days, portal__thrombosis=1e-6)
    return 1e6 * 2.0 * 0.01 * float(rate["harms.portal_thrombosis_caused"].sum())


def test_hepatocytes_clot_a_quarter_as_often_as_progenitors_and_each_for_itself():
    one = cells("portal_vein", [0.0])
    other = cells("portal_vein", [0.0], "liver_progenitors")
    low, high = expected(one), expected(other)
    assert low == pytest.approx(0.25 * high, rel=1e-3)
    # 5e9 cells are 3 % of a liver: rates of two products add up, neither counts the other's cells.
    assert high == pytest.approx(2.0 * AMOUNT / 1.7e11, rel=0.02)
    assert expected(one + other) == pytest.approx(low + high, rel=1e-3)


@pytest.mark.parametrize("route", ["portal_vein", "spleen"])
def test_after_a_clot_nothing_more_is_given_by_that_vein(route):
    names = ["portal.closed", "portal.withheld", "portal.lodged", "harms.procedure_risk"]
    regimen = cells("portal_vein", [0.0]) + cells(route, [400.0])
    days = [399.9, 400.001]
    clotted = after(regimen, names, days, **SURE)
    assert clotted["portal.closed"].tolist() == [1, 1]
    given = AMOUNT / 1.7e11
    assert clotted["portal.withheld"][1] - clotted["portal.withheld"][0] == pytest.approx(
        given, rel=0.02
    )
    assert clotted["portal.lodged"][1] == pytest.approx(0, abs=1e-6)
    assert clotted["harms.procedure_risk"][1] == pytest.approx(0, abs=1e-6)
    free = after(regimen, names, days, **NONE)
    assert free["portal.closed"].tolist() == [0, 0]
    assert free["portal.lodged"][1] > 0.01
    assert free["harms.procedure_risk"][1] > 0.01


def test_other_routes_stay_open():
    name = "primary_hepatocytes.landed"
    regimen = cells("portal_vein", [0.0]) + cells("hepatic_artery", [400.0])
    assert after(regimen, [name], [400.001], **SURE)[name][0] > 0.005


def test_a_clot_costs_flow_pressure_reserve_and_graft():
    names = ["portal.blocked", "portal.pressure", "liver.reserve", CELLS, "portal.scar"]
    days = [30.0, 1000.0]
    regimen = cells("portal_vein", [0.0])
    large = {"portal__clot_size": 0.8}
    clotted, free = (after(regimen, names, days, **large, **how) for how in (SURE, NONE))
    assert clotted["portal.blocked"][0] > clotted["portal.blocked"][1] > 0
    assert clotted["portal.blocked"][1] == pytest.approx(clotted["portal.scar"][1], abs=1e-3)
    assert clotted["portal.scar"][1] == pytest.approx(0.8 * 0.35, rel=1e-3)
    assert (clotted["portal.pressure"] > free["portal.pressure"]).all()
    assert (clotted["liver.reserve"] < free["liver.reserve"]).all()
    assert clotted[CELLS][0] < 0.7 * free[CELLS][0]
    # The graft goes on starving behind what never opens again.
    assert clotted[CELLS][1] / clotted[CELLS][0] < free[CELLS][1] / free[CELLS][0]
    assert (free["portal.blocked"] == 0).all()


def test_a_cirrhotic_liver_decompensates_sooner_after_a_clot():
    name = "cirrhosis.decompensation_rate"
    regimen = cells("portal_vein", [0.0])
    some = {"cirrhosis__decompensation": 1e-6}
    rates = [after(regimen, [name], [20.0], **some, **how)[name][0] for how in (SURE, NONE)]
    assert rates[0] > 1.2 * rates[1] > 0


def test_clots_never_block_more_than_the_vein():
    regimen = cells("hepatic_artery", [0.0])
    often = {"harms__portal_thrombosis": 2.0, "portal__clot_size": 0.9, "portal__lasting": 0.9}
    found = after(regimen, ["portal.blocked", "liver.reserve"], [365.0], **often)
    assert 0.9 < found["portal.blocked"][0] <= 1
    assert found["liver.reserve"][0] > 0
