"""One registry of endpoints: a file of ``catalogue/`` is an endpoint, and nothing else needs to know.

Protocols, trials, the laboratory and reports ask it for titles, units, kinds, noise and limits.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from antitrypsim.endpoints.endpoint import Endpoint, Kind, NoiseKind
from antitrypsim.evidence import Parameter, load_parameters
from antitrypsim.foundations.errors import EvidenceError, InputError, ModelError, nearest

_PARAMETERS = Path(__file__).parent / "parameters.toml"


def _discovered() -> dict[str, Endpoint]:
    package = importlib.import_module("antitrypsim.endpoints.catalogue")
    found: dict[str, Endpoint] = {}
    for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda each: each.name):
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        one: Endpoint = module.ENDPOINT
        if one.id != info.name:
            raise ModelError(f"the endpoint '{one.id}' lies in the file '{info.name}.py'")
        same = [other.id for other in found.values() if other.paramcd == one.paramcd]
        if same:
            raise ModelError(
                f"the endpoints '{same[0]}' and '{one.id}' have one PARAMCD, '{one.paramcd}'; data "
                "would mix them: give each its own"
            )
        found[one.id] = one
    return found


ENDPOINTS: Mapping[str, Endpoint] = MappingProxyType(_discovered())
"""Every endpoint by id: a contract with files that people wrote."""


def endpoint(id: str) -> Endpoint:
    """Return an endpoint by id; raise InputError with the nearest one."""
    try:
        return ENDPOINTS[id]
    except KeyError:
        raise InputError(f"no endpoint '{id}'{nearest(id, list(ENDPOINTS))}") from None


@cache
def assessment_parameters() -> Mapping[str, Parameter]:
    """Return the parameters of measurement, by name; their ids begin with 'assessment.'."""
    return MappingProxyType(load_parameters(_PARAMETERS, "assessment"))


def assessment_parameter(name: str) -> Parameter:
    """Return a parameter of measurement by name; raise EvidenceError with the nearest one."""
    known = assessment_parameters()
    if name not in known:
        hint = nearest(name, [*known]) or f"; write it under [{name}]"
        raise EvidenceError(f"no parameter '{name}'{hint}", path=str(_PARAMETERS))
    return known[name]


__all__ = [
    "ENDPOINTS",
    "Endpoint",
    "Kind",
    "NoiseKind",
    "assessment_parameter",
    "assessment_parameters",
    "endpoint",
]
