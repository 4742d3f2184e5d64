from __future__ import annotations

import ctypes

import mpmath
import numpy as np
import pytest
from llvmlite import ir

from antitrypsim.engine.jit import Loaded, object_code
from antitrypsim.engine.vectormath import DOUBLE, I64, VectorMath

pytestmark = pytest.mark.independent


FUNCTIONS = {"exp": 1, "log": 1, "tanh": 1, "pow": 2, "sqrt": 1}
WIDTHS = (1, 4, 8)
COUNT = 6000


def _emit(module, name, arity, width):
    pointer = ir.PointerType()
    kind = ir.FunctionType(ir.VoidType(), [pointer, pointer, pointer, I64])
    function = ir.Function(module, kind, f"{name}{width}")
    b = ir.IRBuilder(function.append_basic_block())
    entry, loop, end = b.block, function.append_basic_block(), function.append_basic_block()
    b.branch(loop)
    b.position_at_end(loop)
    i = b.phi(I64)
    i.add_incoming(ir.Constant(I64, 0), entry)
    math = VectorMath(b, width)
    at = [b.gep(p, [i], source_etype=DOUBLE) for p in function.args[:3]]
    values = [b.load(p, typ=math.real, align=8) for p in at[:arity]]
    b.store(getattr(math, name)(*values), at[2], align=8)
    after = b.add(i, ir.Constant(I64, width))
    i.add_incoming(after, loop)
    b.cbranch(b.icmp_signed("<", after, function.args[3]), loop, end)
    b.position_at_end(end)
    b.ret_void()


@pytest.fixture(scope="module")
def call():
    module = ir.Module()
    for width in WIDTHS:
        for name, arity in FUNCTIONS.items():
            _emit(module, name, arity, width)
    loaded = Loaded(object_code(str(module)))
    kind = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 3, ctypes.c_int64)

    def run(name, *arguments, width=8):
        arrays = [np.ascontiguousarray(np.resize(a, -(-len(a) // 8) * 8), float) for a in arguments]
        out = np.empty_like(arrays[0])
        first, second = arrays[0], arrays[-1]
        function = kind(loaded.address(f"{name}{width}"))
        function(first.ctypes.data, second.ctypes.data, out.ctypes.data, len(out))
        return out[: len(arguments[0])]

    return run


def _ulps(found, exact):
    worst = 0.0
    for f, e in zip(found, exact, strict=True):
        step = mpmath.mpf(float(np.spacing(abs(float(e)))))
        worst = max(worst, float(abs(mpmath.mpf(float(f)) - e) / step))
    return worst


def _points(name):
    rng = np.random.default_rng(5)
    uniform, normal = rng.uniform, rng.normal
    near_one = [1 + normal(0, 0.1, COUNT), 1 + normal(0, 1e-7, COUNT)]
    parts = {
        "exp": [[uniform(-707.9, 709.3, COUNT), normal(0, 1, COUNT), normal(0, 1e-6, COUNT)]],
        "log": [[np.exp(uniform(-740, 709, COUNT)), *near_one]],
        "tanh": [[normal(0, 1, COUNT), uniform(-25, 25, COUNT), normal(0, 1e-8, COUNT)]],
        "sqrt": [[np.exp(uniform(-700, 700, COUNT))]],
        "pow": [
            [np.exp(uniform(-50, 50, COUNT)), np.exp(uniform(-2, 2, COUNT)), near_one[1]],
            [uniform(-14, 14, COUNT), uniform(-5, 5, COUNT), uniform(-1e6, 1e6, COUNT)],
        ],
    }
    return [np.concatenate(arrays) for arrays in parts[name]]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_within_two_ulp(call, name):
    points = _points(name)
    with mpmath.workprec(160):
        function = {"pow": mpmath.power}.get(name) or getattr(mpmath, name)
        exact = [function(*(mpmath.mpf(float(x)) for x in xs)) for xs in zip(*points, strict=True)]
        assert _ulps(call(name, *points), exact) <= 2.0


@pytest.mark.law
@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_width_gives_the_same_bits(call, name):
    points = _points(name)
    first = call(name, *points, width=1)
    for width in WIDTHS[1:]:
        assert np.array_equal(first, call(name, *points, width=width))


def test_edges(call):
    inf, nan = np.inf, np.nan
    x = np.array([0.0, -0.0, 1e-320, -1e-3, inf, -inf, nan, 800.0, -800.0])
    exp = call("exp", x)
    assert exp[0] == exp[1] == exp[2] == 1.0
    assert 1e308 < exp[4] == exp[7] < inf
    assert exp[5] == exp[8] == 0.0
    assert np.isnan(exp[6])
    log = call("log", x)
    assert log[0] == log[1] == -inf
    assert log[2] == pytest.approx(np.log(1e-320))
    assert np.isnan(log[[3, 5, 6, 8]]).all()
    assert log[4] == inf
    assert np.array_equal(call("tanh", x)[[0, 4, 5, 7, 8]], [0, 1, -1, 1, -1])
    assert np.isnan(call("tanh", x)[6])
    assert np.array_equal(call("sqrt", x)[:4], [0, 0, np.sqrt(1e-320), 0])


@pytest.mark.law
def test_power_of_zero_and_of_tiny_negatives_is_never_nan(call):
    x = np.array([0.0, -0.0, -1e-17, -3.0, 1e-310])
    assert np.array_equal(call("pow", x, np.full(5, 0.3)), np.zeros(5))
    assert np.array_equal(call("pow", x, np.zeros(5)), np.ones(5))
    assert np.array_equal(call("pow", x, np.full(5, -0.3)), np.full(5, np.inf))
    assert np.isnan(call("pow", np.array([np.nan, 2.0]), np.array([1.5, np.nan]))).all()
