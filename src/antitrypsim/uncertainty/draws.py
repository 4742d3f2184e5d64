"""Parameter sets and draws from what is uncertain, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from antitrypsim.foundations.errors import ModelError, nearest
from antitrypsim.foundations.plain import Plain
from antitrypsim.foundations.provenance import SCHEMA_VERSION, content_hash
from antitrypsim.foundations.random import normals
from antitrypsim.foundations.seed import SEED
from antitrypsim.modelling import Model


@dataclass(frozen=True)
class ParameterSet:
    """Typical values by parameter id that replace a model's own: a species, a fit, a what-if."""

    name: str = "human"
    values: Mapping[str, float] = field(default_factory=dict)

    def check(self, model: Model) -> None:
        """Raise ModelError for a value of a parameter that the model does not have."""
        for key in self.values:
            if key not in model.parameter_names:
                raise ModelError(
                    f"no parameter '{key}'{nearest(key, model.parameter_names)}", key=self.name
                )

    def to_dict(self) -> Plain:
        """Return plain data."""
        return {
            "schema": SCHEMA_VERSION,
            "kind": "parameter set",
            "name": self.name,
            "values": dict(self.values),
        }

    @cached_property
    def content_hash(self) -> str:
        """Hash of the values; the name does not count."""
        return content_hash({**self.to_dict(), "name": ""})


@dataclass(frozen=True, eq=False)
class Draws:
    """Typical values of all parameters, one row a draw: ``values`` has shape (draws, parameters)."""

    names: tuple[str, ...]
    values: NDArray[np.float64]

    def __len__(self) -> int:
        return int(self.values.shape[0])

    def to_dict(self) -> Plain:
        """Return plain data."""
        return {
            "schema": SCHEMA_VERSION,
            "kind": "draws",
            "names": list(self.names),
            "values": self.values,
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
    return Draws(model.parameter_names, row)


def draw_uncertainty(
    model: Model, count: int, *, seed: int = SEED, parameters: ParameterSet | None = None
) -> Draws:
    """Return ``count`` draws of the typical values from each parameter's uncertainty of knowledge."""
    base = typical(model, parameters).values[0]
    rows = np.arange(count, dtype=np.int64)
    columns = []
    for parameter, value in zip(model.parameters, base, strict=True):
        z = normals(seed, f"uncertainty {parameter.id}", rows)[:, 0]
        columns.append(np.broadcast_to(parameter.uncertainty.transform(value, z), (count,)))
    return Draws(model.parameter_names, np.stack(columns, axis=1))
