"""Finds the analyses of a folder, so that adding a file adds an analysis."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from inspect import isabstract
from pathlib import Path
from pkgutil import iter_modules
from types import MappingProxyType

from antitrypsim.foundations.errors import InputError
from antitrypsim.statistics.analysis.base import Analysis


def discover(folder: str | Path, package: str) -> Mapping[str, Analysis]:
    """Every concrete ``Analysis`` defined in the files of ``folder``, by name, read-only.

    ``package`` is the import name of the folder; files that begin with ``_`` are not looked into.
    Raises ``InputError`` when two files claim one name.
    """
    found: dict[str, Analysis] = {}
    for file in sorted(iter_modules([str(folder)]), key=lambda each: each.name):
        if file.name.startswith("_"):
            continue
        module = import_module(f"{package}.{file.name}")
        for kind in vars(module).values():
            if not (isinstance(kind, type) and issubclass(kind, Analysis)):
                continue
            # A class that is only imported by the file belongs to the file that defines it.
            if isabstract(kind) or kind.__module__ != module.__name__:
                continue
            if kind.name in found:
                raise InputError(f"two analyses are both named '{kind.name}'")
            found[kind.name] = kind()
    return MappingProxyType(dict(sorted(found.items())))
