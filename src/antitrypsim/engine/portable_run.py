"""One call of the portable engine: the steps and book-keeping of all rows of a batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from antitrypsim.engine import control
from antitrypsim.engine.kernel import Checked, Courses, Floats
from antitrypsim.engine.lowering import Jump, Lowered
from antitrypsim.engine.numpy_program import Leaves, NumpyProgram
from antitrypsim.engine.tableau import Tableau

Rows = NDArray[np.intp]

_GOING = -1


class Programs:
    """The programs of a step and of its events."""

    def __init__(self, low: Lowered) -> None:
        graph = low.graph
        self.lowered = low
        self.fixed, self.between = low.hoisted()
        self.hoisted = [*self.fixed, *self.between]
        self.hoist = NumpyProgram(graph, self.hoisted)
        self.initial = NumpyProgram(graph, low.initial)
        self.rates = NumpyProgram(graph, low.courses, self.hoisted)
        self.drifting = [i for i, node in enumerate(low.drift) if node != graph.zero]
        drift = [low.drift[i] for i in self.drifting]
        roots = [*low.courses, *drift, low.elimination.smallest, *low.elimination.factors]
        self.prepare = NumpyProgram(graph, roots, self.hoisted)
        self.solve = NumpyProgram(graph, low.elimination.solution)
        jumps = (*low.doses, *low.hazards)
        self.jump = {
            id(j): NumpyProgram(graph, [v for _, v in j.additions], self.hoisted) for j in jumps
        }


@dataclass(frozen=True, eq=False)
class Step:
    """A step of one row: from ``time`` over ``used`` days to ``end``, which may be an event's.

    ``old``, ``new`` (n,): the states at both ends; ``stages`` (s, n) of the method.
    """

    time: float
    used: float
    end: float
    ending: bool
    old: Floats
    new: Floats
    stages: Floats


class Run:
    """One call of ``advance``. Arrays have rows (patients) as their last axis."""

    def __init__(
        self,
        programs: Programs,
        tableau: Tableau,
        checked: Checked,
        courses: Courses,
        tolerance: float,
        scale: Floats,
        limit: int,
    ) -> None:
        self.low, self.tab, self.programs = programs.lowered, tableau, programs
        self.given, self.courses = checked, courses
        self.tolerance, self.scale, self.limit = tolerance, scale[:, None], limit
        n = checked.size
        self.constants = checked.constants.T.copy()
        self.inputs = checked.initial_inputs.T.copy()
        self.time, self.end = checked.start.copy(), checked.end
        self.stop = np.full(n, np.inf)
        self.sample_time = np.full(n, np.inf)
        self.wanted = np.full(n, control.FIRST)
        if checked.step_hint is not None:
            hint = checked.step_hint
            self.wanted = np.where(hint > 0.0, hint, control.FIRST)
        self.last = np.zeros(n)
        kinds = len(self.low.doses) + len(self.low.input_names) + len(self.low.hazards)
        self.memory = np.zeros((kinds, n))
        self.after, self.pending = np.full(n, -1), np.full(n, -1)
        self.event, self.sample = (
            checked.event_offsets[:-1].copy(),
            checked.sample_offsets[:-1].copy(),
        )
        self.count = self.courses.hazard_counts
        self.threshold = np.full((len(self.low.hazards), n), np.inf)
        self.active = np.ones(n, bool)
        self.hoisted = np.empty((len(self.programs.hoisted), n))
        everyone = np.arange(n)
        self._hoist(everyone)
        if checked.initial_states is None:
            self.state = self.programs.initial(self._leaves(everyone, None), {}, n)
        else:
            self.state = checked.initial_states.T.copy()
        for row in range(n):
            for k in range(len(self.low.hazards)):
                self._next_threshold(row, k)
            self._write_samples(row, self.time[row], None)
            status = self._due(row)
            if status != _GOING:
                self._finish(row, status)

    def _leaves(
        self, rows: Rows, state: Floats | None, time: Floats | None = None, amount: float = 0.0
    ) -> Leaves:
        leaves: dict[str, Floats | Sequence[Floats | float]] = {
            "constant": self.constants[:, rows],
            "input": self.inputs[:, rows],
            "time": [self.time[rows] if time is None else time],
            "amount": [amount],
        }
        if state is not None:
            leaves["state"] = state
        return leaves

    def _hoist(self, rows: Rows) -> None:
        leaves = self._leaves(rows, None)
        self.hoisted[:, rows] = self.programs.hoist(leaves, {}, len(rows))

    def _stored(self, rows: Rows) -> dict[int, Floats]:
        values = self.hoisted[:, rows]
        return dict(zip(self.programs.hoisted, values, strict=True))

    # A step of all active rows ----------------------------------------------------------------

    def step(self) -> None:
        """Take or reject one step in every active row."""
        rows = np.flatnonzero(self.active)
        time, wanted, stop = self.time[rows], self.wanted[rows], self.stop[rows]
        left = stop - time
        ending = wanted * control.STRETCH >= left
        h = np.where(wanted * control.HALVE > left, 0.5 * left, wanted)
        h = np.where(ending, left, h)
        end = np.where(ending, stop, time + h)
        with np.errstate(all="ignore"):
            old = self.state[:, rows]
            new, error, stages = self._attempt(rows, time, h, old)
            factor = np.power(error, -1.0 / (self.tab.estimate + 1))
            accept = error <= 1.0
            factor = _clip(factor, control.SHRINK / control.SAFETY, control.GROWTH / control.SAFETY)
            ideal = h * factor
            last = self.last[rows]
            ratio = ideal / np.where(last > 0.0, last, ideal)
            trend = _clip(np.power(ratio, control.TREND), control.TREND_LOW, control.TREND_HIGH)
            grown = _clip(factor * control.SAFETY * trend, control.SHRINK, control.GROWTH)
            stays = _clip(factor * control.SAFETY, control.SHRINK, control.SAFETY)
            stays = np.where(np.isfinite(error), stays, control.SHRINK)
            proposed = h * np.where(accept, grown, stays)
        self.last[rows] = np.where(accept, ideal, 0.0)
        kept = np.maximum(wanted, proposed)
        self.wanted[rows] = np.where(accept & (h < wanted), kept, proposed)
        self.courses.steps[rows] += 1
        self.courses.rejected[rows] += ~accept
        tiny = control.TINY * (np.abs(time) + 1.0)
        over = self.courses.steps[rows] >= self.limit
        failing = (~accept & (h < tiny)) | over
        busy = (end >= self.sample_time[rows]) | ending | (self.after[rows] >= 0)
        for k, hazard in self.low.possible:
            busy |= new[hazard.accumulator] >= self.threshold[k, rows]
        taken = rows[accept]
        self.state[:, taken], self.time[taken] = new[:, accept], end[accept]
        for i in np.flatnonzero(failing | (accept & busy)):
            step = Step(
                time[i], h[i], end[i], bool(ending[i]), old[:, i], new[:, i], stages[:, :, i]
            )
            self._attend(rows[i], step, bool(accept[i]), bool(failing[i]), bool(over[i]))

    def _attempt(
        self, rows: Rows, time: Floats, h: Floats, old: Floats
    ) -> tuple[Floats, Floats, Floats]:
        """Return the states at the end of a step, its error, and its stages."""
        tab, n, m = self.tab, len(old), len(rows)
        stored = self._stored(rows)
        leaves = {
            **self._leaves(rows, old),
            "inverse": [1.0 / h * (1.0 / tab.gamma)],
            "shrunk": [h * tab.gamma],
        }
        found = self.programs.prepare(leaves, stored, m)
        drift = np.zeros((n, m))
        drifts = len(self.programs.drifting)
        drift[self.programs.drifting] = found[n : n + drifts]
        smallest = found[n + drifts]
        factors = found[n + drifts + 1 :]
        rates = {0: found[:n]}
        u = np.zeros((tab.stages, n, m))
        for i in range(tab.stages):
            source = tab.same_rate(i)
            if source not in rates:
                trial = old + _weighted(tab.A[i], u)
                moved = self._leaves(rows, trial, time + tab.c[i] * h)
                rates[source] = self.programs.rates(moved, stored, m)
            right = rates[source] + tab.d[i] * h * drift
            if i:
                right = right + _weighted(tab.C[i], u) / h
            u[i] = self.programs.solve({"factor": factors, "right": right}, {}, m)
        new = old + _weighted(tab.b, u)
        estimate = np.abs(_weighted(tab.e, u))
        share = estimate / (np.maximum(np.abs(old), np.abs(new)) + self.scale)
        error = share.max(axis=0) / self.tolerance
        sound = np.isfinite(share.sum(axis=0)) & (smallest > control.SINGULAR)
        return new, np.where(sound, error, np.nan), u

    # One row ----------------------------------------------------------------------------------

    def _attend(self, row: int, step: Step, accepted: bool, failing: bool, over: bool) -> None:
        failure = control.TOO_LONG if over else control.FAILED
        if not accepted:
            self._finish(row, failure)
            return
        if self._locate(row, step):
            return
        self._write_samples(row, step.end, step)
        if self.after[row] >= 0:
            self.memory[self.after[row], row] = self.wanted[row]
            self.after[row] = -1
        if step.ending:
            status = self._due(row)
            if status != _GOING:
                self._finish(row, status)
                return
        if failing:
            self._finish(row, failure)

    def _dense(self, step: Step, share: float) -> Floats:
        """Return the states at a share of the step."""
        inside = share * (1.0 - share)
        weights = np.zeros(self.tab.stages)
        for row in reversed(self.tab.H):
            weights = weights * share + np.array(row)
        value = (1.0 - share) * step.old + share * step.new
        return value + _weighted(weights * inside, step.stages)

    def _write_samples(self, row: int, until: float, step: Step | None) -> None:
        out, times = self.courses, self.given.sample_times
        last = self.given.sample_offsets[row + 1]
        self.sample_time[row] = np.inf
        while self.sample[row] < last:
            index = self.sample[row]
            time = times[index]
            if not time <= until:
                self.sample_time[row] = time
                return
            if time < until and step is not None:
                out.states[index] = self._dense(step, (time - step.time) / step.used)
            else:
                out.states[index] = self.state[:, row]
            out.inputs[index] = self.inputs[:, row]
            self.sample[row] += 1

    def _locate(self, row: int, step: Step) -> bool:
        """Find the first crossing in the step; go back to let a step end there. Say if so."""
        first, which = 2.0, -1
        for k, hazard in self.low.possible:
            threshold = self.threshold[k, row]
            expected = step.ending and self.pending[row] == k
            if expected or not step.new[hazard.accumulator] >= threshold:
                continue
            low, high = 0.0, 1.0
            for _ in range(54):
                middle = 0.5 * (low + high)
                over = self._dense(step, middle)[hazard.accumulator] >= threshold
                low, high = (low, middle) if over else (middle, high)
            if high < first:
                first, which = high, k
        if which < 0:
            return False
        self.pending[row] = which
        time, shorter = step.time, first * step.used
        self.state[:, row], self.time[row] = step.old, time
        if shorter > control.TINY * (abs(time) + 1.0):
            self.stop[row], self.wanted[row] = time + shorter, shorter
            return True
        status = self._due(row)
        if status != _GOING:
            self._finish(row, status)
        return True

    def _next_threshold(self, row: int, k: int) -> None:
        if self.given.threshold_count:
            count = self.count[row, k]
            left = count < self.given.threshold_count
            self.threshold[k, row] = self.given.thresholds[row, k, count] if left else np.nan

    def _due(self, row: int) -> int:
        """Apply what is due at the row's time; return a status, or -1 to go on."""
        for k, hazard in self.low.possible:
            threshold = self.threshold[k, row]
            if np.isnan(threshold):
                return control.EXHAUSTED
            if self.pending[row] == k or self.state[hazard.accumulator, row] >= threshold:
                self.pending[row] = -1
                status = self._fire(row, k, hazard)
                if status != _GOING:
                    return status
        now, end = self.time[row], self.end[row]
        if not now < end:
            return control.REACHED
        self.stop[row] = end
        while self.event[row] < self.given.event_offsets[row + 1]:
            index = self.event[row]
            time = self.given.event_times[index]
            if not time <= now:
                self.stop[row] = min(time, end)
                break
            self._give(row, int(self.given.event_codes[index]), self.given.event_values[index])
            self.event[row] += 1
        return _GOING

    def _fire(self, row: int, k: int, hazard: Jump) -> int:
        count = self.count[row, k]
        self.courses.hazard_times[row, k, count] = self.time[row]
        self.count[row, k] = count + 1
        moved = self._add_jump(row, hazard, 0.0)
        self.state[hazard.accumulator, row] = 0.0
        self._next_threshold(row, k)
        if hazard.ends:
            return control.ENDED
        if moved:
            self._restart(row, len(self.low.doses) + len(self.low.input_names) + k)
        return control.EXHAUSTED if np.isnan(self.threshold[k, row]) else _GOING

    def _give(self, row: int, code: int, value: float) -> None:
        if code >= 0:
            if self._add_jump(row, self.low.doses[code], value):
                self._restart(row, code)
            return
        index = -1 - code
        if self.inputs[index, row] != value:
            self.inputs[index, row] = value
            self._hoist(np.array([row]))
            self._restart(row, len(self.low.doses) + index)

    def _add_jump(self, row: int, jump: Jump, amount: float) -> bool:
        rows = np.array([row])
        leaves = self._leaves(rows, self.state[:, rows], amount=amount)
        values = self.programs.jump[id(jump)](leaves, self._stored(rows), 1)[:, 0]
        for (state, _), value in zip(jump.additions, values, strict=True):
            self.state[state, row] += value
        return bool(np.any(values != 0.0))

    def _restart(self, row: int, kind: int) -> None:
        remembered = self.memory[kind, row]
        self.after[row] = kind
        self.wanted[row] = remembered if remembered > 0.0 else control.FIRST
        self.last[row] = 0.0

    def _finish(self, row: int, status: int) -> None:
        out = self.courses
        self.active[row] = False
        out.status[row] = status
        out.final_time[row] = self.time[row]
        out.final_states[row] = self.state[:, row]
        out.final_inputs[row] = self.inputs[:, row]
        out.final_step[row] = self.wanted[row]


def _weighted(weights: Sequence[float] | Floats, stages: Floats) -> Floats:
    """Sum in a fixed order: a matrix product would add up in an order that depends on the batch."""
    total = np.zeros(stages.shape[1:])
    for weight, stage in zip(weights, stages, strict=False):
        if weight != 0.0:
            total = total + weight * stage
    return total


def _clip(value: Floats, low: float, high: float) -> Floats:
    """Clip, letting NaN pass."""
    value = np.where(value > high, high, value)
    return np.where(value < low, low, value)
