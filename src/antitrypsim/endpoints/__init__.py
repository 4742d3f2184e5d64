"""One registry of endpoints: a file of ``catalogue/`` is an endpoint, and nothing else needs to know.

Protocols, trials, the laboratory and reports ask it for titles, units, kinds, noise and limits.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from types import MappingProxyType

from antitrypsim.endpoints.endpoint import Endpoint, Kind, NoiseKind
from antitrypsim.foundations.errors import InputError, ModelError, nearest


def _discovered() -> dict[str, Endpoint]:
    package = importlib.import_module("antitrypsim.endpoints.catalogue")
    found: dict[str, Endpoint] = {}
    for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda each: each.name):
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        one: Endpoint = module.ENDPOINT
        if one.id != info.name:
            raise ModelError(f"the endpoint '{one.id}' lies in the file '{info.name}.py'")
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


__all__ = ["ENDPOINTS", "Endpoint", "Kind", "NoiseKind", "endpoint"]
