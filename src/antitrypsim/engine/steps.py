"""The hot path as IR: one Rosenbrock step of all lanes of a pack at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from llvmlite import ir

from antitrypsim.engine.control import (
    GROWTH,
    HALVE,
    SAFETY,
    SHRINK,
    SINGULAR,
    STRETCH,
    TINY,
    TREND,
    TREND_HIGH,
    TREND_LOW,
)
from antitrypsim.engine.emit import Emitter
from antitrypsim.engine.layout import I32, POINTER, VOID, Code, Layout, whole
from antitrypsim.engine.lowering import Lowered
from antitrypsim.engine.tableau import Tableau
from antitrypsim.engine.vectormath import DOUBLE, I64


class Steps:
    """Emits ``rates``, ``prepare``, ``solve`` and ``advance`` into a module."""

    def __init__(
        self, module: ir.Module, lowered: Lowered, tableau: Tableau, layout: Layout
    ) -> None:
        self.module = module
        self.lowered = lowered
        self.tableau = tableau
        self.layout = layout
        self.n = len(lowered.rates)
        self.moving = lowered.moving
        self.table = ir.GlobalVariable(module, ir.ArrayType(I64, len(self.moving)), "moving")
        self.table.initializer = ir.Constant(self.table.value_type, self.moving)
        self.table.linkage = "internal"
        self.table.global_constant = True

    def _code(self, name: str, *more: ir.Type, internal: bool = True) -> Code:
        function = ir.Function(self.module, ir.FunctionType(VOID, [POINTER, POINTER, *more]), name)
        if internal:
            function.linkage = "internal"
            function.attributes.add("noinline")
        function.attributes.add("nounwind")
        return Code(function, self.layout, self.layout.lanes)

    def _emitter(self, code: Code, names: dict[str, tuple[str, int]]) -> Emitter:
        def load(kind: str, index: int) -> ir.Value:
            slot, shift = names[kind]
            return code.get(slot, index + shift)

        def stored(slot: int) -> Callable[[], ir.Value]:
            return lambda: code.get("hoisted", slot)

        hoisted = {node: stored(slot) for node, slot in self.layout.slot_of.items()}
        return Emitter(self.lowered.graph, code.math, load, hoisted)

    def emit(self) -> None:
        """Emit everything; ``attend`` and ``load_row`` must already be declared."""
        self._rates()
        self._prepare()
        self._solve()
        self._advance()

    def _rates(self) -> None:
        code = self._code("rates")
        emitter = self._emitter(code, {"state": ("trial", 0), "time": ("stage_time", 0)})
        moving = self.moving
        rates = [self.lowered.courses[i] for i in moving]
        emitter.values(rates, lambda i, value: code.put("rate", value, moving[i]))
        code.b.ret_void()

    def _prepare(self) -> None:
        code = self._code("prepare")
        names = {k: (k, 0) for k in ("state", "time", "inverse", "shrunk")}
        emitter = self._emitter(code, names)
        low = self.lowered
        drifting = self._drifting()
        targets = [("first", i) for i in self.moving] + [("drift", i) for i in drifting]
        targets += [("factor", i) for i in range(len(low.elimination.factors))]
        targets += [("smallest", 0)]
        roots = [*(low.courses[i] for i in self.moving), *(low.drift[i] for i in drifting)]
        roots += [*low.elimination.factors, low.elimination.smallest]
        # Every rate first would keep the pack's registers full of what the elimination needs last.
        emitter.values(roots, lambda i, value: code.put(targets[i][0], value, targets[i][1]))
        code.b.ret_void()

    @contextmanager
    def _each(self, code: Code) -> Iterator[ir.Value]:
        """Loop over the states that move."""
        with code.each(len(self.moving)) as k:
            if len(self.moving) == self.n:
                yield k
            else:
                yield code.b.load(code.b.gep(self.table, [k], source_etype=I64), typ=I64)

    def _drifting(self) -> list[int]:
        zero = self.lowered.graph.zero
        return [i for i, node in enumerate(self.lowered.drift) if node != zero]

    def _solve(self) -> None:
        code = self._code("solve", I64)
        base = code.function.args[2]
        moving = self.moving
        solution = [self.lowered.elimination.solution[i] for i in moving]

        def load(kind: str, index: int) -> ir.Value:
            if kind == "right":
                return code.get("stage", code.b.add(base, whole(index)))
            return code.get(kind, index)

        Emitter(self.lowered.graph, code.math, load).values(
            solution,
            lambda i, value: code.put("stage", value, code.b.add(base, whole(moving[i]))),
        )
        code.b.ret_void()

    def _combine(
        self, code: Code, weights: tuple[float, ...], i: ir.Value, start: ir.Value
    ) -> ir.Value:
        total = start
        for j, weight in enumerate(weights):
            if weight == 0.0:
                continue
            value = code.get("stage", code.b.add(i, whole(j * self.n)))
            if total is None:
                total = value if weight == 1.0 else code.b.fmul(value, code.math.number(weight))
            elif weight == 1.0:
                total = code.b.fadd(total, value)
            else:
                total = code.math.fma(value, code.math.number(weight), total)
        return total

    def _stage(self, code: Code, stage: int, h: ir.Value, inverse_h: ir.Value) -> None:
        tab, b, m = self.tableau, code.b, code.math
        source = tab.same_rate(stage)
        if source == stage and stage > 0:
            row, before = tab.A[stage], tab.A[stage - 1]
            grows = tab.same_rate(stage - 1) == stage - 1 and row == (*before, 1.0)
            with self._each(code) as i:
                if grows:
                    value = self._combine(
                        code, (0.0,) * (stage - 1) + (1.0,), i, code.get("trial", i)
                    )
                else:
                    value = self._combine(code, row, i, code.get("state", i))
                code.put("trial", value, i)
            at = m.fma(h, m.number(tab.c[stage]), code.get("time"))
            code.put("stage_time", at)
            code.call("rates")
        name = "first" if source == 0 else "rate"
        with self._each(code) as i:
            value = code.get(name, i)
            sum_c = self._combine(code, tab.C[stage], i, None)
            if sum_c is not None:
                value = m.fma(sum_c, inverse_h, value)
            code.put("stage", value, b.add(i, whole(stage * self.n)))
        if tab.d[stage] != 0.0:
            weight = b.fmul(h, m.number(tab.d[stage]))
            for k in self._drifting():
                at_k = stage * self.n + k
                code.put(
                    "stage", m.fma(weight, code.get("drift", k), code.get("stage", at_k)), at_k
                )
        code.call("solve", whole(stage * self.n))

    def _advance(self) -> None:
        code = self._code("advance", internal=False)
        b, m = code.b, code.math
        lanes = self.layout.lanes
        running = self.layout.offset["running"] * lanes
        running_at = b.gep(code.memory, [whole(running)], source_etype=I64)
        b.store(whole(lanes), running_at)
        for lane in range(lanes):
            b.call(self.module.globals["load_row"], [code.args, code.memory, whole(lane)])
        self._commit(code)
        with code.loop() as (_, proceed):
            cancel = b.load(code.argument("cancel", POINTER), typ=I32, align=4)
            going = b.icmp_signed(">", b.load(running_at, typ=I64), whole(0))
            proceed(b.and_(going, b.icmp_signed("==", cancel, ir.Constant(I32, 0))))
            h, ending = self._choose_step(code)
            inverse_h = b.fdiv(m.number(1.0), h)
            code.put("inverse", b.fmul(inverse_h, m.number(1.0 / self.tableau.gamma)))
            code.put("shrunk", b.fmul(h, m.number(self.tableau.gamma)))
            code.call("prepare")
            for stage in range(self.tableau.stages):
                self._stage(code, stage, h, inverse_h)
            error, good = self._error(code)
            self._judge(code, h, ending, error, good)
            self._commit(code)
        b.ret_void()

    def _choose_step(self, code: Code) -> tuple[ir.Value, ir.Value]:
        b, m = code.b, code.math
        wanted, time, stop = code.get("wanted"), code.get("time"), code.get("stop")
        left = b.fsub(stop, time)
        ending = b.fcmp_ordered(">=", b.fmul(wanted, m.number(STRETCH)), left)
        halve = b.fcmp_ordered(">", b.fmul(wanted, m.number(HALVE)), left)
        h = b.select(halve, b.fmul(left, m.number(0.5)), wanted)
        h = b.select(ending, left, h)
        code.put("next_time", b.select(ending, stop, b.fadd(time, h)))
        code.put("used", h)
        return h, ending

    def _error(self, code: Code) -> tuple[ir.Value, ir.Value]:
        """Compute the end of the step and its error: the largest scaled error of any state."""
        b, m, tab = code.b, code.math, self.tableau
        last = tab.stages - 1
        direct = tab.same_rate(last) == last and tab.b == (*tab.A[last], 1.0)
        with b.goto_entry_block():
            worst, total = b.alloca(m.real), b.alloca(m.real)
        b.store(m.number(0.0), worst)
        b.store(m.number(0.0), total)
        scales = code.argument("scales", POINTER)
        with self._each(code) as i:
            old = code.get("state", i)
            if direct:
                new = self._combine(code, (0.0,) * last + (1.0,), i, code.get("trial", i))
            else:
                new = self._combine(code, tab.b, i, old)
            code.put("next", new, i)
            estimate = m.absolute(self._combine(code, tab.e, i, None))
            size_old, size_new = m.absolute(old), m.absolute(new)
            size = b.select(b.fcmp_ordered(">", size_old, size_new), size_old, size_new)
            scale = self._splat(code, b.load(b.gep(scales, [i], source_etype=DOUBLE), typ=DOUBLE))
            share = b.fdiv(estimate, b.fadd(size, scale))
            known = b.load(worst, typ=m.real)
            b.store(b.select(b.fcmp_ordered(">", share, known), share, known), worst)
            # The maximum forgets NaN, the sum does not.
            b.store(b.fadd(b.load(total, typ=m.real), share), total)
        tolerance = self._splat(code, code.argument("tolerance", DOUBLE))
        error = b.fdiv(b.load(worst, typ=m.real), tolerance)
        finite = b.fcmp_ordered("<", b.load(total, typ=m.real), m.number(float("inf")))
        sound = b.fcmp_ordered(">", code.get("smallest"), m.number(SINGULAR))
        return error, b.and_(finite, sound)

    def _splat(self, code: Code, value: ir.Value) -> ir.Value:
        b, lanes = code.b, self.layout.lanes
        vector = b.insert_element(
            ir.Constant(code.math.real, ir.Undefined), value, ir.Constant(I32, 0)
        )
        return b.shuffle_vector(
            vector,
            ir.Constant(code.math.real, ir.Undefined),
            ir.Constant(ir.VectorType(I32, lanes), [0] * lanes),
        )

    def _clamp(self, code: Code, value: ir.Value, low: float, high: float) -> ir.Value:
        b, m = code.b, code.math
        value = b.select(b.fcmp_ordered(">", value, m.number(high)), m.number(high), value)
        return b.select(b.fcmp_ordered("<", value, m.number(low)), m.number(low), value)

    def _judge(
        self, code: Code, h: ir.Value, ending: ir.Value, error: ir.Value, good: ir.Value
    ) -> None:
        """Accept or reject in each lane, propose the next step, attend to who needs it."""
        b, m = code.b, code.math
        accept = b.and_(good, b.fcmp_ordered("<=", error, m.number(1.0)))
        exponent = -1.0 / (self.tableau.estimate + 1)
        # The step that would have met the tolerance; its course so far says where it is going.
        factor = m.pow(error, m.number(exponent))
        factor = self._clamp(code, factor, SHRINK / SAFETY, GROWTH / SAFETY)
        ideal = b.fmul(h, factor)
        last = code.get("last_used")
        known = b.fcmp_ordered(">", last, m.number(0.0))
        ratio = b.fdiv(ideal, b.select(known, last, ideal))
        trend = self._clamp(code, m.pow(ratio, m.number(TREND)), TREND_LOW, TREND_HIGH)
        factor = b.fmul(b.fmul(factor, m.number(SAFETY)), trend)
        factor = self._clamp(code, factor, SHRINK, GROWTH)
        factor = b.select(good, factor, m.number(SHRINK))
        stays = b.fmul(m.pow(error, m.number(exponent)), m.number(SAFETY))
        stays = self._clamp(code, stays, SHRINK, SAFETY)
        factor = b.select(accept, factor, b.select(good, stays, m.number(SHRINK)))
        code.put("last_used", b.select(accept, ideal, m.number(0.0)))
        proposed = b.fmul(h, factor)
        wanted = code.get("wanted")
        # A step cut short by an event says little: what was wanted before still stands.
        kept = b.select(b.fcmp_ordered(">", wanted, proposed), wanted, proposed)
        cut = b.fcmp_ordered("<", h, wanted)
        proposed = b.select(b.and_(accept, cut), kept, proposed)
        code.put("wanted", proposed)
        one, zero = m.number(1.0), m.number(0.0)
        code.put("accept", b.select(accept, one, zero))
        code.put("ending", b.select(ending, one, zero))
        steps = b.add(code.get("steps", kind=m.whole), m.integer(1))
        code.put("steps", steps)
        missed = b.select(accept, m.integer(0), m.integer(1))
        code.put("rejected", b.add(code.get("rejected", kind=m.whole), missed))
        time, next_time = code.get("time"), code.get("next_time")
        tiny = b.fmul(b.fadd(m.absolute(time), one), m.number(TINY))
        too_small = b.and_(b.not_(accept), b.fcmp_ordered("<", h, tiny))
        limit = code.argument("max_steps", DOUBLE)
        limits = self._splat(code, limit)
        count = b.sitofp(steps, m.real)
        over = b.fcmp_ordered(">=", count, limits)
        failing = b.or_(too_small, over)
        code.put("failing", b.select(failing, one, zero))
        sampled = b.fcmp_ordered(">=", next_time, code.get("sample_time"))
        begun = b.icmp_signed(">=", code.get("after", kind=m.whole), m.integer(0))
        busy = b.or_(b.or_(sampled, ending), begun)
        for k, hazard in self.lowered.possible:
            crossed = b.fcmp_ordered(
                ">=", code.get("next", hazard.accumulator), code.get("threshold", k)
            )
            busy = b.or_(busy, crossed)
        active = b.fcmp_ordered(">", code.get("active"), zero)
        wants = b.and_(active, b.or_(failing, b.and_(accept, busy)))
        code.put("accept", b.select(b.and_(active, accept), one, zero))
        self._attend(code, wants)

    def _attend(self, code: Code, wants: ir.Value) -> None:
        b, lanes = code.b, self.layout.lanes
        narrow = ir.IntType(lanes)
        with b.goto_entry_block():
            mask = b.alloca(I64)
        b.store(b.zext(b.bitcast(wants, narrow), I64), mask)
        with code.loop() as (_, proceed):
            left = b.load(mask, typ=I64)
            proceed(b.icmp_signed("!=", left, whole(0)))
            lane = b.cttz(left, ir.Constant(ir.IntType(1), 1))
            b.store(b.and_(left, b.sub(left, whole(1))), mask)
            b.call(self.module.globals["attend"], [code.args, code.memory, lane])

    def _commit(self, code: Code) -> None:
        b, m = code.b, code.math
        accept = b.fcmp_ordered(">", code.get("accept"), m.number(0.0))
        with self._each(code) as i:
            code.put("state", b.select(accept, code.get("next", i), code.get("state", i)), i)
        code.put("time", b.select(accept, code.get("next_time"), code.get("time")))
