"""Where every question gets its people: from the library of lives, or met anew."""

from __future__ import annotations

from antitrypsim.foundations.arguments import whole
from antitrypsim.foundations.seed import SEED
from antitrypsim.modelling import Model
from antitrypsim.populations.drawn import MOST_PLACES, can_draw, draw
from antitrypsim.populations.drawn_like import can_draw_like, draw_like
from antitrypsim.populations.enrol import Cohort, enrol, enrol_places, together
from antitrypsim.populations.matching import Description, meet_like
from antitrypsim.populations.shelf import Shelf
from antitrypsim.populations.spec import MOST_PARTICIPANTS, Population
from antitrypsim.simulation.settings import DEFAULT, Settings
from antitrypsim.therapies import build_model, therapy_modules
from antitrypsim.uncertainty.draws import ParameterSet


def cohort(
    model: Model,
    population: Population,
    count: int,
    *,
    parameters: ParameterSet | None = None,
    settings: Settings = DEFAULT,
) -> Cohort:
    """Return ``count`` people of a population, each with a life behind them up to day 0.

    They are drawn from the library of lives where it can have them (``from_library``), the places after
    the first 2,048 and all others are met by ``enrol``; both ways give the same distribution. Raises as
    there.
    """
    count = whole(count, "count")
    if not _drawn(model, population, parameters, settings) or not 1 <= count <= MOST_PARTICIPANTS:
        return enrol(model, population, count, parameters=parameters, settings=settings)
    return _places(model, population, 0, count, settings)


def cohort_places(
    model: Model, population: Population, first: int, count: int, *, settings: Settings = DEFAULT
) -> Cohort:
    """Return who takes ``count`` places from number ``first`` on: those whom ``cohort`` puts there.

    A course that cannot be integrated is as in ``enrol_places``. Raises as there.
    """
    if not _drawn(model, population, None, settings):
        return enrol_places(model, population, first, count, settings=settings)
    return _places(model, population, first, count, settings)


def cohort_like(
    model: Model,
    described: Description,
    count: int,
    *,
    parameters: ParameterSet | None = None,
    settings: Settings = DEFAULT,
) -> Cohort:
    """Return up to ``count`` people like the described one, from the library or as ``meet_like``."""
    if from_library(model, parameters, settings) and can_draw_like(described):
        return draw_like(Shelf(settings=settings), model, described, count, settings=settings)
    return meet_like(model, described, count, parameters=parameters, settings=settings)


def from_library(model: Model, parameters: ParameterSet | None, settings: Settings) -> bool:
    """Return whether people may be drawn from the library of lives.

    It holds lives of one seed, the usual one: under another seed other people are met, so that what
    differs between seeds is chance and they do not share their people. It is of the model as it is
    packaged, with whatever therapies, at its typical values.
    """
    return (
        not settings.meet_anew and settings.key == SEED and parameters is None and _packaged(model)
    )


def _packaged(model: Model) -> bool:
    """Return whether a model is one of this package, with nothing switched off or added."""
    names = {name for name, _ in model.modules}
    whole = build_model(therapies=names & {module.name for module in therapy_modules()})
    return model is whole or model.content_hash == whole.content_hash


def _drawn(
    model: Model, population: Population, parameters: ParameterSet | None, settings: Settings
) -> bool:
    return from_library(model, parameters, settings) and can_draw(population)


def _places(
    model: Model, population: Population, first: int, count: int, settings: Settings
) -> Cohort:
    drawn = max(0, min(first + count, MOST_PLACES) - first)
    parts = []
    if drawn:
        parts.append(
            draw(Shelf(settings=settings), model, population, first, drawn, settings=settings)
        )
    if drawn < count:
        rest = enrol_places(model, population, first + drawn, count - drawn, settings=settings)
        parts.append(rest)
    return parts[0] if len(parts) == 1 else together(parts)
