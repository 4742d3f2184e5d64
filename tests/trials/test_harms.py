"""Harms by arm: they are the events of the data, and what is attributed is the same people's."""

from __future__ import annotations

import pytest

from antitrypsim.experiments.virtual_trial import run_trial
from antitrypsim.protocols import load_protocol
from antitrypsim.simulation.settings import Settings
from antitrypsim.trials.harms import harms, most_if_none, reference_arm

pytestmark = pytest.mark.law


@pytest.fixture(scope="module")
def trial():
    return run_trial(
        load_protocol("copd-msc"), participants=120, settings=Settings(seed=5), claims=False
    )


def test_every_harm_is_in_the_data_once(trial):
    events = trial.events
    assert {"fever", "infection", "death"} <= set(events["EVENT"])
    for harm in harms(trial):
        own = events[(events["ARM"] == harm.arm) & (events["EVENT"] == harm.event)]
        assert (harm.events, harm.affected) == (len(own), own["USUBJID"].nunique()), harm
        assert harm.rate == pytest.approx(harm.events / harm.years)


def test_the_treated_are_held_against_themselves(trial):
    assert reference_arm(trial) == "placebo"
    for harm in harms(trial):
        if harm.arm == "placebo":
            assert (harm.reference, harm.attributable, harm.attributable_rate) == (None, None, None)
        else:
            assert harm.attributable == harm.events - harm.expected
    fever = next(h for h in harms(trial) if h.event == "fever" and h.arm == "cells")
    assert fever.attributable > 0


def test_nothing_is_attributed_to_nothing():
    protocol = load_protocol("copd-msc")
    empty = tuple(arm.model_copy(update={"treatment": {}}) for arm in protocol.arms)
    trial = run_trial(protocol.model_copy(update={"arms": empty}), participants=40, claims=False)
    assert {h.attributable for h in harms(trial)} <= {0, None}


@pytest.mark.contract
def test_one_arm_has_no_reference():
    trial = run_trial(load_protocol("claimed-german-msc"), participants=4, claims=False)
    assert reference_arm(trial) is None
    assert all(h.expected is None for h in harms(trial))


@pytest.mark.independent
def test_the_rule_of_three():
    assert most_if_none(100) == pytest.approx(0.03, rel=0.01)
    assert most_if_none(0) == float("inf")
