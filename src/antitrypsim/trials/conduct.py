"""Conduct a virtual trial: enrol, randomise, treat, visit, measure, lose people, analyse."""

from __future__ import annotations

import numpy as np

from antitrypsim.foundations.arguments import whole
from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.plural import so_many, verb
from antitrypsim.foundations.provenance import Provenance
from antitrypsim.modelling import Model
from antitrypsim.populations.cohorts import cohort as cohort_of
from antitrypsim.populations.spec import MOST_PARTICIPANTS
from antitrypsim.protocols import Protocol
from antitrypsim.simulation.settings import DEFAULT, Settings
from antitrypsim.therapies import build_model
from antitrypsim.trials.plans import analyse_all
from antitrypsim.trials.randomisation import randomise
from antitrypsim.trials.tables import (
    event_table,
    participant_table,
    person_table,
    treat,
    visit_table,
)
from antitrypsim.trials.trial import Trial
from antitrypsim.uncertainty.draws import ParameterSet


def check_participants(protocol: Protocol, count: int) -> None:
    """Raise InputError where so many people cannot take part in the protocol."""
    whole(count, "participants")
    if not 1 <= count <= MOST_PARTICIPANTS:
        raise InputError(
            f"{count:,} participants cannot be; between 1 and {MOST_PARTICIPANTS:,} can"
        )
    if count < len(protocol.arms):
        raise InputError(
            f"{so_many(count, 'participant')} {verb(count, 'is', 'are')} too few for {len(protocol.arms)} arms"
        )


def conduct(
    protocol: Protocol,
    *,
    model: Model | None = None,
    participants: int | None = None,
    parameters: ParameterSet | None = None,
    settings: Settings = DEFAULT,
) -> Trial:
    """Conduct a protocol in virtual people.

    ``participants`` replaces the protocol's number. Raises
    InputError for a number of participants that cannot be, RunError where nobody eligible is met or
    a course cannot be integrated, Cancelled when ``cancel`` says so.
    """
    model = model or build_model(therapies=protocol.therapies())
    count = protocol.participants if participants is None else participants
    check_participants(protocol, count)
    seed = settings.key
    cohort = cohort_of(model, protocol.population, count, parameters=parameters, settings=settings)
    truth = treat(protocol, model, cohort.people, parameters=parameters, settings=settings)
    settings.tell("analysing", 0, 1)
    ids = cohort.people.ids
    persons = person_table(cohort.people)
    arms = randomise(protocol, persons, truth, ids, seed)
    people = participant_table(protocol, persons, ids, np.arange(count), arms, truth, seed)
    visits = visit_table(protocol, ids, arms, truth, people, seed)
    events = event_table(arms, truth, people)
    plans, rows = analyse_all(protocol, people, visits, events)
    settings.tell("analysing", 1, 1)
    provenance = Provenance(
        protocol=protocol.content_hash,
        model=model.content_hash,
        people=cohort.people.content_hash,
        parameters=(parameters or ParameterSet()).content_hash,
        results={arm: r.content_hash for arm, r in truth.items()},
        seed=seed,
        participants=count,
        tolerance=settings.tolerance,
    )
    return Trial(protocol, cohort, arms, truth, people, visits, events, plans, rows, provenance)
