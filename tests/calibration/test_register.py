"""The register's follow-up and the deaths its country would have had, by arithmetic."""

import numpy as np
import pytest

from antitrypsim.calibration.register import (
    HAZARDS,
    LONGEST,
    TIMES,
    Register,
    expected,
    followed,
    years_at_risk,
)
from antitrypsim.calibration.scene import Scene
from antitrypsim.foundations.units import YEAR
from antitrypsim.simulation.results import Results

pytestmark = pytest.mark.law


def of_ages(ages, hazard, death=None):
    """Return people of ages whose hazard of death, per year, is a function of age."""
    age = np.asarray(ages, dtype=float)[:, None] + np.arange(LONGEST + 1.0)
    death = np.full(len(age), np.inf) if death is None else np.asarray(death, dtype=float)
    values = np.zeros((len(age), 1, len(TIMES), 3))
    values[:, 0, :, 1] = hazard(age) / YEAR
    run = Results(
        ids=np.arange(len(age)), times=np.array(TIMES), outputs=HAZARDS,
        values=values, events={}, status=np.zeros((len(age), 1), dtype=np.int8), provenance={},
    )  # fmt: skip
    return Register(None, run, age, death)


def test_years_at_risk_end_with_death_or_follow_up():
    one = of_ages([40, 40, 40], lambda age: 0 * age, [np.inf, 3.25, 9.0])
    years = years_at_risk(one, np.array([10.0, 10.0, 4.5]))
    assert years.sum(axis=1) == pytest.approx([10.0, 3.25, 4.5])
    assert years[1, :5] == pytest.approx([1, 1, 1, 0.25, 0])


def test_expected_deaths_are_the_countrys_hazards_at_the_same_ages():
    rising = lambda age: 0.001 * np.exp(0.09 * (age - 30))  # noqa: E731
    country = of_ages(np.linspace(20, 70, 400), rising)
    one = of_ages([45.0], lambda age: 0 * age)
    years = years_at_risk(one, np.array([20.0]))
    exact = (rising(65.0) - rising(45.0)) / 0.09
    assert expected(country, one, years)[0] == pytest.approx(exact, rel=0.03)


def test_people_enter_evenly_over_the_years():
    until = followed(Scene(model=None), 20_000)
    assert until.mean() == pytest.approx(LONGEST / 2, rel=0.02)
    assert 0 <= until.min() < until.max() <= LONGEST
