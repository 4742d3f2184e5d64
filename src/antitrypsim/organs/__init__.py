"""Organs: one folder each. They import each other in one order only, older to newer."""

from functools import cache
from pathlib import Path

from antitrypsim.foundations.discovery import load_module, module_folders
from antitrypsim.modelling import Module

ORDER = (
    "circulation",
    "immunity",
    "rejection",
    "liver",
    "portal",
    "lung",
    "wellbeing",
    "events",
    "paracrine",
    "harms",
)


@cache
def organ_modules() -> tuple[Module, ...]:
    """Return the module of every organ folder."""
    folders = module_folders(Path(__file__).parent)
    return tuple(load_module(folder, "antitrypsim.organs").MODULE for folder in folders)
