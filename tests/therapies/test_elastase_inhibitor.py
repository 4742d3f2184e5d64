"""An elastase inhibitor: blood falls by the level, the lung by what exceeds what AAT leaves of a release."""

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
BLOOD, EXCEEDS = "lung.blood_elastase", "elastase_inhibitor.exceeds"
OUTPUTS = (
    LEVEL,
    BLOOD,
    EXCEEDS,
    FREE,
    FOOTPRINT,
    RELEASE,
    DENSITY,
    "lung.inhibition",
    "circulation.serum_aat",
)
SOON = [1e-6]


def value(name):
    return MODEL.parameter(f"elastase_inhibitor.{name}").value


def given_once(amount, days, **values):
    return run(MODEL, EVERYBODY, repeated(DOSE, amount, at=[0.0]), OUTPUTS, days, **values)


UNTREATED = run(MODEL, EVERYBODY, None, OUTPUTS, [1e-6, 1.0, 30.0])


def test_a_dose_of_nothing_is_no_therapy():
    found = given_once(0.0, [1e-6, 1.0, 30.0])
    for name in OUTPUTS:
        assert found[name] == pytest.approx(UNTREATED[name], rel=20 * TOLERANCE)


@settings(max_examples=15)
@given(amount=st.floats(0, 1e3))
def test_blood_is_shared_out_by_the_level_and_the_lung_by_its_threshold(amount):
    found = given_once(amount, SOON)
    level = amount / value("half_inhibiting")
    assert found[LEVEL][:, 0] == pytest.approx(level, rel=1e-4, abs=1e-4)
    left = found[BLOOD][:, 0] / UNTREATED[BLOOD][:, 0]
    assert left == pytest.approx(1 / (1 + level), rel=1e-3)
    # What AAT leaves of a release, free over released, is what the drug must exceed.
    left_by_aat = UNTREATED[FREE][:, 0] / UNTREATED[RELEASE][:, 0]
    exceeds = value("lung_share") * level / (value("threshold") * left_by_aat)
    for name in (FREE, FOOTPRINT):
        left = found[name][:, 0] / UNTREATED[name][:, 0]
        assert left == pytest.approx(1 / (1 + exceeds**2), rel=1e-3)
    for name in (RELEASE, "lung.inhibition", "circulation.serum_aat"):
        assert found[name][:, 0] == pytest.approx(UNTREATED[name][:, 0], rel=1e-4)


def test_below_the_threshold_half_of_a_dose_does_less_than_half():
    dose = 0.2 * value("threshold") / value("lung_share") * value("half_inhibiting")
    half, whole = (
        1 - given_once(part * dose, SOON)[FREE][0, 0] / UNTREATED[FREE][0, 0] for part in (0.5, 1.0)
    )
    assert 0 < half < 0.3 * whole


def test_with_more_aat_the_same_dose_leaves_less():
    """AAT lowers what the drug must exceed: of MM people a dose takes a larger part than of ZZ."""
    left = given_once(200.0, SOON)[FREE][:, 0] / UNTREATED[FREE][:, 0]
    zz, mz, mm = left
    assert mm < mz < zz < 1


@pytest.mark.contract
def test_liver_enzymes_rise_with_the_level_and_not_without():
    regimen = parse_therapy("elastase_inhibitor:240mg/12hours", 1, model=MODEL)
    certain = {"elastase_inhibitor__enzymes_rate": 1.0}
    found = run(MODEL, EVERYBODY, regimen, ["liver.alt"], [30.0], **certain)
    nothing = run(MODEL, EVERYBODY, None, ["liver.alt"], [30.0], **certain)
    assert np.all(found["liver.alt"] > nothing["liver.alt"] + 1)


def test_it_fades_back_and_does_not_go_below_nothing():
    # The lung's own loop of chemokines settles more slowly than the drug leaves.
    days = [1e-6, 1.0, 90.0]
    found = given_once(1000.0, days)
    untreated = run(MODEL, EVERYBODY, None, [FREE], days)
    assert np.all(np.diff(found[LEVEL][:, :2], axis=1) < 0)
    assert found[LEVEL][:, -1] == pytest.approx(0, abs=1e-6)
    assert np.all(found[LEVEL] > -1e-5)
    assert found[FREE][:, -1] == pytest.approx(untreated[FREE][:, -1], rel=1e-3)


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
def test_only_the_trial_of_two_doses_has_chosen_numbers():
    own = [p for p in MODEL.parameters if p.module == "elastase_inhibitor"]
    fitted = {p.name for p in own if p.grade == "fitted"}
    assert fitted == {"half_life", "threshold"}
    assert all(p.targets == ("TGT-58",) for p in own if p.grade == "fitted")
