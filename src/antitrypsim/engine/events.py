"""What happens to a lane as IR: doses, inputs, hazards, and what follows an accepted step."""

from __future__ import annotations

from llvmlite import ir

from antitrypsim.engine import control
from antitrypsim.engine.lanes import LaneCode
from antitrypsim.engine.layout import I32, Code, double, whole
from antitrypsim.engine.vectormath import DOUBLE, I64

_GOING = -1


class Lanes(LaneCode):
    """Emits all functions that look after one lane; each takes (arguments, memory, lane)."""

    def emit(self) -> None:
        """Emit all functions."""
        self.emit_rows()
        self._give()
        self._fire()
        self._due()
        self._attend()

    # Events ---------------------------------------------------------------------------------

    def _give(self) -> None:
        """Apply one event: a dose's jumps, or a new value of an input."""
        code = self._code("give")
        b = code.b
        what, value = code.function.args[3], code.function.args[4]
        sets = code.function.append_basic_block("sets")
        switch = b.switch(what, sets)
        for d, jump in enumerate(self.lowered.doses):
            block = code.function.append_basic_block(f"dose{d}")
            switch.add_case(ir.Constant(I32, d), block)
            b.position_at_end(block)
            moved = self._add_jump(code, jump, value)
            with b.if_then(moved):
                self._restart(code, d)
            b.ret_void()
        b.position_at_end(sets)
        index = b.zext(b.sub(ir.Constant(I32, -1), what), I64)
        if self.inputs:
            old = code.get("input", index)
            with b.if_then(b.fcmp_unordered("!=", old, value)):
                code.put("input", value, index)
                code.call("hoist_between")
                self._restart(code, b.add(index, whole(self.doses)))
        b.ret_void()

    def _fire(self) -> None:
        """Let a hazard happen: log it, apply its jumps, begin its next interval."""
        code = self._code("fire")
        b = code.b
        other = code.function.append_basic_block("other")
        switch = b.switch(code.function.args[3], other)
        for k, hazard in self.lowered.possible:
            block = code.function.append_basic_block(f"hazard{k}")
            switch.add_case(whole(k), block)
            b.position_at_end(block)
            count = code.get("count", k, I64)
            code.set_item("hazard_times", self._hazard_at(code, k, count), code.get("next_time"))
            code.put("count", b.add(count, whole(1)), k)
            moved = self._add_jump(code, hazard, double(0.0))
            code.put("next", double(0.0), hazard.accumulator)
            self._next_threshold(code, k)
            if hazard.ends:
                b.ret(ir.Constant(I32, control.ENDED))
                continue
            with b.if_then(moved):
                self._restart(code, self.doses + self.inputs + k)
            threshold = code.get("threshold", k)
            used_up = b.fcmp_unordered("uno", threshold, threshold)
            result = b.select(
                used_up, ir.Constant(I32, control.EXHAUSTED), ir.Constant(I32, _GOING)
            )
            b.ret(result)
        b.position_at_end(other)
        b.ret(ir.Constant(I32, _GOING))

    def _due(self) -> None:
        """Apply what is due at the lane's time; return a status, or -1 to go on."""
        code = self._code("due")
        b = code.b
        for k, hazard in self.lowered.possible:
            threshold = code.get("threshold", k)
            spent = b.fcmp_unordered("uno", threshold, threshold)
            with b.if_then(spent):
                b.ret(ir.Constant(I32, control.EXHAUSTED))
            waiting = b.icmp_signed("==", code.get("pending", kind=I64), whole(k))
            crossed = b.fcmp_ordered(">=", code.get("next", hazard.accumulator), threshold)
            with b.if_then(b.or_(waiting, crossed)):
                code.put("pending", whole(-1))
                status = code.call("fire", whole(k))
                with b.if_then(b.icmp_signed(">=", status, ir.Constant(I32, 0))):
                    b.ret(status)
        now, end = code.get("next_time"), code.get("end")
        with b.if_then(b.fcmp_unordered(">=", now, end)):
            b.ret(ir.Constant(I32, control.REACHED))
        code.put("stop", end)
        last = code.get("event_end", kind=I64)
        with code.loop() as (_, proceed):
            index = code.get("event", kind=I64)
            proceed(b.icmp_signed("<", index, last))
            time = code.item("event_times", index)
            with b.if_then(b.fcmp_unordered(">", time, now)):
                code.put("stop", b.select(b.fcmp_ordered("<", time, end), time, end))
                b.ret(ir.Constant(I32, _GOING))
            what = code.item("event_codes", index, I32)
            code.call("give", what, code.item("event_values", index))
            code.put("event", b.add(index, whole(1)))
        b.ret(ir.Constant(I32, _GOING))

    # After a step ---------------------------------------------------------------------------

    def _attend(self) -> None:
        code = self._code("attend")
        b = code.b
        accepted = b.fcmp_ordered(">", code.get("accept"), double(0.0))
        failing = b.fcmp_ordered(">", code.get("failing"), double(0.0))
        with b.if_then(b.not_(accepted)):
            self._stay(code)
            self._end_row(code, self._failure(code))
        if self.lowered.possible:
            self._locate(code)
        code.call("sample")
        after = code.get("after", kind=I64)
        with b.if_then(b.icmp_signed(">=", after, whole(0))):
            code.put("memory", code.get("wanted"), after)
            code.put("after", whole(-1))
        ending = b.fcmp_ordered(">", code.get("ending"), double(0.0))
        with b.if_then(ending):
            status = code.call("due")
            with b.if_then(b.icmp_signed(">=", status, ir.Constant(I32, 0))):
                self._end_row(code, status)
        with b.if_then(failing):
            self._end_row(code, self._failure(code))
        b.ret_void()

    def _failure(self, code: Code) -> ir.Value:
        b = code.b
        over = b.fcmp_ordered(
            ">=", b.sitofp(code.get("steps", kind=I64), DOUBLE), code.argument("max_steps", DOUBLE)
        )
        return b.select(over, ir.Constant(I32, control.TOO_LONG), ir.Constant(I32, control.FAILED))

    def _end_row(self, code: Code, status: ir.Value) -> None:
        code.call("finish", status)
        code.call("load_row")
        code.b.ret_void()

    def _stay(self, code: Code) -> None:
        """Go back to the beginning of the step."""
        with code.each(self.n) as i:
            code.put("next", code.get("state", i), i)
        code.put("next_time", code.get("time"))

    def _locate(self, code: Code) -> None:
        """Find the first crossing inside the step; if there is one, let the step end there."""
        b = code.b
        with b.goto_entry_block():
            first, which = b.alloca(DOUBLE), b.alloca(I64)
        b.store(double(2.0), first)
        b.store(whole(-1), which)
        ending = b.fcmp_ordered(">", code.get("ending"), double(0.0))
        pending = code.get("pending", kind=I64)
        for k, hazard in self.lowered.possible:
            crossed = b.fcmp_ordered(
                ">=", code.get("next", hazard.accumulator), code.get("threshold", k)
            )
            expected = b.and_(ending, b.icmp_signed("==", pending, whole(k)))
            with b.if_then(b.and_(crossed, b.not_(expected))):
                share = self._crossing(code, k, hazard.accumulator)
                known = b.load(first, typ=DOUBLE)
                with b.if_then(b.fcmp_ordered("<", share, known)):
                    b.store(share, first)
                    b.store(whole(k), which)
        found = b.icmp_signed(">=", b.load(which, typ=I64), whole(0))
        with b.if_then(found):
            code.put("pending", b.load(which, typ=I64))
            code.put("accept", double(0.0))
            step = b.fmul(b.load(first, typ=DOUBLE), code.get("used"))
            time = code.get("time")
            at = b.fadd(time, step)
            least = b.fmul(b.fadd(code.math.absolute(time), double(1.0)), double(control.TINY))
            soon = b.fcmp_ordered("<=", step, least)
            with b.if_then(b.not_(soon)):
                code.put("stop", at)
                code.put("wanted", step)
                b.ret_void()
            # Too close to the beginning for a step of its own: it happens at the beginning.
            self._stay(code)
            code.put("accept", double(1.0))
            status = code.call("due")
            with b.if_then(b.icmp_signed(">=", status, ir.Constant(I32, 0))):
                self._end_row(code, status)
            b.ret_void()

    def _crossing(self, code: Code, k: int, state: int) -> ir.Value:
        """Return the share of the step at which a hazard crosses its threshold, by bisection."""
        b = code.b
        with b.goto_entry_block():
            low, high = b.alloca(DOUBLE), b.alloca(DOUBLE)
        b.store(double(0.0), low)
        b.store(double(1.0), high)
        with code.each(54):
            a, c = b.load(low, typ=DOUBLE), b.load(high, typ=DOUBLE)
            middle = b.fmul(b.fadd(a, c), double(0.5))
            value = self._dense(code, state, middle, self._weights(code, middle))
            over = b.fcmp_ordered(">=", value, code.get("threshold", k))
            b.store(b.select(over, a, middle), low)
            b.store(b.select(over, middle, c), high)
        return b.load(high, typ=DOUBLE)
