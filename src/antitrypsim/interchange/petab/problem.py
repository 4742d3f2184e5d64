"""A parameter estimation problem as a value, the same for both versions of PEtab."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Parameter:
    """A parameter of the problem; ``scale`` is lin, log or log10, bounds and nominal are not scaled."""

    id: str
    nominal: float
    lower: float
    upper: float
    estimate: bool = True
    scale: str = "lin"


@dataclass(frozen=True)
class Observable:
    """A formula of what is observed and one of its noise.

    ``transformed`` is lin, log or log10: the scale on which the error is normal. Placeholders stand
    in the formulas for what each measurement says.
    """

    id: str
    formula: str
    noise: str
    transformed: str = "lin"
    placeholders: tuple[str, ...] = ()
    noise_placeholders: tuple[str, ...] = ()
    name: str = ""


@dataclass(frozen=True)
class Measurement:
    """One measured value at ``time``; overrides are numbers or ids of parameters, as text."""

    observable: str
    time: float
    value: float
    condition: str = ""
    overrides: tuple[str, ...] = ()
    noise_overrides: tuple[str, ...] = ()


@dataclass(frozen=True)
class PetabProblem:
    """SBML, parameters, observables, measurements, and by condition what it sets: numbers or ids."""

    sbml: str
    parameters: tuple[Parameter, ...]
    observables: tuple[Observable, ...]
    measurements: tuple[Measurement, ...]
    conditions: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def nominal(self) -> dict[str, float]:
        """The nominal values, by parameter."""
        return {p.id: p.nominal for p in self.parameters}
