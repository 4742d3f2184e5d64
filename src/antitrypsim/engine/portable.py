"""The engine without LLVM: the same programs run by numpy; slow, portable, and a check."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from antitrypsim.engine.kernel import (
    Batch,
    Checked,
    Courses,
    Floats,
    Integers,
    empty_courses,
    positions,
)
from antitrypsim.engine.lowering import Lowered
from antitrypsim.engine.numpy_program import NumpyProgram
from antitrypsim.engine.portable_run import Programs, Run
from antitrypsim.engine.tableau import RODAS5P, Tableau
from antitrypsim.foundations.errors import Cancelled


class PortableKernel:
    """A model run by numpy, all patients of a batch abreast."""

    backend = "portable"

    def __init__(self, lowered: Lowered, tableau: Tableau = RODAS5P) -> None:
        self.lowered = lowered
        self.tableau = tableau
        self.state_names = lowered.state_names
        self.quantity_names = lowered.quantity_names
        self.constant_names = lowered.constant_names
        self.input_names = lowered.input_names
        self.input_defaults = lowered.input_defaults
        self.dose_names = lowered.dose_names
        self.hazard_names = lowered.hazard_names
        self.rest = lowered.rest
        self.programs = Programs(lowered)

    def advance(
        self,
        batch: Batch,
        *,
        tolerance: float = 1e-4,
        scales: Floats | None = None,
        max_steps: int = 10_000_000,
        threads: int = 2,
        cancel: Callable[[], bool] | None = None,
    ) -> Courses:
        """Advance every patient from its start to its end (see ``Kernel``); no threads."""
        checked = Checked(batch, self)
        scale = np.asarray(self.lowered.scales if scales is None else scales, float)
        courses = empty_courses(checked, self)
        run = Run(self.programs, self.tableau, checked, courses, tolerance, scale, max_steps)
        while run.active.any():
            if cancel is not None and cancel():
                raise Cancelled("the run was stopped")
            run.step()
        return courses

    def observe(
        self,
        constants: Floats,
        times: Floats,
        states: Floats,
        inputs: Floats,
        names: Sequence[str],
        *,
        owner: Integers | None = None,
    ) -> Floats:
        """Return the named states and quantities of rows (see ``Kernel``)."""
        graph = self.lowered.graph
        leaves = [graph.leaf("state", i) for i in range(len(self.state_names))]
        nodes = [*leaves, *self.lowered.quantities]
        wanted = [nodes[i] for i in positions(self, names)]
        return self._over_rows(wanted, constants, times, states, inputs, owner)

    def rates(self, constants: Floats, times: Floats, states: Floats, inputs: Floats) -> Floats:
        """Return the rate of change of every state (rows, states)."""
        return self._over_rows(self.lowered.rates, constants, times, states, inputs)

    def jacobian(self, constants: Floats, times: Floats, states: Floats, inputs: Floats) -> Floats:
        """Return the derivatives of rates by states (rows, states, states)."""
        entries = list(self.lowered.jacobian.items())
        values = self._over_rows([v for _, v in entries], constants, times, states, inputs)
        n = len(self.state_names)
        out = np.zeros((len(values), n, n))
        for k, ((i, j), _) in enumerate(entries):
            out[:, i, j] = values[:, k]
        return out

    def _over_rows(
        self,
        nodes: Sequence[int],
        constants: Floats,
        times: Floats,
        states: Floats,
        inputs: Floats,
        owner: Integers | None = None,
    ) -> Floats:
        states = np.atleast_2d(np.asarray(states, float))
        rows = len(states)
        constants = np.atleast_2d(np.asarray(constants, float))
        if owner is not None:
            constants = constants[owner]
        leaves = {
            "constant": np.broadcast_to(constants, (rows, constants.shape[1])).T,
            "state": states.T,
            "input": np.asarray(inputs, float).reshape(rows, -1).T,
            "time": np.broadcast_to(times, (rows,))[None],
        }
        result: Floats = NumpyProgram(self.lowered.graph, nodes)(leaves, {}, rows).T.copy()
        return result
