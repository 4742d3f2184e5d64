"""An independent integration of one patient: CVODE for the course, SymPy for jumps and initials."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import sympy
from sksundae.cvode import CVODE

from antitrypsim.engine.kernel import Batch
from antitrypsim.modelling.handles import AGE, Amount, Covariate, Param
from antitrypsim.modelling.model import Model


class Equations:
    """The model's expressions as Python functions made by SymPy, not by the engine."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.states = [line.handle for line in model.states]
        names = [*model.parameter_names, *(c.name for c in model.covariates)]
        self.quantity = {}
        for line in model.quantities:
            self.quantity[line.handle] = line.expression.xreplace(self.quantity)
        expressions = [*(line.rate for line in model.states), *self.quantity.values()]
        expressions += [line.initial for line in model.states]
        expressions += [e for line in (*model.doses, *model.hazards) for _, e in line.jumps]
        symbols = set().union(*(sympy.sympify(e).free_symbols for e in expressions))
        amounts = sorted((s for s in symbols if isinstance(s, Amount)), key=str)
        by_name = {s.name: s for s in symbols if isinstance(s, (Covariate, Param))}
        constants = [by_name.get(name, sympy.Dummy()) for name in names]
        self.arguments = [AGE, self.states, list(model.inputs), constants, amounts]
        self.amounts = len(amounts)

    def function(self, expressions: list) -> Callable[..., np.ndarray]:
        replaced = [sympy.sympify(e).xreplace(self.quantity) for e in expressions]
        made = sympy.lambdify(self.arguments, replaced, modules="numpy", cse=True)
        return lambda t, y, u, c, amount=0.0: np.array(
            [float(v) for v in made(t, y, u, c, [amount] * self.amounts)]
        )

    def rates(self) -> Callable[..., np.ndarray]:
        return self.function([line.rate for line in self.model.states])

    def quantities(self) -> Callable[..., np.ndarray]:
        return self.function([line.handle for line in self.model.quantities])

    def initial(self) -> Callable[..., np.ndarray]:
        return self.function([line.initial for line in self.model.states])

    def dose(self, index: int) -> tuple[list[int], Callable[..., np.ndarray]]:
        jumps = self.model.doses[index].jumps
        return [self.states.index(s) for s, _ in jumps], self.function([e for _, e in jumps])


def integrate(
    model: Model, batch: Batch, row: int, rates: Callable, *, rtol: float = 1e-10, scales=None
) -> np.ndarray:
    """Return the samples of one patient by CVODE, restarted at every event; hazards are ignored.

    ``rates(t, y, inputs, constants)`` is the right side, since SymPy's own is slow for decades.
    """
    equations = Equations(model)
    doses = [equations.dose(i) for i in range(len(model.doses))]
    c = batch.constants[row]
    u = (
        np.zeros(len(model.inputs))
        if batch.initial_inputs is None
        else batch.initial_inputs[row].copy()
    )
    t, end = float(batch.start[row]), float(batch.end[row])
    if batch.initial_states is None:
        y = equations.initial()(t, np.zeros(len(equations.states)), u, c)
    else:
        y = np.array(batch.initial_states[row])
    scales = np.array([s.handle.scale for s in model.states]) if scales is None else scales
    empty = np.zeros(2, np.int64)
    spans = empty if batch.event_offsets is None else batch.event_offsets[row : row + 2]
    events = [
        (batch.event_times[i], batch.event_codes[i], batch.event_values[i]) for i in range(*spans)
    ]
    events = [e for e in events if e[0] < end]
    samples = batch.sample_times[batch.sample_offsets[row] : batch.sample_offsets[row + 1]]
    out = np.empty((len(samples), len(y)))
    for stop in sorted({*(e[0] for e in events), end}):
        if stop > t:
            wanted = samples[(samples > t) & (samples < stop)]
            grid = np.array([t, *wanted, stop])

            def right(time, state, slope):
                slope[:] = rates(time, state, u, c)  # noqa: B023 (used before u changes)

            solver = CVODE(right, rtol=rtol, atol=rtol * scales, max_num_steps=10**7)
            result = solver.solve(grid, y)
            assert result.success, result
            course = np.atleast_2d(result.y)
            if len(grid) == 2:  # then CVODE tells every step of its own
                course = course[[0, -1]]
            assert len(course) == len(grid)
            out[(samples > t) & (samples < stop)] = course[1:-1]
            if t == batch.start[row]:
                out[samples == t] = y
            y, t = course[-1].copy(), stop
        out[samples == stop] = y
        for time, code, value in events:
            if time == stop and code >= 0:
                where, jump = doses[code]
                change = jump(t, y, u, c, value)
                y = y.copy()
                np.add.at(y, where, change)
            elif time == stop:
                u = u.copy()
                u[-1 - code] = value
    return out


def error(model: Model, found: np.ndarray, exact: np.ndarray, scales=None) -> float:
    """Return the largest error, each state's measured against scale + |value|."""
    scales = np.array([s.handle.scale for s in model.states]) if scales is None else scales
    return float(np.max(np.abs(found - exact) / (scales + np.abs(exact))))
