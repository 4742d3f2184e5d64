"""States that nothing in a model can move from where every life begins: they need no equation.

A model of one therapy has the organs' states of all of them: cells that nobody is given, what
rejects them, harms of a procedure that is not done. With such a state at its first value its rate is
a literal zero, no dose adds to it, and a hazard that could has a rate of zero itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from antitrypsim.engine.graph import Graph


class _Jump(Protocol):
    @property
    def additions(self) -> tuple[tuple[int, int], ...]: ...

    @property
    def accumulator(self) -> int: ...


def resting(
    graph: Graph, rates: Sequence[int], initial: Sequence[int], jumps: Sequence[_Jump]
) -> dict[int, int]:
    """Return the states that nothing moves, each with the node of its first value, a number.

    The largest such set: all states whose first value is a number for everybody, less those that
    move while the others of the set rest, until none is left that does. What a hazard counts in
    rests at zero only: then the hazard never happens.
    """
    counted = {jump.accumulator for jump in jumps}
    rest = {
        i: node
        for i, node in enumerate(initial)
        if node == graph.zero or (graph.number(node) is not None and i not in counted)
    }
    while rest:
        known = {graph.leaf("state", i): node for i, node in rest.items()}
        changes = [(i, rates[i]) for i in rest]
        for jump in jumps:
            if jump.accumulator not in rest:
                changes += [(i, node) for i, node in jump.additions if i in rest]
        found = replaced(graph, [node for _, node in changes], known)
        moved = {i for (i, _), node in zip(changes, found, strict=True) if node != graph.zero}
        if not moved:
            break
        rest = {i: node for i, node in rest.items() if i not in moved}
    return rest


def replaced(graph: Graph, roots: Sequence[int], known: Mapping[int, int]) -> list[int]:
    """Return ``roots`` with other nodes in the place of some, simplified by what that makes plain."""
    made = dict(known)
    for node in graph.order(roots):
        if node not in made:
            args = tuple(made[a] for a in graph.args[node])
            made[node] = node if args == graph.args[node] else _made(graph, graph.ops[node], args)
    return [made[root] for root in roots]


def _made(graph: Graph, op: str, args: tuple[int, ...]) -> int:
    simpler: dict[str, Callable[..., int]] = {
        "add": graph.add,
        "sub": graph.sub,
        "mul": graph.mul,
        "neg": graph.neg,
        "recip": graph.recip,
        "pow": graph.power,
        "log": graph.log,
        "select": graph.select,
    }
    return simpler[op](*args) if op in simpler else graph.make(op, *args)
