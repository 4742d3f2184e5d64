from __future__ import annotations

import itertools

import numpy as np
import pytest
import sympy

from antitrypsim.engine.compile import compile_model
from antitrypsim.engine.kernel import Batch
from antitrypsim.engine.llvm_kernel import LlvmKernel
from antitrypsim.foundations import cache
from antitrypsim.foundations.errors import Cancelled, InputError, ModelError
from tests.engine.sketch import AMOUNT, Sketch

pytestmark = pytest.mark.contract


BACKENDS = ("llvm", "portable")


def fragile():
    """Breaks where ``bad`` is above zero: a logarithm of a negative number, or an explosion."""
    s = Sketch()
    bad, burst = s.param("bad", 0.0), s.param("burst", 0.0)
    a = s.state("a", 1.0)
    s.rate(a, -a + sympy.log(1 - bad * a) + burst * a**2)
    # Nobody reads this one, so its NaN shows in no pivot.
    output = s.state("output")
    s.rate(output, sympy.log(1 - s.param("hidden", 0.0) * a))
    s.dose("break", {a: AMOUNT})
    return s.model()


@pytest.fixture(scope="module", params=BACKENDS)
def kernel(request):
    return compile_model(fragile(), backend=request.param)


def _batch(constants, **options):
    n = len(constants)
    return Batch(
        np.array(constants, float), np.zeros(n), np.full(n, 5.0),
        sample_offsets=np.arange(n + 1) * 2, sample_times=np.tile([0.5, 5.0], n), **options,
    )  # fmt: skip


@pytest.mark.law
def test_a_failing_patient_fails_alone(kernel):
    constants = np.zeros((21, 3))
    constants[3, 0] = 2.0
    constants[4] = np.nan
    constants[11, 1] = 5.0
    constants[17, 2] = 2.0
    out = kernel.advance(_batch(constants))
    bad = [3, 4, 11, 17]
    assert (out.status[bad] == 2).all()
    assert (np.delete(out.status, bad) == 0).all()
    good = np.delete(out.final_states[:, 0], bad)
    assert (good == good[0]).all()
    assert good[0] == pytest.approx(np.exp(-5.0), abs=1e-3)
    assert np.isnan(out.states[2 * 3 + 1]).all()
    assert out.final_time[11] == pytest.approx(np.log(5 / 4), abs=1e-3)


def test_a_dose_that_breaks_the_state(kernel):
    batch = _batch(
        np.zeros((2, 3)), event_offsets=np.array([0, 1, 1]), event_times=np.array([1.0]),
        event_codes=np.zeros(1, np.int32), event_values=np.array([np.nan]),
    )  # fmt: skip
    out = kernel.advance(batch)
    assert out.status.tolist() == [2, 0]
    assert out.final_time[0] == 1.0


def test_too_many_steps(kernel):
    out = kernel.advance(_batch(np.zeros((3, 3))), max_steps=4)
    assert out.status.tolist() == [4, 4, 4]
    assert out.steps.tolist() == [4, 4, 4]


def test_a_near_singular_matrix_rejects_the_step():
    """Growth at a rate that the first large step hits: I/(h gamma) - J has no inverse there."""
    s = Sketch()
    a = s.state("a", 1e-6, 1.0)
    s.rate(a, a)
    model = s.model()
    gamma = 0.21193756319429014
    for backend in BACKENDS:
        kernel = compile_model(model, backend=backend)
        batch = Batch(
            np.zeros((1, 0)), np.zeros(1), np.array([10.0]), step_hint=np.array([1 / gamma])
        )
        out = kernel.advance(batch, tolerance=1e-6)
        assert out.rejected[0] >= 1
        assert out.final_states[0, 0] == pytest.approx(1e-6 * np.exp(10.0), abs=1e-5)


def test_cancel(kernel):
    s = Sketch()
    fast = s.state("fast", 1.0)
    s.rate(fast, -1e3 * fast)
    s.dose("again", {fast: AMOUNT})
    engine = compile_model(s.model(), backend=kernel.backend)
    n = 64
    times = np.arange(1, 50_000) * 1e-3
    batch = Batch(
        np.zeros((n, 0)), np.zeros(n), np.full(n, 50.0),
        event_offsets=np.arange(n + 1) * len(times),
        event_times=np.tile(times, n), event_codes=np.zeros(n * len(times), np.int32),
        event_values=np.ones(n * len(times)),
    )  # fmt: skip
    calls = itertools.count()
    with pytest.raises(Cancelled):
        engine.advance(batch, cancel=lambda: next(calls) >= 1)


def test_cache_is_used_and_survives_damage(tmp_path, monkeypatch):
    monkeypatch.setenv("ANTITRYPSIM_CACHE", str(tmp_path / "deep"))
    model = fragile()
    first = LlvmKernel.of(model).advance(_batch([[0.0, 0.1, 0.0]])).final_states
    (stored,) = (tmp_path / "deep").iterdir()
    assert stored.suffix == ".o"
    made = []
    monkeypatch.setattr(
        "antitrypsim.engine.llvm_kernel.object_code",
        lambda text: made.append(text) or pytest.fail("compiled again"),
    )
    assert np.array_equal(
        LlvmKernel.of(model).advance(_batch([[0.0, 0.1, 0.0]])).final_states, first
    )
    monkeypatch.undo()
    monkeypatch.setenv("ANTITRYPSIM_CACHE", str(tmp_path / "deep"))
    data = bytearray(stored.read_bytes())
    data[len(data) // 2] ^= 1
    stored.write_bytes(bytes(data))
    assert np.array_equal(
        LlvmKernel.of(model).advance(_batch([[0.0, 0.1, 0.0]])).final_states, first
    )
    assert bytes(data) != stored.read_bytes()


def test_the_order_of_parameters_makes_other_code(tmp_path, monkeypatch):
    monkeypatch.setenv("ANTITRYPSIM_CACHE", str(tmp_path))
    results = []
    for names in (("up", "down"), ("down", "up")):
        s = Sketch()
        p = {name: s.param(name, 1.0) for name in names}
        s.rate(s.state("x"), p["up"] - 0.25 * p["down"])
        values = [{"up": 3.0, "down": 4.0}[name] for name in names]
        batch = Batch(np.array([values]), np.zeros(1), np.ones(1))
        results.append(LlvmKernel.of(s.model()).advance(batch).final_states[0, 0])
    assert results == pytest.approx([2.0, 2.0])


def test_a_cache_that_cannot_be_written_is_skipped(monkeypatch):
    # Not even a superuser makes folders there.
    monkeypatch.setenv("ANTITRYPSIM_CACHE", "/proc/antitrypsim")
    cache.write("key", b"code")
    assert cache.read("key") is None
    assert LlvmKernel.of(fragile()).advance(_batch(np.zeros((1, 3)))).status[0] == 0


def test_without_llvm_the_portable_path_runs(monkeypatch):
    def broken():
        raise RuntimeError("no target for this machine")

    monkeypatch.setattr("antitrypsim.engine.llvm_kernel.host", broken)
    assert compile_model(fragile()).backend == "portable"
    with pytest.raises(ModelError, match="no target for this machine"):
        compile_model(fragile(), backend="llvm")


def test_an_unknown_backend_is_a_sentence():
    with pytest.raises(InputError, match="no backend 'gpu'"):
        compile_model(fragile(), backend="gpu")
