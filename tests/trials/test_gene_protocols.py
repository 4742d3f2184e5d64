"""The bundled trials of base editing, RNA editing and silencing, at small size."""

import pytest

from antitrypsim.experiments.virtual_trial import run_trial
from antitrypsim.protocols import load_protocol
from antitrypsim.simulation.settings import Settings

pytestmark = pytest.mark.law


def means(protocol, *endpoints):
    """Return for each endpoint the mean of what was measured, by (arm, visit)."""
    trial = run_trial(
        load_protocol(protocol), participants=18, settings=Settings(seed=5), claims=False
    )
    table = trial.visits.groupby(["ENDPOINT", "ARM", "AVISIT"])["AVAL"].mean()
    return [table[id].to_dict() for id in endpoints]


def test_one_infusion_lasts_in_the_treated_and_does_nothing_in_the_others():
    total, z, cells = means("base-editing", "serum_aat", "z_aat", "corrected_hepatocytes")
    assert total["editor", "baseline"] < 11 < total["editor", "w4"]
    assert total["editor", "w104"] > 11
    assert total["placebo", "w104"] < 11
    assert z["editor", "w52"] < 0.4 * z["placebo", "w52"]
    assert cells["editor", "w104"] > 60
    assert cells["editor", "baseline"] == cells["placebo", "w104"] == 0


def test_what_message_editing_gives_is_gone_half_a_year_after_the_last_dose():
    total, m, share = means("rna-editing", "serum_aat", "m_aat", "m_share")
    assert total["editor", "w26"] > 1.3 * total["editor", "baseline"]
    assert share["editor", "w52"] > 50
    assert m["editor", "w78"] < 0.4 * m["editor", "w52"]
    assert m["placebo", "w52"] == 0


def test_the_phase_3_trial_empties_livers_by_the_biopsy_of_two_years():
    globules, stage = means("fazirsiran-phase-3", "globules", "fibrosis_stage")
    assert globules["fazirsiran", "w106"] < 0.5 * globules["placebo", "w106"]
    assert min(stage["fazirsiran", "baseline"], stage["placebo", "baseline"]) > 1
