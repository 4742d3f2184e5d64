"""Bands of airflow: who is in which at the start of a trial, and which there can be."""

import numpy as np
import pytest

from antitrypsim.populations.enrol import enrol
from antitrypsim.populations.spec import Criterion, Population, airflow_edges
from antitrypsim.simulation.settings import Settings
from antitrypsim.simulation.simulate import simulate_all
from antitrypsim.therapies import build_model

pytestmark = pytest.mark.contract

BANDS = ("below 30 %", "30 to 50 %", "50 to 80 %", "80 % or more")


def test_everybody_enrolled_is_in_the_band_of_their_own_fev1():
    model = build_model(therapies=[])
    people = enrol(
        model, Population(ascertainment={"family": 1.0}), 40, settings=Settings(seed=2)
    ).people
    run = simulate_all(
        model, people, times=[0.0], outputs=["lung.fev1_share"], settings=Settings(seed=2)
    )
    band = np.digitize(100 * run["lung.fev1_share"][:, 0, 0], airflow_edges())
    assert people.labels["airflow"].tolist() == [BANDS[k] for k in band]
    assert len(set(people.labels["airflow"])) > 1


@pytest.mark.parametrize(
    ("limits", "left"),
    [
        ((), BANDS),
        (({"min": 35, "max": 70},), BANDS[1:3]),
        (({"min": 50},), BANDS[2:]),
        (({"max": 60}, {"min": 51}), BANDS[2:3]),
    ],
)
def test_criteria_leave_the_bands_that_they_touch(limits, left):
    criteria = tuple(Criterion(quantity="fev1_percent", **one) for one in limits)
    assert Population(eligibility=criteria).kinds("airflow") == left


def test_groups_of_a_population_are_those_with_a_share():
    people = Population(genotype={"ZZ": 0.5, "SZ": 0.5, "MZ": 0.0}, male=1.0)
    assert people.kinds("genotype") == ("ZZ", "SZ")
    assert people.kinds("sex") == ("male",)
