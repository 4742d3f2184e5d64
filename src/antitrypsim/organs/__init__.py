"""Organs: one folder each. They import each other in one order only, older to newer.

The imports are that order: no list says it a second time, and a test forbids a circle of folders.
"""

from functools import cache
from pathlib import Path

from antitrypsim.foundations.discovery import load_module, module_folders
from antitrypsim.modelling import Module


@cache
def organ_modules() -> tuple[Module, ...]:
    """Return the module of every organ folder."""
    folders = module_folders(Path(__file__).parent)
    return tuple(load_module(folder, "antitrypsim.organs").MODULE for folder in folders)
