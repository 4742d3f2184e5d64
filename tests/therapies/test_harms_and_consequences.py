"""What follows a harm: for the person, the graft and what protects it."""

import numpy as np
import pytest

from antitrypsim.simulation.given import InputRecord
from antitrypsim.simulation.regimen import Regimen, repeated
from antitrypsim.therapies import build_model

from .quiet import YEAR, run, typical_people

pytestmark = pytest.mark.law

MODEL = build_model(therapies=["immunosuppression", "haematopoietic_stem_cells"])
ALIVE = {"harms__infection_fatality": 0.0, "harms__tumour_fatality": 0.0}
HSC = "gene_added_hsc/intravenous"


def course(regimen, names, days, **values):
    found = run(MODEL, typical_people("ZZ"), regimen, names, days, **values)
    return {name: found[name][0] for name in names}


def held(level):
    return Regimen(
        f"{level} ng/mL", inputs=(InputRecord("rejection.tacrolimus", (0.0,), (level,)),)
    )


def test_a_serious_infection_lowers_suppression_and_closes_airways():
    names = ["rejection.suppression", "harms.infected", "lung.airways_open"]
    many = {"immunosuppression__infections": 50.0, "events__exacerbation_airflow_loss": 0.02}
    ill, well = (
        course(held(8.0), names, [100.0, 200.0], **ALIVE, **how)
        for how in (many, {"immunosuppression__infections": 0.0, "harms__infection": 0.0})
    )
    assert (ill["harms.infected"] > 0).all()
    assert (well["harms.infected"] == 0).all()
    lowered = 1 - 0.5 * ill["harms.infected"]
    assert ill["rejection.suppression"] == pytest.approx(
        well["rejection.suppression"] * lowered, rel=1e-4
    )
    assert (ill["lung.airways_open"] < 0.98 * well["lung.airways_open"]).all()


def test_a_tumour_by_therapy_is_a_danger_for_years_and_then_over():
    names = ["harms.growth", "harms.danger"]
    sure = {"immunosuppression__tumours": 1e5, "harms__tumour": 0.0}
    # One held week of it: what follows is the danger alone.
    once = Regimen("a week", inputs=(InputRecord("rejection.tacrolimus", (0.0, 0.02), (8.0, 0.0)),))
    found = course(once, names, [1.0, 2 * YEAR], **sure, harms__tumour_fatality=1e-3)
    assert found["harms.growth"][0] > 0
    assert found["harms.growth"][1] == pytest.approx(
        found["harms.growth"][0] * np.exp(-0.7 * 2), rel=0.01
    )
    assert found["harms.danger"][1] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("conditioning", [0.0, 0.5, 1.0])
def test_conditioning_is_paid_for_as_far_as_it_goes(conditioning):
    names = ["harms.danger", "harms.veno_occlusion_caused", "harms.infection_caused"]
    said = InputRecord("haematopoietic_stem_cells.conditioning", (0.0,), (conditioning,))
    regimen = repeated(HSC, 3e8, at=[0.0]) + Regimen("conditioning", inputs=(said,))
    calm = {"haematopoietic_stem_cells__veno_occlusion": 1e-4} | {
        "haematopoietic_stem_cells__infections": 1e-4
    }
    found = course(regimen, names, [0.001], **calm)
    full = 1e-4 * 0.05
    assert found["harms.danger"][0] == pytest.approx(0.01 * conditioning, rel=1e-2, abs=1e-9)
    for name in names[1:]:
        assert found[name][0] == pytest.approx(full * conditioning, rel=1e-2, abs=1e-12), name
