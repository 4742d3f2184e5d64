"""A signal of the wrong sign is harm, not the end of the course."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antitrypsim.calibration.scene import Scene
from antitrypsim.simulation.regimen import repeated
from antitrypsim.therapies import build_model

pytestmark = pytest.mark.law


SCENE = Scene(build_model(therapies=["msc"]), people=1)
DOSES = repeated("msc/intravenous", 1e9, at=[0.0, 5.0, 10.0])


@settings(deadline=None, max_examples=20)
@given(st.floats(-1, 1), st.floats(0, 30))
def test_il10_stays_above_zero_and_goes_the_way_of_the_translation(translation, in_animals):
    values = {"paracrine.lung_translation": translation, "paracrine.animal_il10": in_animals}
    run = SCENE.quiet(SCENE.typical("ZZ"), ["immunity.il10"], [0.0, 12.0], DOSES, values)
    before, after = run["immunity.il10"][0, 0]
    assert after > 0
    assert (after - before) * translation * in_animals >= -1e-6
