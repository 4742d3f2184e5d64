"""Therapies: one folder each. A folder is its own registration."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from antitrypsim.foundations.discovery import load_module, module_folders
from antitrypsim.modelling import Model, Module, compose
from antitrypsim.organs import organ_modules


@cache
def therapy_modules() -> tuple[Module, ...]:
    """Return the module of every therapy folder and of every interaction folder."""
    here = Path(__file__).parent
    therapies = [
        load_module(folder, "antitrypsim.therapies").MODULE
        for folder in module_folders(here, skip=("interactions",))
    ]
    interactions = [
        load_module(folder, "antitrypsim.therapies.interactions").MODULE
        for folder in module_folders(here / "interactions")
    ]
    return tuple(therapies + interactions)


def build_model(*, without: Iterable[str] = (), extra: Iterable[Path] = ()) -> Model:
    """Return the whole model: every organ, every therapy, and module folders from elsewhere.

    ``without`` names modules whose effects are switched off. Raises ModelError for an incomplete
    folder or a module that does not compose.
    """
    outside = tuple(load_module(folder).MODULE for folder in extra)
    without = tuple(without)
    if not outside and not without:
        return _whole_model()
    return compose([*organ_modules(), *therapy_modules(), *outside], without=without)


@cache
def _whole_model() -> Model:
    return compose([*organ_modules(), *therapy_modules()])
