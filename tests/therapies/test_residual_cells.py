"""Tumours of a cell product follow the cells that were given, not the hepatocytes that they became."""

import numpy as np
import pytest

from antitrypsim.simulation.given import InputRecord
from antitrypsim.simulation.regimen import Regimen, repeated
from antitrypsim.therapies import build_model

from .quiet import YEAR, run, typical_people

pytestmark = pytest.mark.law

NAME = "ipsc_hepatocytes"
DOSE = f"{NAME}/portal_vein"
TUMOURS, CELLS = "harms.tumour_caused", f"liver.hepatocytes[{NAME}]"
# Own cells, kept: what is left to differ is how they gain ground.
KEPT = {f"{NAME}__late_loss": 0.0, f"{NAME}__own": 0.0}
CORRECTED = {"ipsc_hepatocytes.foreign": 0.0, "ipsc_hepatocytes.corrected": 1.0}


@pytest.fixture(scope="module")
def model():
    return build_model(therapies=[NAME])


def course(model, selection, amount=1e9):
    own = Regimen("own", inputs=tuple(InputRecord(n, (0.0,), (v,)) for n, v in CORRECTED.items()))
    found = run(
        model, typical_people("ZZ"), repeated(DOSE, amount, at=[0.0]) + own, [TUMOURS, CELLS],
        [YEAR, 20 * YEAR], liver__selection=selection, **KEPT,
    )  # fmt: skip
    return found[TUMOURS][0], found[CELLS][0]


def test_cells_that_fill_a_liver_bear_no_more_tumours_than_the_same_cells_that_do_not(model):
    still, few = course(model, 0.0)
    rate, many = course(model, 0.02)
    assert many[1] > 20 * few[1]
    np.testing.assert_allclose(rate, still, rtol=1e-3)


def test_twice_the_cells_bear_twice_the_tumours(model):
    one, two = (course(model, 0.0, amount)[0] for amount in (2e8, 4e8))
    assert np.all(one > 0)
    np.testing.assert_allclose(two, 2 * one, rtol=1e-3)
