from __future__ import annotations

import numpy as np
import pytest

from antitrypsim.engine.compile import compile_model
from antitrypsim.engine.kernel import Batch
from tests.engine.sketch import Sketch

pytestmark = pytest.mark.law


BACKENDS = ("llvm", "portable")


def risks():
    s = Sketch()
    flare_rate, death_rate = s.param("flare_rate", 0.2), s.param("death_rate", 0.0)
    level, flares = s.state("level", 8.0), s.state("flares")
    s.rate(level, -0.01 * level)
    s.hazard("flare", flare_rate, {level: -0.5 * level, flares: 1})
    s.hazard("death", death_rate, ends=True)
    s.hazard("rising", 0.0003 * level * level)
    return s.model()


@pytest.fixture(scope="module", params=BACKENDS)
def kernel(request):
    return compile_model(risks(), backend=request.param)


def run(kernel, thresholds, rates=(0.2, 0.0), *, end=100.0, tolerance=1e-8, **options):
    samples = np.linspace(0, end, 21)
    batch = Batch(
        np.array([rates]), np.zeros(1), np.array([end]), thresholds=np.array([thresholds], float),
        sample_offsets=np.array([0, 21]), sample_times=samples, **options,
    )  # fmt: skip
    return kernel.advance(batch, tolerance=tolerance), samples


NEVER = [np.inf] * 6


@pytest.mark.independent
def test_a_constant_hazard_happens_at_the_sum_of_its_exponentials(kernel):
    gaps = np.array([0.3, 4.0, 1e-5, 2.0, 50.0, 1.0])
    out, samples = run(kernel, [gaps, NEVER, NEVER])
    exact = np.cumsum(gaps) / 0.2
    assert out.hazard_times[0, 0, :4] == pytest.approx(exact[:4], abs=1e-7)
    assert np.isnan(out.hazard_times[0, 0, 4:]).all()
    assert out.hazard_counts[0, 0] == 4
    happened = (exact[:4, None] < samples).sum(axis=0)
    assert out.states[:, 1] == pytest.approx(happened)
    assert out.states[:, 0] == pytest.approx(8 * np.exp(-0.01 * samples) * 0.5**happened, rel=1e-6)


@pytest.mark.independent
def test_a_rising_hazard_is_located_within_tolerance(kernel):
    # 0.0003 * 64 * (1 - exp(-0.02 t)) / 0.02 = 0.96 (1 - exp(-0.02 t))
    exact = -np.log(1 - 0.5 / 0.96) / 0.02
    for tolerance in (1e-4, 1e-6, 1e-9):
        out, _ = run(kernel, [NEVER, NEVER, [0.5, *NEVER[1:]]], tolerance=tolerance)
        assert out.hazard_times[0, 2, 0] == pytest.approx(
            exact, abs=max(5e3 * tolerance, 1e-6) / 10
        )


def test_the_accumulator_starts_again(kernel):
    out, _ = run(kernel, [NEVER, NEVER, [0.25, 0.25, 0.25, *NEVER[3:]]])
    first, second, third = out.hazard_times[0, 2, :3]
    level = 0.96 * (1 - np.exp(-0.02 * np.array([first, second, third])))
    assert level == pytest.approx([0.25, 0.5, 0.75], abs=1e-6)


def test_death_ends_the_course(kernel):
    out, samples = run(kernel, [NEVER, [0.7, *NEVER[1:]], NEVER], rates=(0.2, 0.02))
    assert out.status[0] == 1
    assert out.final_time[0] == pytest.approx(35.0, abs=1e-7)
    assert np.isnan(out.states[samples > 35.0001]).all()
    assert np.isfinite(out.states[samples < 34.9999]).all()
    assert out.final_states[0, 0] == pytest.approx(8 * np.exp(-0.35), rel=1e-6)


def test_the_earliest_of_several_comes_first(kernel):
    # Both within what would be one long step; the flare halves the level before death reads it.
    out, _ = run(kernel, [[1.0, *NEVER[1:]], [0.5, *NEVER[1:]], NEVER], rates=(0.2, 0.099))
    assert out.hazard_times[0, 0, 0] == pytest.approx(5.0, abs=1e-7)
    assert out.final_time[0] == pytest.approx(0.5 / 0.099, abs=1e-7)
    assert out.final_states[0, 1] == 1.0
    out, _ = run(kernel, [[1.0, *NEVER[1:]], [0.5, *NEVER[1:]], NEVER], rates=(0.2, 0.101))
    assert np.isnan(out.hazard_times[0, 0, 0])
    assert out.final_states[0, 1] == 0.0


def test_two_at_the_same_moment_both_happen(kernel):
    out, _ = run(kernel, [[1.0, *NEVER[1:]], [1.0, *NEVER[1:]], NEVER], rates=(0.2, 0.2))
    assert out.hazard_times[0, :2, 0] == pytest.approx([5.0, 5.0], abs=1e-9)
    assert out.status[0] == 1


def test_running_out_of_thresholds_and_going_on(kernel):
    gaps = np.array([0.3, 4.0, 1.0, 2.0, 3.0, np.inf])
    short = [gaps[:2], NEVER[:2], NEVER[:2]]
    first, _ = run(kernel, short)
    assert first.status[0] == 3
    assert first.final_time[0] == pytest.approx(4.3 / 0.2, abs=1e-7)
    assert np.array_equal(first.hazard_counts, [[2, 0, 0]])
    batch = Batch(
        np.array([[0.2, 0.0]]), first.final_time, np.array([100.0]),
        initial_states=first.final_states, thresholds=np.array([[gaps, NEVER, NEVER]]),
        hazard_counts=first.hazard_counts,
    )  # fmt: skip
    second = kernel.advance(batch, tolerance=1e-8)
    whole, _ = run(kernel, [gaps, NEVER, NEVER])
    assert second.status[0] == 0
    assert np.array_equal(second.hazard_counts, whole.hazard_counts)
    assert second.final_states == pytest.approx(whole.final_states, rel=1e-6)
    assert second.hazard_times[0, 0, 2:5] == pytest.approx(whole.hazard_times[0, 0, 2:5])


def test_a_threshold_already_crossed_happens_at_once(kernel):
    states = np.array([[8.0, 0.0, 0.5, 0.0, 0.0]])
    out, _ = run(kernel, [[0.4, *NEVER[1:]], NEVER, NEVER], initial_states=states)
    assert out.hazard_times[0, 0, 0] == 0.0
    assert out.states[0, 1] == 0.0
    assert out.states[1, 1] == 1.0


def test_without_thresholds_no_hazard_happens(kernel):
    batch = Batch(np.array([[5.0, 5.0]]), np.zeros(1), np.array([50.0]))
    out = kernel.advance(batch)
    assert out.status[0] == 0
    assert out.final_states[0, 2] == pytest.approx(250.0)


@pytest.mark.independent
def test_exponential_thresholds_give_poisson_counts():
    kernel = compile_model(risks())
    rng = np.random.default_rng(4)
    rows = 4000
    thresholds = np.full((rows, 3, 30), np.inf)
    thresholds[:, 0] = rng.exponential(1, (rows, 30))
    batch = Batch(
        np.tile([0.2, 0.0], (rows, 1)), np.zeros(rows), np.full(rows, 20.0), thresholds=thresholds
    )
    counts = kernel.advance(batch, tolerance=1e-3).hazard_counts[:, 0]
    assert counts.mean() == pytest.approx(4.0, abs=5 * 2 / np.sqrt(rows))
    assert counts.var() == pytest.approx(4.0, rel=0.15)
    exact = (np.cumsum(thresholds[:, 0], axis=1) / 0.2 < 20.0).sum(axis=1)
    assert np.array_equal(counts, exact)
