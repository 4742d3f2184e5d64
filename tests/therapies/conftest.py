"""The whole model, compiled once, and people with a life behind them."""

from __future__ import annotations

import numpy as np
import pytest

from antitrypsim.populations.people import draw_people
from antitrypsim.populations.spec import AgeRange, Population
from antitrypsim.simulation.settings import Settings
from antitrypsim.simulation.simulate import live
from antitrypsim.therapies import build_model

SEED = 11
COARSE = 1e-3
MIXED = Population(
    genotype={"MM": 0.1, "MZ": 0.2, "SZ": 0.1, "ZZ": 0.5, "null": 0.1},
    age=AgeRange(mean=45, sd=12, min=25, max=65),
    smoking={"never": 0.6, "ex": 0.4},
    ascertainment={"screening": 1.0},
)


@pytest.fixture(scope="session")
def model():
    """Every organ and every therapy."""
    return build_model()


def met(model, count, **how):
    ids = np.arange(count, dtype=np.int64)
    drawn = draw_people(model, MIXED, SEED, ids, ids)
    lived = live(model, drawn, settings=Settings(seed=SEED, **how))
    return lived.people.take(lived.alive)


@pytest.fixture(scope="session")
def people(model):
    """A few living people of mixed genotypes."""
    return met(model, 8)


@pytest.fixture(scope="session")
def two(model):
    """Two living people, met at a coarse tolerance."""
    return met(model, 3, tolerance=COARSE).take(np.arange(2))
