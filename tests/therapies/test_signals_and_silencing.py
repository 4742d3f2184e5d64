"""No signal heals a liver better than taking away its poison."""

import pytest

from antitrypsim.simulation.regimen import repeated
from antitrypsim.therapies import build_model

from .quiet import YEAR, run, typical_people

pytestmark = pytest.mark.law

MODEL = build_model(therapies=["silencing", "msc", "exosomes", "liver_progenitors"])
SILENCING = repeated("fazirsiran/subcutaneous", 3.0, every=84.0, until=2 * YEAR)
SIGNALS = {
    "mesenchymal cells by artery, monthly": repeated(
        "msc/hepatic_artery", 5e7, every=30.0, until=2 * YEAR
    ),
    "mesenchymal cells by vein, monthly": repeated(
        "msc/intravenous", 1e8, every=30.0, until=2 * YEAR
    ),
    "vesicles by vein, weekly": repeated("exosomes/intravenous", 1e11, every=7.0, until=2 * YEAR),
    "progenitors, quarterly": repeated(
        "liver_progenitors/portal_vein", 3.5e9, every=91.0, until=2 * YEAR
    ),
}


def fall(regimen, age=55.0):
    """Return the kPa that a typical ZZ liver is softer after two years than without."""
    name, quiet = "liver.stiffness", {"portal__thrombosis": 0.0, "rejection__antibody_forming": 0.0}
    treated, untreated = (
        run(MODEL, typical_people("ZZ", age=age), r, [name], [2 * YEAR], **quiet)[name][0, 0]
        for r in (regimen, None)
    )
    return untreated - treated


@pytest.fixture(scope="module")
def silenced():
    return fall(SILENCING)


@pytest.mark.parametrize("signal", SIGNALS)
def test_no_signal_heals_a_liver_better_than_silencing(signal, silenced):
    assert silenced > 0.05
    assert fall(SIGNALS[signal]) < silenced


def test_progenitors_signal_as_they_land_and_not_for_good():
    names = ["paracrine.liver_drive", "liver_progenitors.young"]
    once = repeated("liver_progenitors/portal_vein", 3.5e9, at=[0.0])
    found = run(MODEL, typical_people("ZZ"), once, names, [0.5, 30.0], portal__thrombosis=0.0)
    drive, young = (found[name][0] for name in names)
    assert drive[0] > 0.5
    assert drive[1] < 1e-6
    assert young[1] > 1e-4
