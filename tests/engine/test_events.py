from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import sympy

from antitrypsim.engine.compile import compile_model
from antitrypsim.engine.kernel import Batch
from antitrypsim.foundations.errors import InputError
from tests.engine.oracle import error
from tests.engine.sketch import AMOUNT, Sketch, weekly

pytestmark = pytest.mark.law


BACKENDS = ("llvm", "portable")


def tank():
    """A state that only doses and inputs move, and one that decays."""
    s = Sketch()
    loss = s.param("loss", 0.5)
    flow, other = s.input("flow"), s.input("other")
    still, decays = s.state("still", 1.0), s.state("decays", 1.0)
    s.rate(still, flow + 2 * other)
    s.rate(decays, flow - loss * decays)
    s.dose("plain", {still: AMOUNT})
    s.dose("doubling", {still: still, decays: AMOUNT * still + flow})
    room = sympy.Max(0, 5 - still)
    s.dose("limited", {still: sympy.Piecewise((sympy.Min(AMOUNT, room), still < 5), (-1, True))})
    both = sympy.Or(sympy.And(still > 2, still <= 3), sympy.Not(still < 10))
    s.dose("choosy", {still: sympy.Piecewise((100, both), (sympy.Abs(-AMOUNT), True))})
    return s.model()


@pytest.fixture(scope="module", params=BACKENDS)
def kernel(request):
    return compile_model(tank(), backend=request.param)


def run(kernel, events, samples, *, start=0.0, end=10.0, **options):
    batch = Batch(
        np.array([[0.5]]), np.array([start]), np.array([end]),
        event_offsets=np.array([0, len(events)]),
        event_times=np.array([e[0] for e in events], float),
        event_codes=np.array([e[1] for e in events], np.int32),
        event_values=np.array([e[2] for e in events], float),
        sample_offsets=np.array([0, len(samples)]), sample_times=np.array(samples, float),
        **options,
    )  # fmt: skip
    return kernel.advance(batch, tolerance=1e-8)


def test_a_sample_at_an_event_reads_the_state_before_it(kernel):
    out = run(kernel, [(2.0, 0, 3.0), (4.0, 0, 5.0)], [0, 2, 2.0000001, 4, 9, 10])
    assert out.states[:, 0] == pytest.approx([1, 1, 4, 4, 9, 9])


def test_events_at_the_start_apply_after_the_sample_there(kernel):
    out = run(kernel, [(0.0, 0, 3.0)], [0, 1])
    assert out.states[:, 0] == pytest.approx([1, 4])


def test_an_event_at_the_end_is_left_to_the_next_segment(kernel):
    out = run(kernel, [(10.0, 0, 3.0)], [10])
    assert out.final_states[0, 0] == out.states[0, 0] == 1.0


def test_a_dose_reads_the_state_just_before_it(kernel):
    out = run(kernel, [(2.0, 1, 2.0)], [2, 10])
    before = np.exp(-1.0)
    assert out.states[0] == pytest.approx([1, before], abs=1e-7)
    assert out.states[1] == pytest.approx([2, (before + 2.0) * np.exp(-4.0)], abs=1e-7)


def test_doses_at_one_time_apply_in_their_order(kernel):
    first = run(kernel, [(2.0, 0, 3.0), (2.0, 1, 0.0)], [3])
    second = run(kernel, [(2.0, 1, 0.0), (2.0, 0, 3.0)], [3])
    assert first.states[0, 0] == pytest.approx(8)
    assert second.states[0, 0] == pytest.approx(5)


def test_jumps_may_be_rough(kernel):
    out = run(kernel, [(1, 2, 3.0), (2, 2, 3.0), (3, 2, 3.0)], [1.5, 2.5, 3.5])
    assert out.states[:, 0] == pytest.approx([4, 5, 4])
    assert run(kernel, [(1, 3, 1.5), (2, 3, 0.0), (3, 3, -7.0)], [1.5, 2.5, 4]).states[:, 0] == (
        pytest.approx([2.5, 102.5, 202.5])
    )


def test_inputs_switch(kernel):
    events = [(2, -1, 3.0), (4, -1, 0.0), (6, -2, 1.0), (7, -2, 1.0), (8, -2, 0.0)]
    out = run(kernel, events, [2, 3, 4, 5, 7, 9], initial_inputs=np.array([[0.0, 0.0]]))
    assert out.states[:, 0] == pytest.approx([1, 4, 7, 7, 9, 11])
    assert np.array_equal(out.inputs[:, 0], [0, 3, 3, 0, 0, 0])
    assert np.array_equal(out.inputs[:, 1], [0, 0, 0, 0, 1, 0])
    steady = 3.0 / 0.5
    level = steady + (np.exp(-1.0) - steady) * np.exp(-0.5)
    assert out.states[1, 1] == pytest.approx(level, abs=1e-7)
    assert np.array_equal(out.final_inputs, [[0.0, 0.0]])


def test_initial_inputs_count(kernel):
    out = run(kernel, [], [1.0], initial_inputs=np.array([[1.0, 1.0]]))
    assert out.states[0, 0] == pytest.approx(4.0)


def test_events_very_close_together(kernel):
    times = [(2 + k * 1e-11, 0, 1.0) for k in range(5)]
    assert run(kernel, times, [3]).states[0, 0] == pytest.approx(6.0)


def test_start_equal_to_end(kernel):
    out = run(kernel, [(0.0, 0, 5.0)], [0.0], end=0.0)
    assert out.status[0] == 0
    assert out.states[0, 0] == out.final_states[0, 0] == 1.0


def test_a_dose_of_nothing_changes_nothing(model, request):
    engine = request.getfixturevalue("kernel_of_standin")
    batch = replace(weekly(model, 4, 1.0), thresholds=None)
    nothing = replace(batch, event_values=np.where(batch.event_codes >= 0, 0.0, batch.event_values))
    inputs = np.flatnonzero(batch.event_codes < 0)
    counts = [
        ((inputs >= a) & (inputs < b)).sum()
        for a, b in zip(batch.event_offsets, batch.event_offsets[1:], strict=False)
    ]
    without = replace(
        batch, event_offsets=np.concatenate([[0], np.cumsum(counts)]),
        event_times=batch.event_times[inputs],
        event_codes=batch.event_codes[inputs], event_values=batch.event_values[inputs],
    )  # fmt: skip
    tolerance = 1e-5
    a, b = (engine.advance(x, tolerance=tolerance).states for x in (nothing, without))
    assert error(model, a, b) < 10 * tolerance


@pytest.fixture(scope="module")
def kernel_of_standin(model):
    return compile_model(model)


@pytest.mark.contract
def test_bad_batches_are_sentences(kernel):
    with pytest.raises(InputError, match="an event code is not between -2 and 3"):
        run(kernel, [(1, 4, 1.0)], [])
    with pytest.raises(InputError, match="event_times must ascend"):
        run(kernel, [(2, 0, 1.0), (1, 0, 1.0)], [])
    with pytest.raises(InputError, match="before the start"):
        run(kernel, [], [-1.0])
    with pytest.raises(InputError, match="constants has the shape"):
        kernel.advance(Batch(np.zeros((1, 7)), np.zeros(1), np.ones(1)))
