"""Programs over independent rows as IR: quantities, rates and Jacobians at given states."""

from __future__ import annotations

from collections.abc import Sequence

from llvmlite import ir

from antitrypsim.engine.emit import Emitter
from antitrypsim.engine.layout import POINTER, VOID, whole
from antitrypsim.engine.lowering import Lowered
from antitrypsim.engine.vectormath import DOUBLE, I64, VectorMath


def emit_rows(
    module: ir.Module, name: str, lowered: Lowered, nodes: Sequence[int], lanes: int
) -> None:
    """Emit ``name(rows, owner, constants, times, states, inputs, wanted, count, out)``.

    Row r uses the constants of ``owner[r]``; of the values of ``nodes``, those whose positions are
    in ``wanted`` go to ``out[r]``.
    """
    program = _RowProgram(module, name, lowered, nodes, lanes)
    b = program.b
    entry = b.block
    head, body, done = (program.function.append_basic_block(n) for n in ("head", "body", "done"))
    b.branch(head)
    b.position_at_end(head)
    first = b.phi(I64)
    first.add_incoming(whole(0), entry)
    b.cbranch(b.icmp_signed("<", first, program.rows), body, done)
    b.position_at_end(body)
    program.gather(first)
    program.compute(nodes)
    program.scatter(first)
    first.add_incoming(b.add(first, whole(lanes)), b.block)
    b.branch(head)
    b.position_at_end(done)
    b.ret_void()


class _RowProgram:
    """A program over rows while it is written: what it is given, and the packs of its lanes.

    ``packs``: by the kind of leaf, the address of its values, those of the lanes side by side;
    ``sizes``: how many a row has; ``results``: the address of the values of the nodes.
    """

    def __init__(
        self, module: ir.Module, name: str, lowered: Lowered, nodes: Sequence[int], lanes: int
    ) -> None:
        kinds = [I64, POINTER, POINTER, POINTER, POINTER, POINTER, POINTER, I64, POINTER]
        self.function = ir.Function(module, ir.FunctionType(VOID, kinds), name)
        (
            self.rows,
            self.owner,
            constants,
            times,
            states,
            inputs,
            self.wanted,
            self.count,
            self.out,
        ) = self.function.args
        self.b = ir.IRBuilder(self.function.append_basic_block("entry"))
        self.math = VectorMath(self.b, lanes)
        self.lowered, self.lanes = lowered, lanes
        self.sources = {"constant": constants, "state": states, "input": inputs, "time": times}
        self.sizes = {
            "constant": len(lowered.constant_names),
            "state": len(lowered.rates),
            "input": len(lowered.input_names),
            "time": 1,
        }
        self.packs = {kind: self._memory(size) for kind, size in self.sizes.items()}
        self.results = self._memory(len(nodes))

    def _memory(self, size: int) -> ir.Value:
        taken = self.b.alloca(self.math.real, size=max(size, 1))
        taken.align = self.lanes * 8
        taken.type = POINTER
        return taken

    def _loop(self, limit: ir.Value) -> _Loop:
        return _Loop(self.b, self.function, limit)

    def gather(self, first: ir.Value) -> None:
        """Fill the packs with the rows from ``first``; lanes beyond the last row repeat it."""
        b, lanes = self.b, self.lanes
        with self._loop(whole(lanes)) as lane:
            row = b.add(first, lane)
            last = b.sub(self.rows, whole(1))
            row = b.select(b.icmp_signed("<", row, self.rows), row, last)
            whose = b.load(b.gep(self.owner, [row], source_etype=I64), typ=I64)
            for kind, pack in self.packs.items():
                size = whole(self.sizes[kind])
                base = b.mul(whose if kind == "constant" else row, size)
                with self._loop(size) as i:
                    source = b.gep(self.sources[kind], [b.add(base, i)], source_etype=DOUBLE)
                    value = b.load(source, typ=DOUBLE)
                    at = b.add(b.mul(i, whole(lanes)), lane)
                    b.store(value, b.gep(pack, [at], source_etype=DOUBLE))

    def compute(self, nodes: Sequence[int]) -> None:
        """Compute the nodes of all lanes at once."""
        b, lanes = self.b, self.lanes

        def load(kind: str, index: int) -> ir.Value:
            at = b.gep(self.packs[kind], [whole(index * lanes)], source_etype=DOUBLE)
            return b.load(at, typ=self.math.real, align=lanes * 8)

        def keep(i: int, value: ir.Value) -> None:
            at = b.gep(self.results, [whole(i * lanes)], source_etype=DOUBLE)
            b.store(value, at, align=lanes * 8)

        Emitter(self.lowered.graph, self.math, load).values(nodes, keep)

    def scatter(self, first: ir.Value) -> None:
        """Write what is wanted of the lanes that are rows."""
        b, lanes = self.b, whole(self.lanes)
        remaining = b.sub(self.rows, first)
        full = b.select(b.icmp_signed("<", remaining, lanes), remaining, lanes)
        with self._loop(full) as lane:
            base = b.mul(b.add(first, lane), self.count)
            with self._loop(self.count) as i:
                which = b.load(b.gep(self.wanted, [i], source_etype=I64), typ=I64)
                at = b.add(b.mul(which, lanes), lane)
                value = b.load(b.gep(self.results, [at], source_etype=DOUBLE), typ=DOUBLE)
                b.store(value, b.gep(self.out, [b.add(base, i)], source_etype=DOUBLE))


class _Loop:
    """``with`` a loop over 0 .. limit-1."""

    def __init__(self, b: ir.IRBuilder, function: ir.Function, limit: ir.Value) -> None:
        self.b, self.function, self.limit = b, function, limit

    def __enter__(self) -> ir.Value:
        b = self.b
        before = b.block
        self.head, body, self.out = (
            self.function.append_basic_block(n) for n in ("loop", "inside", "after")
        )
        b.branch(self.head)
        b.position_at_end(self.head)
        self.index = b.phi(I64)
        self.index.add_incoming(whole(0), before)
        b.cbranch(b.icmp_signed("<", self.index, self.limit), body, self.out)
        b.position_at_end(body)
        return self.index

    def __exit__(self, *_: object) -> None:
        b = self.b
        self.index.add_incoming(b.add(self.index, whole(1)), b.block)
        b.branch(self.head)
        b.position_at_end(self.out)
