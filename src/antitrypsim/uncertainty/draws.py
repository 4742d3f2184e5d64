"""Parameter sets and draws from what is uncertain, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from antitrypsim.foundations.errors import InputError, ModelError, nearest
from antitrypsim.foundations.plain import Plain
from antitrypsim.foundations.plural import so_many
from antitrypsim.foundations.provenance import SCHEMA_VERSION, content_hash
from antitrypsim.foundations.random import normals
from antitrypsim.foundations.seed import SEED
from antitrypsim.modelling import Model


def check_number_of_draws(draws: int, most: int) -> None:
    """Raise InputError for a number of draws that cannot be; 0 is none, and one has no spread."""
    if not 0 <= draws <= most or draws == 1:
        raise InputError(f"{so_many(draws, 'draw')} cannot be; 0, or between 2 and {most:,} can")


@dataclass(frozen=True)
class ParameterSet:
    """Typical values by parameter id that replace a model's own: a species, a fit, a what-if.

    ``spreads`` are factors by parameter id on how far people differ: 1 is as the model has it.
    """

    name: str = "human"
    values: Mapping[str, float] = field(default_factory=dict)
    spreads: Mapping[str, float] = field(default_factory=dict)

    def check(self, model: Model) -> None:
        """Raise ModelError for a value of a parameter that the model does not have."""
        for key in (*self.values, *self.spreads):
            if key not in model.parameter_names:
                raise ModelError(
                    f"no parameter '{key}'{nearest(key, model.parameter_names)}", key=self.name
                )

    def within(self, model: Model) -> ParameterSet:
        """Return the part that is of parameters of a model, such as one with fewer therapies."""
        known = set(model.parameter_names)
        return ParameterSet(
            self.name,
            {key: value for key, value in self.values.items() if key in known},
            {key: value for key, value in self.spreads.items() if key in known},
        )

    def to_dict(self) -> Plain:
        """Return plain data."""
        return {
            "schema": SCHEMA_VERSION,
            "kind": "parameter set",
            "name": self.name,
            "values": dict(self.values),
            **({"spreads": dict(self.spreads)} if self.spreads else {}),
        }

    @cached_property
    def content_hash(self) -> str:
        """Hash of the values; the name does not count."""
        return content_hash({**self.to_dict(), "name": ""})


@dataclass(frozen=True, eq=False)
class Draws:
    """Typical values of all parameters, one row a draw: ``values`` has shape (draws, parameters).

    ``spreads``, of the same shape, are factors on how far people differ; None where all are 1.
    """

    names: tuple[str, ...]
    values: NDArray[np.float64]
    spreads: NDArray[np.float64] | None = None

    def __len__(self) -> int:
        return int(self.values.shape[0])

    def take(self, rows: slice | NDArray[np.int64]) -> Draws:
        """Return some of the draws."""
        spreads = None if self.spreads is None else self.spreads[rows]
        return Draws(self.names, self.values[rows], spreads)

    def to_dict(self) -> Plain:
        """Return plain data."""
        return {
            "schema": SCHEMA_VERSION,
            "kind": "draws",
            "names": list(self.names),
            "values": self.values,
            **({} if self.spreads is None else {"spreads": self.spreads}),
        }

    @cached_property
    def content_hash(self) -> str:
        """Hash of names and values."""
        return content_hash(self.to_dict())


def typical(model: Model, parameters: ParameterSet | None = None) -> Draws:
    """Return one draw that holds the typical values, with those of ``parameters`` put in."""
    replaced = dict(parameters.values) if parameters else {}
    if parameters:
        parameters.check(model)
    row = np.array([[replaced.get(p.id, p.value) for p in model.parameters]])
    spreads = None
    if parameters and parameters.spreads:
        spreads = np.array([[parameters.spreads.get(p.id, 1.0) for p in model.parameters]])
    return Draws(model.parameter_names, row, spreads)


def draw_uncertainty(
    model: Model, count: int, *, seed: int = SEED, parameters: ParameterSet | None = None
) -> Draws:
    """Return ``count`` draws of the typical values from each parameter's uncertainty of knowledge."""
    around = typical(model, parameters)
    base = around.values[0]
    rows = np.arange(count, dtype=np.int64)
    columns = []
    for parameter, value in zip(model.parameters, base, strict=True):
        z = normals(seed, f"uncertainty {parameter.id}", rows)[:, 0]
        columns.append(np.broadcast_to(parameter.uncertainty.transform(value, z), (count,)))
    spreads = None if around.spreads is None else np.repeat(around.spreads, count, axis=0)
    return Draws(model.parameter_names, np.stack(columns, axis=1), spreads)
