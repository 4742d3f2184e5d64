"""The engine on the organs themselves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from antitrypsim.engine.compile import compile_model
from antitrypsim.modelling import compose
from antitrypsim.organs import organ_modules
from tests.engine.oracle import Equations, error, integrate
from tests.engine.sketch import typical, weekly

pytestmark = pytest.mark.independent


PERSON = {"alleles_Z": 2.0, "height": 1.72, "weight": 72.0, "alleles_M": 0.0, "alleles_S": 0.0}


@pytest.fixture(scope="module")
def organs():
    return compose(organ_modules())


@pytest.fixture(scope="module")
def people(organs):
    constants = typical(organs, 3, 0.05, 2)
    first = len(organs.parameters)
    for k, covariate in enumerate(organs.covariates):
        constants[:, first + k] = PERSON.get(covariate.name.partition(".")[2], 1.0)
    return constants


def test_rates_are_those_of_sympy(organs, people):
    kernel = compile_model(organs)
    equations = Equations(organs)
    inputs = np.ones(len(organs.inputs))
    times = 50 * 365.25
    for row in people:
        state = equations.initial()(times, np.zeros(len(organs.states)), inputs, row)
        exact = equations.rates()(times, state, inputs, row)
        found = kernel.rates(row, times, state, inputs[None])
        np.testing.assert_allclose(found[0], exact, rtol=1e-9, atol=1e-12)


def test_years_agree_with_cvode(organs, people):
    kernel = compile_model(organs)
    batch = weekly(organs, 3, 8.0, constants=people)
    switches = batch.event_codes < 0
    counts = [
        switches[a:b].sum()
        for a, b in zip(batch.event_offsets, batch.event_offsets[1:], strict=False)
    ]
    batch = replace(
        batch,
        thresholds=None,
        event_offsets=np.concatenate([[0], np.cumsum(counts)]),
        event_times=batch.event_times[switches],
        event_codes=batch.event_codes[switches],
        event_values=batch.event_values[switches],
    )
    found = kernel.advance(batch, tolerance=1e-7)
    for row in range(3):
        exact = integrate(organs, batch, row, lambda t, y, u, c: kernel.rates(c, t, y, u[None])[0])
        part = slice(*batch.sample_offsets[row : row + 2])
        assert error(organs, found.states[part], exact) < 1e-5
