"""Own basal cells by bronchoscope: harms, and no effect unless regrowth is assumed."""

import numpy as np
import pytest

from antitrypsim.foundations.errors import InputError
from antitrypsim.protocols.therapytext import parse_therapy
from antitrypsim.simulation.given import InputRecord
from antitrypsim.simulation.regimen import Regimen, repeated
from antitrypsim.therapies import build_model

from .quiet import run, typical_people

pytestmark = pytest.mark.law

NAME = "airway_basal_progenitors"
MODEL = build_model(therapies=[NAME])
DOSE = f"{NAME}/bronchoscopy"
DAYS = [1.0, 30.0, 168.0, 730.0]
CALM = {"harms__infection": 0.0, f"{NAME}__infection": 0.0, "harms__procedure_fatality": 0.0}


def course(names, amount=2e8, regrowth=None, **values):
    regimen = repeated(DOSE, amount, at=[0.0])
    if regrowth is not None:
        said = InputRecord(f"{NAME}.regrowth", (0.0,), (float(regrowth),))
        regimen += Regimen("regrowth", inputs=(said,))
    found = run(MODEL, typical_people("ZZ"), regimen, names, DAYS, **CALM, **values)
    return {name: found[name][0] for name in names}


def untreated(names):
    found = run(MODEL, typical_people("ZZ"), None, names, DAYS, **CALM)
    return {name: found[name][0] for name in names}


def test_by_default_no_lung_is_changed():
    names = ["lung.elastin", "lung.density", "lung.kco", "lung.fev1", "lung.lining_aat_total"]
    treated, left = course(names), untreated(names)
    for name in names:
        assert treated[name] == pytest.approx(left[name], rel=1e-5), name


def test_regrowth_that_is_assumed_regrows_and_never_beyond_what_was_lost():
    names = ["lung.elastin", "lung.kco"]
    left, grown = untreated(names), course(names, regrowth=1)
    assert (grown["lung.elastin"][1:] > left["lung.elastin"][1:]).all()
    assert (grown["lung.kco"][1:] > left["lung.kco"][1:]).all()
    most = course(["lung.elastin"], amount=3.6e8, regrowth=1, **{f"{NAME}__regrowth": 0.05})
    assert (most["lung.elastin"] <= 1).all()


def test_more_cells_never_regrow_less():
    found = [
        course(["lung.elastin"], amount=amount, regrowth=1)["lung.elastin"][2]
        for amount in (0.0, 2e7, 2e8, 3.6e8)
    ]
    assert np.all(np.diff(found) > 0)


def test_it_has_its_harms():
    names = [f"harms.{k}_caused" for k in ("fever", "infection", "tumour", "procedure")]
    found = run(MODEL, typical_people("ZZ"), repeated(DOSE, 2e8, at=[0.0]), names, [0.1])
    assert all(found[name][0, 0] > 0 for name in names)


@pytest.mark.contract
def test_it_is_said_as_every_other_therapy():
    regimen = parse_therapy(f"{NAME}[regrowth=assumed]:2e8cells/once", 1)
    assert ("airway_basal_progenitors.regrowth", (1.0,)) in [
        (i.input, i.values) for i in regimen.inputs
    ]
    with pytest.raises(InputError, match="give them by bronchoscopy"):
        parse_therapy(f"{NAME}@inhaled:2e8cells/once", 1)
