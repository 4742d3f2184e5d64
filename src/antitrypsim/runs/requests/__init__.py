"""The kinds of question: a file is one, and nothing else lists them."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from antitrypsim.documents.faults import unknown
from antitrypsim.foundations.errors import InputError
from antitrypsim.runs.request import Request

__all__ = ["Request", "request_from", "requests"]


@cache
def requests() -> Mapping[str, type[Request]]:
    """Return every kind of question by its command."""
    found: dict[str, type[Request]] = {}
    for info in sorted(pkgutil.iter_modules(__path__), key=lambda each: each.name):
        kind: type[Request] = importlib.import_module(f"{__name__}.{info.name}").REQUEST
        found[kind.command] = kind
    return MappingProxyType(found)


def request_from(data: Mapping[str, object]) -> Request:
    """Return the request that ``to_dict`` gave; raise InputError for anything else."""
    if not isinstance(data, Mapping) or "request" not in data:
        raise InputError(f"a request says {{'request': ...}}: one of {', '.join(requests())}")
    said = dict(data)
    kind = str(said.pop("request"))
    if kind not in requests():
        raise InputError(unknown("request", kind, requests()))
    return requests()[kind].from_dict(said)
