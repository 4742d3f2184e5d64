"""Two spreads: laws of draws from what is unknown, on a small trial of cells in COPD."""

from __future__ import annotations

import json

import numpy as np
import pytest

import antitrypsim as ats
from antitrypsim.experiments.trial_uncertainty import (
    MOST_DRAWS,
    trial_uncertainty,
    with_uncertainty,
)
from antitrypsim.experiments.virtual_trial import run_trial
from antitrypsim.foundations.errors import InputError
from antitrypsim.protocols import load_protocol
from antitrypsim.reports import trial_html, trial_text
from antitrypsim.runs.folder import read_run, result_rows, write_run
from antitrypsim.simulation.settings import Settings
from antitrypsim.therapies import build_model
from antitrypsim.trials.uncertainty_result import TrialUncertainty
from antitrypsim.uncertainty.draws import ParameterSet

pytestmark = pytest.mark.law


DRAWS = 24


@pytest.fixture(scope="module")
def protocol():
    return load_protocol("copd-msc")


@pytest.fixture(scope="module")
def trial(protocol):
    return run_trial(protocol, participants=8, settings=Settings(seed=3))


@pytest.fixture(scope="module")
def drawn(trial):
    return with_uncertainty(trial, DRAWS)


def test_the_same_seed_gives_the_same_bits_on_any_number_of_threads(trial, drawn):
    again = trial_uncertainty(trial, DRAWS, settings=Settings(threads=1))
    assert json.dumps(again.to_dict()) == json.dumps(drawn.uncertainty.to_dict())


@pytest.mark.contract
def test_it_can_be_written_and_read(drawn, tmp_path):
    found = drawn.uncertainty
    assert TrialUncertainty.from_dict(json.loads(json.dumps(found.to_dict()))) == found
    write_run(drawn, tmp_path / "run")
    assert read_run(tmp_path / "run").uncertainty == found
    with pytest.raises(InputError, match="this is no uncertainty of schema"):
        TrialUncertainty.from_dict({"kind": "other"})


def test_the_typical_effect_is_that_of_the_trials_own_truth(trial, drawn):
    day = trial.protocol.visit_days()["m4"]
    effect = next(
        e for e in drawn.uncertainty.effects
        if (e.endpoint, e.visit, e.reference) == ("fev1", "m4", "placebo")
    )  # fmt: skip
    by_arm = {}
    for arm, course in trial.truth.items():
        at = int(np.flatnonzero(np.isclose(course.times, day))[0])
        by_arm[arm] = course["lung.fev1"][:, 0, at]
    own = by_arm[effect.arm] - by_arm["placebo"]
    own = own[np.isfinite(own)]  # who has died by then has no FEV1
    assert effect.typical == pytest.approx(float(own.mean()), rel=1e-3)
    assert effect.people == pytest.approx(tuple(np.quantile(own, [0.05, 0.95])), rel=1e-3)
    assert effect.uncertainty[0] < effect.uncertainty[1]


def test_what_nobody_gets_does_nothing_under_any_draw(protocol):
    empty = tuple(arm.model_copy(update={"treatment": {}}) for arm in protocol.arms)
    nothing = with_uncertainty(
        run_trial(protocol.model_copy(update={"arms": empty}), participants=6), 8
    )
    compared = [e for e in nothing.uncertainty.effects if e.reference is not None]
    assert compared
    for effect in compared:
        assert effect.typical == 0
        assert effect.uncertainty == (0, 0)
        assert effect.people == (0, 0)
    (decision,) = nothing.uncertainty.decisions
    assert decision.shares is None
    assert decision.why


@pytest.mark.contract
def test_rows_and_reports_carry_both_spreads(drawn):
    rows = [row for row in result_rows(drawn) if row["analysis"] == "uncertainty"]
    assert len(rows) == len(drawn.uncertainty.effects)
    assert all(row["people_lower"] <= row["people_upper"] for row in rows if row["people_lower"])
    text = trial_text(drawn)
    assert "Both spreads: between people, and from uncertainty" in text
    first = text[: text.index("Primary result")]
    assert "What decides" in first
    assert "of the variance" in first
    assert max(map(len, text.splitlines())) <= 96
    page = trial_html(drawn)
    assert 'id="unknown"' in page
    assert "From uncertainty" in page


@pytest.mark.contract
def test_without_draws_the_first_lines_say_that_nobody_asked(trial):
    assert "Ask for draws, such as 200 (--uncertainty 200;" in " ".join(trial_text(trial).split())


@pytest.mark.contract
def test_a_single_arm_is_held_against_its_own_people_untreated():
    # Without its claims, which are worked elsewhere.
    protocol = load_protocol("claimed-german-msc").model_copy(update={"claimed": ()})
    found = ats.run(protocol, participants=5, uncertainty=8).uncertainty
    assert {e.reference for e in found.effects} == {None, "no treatment"}


@pytest.mark.contract
@pytest.mark.parametrize("draws", [-1, 1, MOST_DRAWS + 1])
def test_a_number_of_draws_that_cannot_be(draws):
    with pytest.raises(
        InputError, match=f"{draws:,} draws? cannot be; 0, or between 2 and 5,000 can"
    ):
        ats.run("copd-msc", participants=4, uncertainty=draws)


@pytest.mark.contract
def test_what_it_refuses(trial, protocol):
    with pytest.raises(InputError, match="1 person cannot be; 2 or more can"):
        trial_uncertainty(trial, 2, people=1)
    with pytest.raises(InputError, match="not the model that the trial ran in"):
        trial_uncertainty(trial, 2, model=build_model())
    other = ParameterSet(values={"lung.airway_attack": 3e-7})
    with pytest.raises(InputError, match="leave out parameters"):
        ats.run(protocol, participants=4, uncertainty=2, parameters=other)
