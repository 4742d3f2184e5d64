"""What is unknown, beside how people differ: a trial's own people under draws of every parameter.

Each draw takes a typical value for every parameter from how well it is known. The same people, as
they were enrolled, then live each arm under each draw, with the same chance events. Between people
is how their own effects differ at typical values; from uncertainty is how the mean over these people
differs between draws. Who takes part and how things are measured are not drawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from antitrypsim.calibration.posterior.knowledge import PRIOR, Knowledge
from antitrypsim.experiments.counterfactual import Experiment, band
from antitrypsim.experiments.readings import ReadingSums, TrialReading, readings_of
from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.plural import so_many
from antitrypsim.modelling import Model
from antitrypsim.simulation.regimen import Regimen
from antitrypsim.simulation.settings import DEFAULT, Settings
from antitrypsim.therapies import build_model
from antitrypsim.trials.uncertainty_result import Decision, EffectUncertainty, TrialUncertainty
from antitrypsim.uncertainty.draws import ParameterSet, check_number_of_draws

if TYPE_CHECKING:
    from antitrypsim.protocols import Protocol
    from antitrypsim.trials.trial import Trial

MOST_DRAWS = 5000
PEOPLE = 200
"""How many of the enrolled live every draw, unless more are asked for."""

UNTREATED = "no treatment"
"""The reference of a single treated arm: the same people without it. No arm can have this id."""

_OTHER_VALUES = (
    "what is unknown is drawn around the model's own typical values; leave out parameters"
)
Floats = NDArray[np.float64]


def check_draws(draws: int, parameters: ParameterSet | None = None) -> int:
    """Return the number of draws; raise InputError for one that cannot be, or with ``parameters``."""
    if draws == 0:
        raise InputError(f"no draws were asked for; between 2 and {MOST_DRAWS:,} can be")
    check_number_of_draws(draws, MOST_DRAWS)
    if parameters is not None and parameters.values:
        raise InputError(_OTHER_VALUES)
    return draws


def check_drawn(protocol: Protocol, model: Model | None = None) -> None:
    """Raise InputError for a protocol of which what is unknown cannot be drawn."""
    own = [arm.id for arm in protocol.arms if protocol.by_person(arm.id)]
    if own:
        raise InputError(
            f"what is unknown is drawn for arms in which everybody is given the same, and in '{own[0]}' "
            "single participants are given otherwise; leave out 'persons' and 'records'"
        )
    protocol.check_drawn(model)


def with_uncertainty(trial: Trial, draws: int, **options: Any) -> Trial:
    """Return the trial with ``uncertainty`` put in; options and errors as of ``trial_uncertainty``."""
    return replace(trial, uncertainty=trial_uncertainty(trial, draws, **options))


def trial_uncertainty(
    trial: Trial,
    draws: int,
    *,
    model: Model | None = None,
    people: int = PEOPLE,
    known: Knowledge = PRIOR,
    settings: Settings = DEFAULT,
) -> TrialUncertainty:
    """Let a trial's people live every arm under ``draws`` of what is unknown.

    ``model`` is the one that ran, the packaged one if left out; ``people``, how many of the enrolled
    take part, the first; ``known`` where draws come from. Seed and tolerance are the trial's. Raises InputError for a number of
    draws or people that cannot be, and for a trial of another model or of parameters other than the
    typical ones.
    """
    model = _checked(trial, draws, people, model)
    protocol, seed = trial.protocol, trial.provenance.seed
    some = trial.cohort.people.take(np.arange(min(people, len(trial.cohort.people))))
    tolerance = trial.provenance.tolerance
    how = replace(settings.silent(), seed=seed, tolerance=tolerance)
    here = Experiment(model, some, how).with_draws(draws, len(some), known)
    check_drawn(protocol, model)
    regimens = protocol.regimens(model)
    compared = _comparisons(protocol, regimens)
    if any(reference == UNTREATED for _, reference in compared):
        regimens = {**regimens, UNTREATED: Regimen()}
    readings = readings_of(protocol, [line.name for line in model.hazards])
    at_typical, drawn = (
        _collected(
            here,
            regimens,
            ReadingSums(readings, compared, protocol.length_days, draws if unknown else 1),
            settings,
            drawn=unknown,
        )
        for unknown in (False, True)
    )
    found = {
        (reading, pair): _spreads(reading, pair, at_typical, drawn)
        for pair in compared
        for reading in readings
        if at_typical.told(reading, pair) or drawn.told(reading, pair)
    }
    behind = known.scores(model, draws, seed)
    decisions = tuple(
        _decide(here, behind, found[reading, pair], drawn, reading, pair)
        for reading, pair in _primary(protocol, readings, compared)
        if (reading, pair) in found
    )
    deciding = [p.id for d in decisions if d.shares for p in d.shares.parameters]
    return TrialUncertainty(
        draws,
        len(some),
        len(trial.cohort.people),
        seed,
        tuple(found.values()),
        decisions,
        {id: model.parameter(id).meaning for id in dict.fromkeys(deciding)},
        " ".join(known.said(model, draws)),
    )


def _collected(
    here: Experiment,
    regimens: Mapping[str, Regimen],
    sums: ReadingSums,
    settings: Settings,
    *,
    drawn: bool,
) -> ReadingSums:
    """Let the people live side by side, at typical values or under draws, and sum what is read."""
    times = sorted({0.0, *(r.day for r in sums.readings), sums.end})
    outputs = list(dict.fromkeys(r.output for r in sums.readings if r.output))
    done, total = 0, len(here.people)
    for chunk in here.side_by_side(regimens, times=times, outputs=outputs, drawn=drawn):
        sums.add(chunk)
        done += len(next(iter(chunk.values())).ids)
        settings.tell("drawing from what is unknown", done, total)
    return sums


def _checked(trial: Trial, draws: int, people: int, model: Model | None) -> Model:
    check_draws(draws)
    if people < 2:
        raise InputError(f"{so_many(people, 'person', 'people')} cannot be; 2 or more can")
    if trial.provenance.parameters != ParameterSet().content_hash:
        raise InputError(_OTHER_VALUES)
    model = model or build_model(therapies=trial.protocol.therapies())
    if model.content_hash != trial.provenance.model:
        raise InputError("this is not the model that the trial ran in; give that one as model")
    return model


def _comparisons(
    protocol: Protocol, regimens: Mapping[str, Regimen]
) -> tuple[tuple[str, str | None], ...]:
    """Return each arm against the reference, then each arm alone."""
    arms = list(protocol.endpoints.primary.compare or regimens)
    arms += [arm for arm in regimens if arm not in arms]
    reference: str | None = (protocol.endpoints.primary.compare or tuple(regimens))[-1]
    pairs = [(arm, reference) for arm in arms if arm != reference]
    if len(arms) == 1 and regimens[arms[0]].names:
        pairs = [(arms[0], UNTREATED)]
    return (*pairs, *((arm, None) for arm in arms))


def _primary(
    protocol: Protocol,
    readings: tuple[TrialReading, ...],
    compared: tuple[tuple[str, str | None], ...],
) -> list[tuple[TrialReading, tuple[str, str | None]]]:
    """Return the primary reading in each comparison of the primary analysis."""
    reading = next(r for r in readings if r.primary)
    arms = protocol.endpoints.primary.compare or tuple(arm.id for arm in protocol.arms)
    pairs = [pair for pair in compared if pair[1] is not None and pair[0] in arms]
    return [(reading, pair) for pair in pairs or compared[:1]]


def _spreads(
    reading: TrialReading, pair: tuple[str, str | None], typical: ReadingSums, drawn: ReadingSums
) -> EffectUncertainty:
    every = drawn.means(reading, pair)
    there = np.isfinite(every)
    means = every[there]
    middle = float(typical.means(reading, pair)[0])
    sign = 1.0 if reading.better == "higher" else -1.0
    clear = drawn.clear(reading, pair, every)[there]
    directed = reading.better and (pair[1] is not None or reading.kind == "value")
    return EffectUncertainty(
        reading.endpoint, reading.title, reading.unit, *pair, reading.visit, reading.day,
        middle if np.isfinite(middle) else None,
        band(typical.own(reading, pair)[:, 0]),
        band(means),
        float(np.mean((sign * means > 0) & clear)) if directed and clear.any() else None,
    )  # fmt: skip


def _decide(
    here: Experiment,
    behind: Floats,
    effect: EffectUncertainty,
    drawn: ReadingSums,
    reading: TrialReading,
    pair: tuple[str, str | None],
) -> Decision:
    y = drawn.means(reading, pair)
    there = np.isfinite(y)
    noise = drawn.noise(reading, pair) if reading.kind == "rate" else 0.0
    try:
        return Decision(effect, here.known.shares(here.model, behind[there], y[there], noise=noise))
    except InputError as problem:
        return Decision(effect, None, problem.message)
