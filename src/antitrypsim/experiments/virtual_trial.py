"""A virtual trial with what is claimed of it: conducted, and each claim worked backwards."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from antitrypsim.calibration.posterior.knowledge import Knowledge
from antitrypsim.experiments.claims import analyse_trial_claims
from antitrypsim.experiments.trial_uncertainty import check_drawn, check_draws, with_uncertainty
from antitrypsim.foundations.arguments import whole
from antitrypsim.modelling import Model
from antitrypsim.protocols import Protocol, protocol_of
from antitrypsim.simulation.settings import DEFAULT, Settings, how
from antitrypsim.therapies import build_model
from antitrypsim.trials.conduct import conduct
from antitrypsim.trials.trial import Trial
from antitrypsim.uncertainty.draws import ParameterSet


def run_trial(
    protocol: str | Path | Protocol,
    *,
    model: Model | None = None,
    participants: int | None = None,
    parameters: ParameterSet | None = None,
    uncertainty: int = 0,
    posterior: str | Path | None = None,
    claims: bool = True,
    settings: Settings = DEFAULT,
) -> Trial:
    """Conduct a protocol, bundled, a file or a value, in virtual people, and work its claims backwards.

    ``participants`` replaces the protocol's number. ``uncertainty`` draws that often from what is
    unknown, and the trial's ``uncertainty`` says what that does to its effects; ``posterior`` is the file that draws
    come from, the packaged one if left out, or 'prior'. With ``claims``
    claimed results are worked backwards, from the model's own typical values and so not where
    ``parameters`` replace them. Raises InputError for what cannot be, RunError where nobody eligible
    is met or a course cannot be integrated, Cancelled when the settings say so.
    """
    how(settings)
    if whole(uncertainty, "uncertainty"):
        check_draws(uncertainty, parameters)
    protocol = protocol_of(protocol, model=model)
    claims = claims and parameters is None and bool(protocol.claimed)
    known = Knowledge.read(posterior, claims or uncertainty)
    if uncertainty:
        check_drawn(protocol, model)
    model = model or build_model(therapies=protocol.therapies())
    known.check(model, uncertainty)
    trial = conduct(
        protocol, model=model, participants=participants, parameters=parameters, settings=settings
    )
    if claims or uncertainty:
        said = replace(trial.provenance, posterior=known.hash_for(model))
        trial = replace(trial, provenance=said)
    if claims:
        worked = analyse_trial_claims(protocol, model, trial.cohort, known=known, settings=settings)
        trial = replace(trial, claims=worked)
    if uncertainty:
        trial = with_uncertainty(trial, uncertainty, model=model, known=known, settings=settings)
    return trial
