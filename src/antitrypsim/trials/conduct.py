"""Conduct a virtual trial: enrol, randomise, treat, visit, measure, lose people, analyse."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from antitrypsim.endpoints import ENDPOINTS, endpoint
from antitrypsim.foundations.arguments import whole
from antitrypsim.foundations.arrays import Floats, Labels
from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.plural import so_many, verb
from antitrypsim.foundations.provenance import Provenance
from antitrypsim.foundations.random import normals
from antitrypsim.modelling import Model
from antitrypsim.populations.enrol import Cohort, enrol
from antitrypsim.populations.spec import MOST_PARTICIPANTS
from antitrypsim.protocols import Protocol, measure, noise_of
from antitrypsim.simulation.results import Results
from antitrypsim.simulation.settings import DEFAULT, Settings
from antitrypsim.simulation.simulate import simulate
from antitrypsim.therapies import build_model
from antitrypsim.trials.plans import analyse_all
from antitrypsim.trials.randomisation import leaving_days, randomise
from antitrypsim.trials.trial import VISIT_COLUMNS, Trial
from antitrypsim.uncertainty.draws import ParameterSet

if TYPE_CHECKING:
    import pandas as pd


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
    cohort = enrol(model, protocol.population, count, parameters=parameters, settings=settings)
    arms = randomise(protocol, cohort, seed)
    truth = _treat(protocol, model, cohort, parameters, settings)
    settings.tell("analysing", 0, 1)
    people = _participants(protocol, cohort, arms, truth, seed)
    visits = _visits(protocol, cohort, arms, truth, people, seed)
    events = _events(arms, truth, people)
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


def _times(protocol: Protocol) -> list[float]:
    """Return the days on which everybody's true values are kept."""
    return sorted({0.0, *protocol.visit_days().values(), protocol.length_days})


def _treat(
    protocol: Protocol,
    model: Model,
    cohort: Cohort,
    parameters: ParameterSet | None,
    settings: Settings,
) -> dict[str, Results]:
    """Return what everybody lives under each arm, whichever arm they are in."""
    times = _times(protocol)
    outputs = [e.output for e in ENDPOINTS.values() if e.kind == "measurement"]
    return {
        arm: Results.join(
            simulate(
                model,
                cohort.people,
                regimen,
                times=times,
                outputs=outputs,
                draws=parameters,
                settings=settings.during(f"treating: {arm}"),
            )
        )
        for arm, regimen in protocol.regimens(model).items()
    }


def _values(output: str, results: Results) -> Floats:
    return results[output][:, 0]


def _days(process: str, results: Results) -> Floats:
    return results.events[process][:, 0]


def _own(truth: Mapping[str, Results], arms: Labels, get: Callable[[Results], Floats]) -> Floats:
    """Return what each participant has under the arm that they are in."""
    found = {arm: get(results) for arm, results in truth.items()}
    first = next(iter(found.values()))
    widest = max(values.shape[-1] for values in found.values())
    out = np.full((*first.shape[:-1], widest), np.nan)
    for arm, values in found.items():
        out[arms == arm, ..., : values.shape[-1]] = values[arms == arm]
    return out


def _participants(
    protocol: Protocol, cohort: Cohort, arms: Labels, truth: Mapping[str, Results], seed: int
) -> pd.DataFrame:
    frame = cohort.people.to_frame().drop(columns=["ALLELES_M", "ALLELES_Z", "ALLELES_S", "MALE"])
    frame["USUBJID"] = [f"{protocol.id.upper()}-{k + 1:06d}" for k in range(len(frame))]
    frame.insert(1, "ARM", arms)
    death = _own(truth, arms, partial(_days, "death"))[:, 0]
    leaves = leaving_days(protocol, cohort.people.ids, arms, seed)
    end = np.full(len(frame), protocol.length_days)
    dead = np.isfinite(death) & (death <= end) & (death <= leaves)
    left = ~dead & (leaves < end)
    frame["EOSDY"] = np.where(dead, death, np.where(left, leaves, end))
    frame["EOSSTT"] = np.where(dead, "DIED", np.where(left, "DISCONTINUED", "COMPLETED"))
    frame["DTHDY"] = np.where(dead, death, np.nan)
    return frame


def _visits(
    protocol: Protocol,
    cohort: Cohort,
    arms: Labels,
    truth: Mapping[str, Results],
    people: pd.DataFrame,
    seed: int,
) -> pd.DataFrame:
    import pandas as pd

    ids, last = cohort.people.ids, people["EOSDY"].to_numpy()
    times, days = _times(protocol), protocol.visit_days()
    parts = [pd.DataFrame(columns=list(VISIT_COLUMNS))]
    for assessment in protocol.assessments:
        what = endpoint(assessment.endpoint)
        if what.kind != "measurement":
            continue
        values = _own(truth, arms, partial(_values, what.output))
        draw = noise_of(what.id).draw
        # The last value before treatment, which starts on day 0 after that day's readings.
        base = np.full(len(ids), np.nan)
        for visit in protocol.assessment_visits(what.id):
            day = days[visit]
            true = values[:, times.index(day)] * what.factor
            z = normals(seed, f"measurement {draw} {visit}", ids)[:, 0]
            seen = measure(what.id, true, z, noise=assessment.noise)
            seen = np.where(last >= day, seen, np.nan)
            if day <= 0:
                base = np.where(np.isfinite(seen), seen, base)
            told = (
                people["USUBJID"], arms, what.paramcd, f"{what.title} ({what.unit})", what.id,
                visit, day, seen, base, seen - base, true,
            )  # fmt: skip
            parts.append(pd.DataFrame(dict(zip(VISIT_COLUMNS, told, strict=True))))
    return pd.concat(parts[1:] or parts, ignore_index=True)


def _events(arms: Labels, truth: Mapping[str, Results], people: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    rows = []
    last = people["EOSDY"].to_numpy()
    for process in next(iter(truth.values())).events:
        days = _own(truth, arms, partial(_days, process))
        who, which = np.nonzero((days > 0) & (days <= last[:, None]))
        rows.append(
            pd.DataFrame(
                {
                    "USUBJID": people["USUBJID"].to_numpy()[who],
                    "ARM": arms[who],
                    "EVENT": process,
                    "ADY": days[who, which],
                }
            )
        )
    return pd.concat(rows, ignore_index=True).sort_values(["USUBJID", "ADY"], ignore_index=True)
