"""Compute: what a trial rests on: parameters by grade, facts, and what is assumed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from antitrypsim.endpoints import assessment_parameters
from antitrypsim.evidence import Parameter, load_registry
from antitrypsim.evidence.grade import GRADES
from antitrypsim.populations.numbers import population_parameters
from antitrypsim.uncertainty.draws import ParameterSet

if TYPE_CHECKING:
    from antitrypsim.evidence import Fact
    from antitrypsim.modelling import Model
    from antitrypsim.protocols import Protocol
    from antitrypsim.trials.trial import Trial


@dataclass(frozen=True)
class Grounds:
    """What the numbers rest on. ``caution`` is empty unless the model that ran is not at hand."""

    grades: dict[str, int]
    total: int
    assumed: tuple[Parameter, ...]
    fitted: tuple[Parameter, ...]
    targets: tuple[str, ...]
    facts: tuple[Fact, ...]
    known: dict[str, int]
    typical: bool
    caution: str


def grounds(trial: Trial, model: Model | None = None) -> Grounds:
    """Return what the trial rests on; ``model`` is the one that ran, or the packaged one."""
    from antitrypsim.therapies import build_model

    model = model or build_model(therapies=trial.protocol.therapies())
    caution = ""
    if model.content_hash != trial.provenance.model:
        caution = (
            "The model that ran is not the one whose parameters are counted here: it was changed, "
            "or carries modules from elsewhere."
        )
    everything = (
        *model.parameters, *population_parameters().values(), *assessment_parameters().values()
    )  # fmt: skip
    grades = {grade: sum(p.grade == grade for p in everything) for grade in GRADES}
    facts = tuple(load_registry().fact(id) for id in fact_ids(trial.protocol))
    fitted = tuple(p for p in everything if p.grade == "fitted")
    return Grounds(
        grades=grades,
        total=len(everything),
        assumed=tuple(p for p in everything if p.grade == "assumed"),
        fitted=fitted,
        targets=tuple(sorted({target for p in fitted for target in p.targets})),
        facts=facts,
        known=load_registry().kind_of_knowledge(fact.id for fact in facts),
        typical=trial.provenance.parameters == ParameterSet().content_hash,
        caution=caution,
    )


def fact_ids(protocol: Protocol) -> tuple[str, ...]:
    """Return the facts that the design names and those that its published numbers are read from."""
    return tuple(dict.fromkeys([*protocol.facts, *(p.fact for p in protocol.published)]))
