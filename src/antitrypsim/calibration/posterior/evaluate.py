"""One evaluation of the targets: every statistic of the model with given values, by label."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from antitrypsim.calibration.statistic import Statistic
from antitrypsim.calibration.targets import studies
from antitrypsim.calibration.validate import therapies_together, validate
from antitrypsim.foundations.provenance import content_hash
from antitrypsim.modelling import Model
from antitrypsim.simulation.settings import DEFAULT, Settings
from antitrypsim.therapies import build_model
from antitrypsim.uncertainty.draws import ParameterSet


class Evaluate(Protocol):
    """Statistics by label, 'TGT-02 functional mean µM', of people who live under given values.

    The same parameters, people, seed and targets give the same numbers, whatever was asked before. A
    RunError or InputError says that these values cannot be lived.
    """

    def __call__(
        self,
        parameters: ParameterSet,
        people: int,
        seed: int,
        *,
        targets: Sequence[str],
        settings: Settings,
    ) -> Mapping[str, Statistic]:
        """Return the statistics."""
        ...


def evaluate(
    parameters: ParameterSet,
    people: int,
    seed: int,
    *,
    targets: Sequence[str],
    settings: Settings = DEFAULT,
) -> Mapping[str, Statistic]:
    """Return the statistics of targets in ``people`` of each population; raises as ``validate``."""
    found = validate(
        people=people,
        only=list(targets),
        parameters=parameters,
        settings=replace(settings, seed=seed),
    )
    return {
        f"{row.published.id} {check.label}": Statistic(check.label, check.value, check.error)
        for row in found.rows
        for check in row.checks
    }


def models_of(targets: Iterable[str]) -> tuple[Model, ...]:
    """Return the models in which targets are simulated, each once, in the order of the targets' ids."""
    given = therapies_together(studies())
    used = dict.fromkeys(tuple(sorted(given[id])) for id in sorted(targets))
    return tuple(build_model(therapies=each) for each in used)


def equations_hash(models: Iterable[Model]) -> str:
    """Return a hash of all equations, typical values and priors of some models."""
    return content_hash(sorted(model.content_hash for model in models))
