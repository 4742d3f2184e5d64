"""The numbers of this room: what is drawn of people, and what is fixed."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from antitrypsim.evidence import Parameter, load_fixed, load_parameters
from antitrypsim.foundations.arrays import Floats

_FILE = Path(__file__).parent / "parameters.toml"

FIXED = load_fixed(_FILE, "populations")
"""Limits, bands and pauses: the same for everybody."""


@cache
def population_parameters() -> dict[str, Parameter]:
    """Return the parameters of this room, by name."""
    return load_parameters(_FILE, "populations")


def typical_value(name: str) -> float:
    """Return the typical value of a parameter of this room."""
    return population_parameters()[name].value


def people_at(name: str, z: Floats) -> Floats:
    """Return a parameter of this room of people whose standard normals are ``z``."""
    parameter = population_parameters()[name]
    return parameter.between_patients.transform(parameter.value, z)
