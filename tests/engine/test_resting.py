"""States that nothing moves have no equation, and the others go as if they had."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antitrypsim.engine.compile import compile_model
from antitrypsim.engine.kernel import Batch
from antitrypsim.engine.lowering import lower
from antitrypsim.foundations.errors import InputError
from antitrypsim.modelling.handles import AGE
from antitrypsim.therapies import build_model
from tests.engine.oracle import error, integrate
from tests.engine.sketch import AMOUNT, Sketch, typical, weekly

pytestmark = pytest.mark.law

PERSON = {"alleles_Z": 2.0, "height": 1.72, "weight": 72.0}


def _resting(s):
    model = s.model()
    return {model.state_names[i].partition(".")[2]: v for i, v in lower(model).rest.items()}


def _chain(s, none=0.0, one=1.0):
    """Cells that nobody gives, what they secrete, whom that harms; a room that stays full.

    Beside them one state that moves.
    """
    cells, signal, harm = (s.state(name, none) for name in ("cells", "signal", "harm"))
    full, moving = s.state("full", one), s.state("moving", 1.0)
    s.rate(cells, cells * (1 - cells))
    s.rate(signal, 3 * cells - signal / 2)
    s.hazard("harm", signal**2, {harm: 1})
    s.rate(harm, -harm)
    s.rate(full, full * (1 - full))
    s.rate(moving, (1 + signal) * (0.3 - moving) * full - harm * moving)
    return cells, signal


REST = {"cells": 0.0, "signal": 0.0, "harm": 0.0, "harm_hazard": 0.0, "full": 1.0}


def test_what_nothing_moves_rests():
    s = Sketch()
    _chain(s)
    assert _resting(s) == REST


def _dose(s, cells, signal):
    s.dose("cells", {cells: AMOUNT})


def _input(s, cells, signal):
    s.rate(cells, s.input("given"))


def _time(s, cells, signal):
    s.rate(cells, AGE)


def _parameter(s, cells, signal):
    s.rate(cells, s.param("inflow", 0.0))


@pytest.mark.parametrize("mover", [_dose, _input, _time, _parameter])
def test_a_dose_an_input_time_or_a_parameter_moves_all_that_follows(mover):
    s = Sketch()
    cells, signal = _chain(s)
    mover(s, cells, signal)
    assert _resting(s) == {"full": 1.0}


def test_a_hazard_that_can_happen_moves_what_it_harms():
    s = Sketch()
    s.hazard("harm", 2, {s.state("harm"): 1})
    assert _resting(s) == {}


def test_a_count_that_begins_above_zero_does_not_rest():
    s = Sketch()
    count = s.hazard("harm", 0, {s.state("harm"): 1})
    s.states[count.name][2] = 1
    assert _resting(s) == {}


def _course(model, backend, constants):
    kernel = compile_model(model, backend=backend)
    batch = Batch(
        np.tile(constants, (3, 1)), np.zeros(3), np.array([1.0, 4.0, 9.0]),
        sample_offsets=np.array([0, 2, 4, 6]),
        sample_times=np.array([0.5, 1.0, 0.1, 4.0, 5.0, 9.0]),
        thresholds=np.full((3, 1, 2), 0.5),
    )  # fmt: skip
    return kernel.advance(batch, tolerance=1e-8)


@pytest.mark.parametrize("backend", ["llvm", "portable"])
def test_the_others_go_as_if_all_had_equations(backend):
    still, whole = Sketch(), Sketch()
    _chain(still)
    # Numbers that are a parameter's are not known, so that nothing is left out.
    _chain(whole, whole.param("none", 0.0), whole.param("one", 1.0))
    assert len(_resting(still)) == 5
    assert not _resting(whole)
    found = _course(still.model(), backend, [])
    full = _course(whole.model(), backend, [0.0, 1.0])
    np.testing.assert_allclose(found.states, full.states, rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(found.final_states, full.final_states, rtol=1e-13, atol=1e-15)
    assert np.array_equal(found.steps, full.steps)


@settings(max_examples=25)
@given(st.integers(2, 7), st.randoms())
def test_no_state_rests_that_a_moving_one_feeds(n, random):
    """Linear kinetics: at rest are exactly those that no path leads to from what is not empty."""
    feeds = {(i, j) for i in range(n) for j in range(n) if i != j and random.random() < 0.25}
    full = {i for i in range(n) if random.random() < 0.3}
    s = Sketch()
    states = [s.state(f"x{i}", 1.0 if i in full else 0.0) for i in range(n)]
    for i in range(n):
        s.rate(states[i], sum(states[j] for k, j in feeds if k == i) - 2.5 * n * states[i])
    reached = set(full)
    while more := {i for i, j in feeds if j in reached} - reached:
        reached |= more
    assert lower(s.model()).moving == sorted(reached)


@pytest.mark.contract
@pytest.mark.parametrize("backend", ["llvm", "portable"])
def test_where_else_a_state_cannot_start(backend):
    s = Sketch()
    _chain(s)
    kernel = compile_model(s.model(), backend=backend)
    states = np.tile(
        [{**REST, "moving": 1.0}[n.removeprefix("t.")] for n in kernel.state_names], (2, 1)
    )
    batch = Batch(np.zeros((2, 0)), np.zeros(2), np.ones(2), initial_states=states)
    assert np.all(kernel.advance(batch).status == 0)
    states[1, kernel.state_names.index("t.signal")] = 0.25
    with pytest.raises(InputError) as caught:
        kernel.advance(batch)
    assert str(caught.value) == (
        "initial_states has 't.signal' at 0.25 in row 1; nothing in this model moves it, "
        "so it can only start at 0"
    )


@pytest.mark.independent
def test_half_a_year_of_weekly_doses_agrees_with_cvode_which_knows_no_rest():
    model = build_model(therapies=("augmentation",))
    kernel = compile_model(model)
    assert len(kernel.rest) > 10
    constants = typical(model, 1, 0.05, 2)
    for k, covariate in enumerate(model.covariates):
        constants[:, len(model.parameters) + k] = PERSON.get(covariate.name.partition(".")[2], 0.0)
    batch = replace(weekly(model, 1, 0.5, constants=constants), thresholds=None)
    batch.event_values[batch.event_codes >= 0] *= 60.0
    exact = integrate(model, batch, 0, lambda t, y, u, c: kernel.rates(c, t, y, u[None])[0])
    assert error(model, kernel.advance(batch, tolerance=1e-9).states, exact) < 1e-6
