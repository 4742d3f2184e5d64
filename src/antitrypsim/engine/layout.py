"""Where things lie: the memory of a pack, the argument block, and small helpers to emit code."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from llvmlite import ir

from antitrypsim.engine.lowering import Lowered
from antitrypsim.engine.tableau import Tableau
from antitrypsim.engine.vectormath import DOUBLE, I64, VectorMath

I32 = ir.IntType(32)
I8 = ir.IntType(8)
POINTER = ir.PointerType()
VOID = ir.VoidType()

ARGUMENTS = (
    "rows", "counter", "cancel", "constants", "start", "end", "initial_states", "initial_inputs",
    "event_offsets", "event_times", "event_codes", "event_values", "sample_offsets", "sample_times",
    "thresholds", "threshold_count", "hazard_counts", "hazard_times", "first_step", "tolerance",
    "scales", "max_steps", "states", "inputs", "final_time", "final_states", "final_inputs",
    "final_step", "status", "steps", "rejected",
)  # fmt: skip
"""Names of the 64-bit words that ``advance`` takes: pointers, integers, or the bits of a double."""


class Layout:
    """Slots of a pack's memory; a slot is one 64-bit word for each lane."""

    def __init__(self, lowered: Lowered, tableau: Tableau, lanes: int) -> None:
        self.lanes = lanes
        self.offset: dict[str, int] = {}
        self.size: dict[str, int] = {}
        self.total = 0
        n, hazards = len(lowered.rates), len(lowered.hazards)
        self.fixed, self.between = lowered.hoisted()
        self.slot_of = {node: i for i, node in enumerate([*self.fixed, *self.between])}
        self.kinds_of_event = len(lowered.doses) + len(lowered.input_names) + hazards
        for name in ("state", "next", "trial", "first", "rate", "drift"):
            self._add(name, n)
        self._add("stage", n * tableau.stages)
        self._add("factor", len(lowered.elimination.factors))
        self._add("hoisted", len(self.slot_of))
        self._add("input", len(lowered.input_names))
        self._add("memory", self.kinds_of_event)
        self._add("threshold", hazards)
        self._add("count", hazards)
        for name in (
            "time", "next_time", "stage_time", "wanted", "used", "stop", "sample_time", "end",
            "accept", "ending", "inverse", "shrunk", "smallest", "failing",
            "last_used", "last_trend",
            "row", "event", "event_end", "sample", "sample_end", "steps", "rejected", "after",
            "pending", "active", "running",
        ):  # fmt: skip
            self._add(name, 1)

    def _add(self, name: str, size: int) -> None:
        self.offset[name] = self.total
        self.size[name] = size
        self.total += size

    @property
    def bytes(self) -> int:
        """Size of the memory of one pack."""
        return self.total * self.lanes * 8


class Code:
    """A function being emitted: a builder and short ways to memory, loops and branches."""

    def __init__(self, function: ir.Function, layout: Layout, width: int) -> None:
        self.function = function
        self.layout = layout
        self.b = ir.IRBuilder(function.append_basic_block("entry"))
        self.math = VectorMath(self.b, width)
        self.width = width
        self.args, self.memory = function.args[0], function.args[1]
        self.lane: ir.Value = None if width > 1 else function.args[2]

    def place(self, name: str, index: ir.Value | int = 0) -> ir.Value:
        """Return the address of a slot (for one lane when this function serves one lane)."""
        base = self.layout.offset[name]
        lanes = self.layout.lanes
        if isinstance(index, int):
            at: ir.Value = ir.Constant(I64, (base + index) * lanes)
        else:
            at = self.b.mul(self.b.add(index, whole(base)), whole(lanes))
        if self.lane is not None:
            at = self.b.add(at, self.lane)
        return self.b.gep(self.memory, [at], inbounds=True, source_etype=DOUBLE)

    def get(self, name: str, index: ir.Value | int = 0, kind: ir.Type = None) -> ir.Value:
        """Load a slot as doubles, or as ``kind``."""
        align = 8 if self.lane is not None else self.layout.lanes * 8
        return self.b.load(self.place(name, index), typ=kind or self.math.real, align=align)

    def put(self, name: str, value: ir.Value, index: ir.Value | int = 0) -> None:
        """Store a slot."""
        align = 8 if self.lane is not None else self.layout.lanes * 8
        self.b.store(value, self.place(name, index), align=align)

    def argument(self, name: str, kind: ir.Type = I64) -> ir.Value:
        """Load a word of the argument block, as an integer, a double or a pointer."""
        at = self.b.gep(self.args, [whole(ARGUMENTS.index(name))], source_etype=I64)
        return self.b.load(at, typ=kind, align=8)

    def item(self, array: str, index: ir.Value, kind: ir.Type = DOUBLE) -> ir.Value:
        """Load an element of an argument array."""
        return self.b.load(self.item_place(array, index, kind), typ=kind)

    def set_item(self, array: str, index: ir.Value, value: ir.Value) -> None:
        """Store an element of an argument array."""
        self.b.store(value, self.item_place(array, index, value.type))

    def item_place(self, array: str, index: ir.Value, kind: ir.Type) -> ir.Value:
        """Return the address of an element of an argument array."""
        return self.b.gep(self.argument(array, POINTER), [index], source_etype=kind)

    @contextmanager
    def each(self, count: ir.Value | int) -> Iterator[ir.Value]:
        """Loop over 0 .. count-1."""
        count = whole(count) if isinstance(count, int) else count
        with self.loop(whole(0)) as (index, proceed):
            proceed(self.b.icmp_signed("<", index, count))
            yield index

    @contextmanager
    def loop(self, first: ir.Value | None = None) -> Iterator[ir.Value]:
        """Loop; the body calls ``proceed(condition)`` once, which leaves when it is false.

        With ``first`` an index counts from there by one.
        """
        b = self.b
        before = b.block
        head = self.function.append_basic_block("head")
        body = self.function.append_basic_block("body")
        out = self.function.append_basic_block("out")
        b.branch(head)
        b.position_at_end(head)
        index = b.phi(I64) if first is not None else None
        if index is not None:
            index.add_incoming(first, before)

        def proceed(condition: ir.Value) -> None:
            b.cbranch(condition, body, out)
            b.position_at_end(body)

        yield index, proceed
        if index is not None:
            index.add_incoming(b.add(index, whole(1)), b.block)
        b.branch(head)
        b.position_at_end(out)

    def call(self, name: str, *more: ir.Value) -> ir.Value:
        """Call another function of the module with the same memory (and lane)."""
        target = self.b.module.globals[name]
        lane = [self.lane] if self.lane is not None and len(target.args) > 2 + len(more) else []
        return self.b.call(target, [self.args, self.memory, *lane, *more])


def whole(value: int) -> ir.Constant:
    """Return a 64-bit integer constant."""
    return ir.Constant(I64, value)


def double(value: float) -> ir.Constant:
    """Return a double constant."""
    return ir.Constant(DOUBLE, value)
