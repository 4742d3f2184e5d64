"""Planned analyses, rehearsed on made-up data: what a protocol may plan is what can be run."""

from __future__ import annotations

from functools import cache
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest

from antitrypsim.foundations.errors import ProtocolError
from antitrypsim.protocols import ANALYSES, ENDPOINTS, Protocol, bundled_protocols, load_protocol
from antitrypsim.protocols.endpoints import AT_VISIT, COVARIATES
from antitrypsim.trials.endpoint import endpoint
from antitrypsim.trials.plans import PlanResult, analyse_all

KIND = {"measurement": "fvc", "count": "exacerbations", "event": "death"}


def protocol_of(primary: dict[str, Any], **changes: Any) -> Protocol:
    """Return a protocol of two arms with this primary analysis."""
    arms = changes.pop("arms", ["active", "placebo"])
    return Protocol.from_dict(
        {
            "antitrypsim": 1, "id": "rehearsal", "title": "A rehearsal", "question": "Which?",
            "context_of_use": "A test.", "role": "demonstration",
            "population": {
                "genotype": {"ZZ": 0.7, "SZ": 0.3}, "age": {"mean": 52, "sd": 9},
                "smoking": {"never": 0.4, "ex": 0.5, "current": 0.1},
            },
            "participants": 40, "allocation": dict.fromkeys(arms, 1),
            "epochs": [{"id": "all", "length": "2 years"}],
            "arms": [
                {"id": arm, "title": arm, **({} if arm == "placebo" else {"treatment": {"all": [
                    {"product": "augmentation", "route": "intravenous", "dose": "60 mg/kg",
                     "every": f"{k + 1} weeks"}]}})}
                for k, arm in enumerate(arms)
            ],
            "visits": {"unit": "months", "at": {"m0": 0, "m6": 6, "m12": 12, "m24": 24}},
            "assessments": [
                {"endpoint": "fvc", "visits": "all"}, {"endpoint": "fev1", "visits": "all"},
                {"endpoint": "exacerbations"}, {"endpoint": "death"},
            ],
            "endpoints": {"primary": {"id": "first", **primary}},
            **changes,
        }
    )  # fmt: skip


def data_of(
    protocol: Protocol, n: int = 60, seed: int = 1, arm_effect: float = 0.3
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return people, visits and events of a made-up trial with effects of arm, smoking and age."""
    rng = np.random.default_rng(seed)
    arms = [arm.id for arm in protocol.arms]
    ids = [f"P{k:03d}" for k in range(n)]
    arm = np.array([arms[k % len(arms)] for k in range(n)], dtype=object)
    smoking = rng.choice(np.array(["never", "ex", "current"], dtype=object), n)
    age = rng.normal(52, 9, n)
    end = protocol.length_days
    time = rng.exponential(end * (1 + 0.5 * (arm == arms[0])), n)
    died = time < end
    people = pd.DataFrame(
        {
            "USUBJID": ids, "ARM": arm, "AGE": age, "WEIGHT": rng.normal(75, 10, n),
            "HEIGHT": rng.normal(1.7, 0.1, n), "SMOKING": smoking,
            "GENOTYPE": rng.choice(np.array(["ZZ", "SZ"], dtype=object), n),
            "SEX": rng.choice(np.array(["male", "female"], dtype=object), n),
            "FOUND_BY": rng.choice(np.array(["lung", "family"], dtype=object), n),
            "EOSDY": np.where(died, time, end), "EOSSTT": np.where(died, "DIED", "COMPLETED"),
        }
    )  # fmt: skip
    parts = []
    for what in ("fvc", "fev1"):
        level = rng.normal(3, 0.5, n) - 0.02 * (age - 52) + 0.8 * (smoking == "never")
        base = None
        for visit, day in protocol.visit_days().items():
            years = day / 365.25
            seen = level + years * (arm_effect * (arm == arms[0]) - 0.1 * (smoking == "current"))
            seen = seen + rng.normal(0, 0.1, n)
            base = seen if base is None else base
            parts.append(
                pd.DataFrame(
                    {
                        "USUBJID": ids, "ARM": arm, "PARAMCD": what.upper(), "PARAM": what,
                        "ENDPOINT": what, "AVISIT": visit, "ADY": day, "AVAL": seen, "BASE": base,
                        "CHG": seen - base, "TRUTH": seen,
                    }
                )
            )  # fmt: skip
    process = endpoint("exacerbations").output
    count = rng.poisson(1 + (smoking == "current"), n)
    events = pd.DataFrame(
        {
            "USUBJID": [*np.repeat(ids, count), *np.array(ids)[died]],
            "EVENT": [process] * int(count.sum()) + [endpoint("death").output] * int(died.sum()),
            "ADY": [*np.full(int(count.sum()), 10.0), *time[died]],
        }
    )
    return people, pd.concat(parts, ignore_index=True), events


@cache
def result_of(**primary: Any) -> PlanResult:
    return run(protocol_of({k: _list(v) for k, v in primary.items()}))


def _list(value: Any) -> Any:
    return dict(value) if isinstance(value, frozenset) else value


def run(protocol: Protocol, **changes: Any) -> PlanResult:
    return analyse_all(protocol, *data_of(protocol, **changes))[0][0]
