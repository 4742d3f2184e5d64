"""What the kernel takes as constant of each person: own parameters, then covariates."""

from __future__ import annotations

import numpy as np

from antitrypsim.foundations.arrays import Floats
from antitrypsim.foundations.errors import InputError
from antitrypsim.modelling import Model
from antitrypsim.simulation.people import People
from antitrypsim.uncertainty.draws import Draws


def constant_names(model: Model) -> tuple[str, ...]:
    """Return parameter ids, then names of covariates, in the kernel's order."""
    return (*model.parameter_names, *(c.name for c in model.covariates))


def constants_of(model: Model, people: People, sets: Draws) -> Floats:
    """Return the constants of people x draws, (people * draws, constants), draws within a person.

    Raises InputError for a covariate of the model that the people do not have.
    """
    n, d = len(people), len(sets)
    table = np.empty((n, d, len(constant_names(model))))
    for k, parameter in enumerate(model.parameters):
        values = sets.values[:, k]
        z = people.effects.get(parameter.id)
        if z is None:
            table[:, :, k] = values[None, :]
            continue
        # Every spread is a function of its size times z, so that a factor on one is on both.
        own = z[:, None] if sets.spreads is None else z[:, None] * sets.spreads[None, :, k]
        table[:, :, k] = parameter.between_patients.transform(values[None, :], own)
    for k, covariate in enumerate(model.covariates, start=len(model.parameters)):
        if covariate.name not in people.covariates:
            raise InputError(f"the people have no '{covariate.name}'")
        table[:, :, k] = people.covariates[covariate.name][:, None]
    return table.reshape(n * d, -1)
