"""Therapies: one folder each. A folder is its own registration."""

from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path

from antitrypsim.foundations.discovery import load_module, module_folders
from antitrypsim.foundations.errors import ModelError, nearest
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


def switched_off(without: Iterable[str]) -> tuple[str, ...]:
    """Return the sentence that any output of a model without these must carry; none where none is."""
    names = ", ".join(without)
    return (f"Switched off: {names}.",) if names else ()


def build_model(
    *,
    without: Iterable[str] = (),
    extra: Iterable[Path] = (),
    therapies: Iterable[str] | None = None,
) -> Model:
    """Return the whole model: every organ, every therapy, and module folders from elsewhere.

    ``without`` names modules or mechanisms whose effects are switched off. ``therapies`` keeps
    only these of the packaged therapies, and the interactions between them: a smaller model in
    which the same people live the same lives. Raises ModelError for an incomplete folder, an
    unknown name or a module that does not compose.
    """
    outside = tuple(load_module(folder).MODULE for folder in extra)
    kept = None if therapies is None else frozenset(therapies)
    without = tuple(without)
    if not outside:
        # Interactions come with their therapies: who names them too asks for the same model.
        return _packaged_model(frozenset(module.name for module in _kept(kept)), without)
    return compose([*organ_modules(), *_kept(kept), *outside], without=without)


@cache
def therapy_of() -> dict[str, str]:
    """Return for every dose, 'product/route', the therapy that it belongs to."""
    return {dose.name: module.name for module in therapy_modules() for dose in module.doses}


def therapies_in(names: Iterable[str]) -> tuple[str, ...]:
    """Return the packaged therapies that doses ('product/route') and inputs belong to."""
    homes = dict(therapy_of())
    for module in therapy_modules():
        homes |= {dose.holds.name: module.name for dose in module.doses if dose.holds is not None}
        homes |= {handle.name: module.name for handle in module.inputs}
    return tuple(sorted({homes[name] for name in names if name in homes}))


@cache
def refusals() -> dict[str, str]:
    """Return for every 'product/route' that makes no sense the reason."""
    return {name: r.why for module in therapy_modules() for name, r in module.refuses.items()}


@lru_cache
def _packaged_model(kept: frozenset[str], without: tuple[str, ...]) -> Model:
    return compose([*organ_modules(), *_kept(kept)], without=without)


def _kept(names: frozenset[str] | None) -> list[Module]:
    modules = therapy_modules()
    if names is None:
        return list(modules)
    known = [module.name for module in modules]
    for name in sorted(names):
        if name not in known:
            raise ModelError(f"no therapy '{name}'{nearest(name, known)}")
    return [m for m in modules if m.name in names or (m.needs and names.issuperset(m.needs))]
