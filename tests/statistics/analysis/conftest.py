from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from antitrypsim.statistics.analysis import AnalysisResult, EstimateRow

FOLDER = Path(__file__).parents[2] / "reference" / "statistics"


@cache
def _read(name: str) -> pd.DataFrame:
    return pd.read_csv(FOLDER / f"{name}.csv")


@pytest.fixture(scope="session")
def data() -> Callable[[str], pd.DataFrame]:
    return lambda name: _read(name).copy()


@pytest.fixture(scope="session")
def reference() -> dict[str, Any]:
    return json.loads((FOLDER / "reference.json").read_text("utf-8"))


@pytest.fixture(scope="session")
def agree() -> Callable[..., None]:
    def compare(row: EstimateRow, expected: dict[str, Any], **relative: float) -> None:
        for key in ("n", "estimate", "se", "df", "lower", "upper", "p"):
            if key in expected and (key != "p" or row.contrast):
                found = getattr(row, key)
                assert found == pytest.approx(expected[key], rel=relative.get(key, 1e-6)), (
                    f"{key} of {row.arm} {row.contrast} {row.visit} {row.time}"
                )

    return compare


@pytest.fixture(scope="session")
def pick() -> Callable[..., EstimateRow]:
    def only(result: AnalysisResult, **wanted: Any) -> EstimateRow:
        (row,) = (
            row
            for row in result.rows
            if all(getattr(row, key) == value for key, value in wanted.items())
        )
        return row

    return only
