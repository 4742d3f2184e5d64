"""Whole courses against closed forms, matrix exponentials and CVODE."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.linalg import expm

from antitrypsim.engine.compile import compile_model
from antitrypsim.engine.kernel import Batch
from antitrypsim.engine.llvm_kernel import LlvmKernel
from antitrypsim.engine.tableau import TABLEAUS
from antitrypsim.modelling.handles import AGE
from tests.engine.oracle import error, integrate
from tests.engine.sketch import AMOUNT, Sketch, weekly

pytestmark = pytest.mark.independent


BACKENDS = ("llvm", "portable")


def compartments():
    s = Sketch()
    ke, k12, k21 = s.param("ke", 0.3), s.param("k12", 1.1), s.param("k21", 0.4)
    a, b = s.state("a"), s.state("b")
    s.rate(a, -(ke + k12) * a + k21 * b)
    s.rate(b, k12 * a - k21 * b)
    s.dose("bolus", {a: AMOUNT})
    return s.model()


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("tolerance", [1e-4, 1e-7, 1e-9])
def test_linear_compartments_follow_the_matrix_exponential(backend, tolerance):
    kernel = compile_model(compartments(), backend=backend)
    rng = np.random.default_rng(0)
    rows, doses, samples = 5, 12, 30
    constants = np.array([0.3, 1.1, 0.4]) * np.exp(rng.normal(0, 0.3, (rows, 3)))
    times = np.sort(rng.uniform(0, 40, (rows, doses)), axis=1)
    amounts = rng.uniform(0.5, 2, (rows, doses))
    visits = np.sort(rng.uniform(0, 40, (rows, samples)), axis=1)
    batch = Batch(
        constants, np.zeros(rows), np.full(rows, 40.0),
        event_offsets=np.arange(rows + 1) * doses, event_times=times.ravel(),
        event_codes=np.zeros(rows * doses, np.int32), event_values=amounts.ravel(),
        sample_offsets=np.arange(rows + 1) * samples, sample_times=visits.ravel(),
    )  # fmt: skip
    found = kernel.advance(batch, tolerance=tolerance)
    exact = np.zeros((rows, samples, 2))
    for r in range(rows):
        ke, k12, k21 = constants[r]
        matrix = np.array([[-(ke + k12), k21], [k12, -k21]])
        for j, t in enumerate(visits[r]):
            for when, amount in zip(times[r], amounts[r], strict=True):
                if when < t:
                    exact[r, j] += expm(matrix * (t - when)) @ [amount, 0]
    worst = np.max(np.abs(found.states - exact.reshape(-1, 2)) / (1 + np.abs(exact.reshape(-1, 2))))
    assert worst < 20 * tolerance
    assert (found.status == 0).all()


@pytest.fixture(scope="module")
def treated(model):
    return replace(weekly(model, 3, 4.0), thresholds=None)


def test_years_of_weekly_doses_agree_with_cvode(model, kernel):
    batch = replace(weekly(model, 2, 2.0), thresholds=None)
    found = kernel.advance(batch, tolerance=1e-7)

    def rates(t, y, u, c):
        return kernel.rates(c, t, y, u)[0]

    exact = integrate(model, batch, 1, rates, rtol=1e-10)
    assert error(model, found.states[slice(*batch.sample_offsets[1:3])], exact) < 1e-5


@pytest.mark.parametrize("name", TABLEAUS)
def test_every_method_comes_to_the_same_course(model, kernel, treated, name):
    exact = kernel.advance(treated, tolerance=1e-10).states
    engine = kernel if name == "Rodas5P" else LlvmKernel.of(model, tableau=TABLEAUS[name])
    errors = [
        error(model, engine.advance(treated, tolerance=tol).states, exact) for tol in (1e-3, 1e-5)
    ]
    assert errors[0] < 2e-2
    assert errors[1] < 2e-4


@pytest.mark.parametrize("backend", BACKENDS)
def test_forcing_in_time_is_exact_in_order(backend):
    s = Sketch()
    a = s.state("a", 1.0)
    s.rate(a, -50 * (a - AGE**2) + 2 * AGE)
    kernel = compile_model(s.model(), backend=backend)
    batch = Batch(np.zeros((1, 0)), np.zeros(1), np.full(1, 3.0), initial_states=np.ones((1, 1)))
    for tolerance in (1e-4, 1e-8):
        final = kernel.advance(batch, tolerance=tolerance).final_states
        assert final[0, 0] == pytest.approx(9.0, abs=30 * tolerance)


@pytest.mark.law
def test_portable_and_machine_code_agree(model, kernel, portable):
    batch = weekly(model, 5, 0.15)
    a, b = (k.advance(batch, tolerance=1e-5) for k in (kernel, portable))
    np.testing.assert_allclose(a.states, b.states, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(a.final_states, b.final_states, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(a.hazard_times, b.hazard_times, rtol=1e-9)
    assert np.array_equal(a.inputs, b.inputs)
    assert np.array_equal(a.status, b.status)
    assert np.abs(a.steps - b.steps).max() <= 2


@pytest.mark.law
def test_tolerance_scales_are_respected(model, kernel, treated):
    scales = np.array([line.handle.scale for line in model.states])
    same = kernel.advance(treated, tolerance=1e-4, scales=scales)
    loose = kernel.advance(treated, tolerance=1e-4, scales=100 * scales)
    assert np.array_equal(same.states, kernel.advance(treated, tolerance=1e-4).states)
    assert loose.steps.sum() < 0.7 * same.steps.sum()


@pytest.mark.law
def test_going_on_from_where_a_course_stopped(model, kernel):
    whole = replace(weekly(model, 3, 1.0), thresholds=None)
    middle = whole.start + 150.0
    first = kernel.advance(
        replace(whole, end=middle, sample_offsets=None, sample_times=np.zeros(0)), tolerance=1e-6
    )
    later = whole.event_times >= np.repeat(middle, np.diff(whole.event_offsets))
    counts = [
        later[a:b].sum() for a, b in zip(whole.event_offsets, whole.event_offsets[1:], strict=False)
    ]
    rest = replace(
        whole, start=first.final_time, initial_states=first.final_states,
        initial_inputs=first.final_inputs, step_hint=first.final_step,
        event_offsets=np.concatenate([[0], np.cumsum(counts)]),
        event_times=whole.event_times[later],
        event_codes=whole.event_codes[later], event_values=whole.event_values[later],
        sample_offsets=None, sample_times=np.zeros(0),
    )  # fmt: skip
    joined = kernel.advance(rest, tolerance=1e-6).final_states
    assert error(model, joined, kernel.advance(whole, tolerance=1e-6).final_states) < 1e-5
