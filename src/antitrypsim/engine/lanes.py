"""The book-keeping of one lane as IR: its row, its samples, its jumps. Scalar, off the hot path."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from llvmlite import ir

from antitrypsim.engine import control
from antitrypsim.engine.emit import Emitter
from antitrypsim.engine.layout import I8, I32, POINTER, VOID, Code, Layout, double, whole
from antitrypsim.engine.lowering import Jump, Lowered
from antitrypsim.engine.tableau import Tableau
from antitrypsim.engine.vectormath import DOUBLE, I64


class LaneCode:
    """Emits what begins, samples and finishes a row; functions take (arguments, memory, lane)."""

    def __init__(
        self, module: ir.Module, lowered: Lowered, tableau: Tableau, layout: Layout
    ) -> None:
        self.module = module
        self.lowered = lowered
        self.tableau = tableau
        self.layout = layout
        self.n = len(lowered.rates)
        self.inputs = len(lowered.input_names)
        self.doses = len(lowered.doses)
        for name in ("hoist_fixed", "hoist_between", "start_row", "load_row", "attend", "sample"):
            self._declare(name, VOID)
        self._declare("finish", VOID, I32)
        self._declare("due", I32)
        self._declare("fire", I32, I64)
        self._declare("give", VOID, I32, DOUBLE)

    def _declare(self, name: str, result: ir.Type, *more: ir.Type) -> None:
        kind = ir.FunctionType(result, [POINTER, POINTER, I64, *more])
        function = ir.Function(self.module, kind, name)
        function.linkage = "internal"
        function.attributes.add("noinline")
        function.attributes.add("nounwind")

    def _code(self, name: str) -> Code:
        return Code(self.module.globals[name], self.layout, 1)

    def emit_rows(self) -> None:
        """Emit the functions of this class."""
        self._hoist()
        self._start_row()
        self._load_row()
        self._finish()
        self._sample()

    # Programs of one lane -------------------------------------------------------------------

    def _emitter(self, code: Code, *, stored: Sequence[int], amount: ir.Value = None) -> Emitter:
        row = code.get("row", kind=I64)

        def load(kind: str, index: int) -> ir.Value:
            if kind == "constant":
                width = len(self.lowered.constant_names)
                at = code.b.add(code.b.mul(row, whole(width)), whole(index))
                return code.item("constants", at)
            if kind == "amount":
                return amount
            slot = {"state": "next", "time": "next_time"}.get(kind, kind)
            return code.get(slot, index)

        def from_slot(slot: int) -> Callable[[], ir.Value]:
            return lambda: code.get("hoisted", slot)

        known = {node: from_slot(self.layout.slot_of[node]) for node in stored}
        return Emitter(self.lowered.graph, code.math, load, known)

    def _hoist(self) -> None:
        fixed, between = self.layout.fixed, self.layout.between
        for name, nodes, stored in (
            ("hoist_fixed", fixed, []),
            ("hoist_between", between, fixed),
        ):
            code = self._code(name)
            slots = [self.layout.slot_of[node] for node in nodes]

            def keep(i: int, value: ir.Value, code: Code = code, slots: list[int] = slots) -> None:
                code.put("hoisted", value, slots[i])

            self._emitter(code, stored=stored).values(nodes, keep)
            code.b.ret_void()

    def _start_row(self) -> None:
        code = self._code("start_row")
        emitter = self._emitter(code, stored=list(self.layout.slot_of))
        emitter.values(self.lowered.initial, lambda i, value: code.put("next", value, i))
        code.b.ret_void()

    def _add_jump(self, code: Code, jump: Jump, amount: ir.Value) -> ir.Value:
        """Add a jump to the states, all read just before it; return whether any state moved."""
        b = code.b
        emitter = self._emitter(code, stored=list(self.layout.slot_of), amount=amount)
        values = emitter.values([node for _, node in jump.additions])
        moved: ir.Value = ir.Constant(ir.IntType(1), 0)
        for (state, _), value in zip(jump.additions, values, strict=True):
            code.put("next", b.fadd(code.get("next", state), value), state)
            moved = b.or_(moved, b.fcmp_unordered("!=", value, double(0.0)))
        return moved

    def _restart(self, code: Code, kind: int | ir.Value) -> None:
        """Begin again with the step that did well after the last event of this kind."""
        b = code.b
        kind = whole(kind) if isinstance(kind, int) else kind
        code.put("after", kind)
        remembered = code.get("memory", kind)
        known = b.fcmp_ordered(">", remembered, double(0.0))
        code.put("wanted", b.select(known, remembered, double(control.FIRST)))
        code.put("last_used", double(0.0))

    # Rows -----------------------------------------------------------------------------------

    def _load_row(self) -> None:
        code = self._code("load_row")
        b = code.b
        again = code.function.append_basic_block("again")
        b.branch(again)
        b.position_at_end(again)
        counter = code.argument("counter", POINTER)
        row = b.atomic_rmw("add", counter, whole(1), "monotonic")
        with b.if_then(b.icmp_signed(">=", row, code.argument("rows"))):
            self._idle(code)
            b.ret_void()
        code.put("row", row)
        self._reset(code, row)
        code.call("hoist_fixed")
        code.call("hoist_between")
        given = b.icmp_signed("!=", code.argument("initial_states"), whole(0))
        with b.if_else(given) as (then, otherwise):
            with then, code.each(self.n) as i:
                at = b.add(b.mul(row, whole(self.n)), i)
                code.put("next", code.item("initial_states", at), i)
            with otherwise:
                code.call("start_row")
        if self.lowered.rest:
            # A step commits what moves; of what does not, both ends of it are told here.
            with code.each(self.n) as i:
                code.put("state", code.get("next", i), i)
        code.call("sample")
        status = code.call("due")
        out = code.function.append_basic_block("out")
        over = code.function.append_basic_block("over")
        b.cbranch(b.icmp_signed("<", status, ir.Constant(I32, 0)), out, over)
        b.position_at_end(over)
        code.call("finish", status)
        b.branch(again)
        b.position_at_end(out)
        b.ret_void()

    def _idle(self, code: Code) -> None:
        b = code.b
        code.put("active", double(0.0))
        for name, value in (
            ("time", 0.0),
            ("next_time", 0.0),
            ("stop", 1.0),
            ("wanted", 1.0),
            ("last_used", 0.0),
        ):
            code.put(name, double(value))
        code.put("accept", double(0.0))
        at = whole(self.layout.offset["running"] * self.layout.lanes)
        running = b.gep(code.memory, [at], source_etype=I64)
        b.store(b.sub(b.load(running, typ=I64), whole(1)), running)

    def _reset(self, code: Code, row: ir.Value) -> None:
        b = code.b
        start = code.item("start", row)
        for name in ("time", "next_time"):
            code.put(name, start)
        code.put("end", code.item("end", row))
        for name in ("active", "accept"):
            code.put(name, double(1.0))
        hinted = b.icmp_signed("!=", code.argument("first_step"), whole(0))
        code.put("wanted", double(control.FIRST))
        code.put("last_used", double(0.0))
        with b.if_then(hinted):
            hint = code.item("first_step", row)
            use = b.fcmp_ordered(">", hint, double(0.0))
            code.put("wanted", b.select(use, hint, double(control.FIRST)))
        after = b.add(row, whole(1))
        for name in ("event", "sample"):
            code.put(name, code.item(f"{name}_offsets", row, I64))
            code.put(f"{name}_end", code.item(f"{name}_offsets", after, I64))
        for name in ("steps", "rejected"):
            code.put(name, whole(0))
        for name in ("after", "pending"):
            code.put(name, whole(-1))
        for k in range(self.layout.kinds_of_event):
            code.put("memory", double(0.0), k)
        for k in range(self.inputs):
            at = b.add(b.mul(row, whole(self.inputs)), whole(k))
            code.put("input", code.item("initial_inputs", at), k)
        hazards = len(self.lowered.hazards)
        for k in range(hazards):
            at = b.add(b.mul(row, whole(hazards)), whole(k))
            code.put("count", code.item("hazard_counts", at, I64), k)
            self._next_threshold(code, k)

    def _hazard_at(self, code: Code, k: int, count: ir.Value | int) -> ir.Value:
        b = code.b
        at = b.mul(code.get("row", kind=I64), whole(len(self.lowered.hazards)))
        at = b.mul(b.add(at, whole(k)), code.argument("threshold_count"))
        return b.add(at, count)

    def _next_threshold(self, code: Code, k: int) -> None:
        """Load the next threshold: infinite when there are none at all, NaN when used up."""
        b = code.b
        code.put("threshold", double(float("inf")), k)
        limit = code.argument("threshold_count")
        with b.if_then(b.icmp_signed(">", limit, whole(0))):
            count = code.get("count", k, I64)
            left = b.icmp_signed("<", count, limit)
            with b.if_else(left) as (then, otherwise):
                with then:
                    value = code.item("thresholds", self._hazard_at(code, k, count))
                    code.put("threshold", value, k)
                with otherwise:
                    code.put("threshold", double(float("nan")), k)

    def _finish(self) -> None:
        code = self._code("finish")
        b = code.b
        status = code.function.args[3]
        row = code.get("row", kind=I64)
        code.set_item("status", row, b.trunc(status, I8))
        code.set_item("final_time", row, code.get("next_time"))
        code.set_item("final_step", row, code.get("wanted"))
        for name in ("steps", "rejected"):
            code.set_item(name, row, code.get(name, kind=I64))
        for array, slot, count in (
            ("final_states", "next", self.n),
            ("final_inputs", "input", self.inputs),
        ):
            with code.each(count) as i:
                at = b.add(b.mul(row, whole(count)), i)
                code.set_item(array, at, code.get(slot, i))
        hazards = len(self.lowered.hazards)
        for k in range(hazards):
            at = b.add(b.mul(row, whole(hazards)), whole(k))
            code.set_item("hazard_counts", at, code.get("count", k, I64))
        b.ret_void()

    # Samples --------------------------------------------------------------------------------

    def _weights(self, code: Code, share: ir.Value) -> list[ir.Value]:
        """Return what each stage weighs in the dense output at a share of the step."""
        b, m = code.b, code.math
        inside = b.fmul(share, b.fsub(double(1.0), share))
        weights = []
        for j in range(self.tableau.stages):
            value: ir.Value = double(0.0)
            for row in reversed(self.tableau.H):
                value = m.fma(value, share, double(row[j]))
            weights.append(b.fmul(value, inside))
        return weights

    def _dense(self, code: Code, i: ir.Value, share: ir.Value, weights: list[ir.Value]) -> ir.Value:
        b, m = code.b, code.math
        value = b.fmul(b.fsub(double(1.0), share), code.get("state", i))
        value = m.fma(share, code.get("next", i), value)
        for j, weight in enumerate(weights):
            if any(row[j] != 0.0 for row in self.tableau.H):
                at = b.add(i, whole(j * self.n)) if not isinstance(i, int) else i + j * self.n
                value = m.fma(weight, code.get("stage", at), value)
        return value

    def _sample(self) -> None:
        """Write all samples up to the end of the accepted step, and note the time of the next."""
        code = self._code("sample")
        b = code.b
        end = code.get("sample_end", kind=I64)
        code.put("sample_time", double(float("inf")))
        with code.loop() as (_, proceed):
            index = code.get("sample", kind=I64)
            proceed(b.icmp_signed("<", index, end))
            time = code.item("sample_times", index)
            code.put("sample_time", time)
            later = b.fcmp_unordered(">", time, code.get("next_time"))
            with b.if_then(later):
                b.ret_void()
            first = b.mul(index, whole(self.n))
            inside = b.fcmp_ordered("<", time, code.get("next_time"))
            with b.if_else(inside) as (then, otherwise):
                with then:
                    passed = b.fsub(time, code.get("time"))
                    share = b.fdiv(passed, code.get("used"))
                    weights = self._weights(code, share)
                    with code.each(self.n) as i:
                        value = self._dense(code, i, share, weights)
                        code.set_item("states", b.add(first, i), value)
                with otherwise, code.each(self.n) as i:
                    code.set_item("states", b.add(first, i), code.get("next", i))
            for k in range(self.inputs):
                at = b.add(b.mul(index, whole(self.inputs)), whole(k))
                code.set_item("inputs", at, code.get("input", k))
            code.put("sample", b.add(index, whole(1)))
            code.put("sample_time", double(float("inf")))
        b.ret_void()
