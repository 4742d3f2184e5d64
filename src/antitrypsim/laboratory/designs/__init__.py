"""How each kind of trial is run over many replicates: a file each, found by being in this folder."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from antitrypsim.foundations.errors import InputError


@cache
def designs() -> dict[str, Any]:
    """Return ``conduct`` of every kind, by kind: a function of (laboratory, drawn) to an Outcome.

    A file states ``KINDS`` and ``conduct``; ``places(laboratory, participants)`` if it needs more
    places drawn than participants; ``check(design, protocol)`` if some designs of its kind cannot be.
    """
    found: dict[str, Any] = {}
    for info in sorted(iter_modules(__path__), key=lambda each: each.name):
        if info.name.startswith("_"):
            continue
        module = import_module(f"{__name__}.{info.name}")
        for kind in module.KINDS:
            if kind in found:
                raise InputError(f"two designs are both of the kind '{kind}'")
            found[kind] = module
    return found
