"""A virtual trial with what is claimed of it: conducted, and each claim worked backwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from antitrypsim.experiments.claims import trial_backwards
from antitrypsim.foundations.seed import SEED
from antitrypsim.modelling import Model
from antitrypsim.protocols import Protocol
from antitrypsim.simulation.simulate import TOLERANCE
from antitrypsim.therapies import build_model
from antitrypsim.trials.conduct import conduct
from antitrypsim.trials.trial import Progress, Trial
from antitrypsim.uncertainty.draws import ParameterSet


def run_trial(
    protocol: Protocol,
    *,
    model: Model | None = None,
    participants: int | None = None,
    seed: int = SEED,
    parameters: ParameterSet | None = None,
    tolerance: float = TOLERANCE,
    threads: int = 2,
    progress: Progress | None = None,
    cancel: Callable[[], bool] | None = None,
    backwards: bool = True,
) -> Trial:
    """Conduct a protocol in virtual people, and work its claims backwards.

    ``participants`` replaces the protocol's number; ``seed`` keys every random stream. With
    ``backwards`` claimed results are worked backwards, from the model's own typical values and so
    not where ``parameters`` replace them. Raises
    InputError for a number of participants that cannot be, RunError where nobody eligible is met or
    a course cannot be integrated, Cancelled when ``cancel`` says so.
    """
    model = model or build_model(therapies=protocol.therapies())
    trial = conduct(
        protocol, model=model, participants=participants, seed=seed, parameters=parameters,
        tolerance=tolerance, threads=threads, progress=progress, cancel=cancel,
    )  # fmt: skip
    if not backwards or parameters is not None:
        return trial
    tell = progress or (lambda *_: None)
    claims = trial_backwards(
        protocol, model, trial.cohort, seed=seed, tolerance=tolerance, threads=threads, cancel=cancel,
        progress=lambda done, total: tell("working backwards", done, total),
    )  # fmt: skip
    return replace(trial, backwards=claims)
