"""A hash-consed graph of arithmetic: equal expressions are one node, simplified when made."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

LITERAL, CONSTANT, INPUT, MOVING = range(4)
"""Levels: a number; fixed for a person; fixed between events; changing within a step."""

_LEAF_LEVEL = {"constant": CONSTANT, "input": INPUT}
_COMMUTATIVE = {"add", "mul", "min", "max", "and", "or", "eq", "ne"}
_FOLD: dict[str, Callable[..., float | bool]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "neg": lambda a: -a,
    "abs": abs,
    "min": min,
    "max": max,
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
    "sqrt": lambda a: math.sqrt(a) if a > 0 else 0.0,
    "exp": lambda a: math.exp(min(a, 709.0)),
    "tanh": math.tanh,
}


class Graph:
    """Nodes are integers; ``ops``, ``args``, ``values`` and ``levels`` are their columns.

    Arguments of a node are always older than the node, so ascending order is an order of
    evaluation. ``values`` holds the number of a literal and the index of a leaf.
    """

    def __init__(self) -> None:
        self.ops: list[str] = []
        self.args: list[tuple[int, ...]] = []
        self.values: list[float | int] = []
        self.levels: list[int] = []
        self._known: dict[tuple[object, ...], int] = {}
        self.zero = self.literal(0.0)
        self.one = self.literal(1.0)

    def _node(self, op: str, args: tuple[int, ...], value: float | int, level: int) -> int:
        key = (op, args, value, math.copysign(1.0, value) if op == "literal" else 0)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = len(self.ops)
            self.ops.append(op)
            self.args.append(args)
            self.values.append(value)
            self.levels.append(level)
        return found

    def literal(self, value: float) -> int:
        """Return the node of a number."""
        return self._node("literal", (), float(value) + 0.0, LITERAL)

    def leaf(self, kind: str, index: int = 0) -> int:
        """Return the node of something read from outside: a state, a constant, the time."""
        return self._node(kind, (), index, _LEAF_LEVEL.get(kind, MOVING))

    def is_leaf(self, node: int) -> bool:
        """Say whether a node is read from outside or is a number."""
        return not self.args[node]

    def number(self, node: int) -> float | None:
        """Return the number of a literal, or None."""
        return float(self.values[node]) if self.ops[node] == "literal" else None

    def make(self, op: str, *args: int) -> int:
        """Return ``op`` of ``args`` without algebra beyond folding of numbers."""
        if op in _COMMUTATIVE and args[0] > args[1]:
            args = (args[1], args[0])
        if op in _FOLD and all(self.ops[a] == "literal" for a in args):
            return self.literal(float(_FOLD[op](*(float(self.values[a]) for a in args))))
        level = max(self.levels[a] for a in args)
        return self._node(op, args, 0, level)

    def add(self, a: int, b: int) -> int:
        """Return a + b."""
        if a == self.zero:
            return b
        if b == self.zero:
            return a
        if self.ops[b] == "neg":
            return self.sub(a, self.args[b][0])
        if self.ops[a] == "neg":
            return self.sub(b, self.args[a][0])
        return self.make("add", a, b)

    def sub(self, a: int, b: int) -> int:
        """Return a - b."""
        if b == self.zero:
            return a
        if a == self.zero:
            return self.neg(b)
        if a == b:
            return self.zero
        if self.ops[b] == "neg":
            return self.add(a, self.args[b][0])
        return self.make("sub", a, b)

    def neg(self, a: int) -> int:
        """Return -a."""
        if self.ops[a] == "neg":
            return self.args[a][0]
        if self.ops[a] == "sub":
            return self.sub(self.args[a][1], self.args[a][0])
        return self.make("neg", a)

    def mul(self, a: int, b: int) -> int:
        """Return a * b, joining what is fixed between events so that it can be hoisted."""
        if self.levels[a] > self.levels[b]:
            a, b = b, a
        number = self.number(a)
        if number is not None:
            if number == 0.0:
                return self.zero
            if number == 1.0:
                return b
            if number == -1.0:
                return self.neg(b)
        if self.ops[a] == "neg":
            return self.neg(self.mul(self.args[a][0], b))
        if self.ops[b] == "neg":
            return self.neg(self.mul(a, self.args[b][0]))
        if self.levels[a] < MOVING and self.ops[b] == "mul":
            p, q = self.args[b]
            if self.levels[q] < self.levels[p]:
                p, q = q, p
            hoists = self.levels[p] < MOVING == self.levels[q]
            folds = self.levels[a] == self.levels[p] == LITERAL
            if hoists or folds or max(self.levels[a], self.levels[p]) < self.levels[q]:
                return self.make("mul", self.mul(a, p), q)
        return self.make("mul", a, b)

    def recip(self, a: int) -> int:
        """Return 1 / a."""
        number = self.number(a)
        if number is not None and number != 0.0:
            return self.literal(1.0 / number)
        if self.ops[a] == "recip":
            return self.args[a][0]
        if self.ops[a] == "neg":
            return self.neg(self.recip(self.args[a][0]))
        return self.make("recip", a)

    def integer_power(self, a: int, n: int) -> int:
        """Return a to an integer power by repeated multiplication."""
        if n < 0:
            return self.recip(self.integer_power(a, -n))
        if n == 0:
            return self.one
        if n == 1:
            return a
        half = self.integer_power(a, n // 2)
        square = self.mul(half, half)
        return self.mul(square, a) if n % 2 else square

    def power(self, a: int, b: int) -> int:
        """Return a ** b for a >= 0; a base at or below zero counts as zero."""
        number = self.number(b)
        if number is not None:
            if number == int(number) and abs(number) <= 16:
                return self.integer_power(a, int(number))
            if 4 * number == int(4 * number) and 0 < number <= 8:
                quarters = int(4 * number) % 4
                root = self.sqrt(a)
                roots = {
                    0: self.one,
                    1: self.sqrt(root),
                    2: root,
                    3: self.mul(root, self.sqrt(root)),
                }
                return self.mul(roots[quarters], self.integer_power(a, int(number)))
            if number < 0:
                return self.recip(self.power(a, self.literal(-number)))
        base = self.number(a)
        if base is not None and base > 0:
            return self.exp(self.mul(b, self.literal(math.log(base))))
        return self.make("pow", a, b)

    def sqrt(self, a: int) -> int:
        """Return the square root of max(a, 0)."""
        return self.make("sqrt", a)

    def exp(self, a: int) -> int:
        """Return e to the a."""
        return self.make("exp", a)

    def log(self, a: int) -> int:
        """Return the natural logarithm."""
        number = self.number(a)
        if number is not None and number > 0:
            return self.literal(math.log(number))
        return self.make("log", a)

    def tanh(self, a: int) -> int:
        """Return the hyperbolic tangent."""
        return self.make("tanh", a)

    def select(self, condition: int, a: int, b: int) -> int:
        """Return a where the condition holds, else b."""
        truth = self.number(condition)
        if truth is not None:
            return a if truth else b
        return a if a == b else self.make("select", condition, a, b)

    def guarded_recip(self, a: int) -> int:
        """Return 1 / a, or 0 where a is so small that the quotient is of no use."""
        number = self.number(a)
        if number is not None and number > 0:
            return self.literal(1.0 / number)
        return self.select(self.make("lt", self.literal(1e-290), a), self.recip(a), self.zero)

    def total(self, terms: Iterable[int]) -> int:
        """Return the sum, what can be hoisted first."""
        result = self.zero
        for term in sorted(terms, key=lambda node: (self.levels[node], node)):
            result = self.add(result, term)
        return result

    def product(self, factors: Iterable[int]) -> int:
        """Return the product, what can be hoisted first."""
        result = self.one
        for factor in sorted(factors, key=lambda node: (self.levels[node], node)):
            result = self.mul(result, factor)
        return result

    def order(self, roots: Iterable[int]) -> list[int]:
        """Return all nodes below ``roots`` in an order of evaluation that follows the roots."""
        seen: set[int] = set()
        result: list[int] = []
        for root in roots:
            stack = [(root, False)]
            while stack:
                node, ready = stack.pop()
                if ready:
                    result.append(node)
                elif node not in seen:
                    seen.add(node)
                    stack.append((node, True))
                    stack.extend((a, False) for a in reversed(self.args[node]) if a not in seen)
        return _unique(result)


def _unique(nodes: list[int]) -> list[int]:
    return list(dict.fromkeys(nodes))
