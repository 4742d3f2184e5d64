"""Programs over independent rows as IR: quantities, rates and Jacobians at given states."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

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
    kinds = [I64, POINTER, POINTER, POINTER, POINTER, POINTER, POINTER, I64, POINTER]
    function = ir.Function(module, ir.FunctionType(VOID, kinds), name)
    rows, owner, constants, times, states, inputs, wanted, count, out = function.args
    b = ir.IRBuilder(function.append_basic_block("entry"))
    math = VectorMath(b, lanes)
    sizes = {
        "constant": len(lowered.constant_names),
        "state": len(lowered.rates),
        "input": len(lowered.input_names),
        "time": 1,
    }

    def memory(size: int) -> Any:
        taken = b.alloca(math.real, size=max(size, 1))
        taken.align = lanes * 8
        taken.type = POINTER
        return taken

    packs = {k: memory(size) for k, size in sizes.items()}
    results = memory(len(nodes))
    sources = {"constant": constants, "state": states, "input": inputs, "time": times}

    entry = b.block
    head, body, done = (function.append_basic_block(n) for n in ("head", "body", "done"))
    b.branch(head)
    b.position_at_end(head)
    first = b.phi(I64)
    first.add_incoming(whole(0), entry)
    b.cbranch(b.icmp_signed("<", first, rows), body, done)
    b.position_at_end(body)

    def lane_row(lane: Any) -> Any:
        row = b.add(first, lane)
        last = b.sub(rows, whole(1))
        return b.select(b.icmp_signed("<", row, rows), row, last)

    def loop(limit: Any) -> Any:
        return _Loop(b, function, limit)

    with loop(whole(lanes)) as lane:
        row = lane_row(lane)
        whose = b.load(b.gep(owner, [row], source_etype=I64), typ=I64)
        for kind, pack in packs.items():
            base = b.mul(whose if kind == "constant" else row, whole(sizes[kind]))
            with loop(whole(sizes[kind])) as i:
                value = b.load(
                    b.gep(sources[kind], [b.add(base, i)], source_etype=DOUBLE), typ=DOUBLE
                )
                at = b.add(b.mul(i, whole(lanes)), lane)
                b.store(value, b.gep(pack, [at], source_etype=DOUBLE))

    def load(kind: str, index: int) -> Any:
        at = b.gep(packs[kind], [whole(index * lanes)], source_etype=DOUBLE)
        return b.load(at, typ=math.real, align=lanes * 8)

    def keep(i: int, value: Any) -> None:
        at = b.gep(results, [whole(i * lanes)], source_etype=DOUBLE)
        b.store(value, at, align=lanes * 8)

    Emitter(lowered.graph, math, load).values(nodes, keep)
    remaining = b.sub(rows, first)
    full = b.select(b.icmp_signed("<", remaining, whole(lanes)), remaining, whole(lanes))
    with loop(full) as lane:
        base = b.mul(b.add(first, lane), count)
        with loop(count) as i:
            which = b.load(b.gep(wanted, [i], source_etype=I64), typ=I64)
            at = b.add(b.mul(which, whole(lanes)), lane)
            value = b.load(b.gep(results, [at], source_etype=DOUBLE), typ=DOUBLE)
            b.store(value, b.gep(out, [b.add(base, i)], source_etype=DOUBLE))
    first.add_incoming(b.add(first, whole(lanes)), b.block)
    b.branch(head)
    b.position_at_end(done)
    b.ret_void()


class _Loop:
    """``with`` a loop over 0 .. limit-1."""

    def __init__(self, b: ir.IRBuilder, function: ir.Function, limit: Any) -> None:
        self.b, self.function, self.limit = b, function, limit

    def __enter__(self) -> Any:
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
