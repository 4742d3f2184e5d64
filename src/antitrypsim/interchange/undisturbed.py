"""One person's course without chance events, as the exported equations have it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from antitrypsim.engine.compile import compile_model
from antitrypsim.engine.kernel import Batch, Kernel
from antitrypsim.foundations.arrays import Floats
from antitrypsim.foundations.errors import RunError
from antitrypsim.foundations.units import YEAR
from antitrypsim.modelling import Model
from antitrypsim.simulation.constants import constants_of
from antitrypsim.simulation.model_for import model_for
from antitrypsim.simulation.people import People
from antitrypsim.simulation.regimen import Regimen
from antitrypsim.simulation.schedule import schedule_of
from antitrypsim.uncertainty.draws import ParameterSet, typical

TOLERANCE = 1e-9
"""Error allowed in each step: an optimiser's differences need more than a trial's statistics."""


@dataclass(frozen=True, eq=False)
class Undisturbed:
    """A model, one person, what is given and for how many years after day 0."""

    model: Model
    person: People
    regimen: Regimen
    years: float
    draws: ParameterSet | None = None

    @cached_property
    def whole(self) -> Model:
        """The model with inputs for what runs in and for weight that changes."""
        return model_for(self.model, (self.regimen,))

    @cached_property
    def _kernel(self) -> Kernel:
        return compile_model(self.whole)

    @cached_property
    def constants(self) -> Floats:
        """The person's own parameters and covariates, in the kernel's order."""
        return constants_of(self.model, self.person, typical(self.model, self.draws))

    def outputs(
        self,
        days: Sequence[float] | Floats,
        names: Sequence[str],
        replaced: Mapping[str, float] | None = None,
    ) -> Floats:
        """Return outputs at ascending days since day 0, (days, names).

        ``replaced`` are constants by name. Raises RunError where the course cannot be integrated.
        """
        kernel, constants = self._kernel, self.constants.copy()
        for name, value in (replaced or {}).items():
            constants[:, kernel.constant_names.index(name)] = value
        start, ages = self.person.birth, self.person.age[0] + np.asarray(days, dtype=np.float64)
        end = self.person.age + self.years * YEAR
        one = np.zeros(1, dtype=np.int64)
        events = schedule_of(kernel, self.person, (self.regimen,), one, start, end)
        batch = Batch(
            constants=constants,
            start=start,
            end=end,
            initial_inputs=events.inputs,
            event_offsets=events.offsets,
            event_times=events.times,
            event_codes=events.codes,
            event_values=events.values,
            sample_offsets=np.array([0, ages.size]),
            sample_times=ages,
        )
        course = kernel.advance(batch, tolerance=TOLERANCE)
        if course.status[0] != 0:
            raise RunError("the course of this person could not be integrated with these values")
        return kernel.observe(
            constants,
            ages,
            course.states,
            course.inputs,
            names,
            owner=np.zeros(ages.size, np.int64),
        )
