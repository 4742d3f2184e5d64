"""Who shares a pack, a thread or a call changes no bit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antitrypsim.engine.kernel import Batch
from antitrypsim.engine.llvm_kernel import LlvmKernel
from tests.engine.sketch import weekly

pytestmark = pytest.mark.law


ROWS = 27


@pytest.fixture(scope="module")
def batch(model):
    rng = np.random.default_rng(9)
    made = weekly(model, ROWS, 0.6)
    # Lives of very different length: lanes finish and are refilled at odd moments.
    return replace(made, end=made.start + rng.uniform(1, 219, ROWS))


@pytest.fixture(scope="module")
def whole(kernel, batch):
    return kernel.advance(batch, tolerance=1e-4, threads=1)


def pick(batch: Batch, rows) -> Batch:
    """The batch of some of its rows, in the given order."""
    rows = np.asarray(rows)

    def ragged(offsets, *arrays):
        index = np.concatenate([np.arange(offsets[r], offsets[r + 1]) for r in rows]).astype(int)
        lengths = [offsets[r + 1] - offsets[r] for r in rows]
        return np.concatenate([[0], np.cumsum(lengths)]), *(a[index] for a in arrays)

    offsets, times, codes, values = ragged(
        batch.event_offsets, batch.event_times, batch.event_codes, batch.event_values
    )
    sample_offsets, samples = ragged(batch.sample_offsets, batch.sample_times)
    return replace(
        batch, constants=batch.constants[rows], start=batch.start[rows], end=batch.end[rows],
        event_offsets=offsets, event_times=times, event_codes=codes, event_values=values,
        sample_offsets=sample_offsets, sample_times=samples, thresholds=batch.thresholds[rows],
    )  # fmt: skip


def same(whole, part, batch, rows):
    rows = np.asarray(rows)
    for name in (
        "final_states",
        "final_time",
        "status",
        "steps",
        "rejected",
        "hazard_times",
        "final_step",
    ):
        np.testing.assert_array_equal(getattr(whole, name)[rows], getattr(part, name), err_msg=name)
    index = np.concatenate([np.arange(*batch.sample_offsets[r : r + 2]) for r in rows])
    np.testing.assert_array_equal(whole.states[index], part.states)
    np.testing.assert_array_equal(whole.inputs[index], part.inputs)


@settings(max_examples=12)
@given(st.permutations(range(ROWS)), st.integers(1, ROWS))
def test_order_and_split_change_no_bit(kernel, batch, whole, order, size):
    rows = order[:size]
    same(whole, kernel.advance(pick(batch, rows), tolerance=1e-4, threads=1), batch, rows)


def test_threads_change_no_bit(kernel, batch, whole):
    for threads in (2, 3, 7):
        same(whole, kernel.advance(batch, tolerance=1e-4, threads=threads), batch, range(ROWS))


@pytest.mark.parametrize("lanes", [2, 4, 16])
def test_number_of_lanes_changes_no_bit(model, batch, whole, lanes):
    other = LlvmKernel.of(model, lanes=lanes)
    same(whole, other.advance(batch, tolerance=1e-4), batch, range(ROWS))


def test_an_empty_batch_is_fine(kernel, batch):
    nobody = Batch(np.zeros((0, len(kernel.constant_names))), np.zeros(0), np.zeros(0))
    out = kernel.advance(nobody)
    assert out.final_states.shape == (0, len(kernel.state_names))
