"""A few people with a life behind them, shared by the behaviour tests."""

from __future__ import annotations

import numpy as np
import pytest

from antitrypsim.populations.people import draw_people
from antitrypsim.populations.spec import AgeRange, Population
from antitrypsim.simulation.settings import Settings
from antitrypsim.simulation.simulate import live
from antitrypsim.therapies import build_model

MIXED = Population(
    genotype={"MM": 0.15, "MZ": 0.15, "SZ": 0.15, "ZZ": 0.4, "null": 0.05, "SS": 0.1},
    age=AgeRange(mean=45, sd=12, min=25, max=70),
    smoking={"never": 0.4, "ex": 0.4, "current": 0.2},
    ascertainment={"screening": 1.0},
)


@pytest.fixture(scope="session")
def model():
    return build_model()


@pytest.fixture(scope="session")
def people(model):
    """About fifty living people of mixed genotypes."""
    ids = np.arange(60, dtype=np.int64)
    lived = live(model, draw_people(model, MIXED, 7, ids, ids), settings=Settings(seed=7))
    return lived.people.take(lived.alive)


@pytest.fixture(scope="session")
def zz(people):
    """The ZZ people among them."""
    return people.take(people.labels["genotype"] == "ZZ")
