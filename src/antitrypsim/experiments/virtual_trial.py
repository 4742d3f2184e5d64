"""A virtual trial with what is claimed of it: conducted, and each claim worked backwards."""

from __future__ import annotations

from dataclasses import replace

from antitrypsim.experiments.claims import trial_backwards
from antitrypsim.modelling import Model
from antitrypsim.protocols import Protocol
from antitrypsim.simulation.settings import DEFAULT, Settings
from antitrypsim.therapies import build_model
from antitrypsim.trials.conduct import conduct
from antitrypsim.trials.trial import Trial
from antitrypsim.uncertainty.draws import ParameterSet


def run_trial(
    protocol: Protocol,
    *,
    model: Model | None = None,
    participants: int | None = None,
    parameters: ParameterSet | None = None,
    backwards: bool = True,
    settings: Settings = DEFAULT,
) -> Trial:
    """Conduct a protocol in virtual people, and work its claims backwards.

    ``participants`` replaces the protocol's number. With
    ``backwards`` claimed results are worked backwards, from the model's own typical values and so
    not where ``parameters`` replace them. Raises
    InputError for a number of participants that cannot be, RunError where nobody eligible is met or
    a course cannot be integrated, Cancelled when ``cancel`` says so.
    """
    model = model or build_model(therapies=protocol.therapies())
    trial = conduct(
        protocol, model=model, participants=participants, parameters=parameters, settings=settings
    )
    if not backwards or parameters is not None:
        return trial
    claims = trial_backwards(protocol, model, trial.cohort, settings=settings)
    return replace(trial, backwards=claims)
