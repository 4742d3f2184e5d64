"""One patient's right side and Jacobian as machine code, for solvers that are written in C."""

from __future__ import annotations

from llvmlite import ir

from antitrypsim.engine.emit import Emitter
from antitrypsim.engine.graph import LITERAL, MOVING
from antitrypsim.engine.jit import Loaded, object_code
from antitrypsim.engine.layout import I32, POINTER, VOID, whole
from antitrypsim.engine.lowering import Lowered
from antitrypsim.engine.vectormath import DOUBLE, VectorMath


class ScalarCode:
    """``hoist(constants, inputs, p)``, then ``rhs(t, y, dy, p)`` and the forms that CVODE calls.

    ``p`` holds what is fixed between events, as in our own kernel, so no solver pays for it again; nor does it
    for states at rest, whose rate is nothing here too.
    """

    def __init__(self, low: Lowered, vector_data: int, matrix_data: int) -> None:
        self.low = low
        moving = set(low.moving)
        self.entries = {at: v for at, v in low.jacobian.items() if moving.issuperset(at)}
        self.hoisted = self._fixed([*low.courses, *self.entries.values()])
        self.size = max(1, len(self.hoisted))
        self.module = ir.Module("scalar")
        self._hoist()
        self._rhs("rhs", None)
        self._rhs("cvode_rhs", vector_data)
        self._jacobian(vector_data, matrix_data)
        self.loaded = Loaded(object_code(str(self.module)))

    def _fixed(self, roots: list[int]) -> list[int]:
        """Return the nodes that hang on constants and inputs alone and are read by roots or on the way to them."""
        levels, order = self.low.graph.levels, self.low.graph.order(roots)
        read = {a for node in order if levels[node] == MOVING for a in self.low.graph.args[node]}
        return [n for n in order if n in read.union(roots) and LITERAL < levels[n] < MOVING]

    def address(self, name: str) -> int:
        return self.loaded.address(name)

    def _function(self, name: str, result, kinds):
        function = ir.Function(self.module, ir.FunctionType(result, kinds), name)
        return function, ir.IRBuilder(function.append_basic_block())

    def _emitter(self, b, leaves, p):
        def at(base, i):
            return b.gep(base, [whole(i)], source_etype=DOUBLE)

        def load(kind, i):
            return leaves["time"] if kind == "time" else b.load(at(leaves[kind], i), typ=DOUBLE)

        stored = {
            node: (lambda k=k: b.load(at(p, k), typ=DOUBLE)) for k, node in enumerate(self.hoisted)
        }
        return Emitter(self.low.graph, VectorMath(b, 1), load, stored if p is not None else {}), at

    def _hoist(self) -> None:
        function, b = self._function("hoist", VOID, [POINTER] * 3)
        constants, inputs, p = function.args
        emitter, at = self._emitter(b, {"constant": constants, "input": inputs}, None)
        emitter.values(self.hoisted, lambda i, v: b.store(v, at(p, i)))
        b.ret_void()

    def _data(self, b, thing, offset):
        """Follow thing->content->data of a SUNDIALS vector or matrix."""
        content = b.load(thing, typ=POINTER)
        return b.load(b.gep(content, [whole(offset)], source_etype=ir.IntType(8)), typ=POINTER)

    def _rhs(self, name: str, offset: int | None) -> None:
        result = VOID if offset is None else I32
        function, b = self._function(name, result, [DOUBLE, POINTER, POINTER, POINTER])
        t, y, dy, p = function.args
        if offset is not None:
            y, dy = self._data(b, y, offset), self._data(b, dy, offset)
        emitter, at = self._emitter(b, {"state": y, "time": t}, p)
        emitter.values(self.low.courses, lambda i, v: b.store(v, at(dy, i)))
        if offset is None:
            b.ret_void()
        else:
            b.ret(ir.Constant(I32, 0))

    def _jacobian(self, vector_data: int, matrix_data: int) -> None:
        kinds = [DOUBLE, POINTER, POINTER, POINTER, POINTER, POINTER, POINTER, POINTER]
        function, b = self._function("cvode_jacobian", I32, kinds)
        t, y, _, matrix, p = function.args[:5]
        n = len(self.low.rates)
        data = self._data(b, matrix, matrix_data)
        emitter, at = self._emitter(b, {"state": self._data(b, y, vector_data), "time": t}, p)
        entries = list(self.entries.items())
        places = [j * n + i for (i, j), _ in entries]
        emitter.values([v for _, v in entries], lambda k, v: b.store(v, at(data, places[k])))
        b.ret(ir.Constant(I32, 0))
