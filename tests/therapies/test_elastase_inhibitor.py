"""An elastase inhibitor: free elastase falls by what it binds, and nothing else moves at once."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antitrypsim.protocols.therapytext import parse_therapy
from antitrypsim.simulation.regimen import repeated
from antitrypsim.therapies import build_model

from .quiet import TOLERANCE, YEAR, run, typical_people

pytestmark = pytest.mark.law


DOSE = "elastase_inhibitor/oral"
MODEL = build_model(therapies=["elastase_inhibitor"])
EVERYBODY = typical_people("ZZ", "MZ", "MM")
LEVEL, FREE = "elastase_inhibitor.level", "lung.free_elastase"
FOOTPRINT, RELEASE, DENSITY = "lung.footprint", "lung.release", "lung.density"
OUTPUTS = (LEVEL, FREE, FOOTPRINT, RELEASE, DENSITY, "lung.inhibition", "circulation.serum_aat")
SOON = [1e-6]


def given_once(amount, days, **values):
    return run(MODEL, EVERYBODY, repeated(DOSE, amount, at=[0.0]), OUTPUTS, days, **values)


UNTREATED = run(MODEL, EVERYBODY, None, OUTPUTS, [1e-6, 1.0, 30.0])


def test_a_dose_of_nothing_is_no_therapy():
    found = given_once(0.0, [1e-6, 1.0, 30.0])
    for name in OUTPUTS:
        assert found[name] == pytest.approx(UNTREATED[name], rel=20 * TOLERANCE)


@settings(max_examples=15)
@given(amount=st.floats(0, 1e4))
def test_free_elastase_is_shared_out_by_the_level(amount):
    found = given_once(amount, SOON)
    level = amount / MODEL.parameter("elastase_inhibitor.half_inhibiting").value
    assert found[LEVEL][:, 0] == pytest.approx(level, rel=1e-4, abs=1e-4)
    for name in (FREE, FOOTPRINT):
        left = found[name][:, 0] / UNTREATED[name][:, 0]
        assert left == pytest.approx(1 / (1 + level), rel=1e-3)
    for name in (RELEASE, "lung.inhibition", "circulation.serum_aat"):
        assert found[name][:, 0] == pytest.approx(UNTREATED[name][:, 0], rel=1e-4)


def test_it_fades_back_and_does_not_go_below_nothing():
    found = given_once(1000.0, [1e-6, 1.0, 30.0])
    assert np.all(np.diff(found[LEVEL], axis=1) < 0)
    assert found[LEVEL][:, -1] == pytest.approx(0, abs=1e-4)
    assert np.all(found[LEVEL] > -1e-5)
    assert found[FREE][:, -1] == pytest.approx(UNTREATED[FREE][:, -1], rel=1e-3)


def test_taken_for_years_it_keeps_density_and_more_keeps_more():
    days = [2 * YEAR]
    lost = []
    for text in ("50mg/12hours", "500mg/12hours"):
        regimen = parse_therapy(f"elastase_inhibitor:{text}", 2, model=MODEL)
        lost.append(run(MODEL, EVERYBODY, regimen, [DENSITY], days)[DENSITY][:, 0])
    untreated = run(MODEL, EVERYBODY, None, [DENSITY], days)[DENSITY][:, 0]
    assert np.all(untreated < lost[0])
    assert np.all(lost[0] < lost[1])


def test_the_mechanism_can_be_switched_off():
    off = build_model(therapies=["elastase_inhibitor"], without=["elastase balance"])
    found = run(off, EVERYBODY, repeated(DOSE, 1000.0, at=[0.0]), [LEVEL, FREE], SOON)
    assert np.all(found[LEVEL] > 1)
    assert found[FREE][:, 0] == pytest.approx(UNTREATED[FREE][:, 0], rel=1e-4)


@pytest.mark.contract
def test_every_number_is_said_to_be_assumed():
    own = [p for p in MODEL.parameters if p.module == "elastase_inhibitor"]
    assert own
    assert {p.grade for p in own} == {"assumed"}
    assert all(p.uncertainty.cv >= 1 and p.note for p in own)
