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
    # Beside the same cells without it: a lung that they have calmed makes less of its own.
    after, without = (
        float(
            SCENE.quiet(
                SCENE.typical("ZZ"), ["immunity.il10"], [12.0], DOSES,
                {"paracrine.lung_translation": translation, "paracrine.animal_il10": made},
            )["immunity.il10"][0, 0, 0]
        )
        for made in (in_animals, 0.0)
    )  # fmt: skip
    assert after > 0
    assert (after - without) * translation * in_animals >= -1e-4
