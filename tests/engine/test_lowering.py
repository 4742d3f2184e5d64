from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from antitrypsim.engine.compile import compile_model
from antitrypsim.engine.elimination import elimination_order
from antitrypsim.engine.graph import Graph
from antitrypsim.engine.kernel import Batch
from antitrypsim.engine.llvm_kernel import module_text
from antitrypsim.engine.lowering import lower
from antitrypsim.engine.numpy_program import NumpyProgram
from antitrypsim.engine.tableau import RODAS5P
from antitrypsim.foundations.errors import InputError, ModelError
from antitrypsim.modelling.handles import AGE
from tests.engine.oracle import Equations
from tests.engine.sketch import Sketch, typical

pytestmark = pytest.mark.contract


def _points(model, rows=9, seed=3):
    rng = np.random.default_rng(seed)
    constants = typical(model, rows, 0.2, seed)
    states = np.exp(rng.normal(-0.5, 0.7, (rows, len(model.states))))
    times = rng.uniform(40, 60, rows) * 365.25
    return constants, times, states, rng.integers(0, 2, (rows, len(model.inputs))).astype(float)


@pytest.mark.independent
@pytest.mark.parametrize("which", ["kernel", "portable"])
def test_rates_and_quantities_are_those_of_sympy(model, which, request):
    engine = request.getfixturevalue(which)
    c, t, y, u = _points(model)
    equations = Equations(model)
    rates, quantities = equations.rates(), equations.quantities()
    exact = np.array([rates(t[r], y[r], u[r], c[r]) for r in range(len(t))])
    np.testing.assert_allclose(engine.rates(c, t, y, u), exact, rtol=1e-11, atol=1e-13)
    exact = np.array([quantities(t[r], y[r], u[r], c[r]) for r in range(len(t))])
    found = engine.observe(c, t, y, u, model.quantity_names)
    np.testing.assert_allclose(found, exact, rtol=1e-12)
    owner = np.array([2, 0, 0, 5, 1, 1, 1, 8, 3])
    mixed = engine.observe(c, t, y, u, ["t.exacerbation", "t.fev"], owner=owner)
    again = engine.observe(c[owner], t, y, u, ["t.exacerbation", "t.fev"])
    assert np.array_equal(mixed, again)
    assert np.array_equal(mixed[:, 1], y[:, model.state_names.index("t.fev")])


@pytest.fixture(scope="module")
def exact_jacobian(model):
    """Points, and what SymPy's own derivatives are there."""
    c, t, y, u = _points(model, 5)
    equations = Equations(model)
    rates = [line.rate.xreplace(equations.quantity) for line in model.states]
    function = equations.function([sympy.diff(r, s) for r in rates for s in equations.states])
    return (c, t, y, u), np.array([function(t[r], y[r], u[r], c[r]) for r in range(5)])


@pytest.mark.independent
@pytest.mark.parametrize("which", ["kernel", "portable"])
def test_jacobian_is_that_of_sympy(exact_jacobian, which, request):
    engine = request.getfixturevalue(which)
    (c, t, y, u), exact = exact_jacobian
    np.testing.assert_allclose(
        engine.jacobian(c, t, y, u).reshape(5, -1), exact, rtol=1e-10, atol=1e-13
    )


@pytest.mark.law
def test_machine_code_of_the_jacobian_computes_only_what_is_there(model):
    """LLVM takes the square of the number of stores: with each zero it took two minutes."""
    lowered = lower(model)
    text, _ = module_text(lowered, RODAS5P, 4)
    body = text.split('@"jacobian_of_rows"')[1].split("\ndefine ")[0]
    whole = body.count("store <4 x double>")
    assert whole == len(lowered.jacobian) < len(lowered.rates) ** 2 / 2


@pytest.mark.law
def test_initial_values_may_need_quantities_and_other_states():
    s = Sketch()
    base = s.param("base", 3.0)
    a = s.state("a", 2 * base)
    total = s.quantity("total", a + base + AGE)
    s.state("b", total**2)
    model = s.model()
    for backend in ("llvm", "portable"):
        kernel = compile_model(model, backend=backend)
        batch = _batch(kernel, [[3.0], [4.0]], start=[5.0, 6.0])
        states = kernel.advance(batch).final_states
        assert np.array_equal(states, [[6.0, 14.0**2], [8.0, 18.0**2]])


def _batch(kernel, constants, start):
    return Batch(np.array(constants), np.array(start), np.array(start))


def test_initial_values_in_a_circle_are_refused():
    s = Sketch()
    a, b = s.state("a"), s.state("b")
    s.states[a.name][2], s.states[b.name][2] = b + 1, a + 1
    with pytest.raises(ModelError, match="needs itself"):
        lower(s.model())


def test_unknown_function_is_a_sentence():
    s = Sketch()
    a = s.state("a")
    s.rate(a, sympy.sin(a))
    with pytest.raises(ModelError, match="the engine has no 'sin'"):
        compile_model(s.model())


def test_unknown_name_is_a_sentence(kernel, model):
    c, t, y, u = _points(model)
    with pytest.raises(InputError, match=r"did you mean 't.fev'"):
        kernel.observe(c, t, y, u, ["t.fevv"])


@pytest.mark.law
def test_powers_become_products_roots_and_quotients():
    graph = Graph()
    x = graph.leaf("state", 0)
    assert graph.power(x, graph.literal(2)) == graph.mul(x, x)
    assert graph.ops[graph.power(x, graph.literal(-1))] == "recip"
    assert graph.ops[graph.power(x, graph.literal(0.5))] == "sqrt"
    assert graph.power(x, graph.literal(0.25)) == graph.sqrt(graph.sqrt(x))
    assert graph.add(x, graph.neg(x)) == graph.zero
    assert graph.mul(graph.zero, x) == graph.zero
    a, b = graph.leaf("constant", 0), graph.leaf("constant", 1)
    joined = graph.mul(a, graph.mul(x, b))
    assert set(graph.args[joined]) == {graph.mul(a, b), x}


@pytest.mark.independent
@settings(max_examples=40)
@given(st.integers(2, 9), st.randoms())
def test_elimination_solves_any_pattern(n, random):
    pattern = {(i, j) for i in range(n) for j in range(n) if random.random() < 0.35}
    s = Sketch()
    first = s.param("first", 1.0)  # with a number that is a zero of them all, all would rest
    states = [s.state(f"x{i}", first) for i in range(n)]
    values = {}
    for i, j in sorted(pattern):
        values[i, j] = random.uniform(-1, 1)
    for i in range(n):
        s.rate(states[i], sum(values[i, j] * states[j] for j in range(n) if (i, j) in values))
    low = lower(s.model())
    assert sorted(elimination_order(n, pattern)) == list(range(n))
    jacobian = np.zeros((n, n))
    for (i, j), v in values.items():
        jacobian[i, j] = v
    h = 0.21
    leaves = {"inverse": [np.array([1 / h])], "shrunk": [np.array([h])]}
    factors = NumpyProgram(low.graph, low.elimination.factors)(leaves, {}, 1)
    right = np.array([[random.uniform(-1, 1)] for _ in range(n)])
    solve = NumpyProgram(low.graph, low.elimination.solution)
    found = solve({"factor": factors, "right": right, **leaves}, {}, 1)
    exact = np.linalg.solve(np.eye(n) / h - jacobian, right)
    np.testing.assert_allclose(found, exact, rtol=1e-8, atol=1e-10)


@pytest.mark.law
def test_lowering_is_the_same_in_every_process():
    """Else the cache would miss, and bits would differ between machines of one cluster."""
    text = (
        "from tests.engine.sketch import standin;"
        "from antitrypsim.engine.lowering import lower;"
        "print(lower(standin()).fingerprint())"
    )
    found = set()
    for seed in ("1", "2", "3"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        run = subprocess.run(
            [sys.executable, "-c", text],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        found.add(run.stdout)
    assert len(found) == 1


def test_a_state_and_a_parameter_of_one_name_are_two_things():
    s = Sketch()
    p = s.param("same", 3.0)
    x = s.state("same", 1.0)
    s.rate(x, p - 2 * x)
    found = compile_model(s.model()).rates(
        np.array([[3.0]]), 0.0, np.array([[1.0]]), np.zeros((1, 0))
    )
    assert found[0, 0] == 1.0
    other = Sketch()
    p = other.param("same", 3.0)
    x = other.state("same", 1.0)
    other.rate(x, x - 2 * p)
    assert lower(s.model()).fingerprint() != lower(other.model()).fingerprint()


def test_a_vanishing_pivot_is_noticed():
    s = Sketch()
    a = s.state("a", 1.0)
    s.rate(a, 3 * a)
    low = lower(s.model())
    smallest = NumpyProgram(low.graph, [low.elimination.smallest])
    for h, expected in ((1 / 3, 0.0), (0.1, 0.7), (1e9, 1.0)):
        leaves = {"inverse": [np.array([1 / h])], "shrunk": [np.array([h])]}
        assert smallest(leaves, {}, 1)[0, 0] == pytest.approx(expected, abs=1e-12)


@pytest.mark.law
def test_states_that_nobody_reads_cost_nothing_in_the_elimination():
    s = Sketch()
    a, b = s.state("a", 1.0), s.state("b", 1.0)
    s.rate(a, -a * b)
    s.rate(b, a - b)
    alone = len(lower(s.model()).elimination.factors)
    for k in range(3):
        s.rate(s.state(f"sum{k}"), a * b)
    outputs = lower(s.model()).elimination
    assert len(outputs.factors) <= alone + 2 + 1  # the shared row and one shared pivot
