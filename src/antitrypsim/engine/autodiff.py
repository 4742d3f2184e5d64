"""Sparse forward derivatives on the graph; structural zeros never appear."""

from __future__ import annotations

from collections.abc import Sequence

from antitrypsim.engine.graph import Graph
from antitrypsim.foundations.errors import ModelError

Gradient = dict[int, int]


def gradients(graph: Graph, roots: Sequence[int], variables: Sequence[int]) -> list[Gradient]:
    """Return for each root the nodes of its non-zero derivatives, keyed by variable node."""
    table: dict[int, Gradient] = {variable: {variable: graph.one} for variable in variables}
    for node in graph.order(roots):
        if node not in table:
            table[node] = {} if graph.is_leaf(node) else _derive(graph, node, table)
    return [table[root] for root in roots]


def _derive(graph: Graph, node: int, table: dict[int, Gradient]) -> Gradient:
    op, args = graph.ops[node], graph.args[node]
    inner = [table.get(a, {}) for a in args]
    if not any(inner):
        return {}
    if op == "add":
        return _join(graph, inner[0], inner[1])
    if op == "sub":
        return _join(graph, inner[0], _scaled(graph, inner[1], graph.literal(-1.0)))
    if op == "neg":
        return _scaled(graph, inner[0], graph.literal(-1.0))
    if op == "mul":
        a, b = args
        if a == b:
            return _scaled(graph, inner[0], graph.mul(graph.literal(2.0), a))
        return _join(graph, _scaled(graph, inner[0], b), _scaled(graph, inner[1], a))
    if op == "select":
        condition, a, b = args
        keys = dict.fromkeys([*inner[1], *inner[2]])
        zero = graph.zero
        return {
            k: graph.select(condition, inner[1].get(k, zero), inner[2].get(k, zero)) for k in keys
        }
    if op in ("min", "max"):
        a, b = args
        first = graph.make("lt", a, b) if op == "min" else graph.make("lt", b, a)
        keys = dict.fromkeys([*inner[0], *inner[1]])
        return {
            k: graph.select(first, inner[0].get(k, graph.zero), inner[1].get(k, graph.zero))
            for k in keys
        }
    if op == "pow":
        return _power(graph, node, inner)
    return _scaled(graph, inner[0], _outer(graph, node))


def _outer(graph: Graph, node: int) -> int:
    op, (a,) = graph.ops[node], graph.args[node]
    if op == "recip":
        return graph.neg(graph.mul(node, node))
    if op == "sqrt":
        return graph.mul(graph.literal(0.5), graph.guarded_recip(node))
    if op == "exp":
        return node
    if op == "log":
        return graph.recip(a)
    if op == "tanh":
        return graph.sub(graph.one, graph.mul(node, node))
    if op == "abs":
        negative = graph.make("lt", a, graph.zero)
        return graph.select(negative, graph.literal(-1.0), graph.one)
    raise ModelError(f"no derivative is known for '{op}' in a rate")


def _power(graph: Graph, node: int, inner: list[Gradient]) -> Gradient:
    base, exponent = graph.args[node]
    # x^y * y / x costs one division instead of a second power; both vanish together at zero.
    slope = graph.mul(exponent, graph.mul(node, graph.guarded_recip(base)))
    result = _scaled(graph, inner[0], slope)
    if inner[1]:
        positive = graph.make("lt", graph.literal(1e-290), base)
        logarithm = graph.log(graph.select(positive, base, graph.one))
        result = _join(graph, result, _scaled(graph, inner[1], graph.mul(node, logarithm)))
    return result


def _scaled(graph: Graph, gradient: Gradient, factor: int) -> Gradient:
    return {k: graph.mul(v, factor) for k, v in gradient.items()}


def _join(graph: Graph, a: Gradient, b: Gradient) -> Gradient:
    result = dict(a)
    for k, v in b.items():
        result[k] = graph.add(result[k], v) if k in result else v
    return {k: v for k, v in result.items() if v != graph.zero}
