"""The whole model and weekly doses: two years by CVODE and by our engine.

Whole lives by libRoadRunner and COPASI stand in ``tests/interchange``.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from antitrypsim.engine.compile import compile_model
from antitrypsim.engine.kernel import Batch
from antitrypsim.therapies import build_model
from tests.engine.oracle import error, integrate

pytestmark = pytest.mark.independent


PERSON = {"alleles_Z": 2.0, "height": 1.72, "weight": 72.0, "male": 1.0}
BIRTH, START, YEARS = 18 * 365.25, 48 * 365.25, 10.0


@pytest.fixture(scope="module")
def model():
    return build_model()


@pytest.fixture(scope="module")
def course(model):
    """A typical ZZ man: thirty years of life, then ten of weekly doses with two input switches."""
    kernel = compile_model(model)
    values = [p.value for p in model.parameters]
    values += [PERSON.get(c.name.partition(".")[2], 0.0) for c in model.covariates]
    one = np.array([values])
    life = Batch(constants=one, start=np.array([BIRTH]), end=np.array([START]))
    lived = kernel.advance(life, tolerance=1e-9)
    dose = kernel.dose_names.index("augmentation/intravenous")
    given = START + 0.3 + 7.0 * np.arange(int(YEARS * 365.25 / 7))
    switches = np.array([START + 400.0, START + 2500.0])
    times = np.concatenate([given, switches])
    smoking = -1 - kernel.input_names.index("person.smoking")
    codes = np.concatenate([np.full(given.size, dose), [smoking, smoking]]).astype(np.int32)
    amounts = np.concatenate([np.full(given.size, 60.0), [1.0, 0.0]])
    order = np.argsort(times)
    samples = START + np.linspace(10.0, YEARS * 365.25, 60)
    return kernel, Batch(
        constants=one,
        start=np.array([START]),
        end=np.array([START + YEARS * 365.25]),
        initial_states=lived.final_states,
        initial_inputs=lived.final_inputs,
        event_offsets=np.array([0, times.size]),
        event_times=times[order],
        event_codes=codes[order],
        event_values=amounts[order],
        sample_offsets=np.array([0, samples.size]),
        sample_times=samples,
    )


def first(batch, years):
    """Return the beginning of a course."""
    end = batch.start + years * 365.25
    events, samples = batch.event_times < end, batch.sample_times < end
    return replace(
        batch, end=end,
        event_offsets=np.array([0, events.sum()]), event_times=batch.event_times[events],
        event_codes=batch.event_codes[events], event_values=batch.event_values[events],
        sample_offsets=np.array([0, samples.sum()]), sample_times=batch.sample_times[samples],
    )  # fmt: skip


def test_two_years_of_weekly_doses_agree_with_cvode(model, course):
    kernel, batch = course
    batch = first(batch, 2.0)
    assert batch.event_times[0] < START + 7
    assert (batch.event_codes < 0).sum() == 1
    exact = integrate(model, batch, 0, lambda t, y, u, c: kernel.rates(c, t, y, u[None])[0])
    found = kernel.advance(batch, tolerance=1e-7).states
    assert error(model, found, exact) < 1e-5
