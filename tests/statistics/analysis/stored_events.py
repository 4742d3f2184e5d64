"""Trials of times to an event: those stored with R's numbers, and random ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from antitrypsim.statistics.block import Block

FOLDER = Path(__file__).parents[2] / "reference" / "statistics"
STORED: dict[str, Any] = json.loads((FOLDER / "events.json").read_text("utf-8"))
TIMES: dict[str, Any] = STORED["times"]


def frame_of(case: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "USUBJID": [f"P{i:03d}" for i in range(len(case["arm"]))],
            "ARM": case["arm"],
            "AVAL": np.array(case["day"], dtype=float),
            "CNSR": 1 - np.array(case["event"]),
        }
    )


def stored_block() -> Block:
    """Return the stored trials as replicates of one design with the arms a, b and c."""
    room = max(len(case["arm"]) for case in TIMES.values())
    arm = np.full((len(TIMES), room), -1)
    time, event = np.full(arm.shape, np.nan), np.zeros(arm.shape, dtype=bool)
    for r, case in enumerate(TIMES.values()):
        n = len(case["arm"])
        arm[r, :n] = [("a", "b", "c").index(each) for each in case["arm"]]
        time[r, :n], event[r, :n] = case["day"], np.array(case["event"]) == 1
    return Block(("a", "b", "c"), arm, time=time, event=event)


def random_block(seed: int, *, arms: int = 3, people: int = 40, grid: float = 7.0) -> Block:
    """Return replicates with ties, as days held in single precision, and with empty places."""
    rng = np.random.default_rng(seed)
    arm = rng.integers(-1, arms, (6, people))
    shape = arm.shape
    event = rng.exponential(300 * (1 + 0.4 * arm.clip(0)), shape)
    last = rng.uniform(100, 700, shape)
    time = (grid * np.ceil(np.minimum(event, last) / grid)).astype(np.float32)
    return Block(("a", "b", "c")[:arms], arm, time=time, event=event <= last)


def frame_from(block: Block, r: int) -> pd.DataFrame:
    assert block.time is not None
    assert block.event is not None
    kept = np.flatnonzero(block.arm[r] >= 0)
    return frame_of(
        {
            "arm": [block.arms[k] for k in block.arm[r, kept]],
            "day": block.time[r, kept],
            "event": block.event[r, kept].astype(int),
        }
    )
