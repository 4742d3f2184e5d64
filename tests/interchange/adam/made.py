"""A run that nobody lived: the frames of a trial made of random numbers, without the model."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from antitrypsim.endpoints import endpoint
from antitrypsim.foundations.random import exponentials, normals, uniforms
from antitrypsim.protocols import Protocol, load_protocol
from antitrypsim.trials.trial import VISIT_COLUMNS

SEED = 16
# Enough for a mixed model of four visits, few enough for a file of some kilobytes.
PEOPLE = 60


@dataclass(frozen=True, eq=False)
class Made:
    protocol: Protocol
    participants: pd.DataFrame
    visits: pd.DataFrame
    events: pd.DataFrame


@cache
def made(id: str = "rapid", people: int = PEOPLE) -> Made:
    protocol = load_protocol(id)
    ids = np.arange(people)
    u, z = uniforms(SEED, "who", ids, 8), normals(SEED, "how", ids, 8)
    arms = np.array([protocol.arms[k % len(protocol.arms)].id for k in ids])
    length = protocol.length_days
    leaves = np.where(u[:, 0] < 0.25, np.round(length * u[:, 1], 3), length)
    death = np.round(exponentials(SEED, "death", ids)[:, 0] * 1500, 3)
    end = np.minimum(leaves, death)
    dead = death <= leaves
    names = [f"{id.upper()}-{k + 1:06d}" for k in ids]
    participants = pd.DataFrame(
        {
            "USUBJID": names, "ARM": arms, "AGE": np.round(54 + 8 * z[:, 0], 4),
            "WEIGHT": np.round(75 + 12 * z[:, 1], 4), "HEIGHT": np.round(1.7 + 0.1 * z[:, 2], 4),
            "ALCOHOL": 0.0, "METABOLIC": (u[:, 2] < 0.2) * 1.0, "BRONCHIECTASIS": 0.0,
            "GENOTYPE": "ZZ", "SEX": np.where(u[:, 3] < 0.5, "male", "female"),
            "SMOKING": np.where(u[:, 4] < 0.3, "never", "ex"), "ASCERT": "lung",
            "AIRFLOW": "30 to 50 %", "EOSDY": end,
            "EOSSTT": np.where(dead, "DIED", np.where(end < length, "DISCONTINUED", "COMPLETED")),
            "DTHDY": np.where(dead, death, np.nan),
        }
    )  # fmt: skip
    return Made(
        protocol, participants, _visits(protocol, participants, ids), _events(participants, ids)
    )


def _visits(protocol, participants, ids):
    parts = []
    for each in protocol.assessments:
        what = endpoint(each.endpoint)
        if what.kind != "measurement":
            continue
        own = normals(SEED, what.id, ids, 3)
        base = np.full(len(ids), np.nan)
        for visit in protocol.assessment_visits(what.id):
            day = protocol.visit_days()[visit]
            noise = normals(SEED, f"{what.id} {visit}", ids)[:, 0]
            years = day / 365.25
            treated = participants["ARM"] != "placebo"
            seen = np.round(40 + 8 * own[:, 0] + (own[:, 1] - 1.5 + treated) * years + 2 * noise, 4)
            seen = np.where(participants["EOSDY"] >= day, seen, np.nan)
            base = np.where(np.isfinite(seen), seen, base) if day <= 0 else base
            told = (
                participants["USUBJID"], participants["ARM"], what.paramcd,
                f"{what.title} ({what.unit})", what.id, visit, day, seen, base, seen - base, seen,
            )  # fmt: skip
            parts.append(pd.DataFrame(dict(zip(VISIT_COLUMNS, told, strict=True))))
    return pd.concat(parts, ignore_index=True)


def _events(participants, ids):
    rows = []
    gaps = np.round(np.cumsum(exponentials(SEED, "gaps", ids, 6) * 300, axis=1), 3)
    for k, (name, arm, end, state) in enumerate(
        participants[["USUBJID", "ARM", "EOSDY", "EOSSTT"]].itertuples(index=False)
    ):
        rows += [(name, arm, "exacerbation", day) for day in gaps[k] if day <= end]
        if state == "DIED":
            rows += [(name, arm, "death_lung", end), (name, arm, "death", end)]
    frame = pd.DataFrame(rows, columns=["USUBJID", "ARM", "EVENT", "ADY"])
    return frame.sort_values(["USUBJID", "ADY"], kind="stable", ignore_index=True)
