"""Finds the kinds of design of a folder, so that adding a file adds a kind."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import MappingProxyType
from typing import Literal, get_args, get_origin

from antitrypsim.foundations.errors import InputError
from antitrypsim.laboratory.designs.base import DesignTerms


def discover(folder: str | Path, package: str) -> Mapping[str, type[DesignTerms]]:
    """Return the class of every kind of design in the files of ``folder``, by its word, read-only.

    ``package`` is the import name of the folder; files that begin with ``_`` are not looked into.
    Raises ``InputError`` when two files claim one word.
    """
    found: dict[str, type[DesignTerms]] = {}
    for file in sorted(iter_modules([str(folder)]), key=lambda each: each.name):
        if file.name.startswith("_"):
            continue
        module = import_module(f"{package}.{file.name}")
        for held in vars(module).values():
            if not (isinstance(held, type) and issubclass(held, DesignTerms)):
                continue
            # A class that is only imported by the file belongs to the file that defines it.
            if held.__module__ != module.__name__ or not (word := word_of(held)):
                continue
            if word in found:
                raise InputError(f"two designs are both of the kind '{word}'")
            found[word] = held
    return MappingProxyType(dict(sorted(found.items())))


def word_of(kind: type[DesignTerms]) -> str:
    """Return the word by which files name a kind; "" for a class that has not narrowed ``kind``."""
    said = kind.model_fields["kind"].annotation
    return str(get_args(said)[0]) if get_origin(said) is Literal else ""
