"""The feedback of infused AAT on its synthesis: there, off, and turned on by a number."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antitrypsim.modelling import compose
from antitrypsim.organs import organ_modules
from antitrypsim.simulation.regimen import repeated
from antitrypsim.therapies import build_model, therapy_modules

from .quiet import YEAR, run, typical_people

pytestmark = pytest.mark.law


MODEL = build_model(therapies=["augmentation"])
EVERYBODY = typical_people("ZZ", "MZ", "MM")
INFUSED, SERUM = "circulation.plasma[infused]", "circulation.serum_aat"
SYNTHESIS, POLYMER = "liver.synthesis[host]", "liver.polymer_total"
OUTPUTS = (INFUSED, SERUM, SYNTHESIS, POLYMER, "lung.density")
WEEKLY = repeated("augmentation/intravenous", 60.0, every=7.0, until=YEAR)
DAYS = np.array([3.0, 30.0, 181.0, YEAR])


def course(regimen=WEEKLY, model=MODEL, **values):
    return run(model, EVERYBODY, regimen, OUTPUTS, DAYS, **values)


def plain():
    """Return the model of augmentation without the feedback."""
    kept = [m for m in therapy_modules() if m.name == "augmentation"]
    return compose([*organ_modules(), *kept])


def test_it_comes_with_augmentation_and_only_with_it():
    assert "augmentation_feedback" in dict(MODEL.modules)
    assert "augmentation_feedback" not in dict(build_model(therapies=["silencing"]).modules)
    assert "augmentation_feedback" in dict(build_model().modules)


def test_it_is_off_and_no_uncertainty_turns_it_on():
    strength = MODEL.parameter("augmentation_feedback.strength")
    assert strength.value == 0
    assert strength.uncertainty.distribution == strength.between_patients.distribution == "none"
    assert strength.uncertainty.reason


def test_off_it_changes_no_number():
    having, lacking = course(), course(model=plain())
    for name in OUTPUTS:
        assert having[name] == pytest.approx(lacking[name], rel=1e-9)


@settings(max_examples=10)
@given(strength=st.floats(0, 0.2))
def test_turned_on_it_costs_synthesis_by_the_infused_level(strength):
    found, off = course(augmentation_feedback__strength=strength), course()
    left = found[SYNTHESIS] / off[SYNTHESIS]
    assert left == pytest.approx(1 / (1 + strength * found[INFUSED]), rel=1e-3)
    assert np.all(found[SERUM] <= off[SERUM] * (1 + 1e-6))
    assert np.all(found[POLYMER] <= off[POLYMER] * (1 + 1e-6) + 1e-9)


def test_it_needs_infused_aat():
    untreated, on = (course(None, augmentation_feedback__strength=s) for s in (0.0, 0.2))
    for name in OUTPUTS:
        assert on[name] == pytest.approx(untreated[name], rel=1e-6)


def test_it_passes_when_the_infusions_end():
    regimen = repeated("augmentation/intravenous", 60.0, at=[0.0])
    found, off = (course(regimen, augmentation_feedback__strength=s) for s in (0.1, 0.0))
    assert np.all(found[SYNTHESIS][:, 0] < 0.6 * off[SYNTHESIS][:, 0])
    assert found[SYNTHESIS][:, -1] == pytest.approx(off[SYNTHESIS][:, -1], rel=1e-3)


def test_the_mechanism_can_be_switched_off():
    off = build_model(therapies=["augmentation"], without=["synthesis feedback"])
    found, plainly = course(model=off), course(model=plain())
    assert found[SYNTHESIS] == pytest.approx(plainly[SYNTHESIS], rel=1e-9)
