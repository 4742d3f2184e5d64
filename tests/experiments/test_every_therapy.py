"""Every therapy as it is given: beside every other, in pairs, as a dose to find, in a described person."""

import numpy as np
import pytest

from antitrypsim.calibration.therapies_round import examples
from antitrypsim.experiments.compare import compare
from antitrypsim.experiments.dose_finding import dose
from antitrypsim.experiments.patient import patient
from antitrypsim.foundations.errors import InputError
from antitrypsim.protocols.therapytext import joined, parse_therapy
from antitrypsim.reports import compare_html, compare_text, patient_text
from antitrypsim.reports.dose_finding import dose_document
from antitrypsim.reports.layout_text import lay_out_text
from antitrypsim.simulation.simulate import simulate_all
from antitrypsim.therapies import build_model
from antitrypsim.trials.harms import event_titles, harm_events
from antitrypsim.uncertainty.draws import ParameterSet
from tests.therapies.quiet import QUIET, typical_people

pytestmark = pytest.mark.contract

MODEL = build_model()
GIVEN = examples(MODEL)
READ = {
    "circulation.serum_aat": (0, 200), "lung.density": (15, 125), "lung.fev1_share": (0.02, 1.6),
    "lung.neutrophils": (0, 40), "liver.fibrosis_stage": (0, 4), "liver.occupancy": (0, 1.5),
    "portal.pressure": (0, 60), "wellbeing.sgrq": (0, 100),
}  # fmt: skip


def test_every_harm_has_a_title():
    assert set(harm_events(MODEL)) <= set(event_titles())


def test_all_are_put_beside_each_other_in_one_comparison():
    found = compare(GIVEN, people=6, years=(1.0,), uncertainty=0)
    assert found.therapies == GIVEN
    page, text = compare_html(found), compare_text(found)
    assert "chronic_lung_rejection" in {e.outcome for e in found.effects}
    assert "none is drawn" in page
    assert "AAT-Fc 120 mg/kg every 3 weeks" in " ".join(text.split())


@pytest.fixture(scope="module")
def people():
    return typical_people("ZZ", "null", age=50.0)


@pytest.mark.law
@pytest.mark.parametrize("text", GIVEN)
def test_each_leaves_a_body_physical_beside_every_other(text, people):
    """The pairs of one therapy with all that come after it."""
    for other in GIVEN[GIVEN.index(text) + 1 :]:
        both = [parse_therapy(each, 1, model=MODEL) for each in (text, other)]
        if text.startswith("ipsc") and other.startswith("ipsc"):
            # One person gets no cells of their own and of a donor as one product.
            with pytest.raises(InputError, match="ipsc"):
                joined(both, "both")
            continue
        regimen = joined(both, "both")
        found = simulate_all(
            MODEL, people, regimen, times=(1.0, 180.0), outputs=list(READ),
            draws=ParameterSet("quiet", QUIET),
        )  # fmt: skip
        assert np.all(found.status <= 1), other
        for name, (low, high) in READ.items():
            values = found[name]
            assert np.all(np.isfinite(values[..., 0])), (name, other)
            seen = values[np.isfinite(values)]
            assert np.all((seen >= low - 1e-6) & (seen <= high)), (name, other)


@pytest.mark.parametrize("text", GIVEN)
def test_each_is_a_dose_to_find(text):
    found = dose(
        text, value=70.0, outcome="density", years=0.5, people=4, uncertainty=0, factors=(0.5, 1.0)
    )
    (ladder,) = found.ladders
    whole = text.startswith(("lung_transplant", "liver_transplant", "tacrolimus"))
    assert [rung.factor for rung in ladder.rungs] == ([1.0] if whole else [0.5, 1.0])
    told = " ".join(lay_out_text(dose_document(found, pictures=False)).split())
    assert ("Given as stated only" in told) == whole


@pytest.mark.parametrize("text", GIVEN)
def test_each_is_given_to_a_described_person(text):
    found = patient(age=45, sex="female", smoking="never", years=0.5, therapy=text, people=4)
    assert patient_text(found)
