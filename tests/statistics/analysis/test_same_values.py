"""Rows given twice, values that do not differ, and days as ADaM counts them, in every analysis."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from antitrypsim.foundations.errors import InputError
from antitrypsim.statistics.analysis import ANALYSES
from antitrypsim.statistics.block import Block, baseline_at

pytestmark = pytest.mark.regression


AT = {"visit": "V2"}
MEASURED: dict[str, dict[str, Any]] = {
    "ancova": AT,
    "t-test": AT,
    "mmrm": {},
    "bayesian": AT,
    "multiple-imputation": {**AT, "imputations": 3},
    "random-slope": {},
    "responder": {**AT, "change": 1.0},
    "describe": {},
}
OTHERS: dict[str, dict[str, Any]] = {
    "negative-binomial": {}, "kaplan-meier": {"times": [9]}, "log-rank": {}, "cox": {}, "rmst": {},
}  # fmt: skip
TESTED = [name for name in MEASURED if name not in ("responder", "describe")]


def measured(seed: int = 0, *, people: int = 24, first: float = 0.0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(people):
        values = 50 + 5 * rng.normal() + rng.normal(0, 2, 3).cumsum()
        for v, day in enumerate((0.0, 90.0, 180.0)):
            rows.append(
                {"USUBJID": f"P{i:02d}", "ARM": "ab"[i % 2], "AVISIT": f"V{v}", "ADY": day + first,
                 "AVAL": values[v], "BASE": values[0], "CHG": values[v] - values[0]}
            )  # fmt: skip
    return pd.DataFrame(rows)


def others(name: str) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    n = 24
    counts = {"COUNT": rng.poisson(2, n), "EXPOSURE": 1.0}
    times = {"AVAL": rng.integers(1, 30, n), "CNSR": rng.integers(0, 2, n)}
    who = {"USUBJID": [f"P{i:02d}" for i in range(n)], "ARM": ["ab"[i % 2] for i in range(n)]}
    return pd.DataFrame({**who, **(counts if name == "negative-binomial" else times)})


@pytest.mark.parametrize("name", [*MEASURED, *OTHERS])
def test_a_row_given_twice_is_refused(name):
    frame, options = (
        (measured(), MEASURED[name]) if name in MEASURED else (others(name), OTHERS[name])
    )
    ANALYSES[name].run(frame, reference="a", **options)
    twice = pd.concat([frame, frame.iloc[[7]]])
    with pytest.raises(InputError, match=r"the participant 'P0\d' has more than one row"):
        ANALYSES[name].run(twice, reference="a", **options)


@pytest.mark.parametrize("rise", [0.0, 0.1])
@pytest.mark.parametrize("name", TESTED)
def test_nothing_is_tested_where_nothing_differs(name, rise):
    frame = measured()
    # Every change is the same but for the rounding of sums.
    change = rise * (frame["AVISIT"] != "V0")
    value = frame["BASE"] + change if name != "random-slope" else 0.1 + 0 * change
    flat = frame.assign(AVAL=value, CHG=value - frame["BASE"])
    with pytest.raises(InputError, match="values do not differ, so nothing can be tested"):
        ANALYSES[name].run(flat, reference="a", **MEASURED[name])
    wide = flat.pivot(index="USUBJID", columns="AVISIT", values="AVAL").to_numpy()
    block = Block(("a", "b"), np.tile([0, 1], 12)[None], ("V0", "V1", "V2"),
                  np.array([0.0, 90, 180]), wide[None])  # fmt: skip
    told = ANALYSES[name].many(block, **MEASURED[name])
    assert np.isnan(told.p).all()


def test_describing_what_does_not_differ_tests_nothing():
    frame = measured()
    by_arm = frame["ARM"].map({"a": 1.0, "b": 2.0}) * (frame["AVISIT"] == "V2")
    flat = frame.assign(AVAL=frame["BASE"] + by_arm, CHG=by_arm)
    result = ANALYSES["describe"].run(flat, reference="a")
    assert not [row for row in result.rows if row.contrast]


@pytest.mark.parametrize("name", ["ancova", "mmrm", "multiple-imputation", "responder", "t-test"])
def test_day_1_is_the_baseline_where_there_is_no_day_0(name):
    """ADaM counts the first day of treatment as day 1."""
    plain, adam = measured(2), measured(2, first=1.0)
    one = ANALYSES[name].run(plain, reference="a", **MEASURED[name])
    two = ANALYSES[name].run(adam, reference="a", **MEASURED[name])
    assert [(r.arm, r.visit, r.estimate) for r in one.rows] == [
        (r.arm, r.visit, r.estimate) for r in two.rows
    ]


@pytest.mark.parametrize("name", ["ancova", "mmrm", "multiple-imputation", "responder", "t-test",
                                  "bayesian"])  # fmt: skip
def test_the_first_visit_of_a_block_may_be_on_day_1_or_before_day_0(name):
    frame = measured(3)
    wide = frame.pivot(index="USUBJID", columns="AVISIT", values="AVAL").to_numpy()[None]
    arm = np.tile([0, 1], 12)[None]
    block = Block(("a", "b"), arm, ("V0", "V1", "V2"), np.array([0.0, 90, 180]), wide)
    first = replace(block, days=np.array([1.0, 91, 181]))
    screened = replace(
        block, visits=("S", *block.visits), days=np.array([-14.0, 0, 90, 180]),
        values=np.concatenate([wide[:, :, :1] + 3, wide], axis=2),
    )  # fmt: skip
    told = [ANALYSES[name].many(each, **MEASURED[name]).p for each in (block, first, screened)]
    assert np.array_equal(told[0], told[1])
    assert np.array_equal(told[0], told[2])
    with pytest.raises(InputError, match="visit 'S' is before the baseline, which is 'V0'"):
        ANALYSES[name].many(screened, **{**MEASURED[name], "visit": "S"})


def test_a_visit_on_day_1_that_came_after_the_baseline_is_no_baseline():
    frame = measured(4)
    days = {"V0": -14.0, "V1": 1.0, "V2": 90.0}
    result = ANALYSES["mmrm"].run(frame.assign(ADY=frame["AVISIT"].map(days)), reference="a")
    assert {row.visit for row in result.rows} == {"V1", "V2"}


@pytest.mark.parametrize(
    ("days", "at"),
    [([0, 9], 0), ([-9, 0, 9], 1), ([1, 9], 0), ([-9, 1, 9], 1), ([-9, 0, 1], 1), ([2, 9], None),
     ([], None), ([-20, -9], 1)],
)  # fmt: skip
def test_the_baseline_among_days(days, at):
    assert baseline_at(days) == at
