"""Run programs of the graph with numpy, over many rows at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from antitrypsim.engine.graph import Graph

Floats = NDArray[np.float64]
Values = Floats | NDArray[np.bool_]
Leaves = Mapping[str, Floats | Sequence[Floats | float]]
"""Arrays (index, rows) by the kind of leaf."""

_SMALL = 2.2250738585072014e-308


def _exp(x: Floats) -> Floats:
    return np.where(x < -708.0, 0.0, np.exp(np.clip(x, -708.0, 709.4)))


def _pow(x: Floats, y: Floats) -> Floats:
    vanishes = x < _SMALL
    at_zero = np.where(y < 0.0, np.inf, np.where(y == 0.0, 1.0, 0.0))
    return np.where(vanishes, at_zero, np.power(np.where(vanishes, 1.0, x), y))


def _select(condition: NDArray[np.bool_], a: Floats, b: Floats) -> Floats:
    return np.where(condition, a, b)


_OPERATIONS: dict[str, Callable[..., Values]] = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "neg": np.negative,
    "abs": np.abs,
    "recip": lambda x: 1.0 / x,
    "sqrt": lambda x: np.sqrt(np.where(x < 0.0, 0.0, x)),
    "exp": _exp,
    "log": np.log,
    "tanh": np.tanh,
    "pow": _pow,
    "min": lambda a, b: _select(a < b, a, b),
    "max": lambda a, b: _select(a > b, a, b),
    "lt": np.less,
    "le": np.less_equal,
    "eq": np.equal,
    "ne": np.not_equal,
    "and": np.logical_and,
    "or": np.logical_or,
    "not": np.logical_not,
    "select": _select,
}


class NumpyProgram:
    """The values of ``roots``; nodes in ``stored`` are given instead of computed."""

    def __init__(self, graph: Graph, roots: Sequence[int], stored: Sequence[int] = ()) -> None:
        self.graph = graph
        self.roots = list(roots)
        self.stored = set(stored)
        self.steps = self._plan()

    def _plan(self) -> list[int]:
        seen: set[int] = set()
        result: list[int] = []
        stack = [(root, False) for root in reversed(self.roots)]
        while stack:
            node, ready = stack.pop()
            if ready:
                result.append(node)
            elif node not in seen:
                seen.add(node)
                stack.append((node, True))
                if node not in self.stored:
                    stack.extend((a, False) for a in reversed(self.graph.args[node]))
        return result

    def __call__(self, leaves: Leaves, stored: Mapping[int, Floats], rows: int) -> Floats:
        """Return an array (roots, rows)."""
        g = self.graph
        value: dict[int, Values | float] = {}
        with np.errstate(all="ignore"):
            for node in self.steps:
                op, args = g.ops[node], g.args[node]
                if node in self.stored:
                    value[node] = stored[node]
                elif op == "literal":
                    value[node] = float(g.values[node])
                elif not args:
                    value[node] = leaves[op][int(g.values[node])]
                else:
                    value[node] = _OPERATIONS[op](*(value[a] for a in args))
        out = np.empty((len(self.roots), rows))
        for i, root in enumerate(self.roots):
            out[i] = value[root]
        return out
