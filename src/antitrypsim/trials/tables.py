"""What participants live under every arm, and the tables that a trial keeps of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from antitrypsim.endpoints import ENDPOINTS, endpoint
from antitrypsim.foundations.arrays import Floats, Ints, Labels
from antitrypsim.modelling import Model
from antitrypsim.protocols import Protocol
from antitrypsim.simulation.people import People
from antitrypsim.simulation.results import Results
from antitrypsim.simulation.settings import DEFAULT, Settings
from antitrypsim.simulation.simulate import simulate
from antitrypsim.trials.groups import at_start, group_columns, groups_used, seen_of
from antitrypsim.trials.randomisation import leaving_days
from antitrypsim.trials.trial import VISIT_COLUMNS
from antitrypsim.uncertainty.draws import ParameterSet

if TYPE_CHECKING:
    import pandas as pd


def days_kept(protocol: Protocol) -> list[float]:
    """Return the days on which everybody's true values are kept."""
    return sorted({0.0, *protocol.visit_days().values(), protocol.length_days})


def treat(
    protocol: Protocol,
    model: Model,
    people: People,
    *,
    parameters: ParameterSet | None = None,
    outputs: Sequence[str] | None = None,
    places: Sequence[int] | Ints | None = None,
    keep_failed: bool = False,
    further: Sequence[float] = (),
    settings: Settings = DEFAULT,
) -> dict[str, Results]:
    """Return what everybody lives under each arm, whichever arm they are in.

    ``outputs`` are those of every measured endpoint if left out; ``further`` days are kept beside those of the visits; ``places`` (from 0) are those that the people
    take, from the first on if left out. Raises as ``simulate``.
    """
    times = sorted({*days_kept(protocol), *further})
    places = np.arange(len(people)) if places is None else places
    if outputs is None:
        outputs = [e.output for e in ENDPOINTS.values() if e.kind == "measurement"]
    return {
        arm: Results.join(
            simulate(
                model,
                people,
                regimen,
                times=times,
                outputs=outputs,
                draws=parameters,
                keep_failed=keep_failed,
                settings=settings.during(f"treating: {arm}"),
            )
        )
        for arm, regimen in protocol.regimens_of(places, model).items()
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


def person_table(people: People) -> pd.DataFrame:
    """Return one row a person with the columns that a trial tells of who they are."""
    return people.to_frame().drop(columns=["ALLELES_M", "ALLELES_Z", "ALLELES_S", "MALE"])


def participant_table(
    protocol: Protocol,
    persons: pd.DataFrame,
    ids: Ints,
    places: Ints,
    arms: Labels,
    truth: Mapping[str, Results],
    seed: int,
) -> pd.DataFrame:
    """Return one row a participant (ADSL): who took which place (from 0), and how they ended."""
    frame = persons.copy()
    frame["USUBJID"] = [f"{protocol.id.upper()}-{k + 1:06d}" for k in places]
    frame.insert(1, "ARM", arms)
    own = {arm: at_start(results) for arm, results in truth.items()}

    def now(output: str) -> Floats:
        return np.select(
            [arms == arm for arm in own], [get(output) for get in own.values()], np.nan
        )

    frame = frame.assign(**group_columns(protocol, groups_used(protocol), persons, now, ids, seed))
    death = _own(truth, arms, partial(_days, "death"))[:, 0]
    leaves = leaving_days(protocol, ids, arms, seed)
    end = np.full(len(frame), protocol.length_days)
    dead = np.isfinite(death) & (death <= end) & (death <= leaves)
    left = ~dead & (leaves < end)
    frame["EOSDY"] = np.where(dead, death, np.where(left, leaves, end))
    frame["EOSSTT"] = np.where(dead, "DIED", np.where(left, "DISCONTINUED", "COMPLETED"))
    frame["DTHDY"] = np.where(dead, death, np.nan)
    return frame


def visit_table(
    protocol: Protocol,
    ids: Ints,
    arms: Labels,
    truth: Mapping[str, Results],
    people: pd.DataFrame,
    seed: int,
) -> pd.DataFrame:
    """Return one row a measurement (BDS) of the participants in ``people``, in their order."""
    import pandas as pd

    last = people["EOSDY"].to_numpy()
    times, days = days_kept(protocol), protocol.visit_days()
    parts = [pd.DataFrame(columns=list(VISIT_COLUMNS))]
    for assessment in protocol.assessments:
        what = endpoint(assessment.endpoint)
        if what.kind != "measurement":
            continue
        values = _own(truth, arms, partial(_values, what.output))
        # The last value before treatment, which starts on day 0 after that day's readings.
        base = np.full(len(ids), np.nan)
        for visit in protocol.assessment_visits(what.id):
            day = days[visit]
            true = values[:, times.index(day)] * what.factor
            seen = seen_of(protocol, what.id, visit, true, ids, seed)
            seen = np.where(last >= day, seen, np.nan)
            if day <= 0:
                base = np.where(np.isfinite(seen), seen, base)
            told = (
                people["USUBJID"], arms, what.paramcd, f"{what.title} ({what.unit})", what.id,
                visit, day, seen, base, seen - base, true,
            )  # fmt: skip
            parts.append(pd.DataFrame(dict(zip(VISIT_COLUMNS, told, strict=True))))
    return pd.concat(parts[1:] or parts, ignore_index=True)


def event_table(arms: Labels, truth: Mapping[str, Results], people: pd.DataFrame) -> pd.DataFrame:
    """Return one row an event of the participants in ``people``, by participant and day."""
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
