"""Sparse elimination of (I/(h gamma) - J), unrolled on the graph in a fixed order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from antitrypsim.engine.graph import Graph


@dataclass(frozen=True)
class Elimination:
    """``factors`` are computed once a step, ``solution`` (of leaves factor and right) a stage.

    ``smallest`` is the least pivot times h gamma: near zero, the step must be rejected.
    """

    order: tuple[int, ...]
    factors: tuple[int, ...]
    solution: tuple[int, ...]
    smallest: int


def elimination_order(n: int, pattern: set[tuple[int, int]]) -> tuple[int, ...]:
    """Return an order of pivots by the least Markowitz count; the diagonal counts as present."""
    rows: list[set[int]] = [{j for i2, j in pattern if i2 == i} - {i} for i in range(n)]
    columns: list[set[int]] = [{i for i, j2 in pattern if j2 == j} - {j} for j in range(n)]
    left = set(range(n))
    order = []
    while left:
        pivot = min(left, key=lambda i: (len(rows[i]) * len(columns[i]), len(rows[i]), i))
        order.append(pivot)
        left.remove(pivot)
        for i in columns[pivot]:
            rows[i].discard(pivot)
        for j in rows[pivot]:
            columns[j].discard(pivot)
        for i in columns[pivot]:
            for j in rows[pivot]:
                if i != j:
                    rows[i].add(j)
                    columns[j].add(i)
    return tuple(order)


def eliminate(graph: Graph, n: int, jacobian: Mapping[tuple[int, int], int]) -> Elimination:
    """Return the elimination without pivoting of I/(h gamma) - J.

    With a = J + updates, pivots d = 1/(h gamma) - a_ii and m_ji = a_ji / d_i, every update is a
    plain fused addition: a_jk += m_ji a_ik, b_j += m_ji b_i, x_i = (b_i + sum a_ik x_k) / d_i.
    """
    inverse, shrunk = graph.leaf("inverse"), graph.leaf("shrunk")
    order = elimination_order(n, set(jacobian))
    entries = dict(jacobian)
    rows: list[dict[int, None]] = [{} for _ in range(n)]
    columns: list[dict[int, None]] = [{} for _ in range(n)]
    for i, j in sorted(entries):
        if i != j:
            rows[i][j] = None
            columns[j][i] = None
    factors: list[int] = []
    leaf_of: dict[int, int] = {}

    def stored(node: int) -> int:
        if graph.number(node) is not None:
            return node
        if node not in leaf_of:
            leaf_of[node] = graph.leaf("factor", len(factors))
            factors.append(node)
        return leaf_of[node]

    done: set[int] = set()
    smallest = graph.one
    solving = [graph.leaf("right", i) for i in range(n)]
    backward: list[tuple[int, int, list[tuple[int, int]]]] = []
    for i in order:
        own = entries.get((i, i), graph.zero)
        if own == graph.zero:
            quotient = shrunk
        else:
            pivot = graph.sub(inverse, own)
            quotient = graph.recip(pivot)
            size = graph.mul(graph.make("abs", pivot), shrunk)
            smallest = graph.make("min", smallest, size)
        right = [k for k in rows[i] if k not in done]
        below = [j for j in columns[i] if j not in done]
        for j in below:
            multiplier = graph.mul(entries[j, i], quotient)
            for k in right:
                update = graph.mul(multiplier, entries[i, k])
                entries[j, k] = graph.add(entries.get((j, k), graph.zero), update)
                if j != k:
                    rows[j][k] = None
                    columns[k][j] = None
            solving[j] = graph.add(solving[j], graph.mul(stored(multiplier), solving[i]))
        backward.append((i, stored(quotient), [(k, stored(entries[i, k])) for k in right]))
        done.add(i)
    solution = list(solving)
    for i, quotient, terms in reversed(backward):
        value = solving[i]
        for k, entry in terms:
            value = graph.add(value, graph.mul(entry, solution[k]))
        solution[i] = graph.mul(value, quotient)
    return Elimination(order, tuple(factors), tuple(solution), smallest)
