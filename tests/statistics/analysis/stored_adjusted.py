"""Trials with covariates and strata that are stored with R's numbers, and a block of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from antitrypsim.statistics.block import Block

FOLDER = Path(__file__).parents[2] / "reference" / "statistics"
STORED: dict[str, Any] = json.loads((FOLDER / "adjusted.json").read_text("utf-8"))
NAMES = {"age": "AGE", "sex": "SEX", "smoking": "SMOKING", "site": "SITEID"}
LEVELS = {
    "SEX": ["F", "M"],
    "SMOKING": ["current", "former", "never"],
    "SITEID": ["s1", "s2", "s3", "s4"],
}
ARMS = ("a", "b", "c")
MODELS: dict[str, dict[str, list[str]]] = {
    "covariates": {"covariates": ["AGE", "SEX", "SMOKING"]},
    "strata": {"strata": ["SITEID"]},
    "two": {"strata": ["SITEID", "SEX"]},
    "both": {"covariates": ["AGE", "SMOKING"], "strata": ["SITEID"]},
    "nested": {"covariates": ["SEX", "SITEID"]},
    "site": {"covariates": ["SITEID"]},
    "base": {"covariates": ["BASE", "SEX"]},
}


def frame_of(case: dict[str, Any], **columns: Any) -> pd.DataFrame:
    n = len(case["arm"])
    frame = pd.DataFrame({"USUBJID": [f"P{i:03d}" for i in range(n)], "ARM": case["arm"]})
    for name, column in NAMES.items():
        frame[column] = case[name]
    return frame.assign(**columns)


def block_of(cases: dict[str, dict[str, Any]], **numbers: str) -> Block:
    """Return stored trials as replicates of one design; ``numbers``: fields of the block by key."""
    room = max(len(case["arm"]) for case in cases.values())
    arm = np.full((len(cases), room), -1)
    factors = {name: np.full(arm.shape, -1) for name in LEVELS}
    age = np.full(arm.shape, np.nan)
    found = {name: np.full(arm.shape, np.nan) for name in numbers}
    for r, case in enumerate(cases.values()):
        n = len(case["arm"])
        arm[r, :n] = [ARMS.index(each) for each in case["arm"]]
        age[r, :n] = case["age"]
        for key, name in NAMES.items():
            if name in LEVELS:
                factors[name][r, :n] = [LEVELS[name].index(each) for each in case[key]]
        for name, key in numbers.items():
            found[name][r, :n] = case[key]
    if "event" in found:
        found["event"] = found["event"] == 1
    return Block(ARMS, arm, covariates={"AGE": age}, factors=factors, **found)
