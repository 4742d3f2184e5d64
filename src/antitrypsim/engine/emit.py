"""Emit programs of the graph as IR, for one lane or for a whole pack."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from llvmlite import ir

from antitrypsim.engine.graph import Graph
from antitrypsim.engine.vectormath import VectorMath

Loader = Callable[[str, int], ir.Value]
_COMPARE = {"lt": "<", "le": "<=", "eq": "==", "ne": "!="}
_BOOLEAN = {"lt", "le", "eq", "ne", "and", "or", "not"}


class Emitter:
    """Computes nodes at a builder. ``load`` gives leaves, ``stored`` gives nodes kept in memory."""

    def __init__(
        self,
        graph: Graph,
        math: VectorMath,
        load: Loader,
        stored: Mapping[int, Callable[[], ir.Value]] | None = None,
    ) -> None:
        self.graph = graph
        self.math = math
        self.load = load
        self.stored = stored or {}
        self.done: dict[int, ir.Value] = {}
        self.uses: Counter[int] = Counter()

    def values(
        self, roots: Sequence[int], each: Callable[[int, ir.Value], None] | None = None
    ) -> list[ir.Value]:
        """Return the values of ``roots``; ``each(position, value)`` is told of each at once."""
        self.uses.update(roots)
        for node in self._below(roots):
            self.uses.update(self.graph.args[node])
        result = []
        for position, root in enumerate(roots):
            for node in self._below([root]):
                if node not in self.done and not self._fuses(node):
                    self.done[node] = self._compute(node)
            value = self._value(root)
            if each:
                each(position, value)
            result.append(value)
        return result

    def _below(self, roots: Sequence[int]) -> list[int]:
        """Order of evaluation, not descending below what is stored or done."""
        seen: set[int] = set()
        result: list[int] = []
        stack = [(root, False) for root in reversed(roots)]
        while stack:
            node, ready = stack.pop()
            if ready:
                result.append(node)
            elif node not in seen:
                seen.add(node)
                stack.append((node, True))
                if node not in self.stored and node not in self.done:
                    stack.extend((a, False) for a in reversed(self.graph.args[node]))
        return result

    def _fuses(self, node: int) -> bool:
        """A product that is used once waits, so that a sum can take it into one operation."""
        return self.graph.ops[node] == "mul" and self.uses[node] == 1 and node not in self.stored

    def _value(self, node: int) -> ir.Value:
        if node not in self.done:
            self.done[node] = self._compute(node)
        return self.done[node]

    def _compute(self, node: int) -> ir.Value:
        g, m = self.graph, self.math
        if node in self.stored:
            return self.stored[node]()
        op, args = g.ops[node], g.args[node]
        if op == "literal":
            return m.number(float(g.values[node]))
        if not args:
            return self.load(op, int(g.values[node]))
        if op in ("add", "sub"):
            return self._sum(op, *args)
        return self._plain(op, [self._value(a) for a in args], args)

    def _pending(self, node: int) -> bool:
        return node not in self.done and self._fuses(node)

    def _sum(self, op: str, a: int, c: int) -> ir.Value:
        b, m = self.math.builder, self.math
        if self._pending(c):
            p, q = (self._value(x) for x in self.graph.args[c])
            return m.fma(b.fneg(p) if op == "sub" else p, q, self._value(a))
        if self._pending(a):
            p, q = (self._value(x) for x in self.graph.args[a])
            rest = self._value(c)
            return m.fma(p, q, b.fneg(rest) if op == "sub" else rest)
        left, right = self._value(a), self._value(c)
        return b.fadd(left, right) if op == "add" else b.fsub(left, right)

    def _plain(self, op: str, v: list[ir.Value], args: tuple[int, ...]) -> ir.Value:
        b, m = self.math.builder, self.math
        if op == "mul":
            return b.fmul(v[0], v[1])
        if op == "recip":
            return b.fdiv(m.number(1.0), v[0])
        if op == "neg":
            return b.fneg(v[0])
        if op == "abs":
            return m.absolute(v[0])
        if op in ("sqrt", "exp", "log", "tanh", "pow"):
            return getattr(m, op)(*v)
        if op in ("min", "max"):
            first = b.fcmp_ordered("<" if op == "min" else ">", v[0], v[1])
            return b.select(first, v[0], v[1])
        if op in _COMPARE:
            return b.fcmp_ordered(_COMPARE[op], v[0], v[1])
        if op == "select":
            return b.select(self._truth(args[0], v[0]), v[1], v[2])
        if op in ("and", "or"):
            left, right = (self._truth(a, x) for a, x in zip(args, v, strict=True))
            return b.and_(left, right) if op == "and" else b.or_(left, right)
        if op == "not":
            return b.not_(self._truth(args[0], v[0]))
        raise NotImplementedError(op)

    def _truth(self, node: int, value: ir.Value) -> ir.Value:
        if self.graph.ops[node] in _BOOLEAN:
            return value
        return self.math.builder.fcmp_unordered("!=", value, self.math.number(0.0))
