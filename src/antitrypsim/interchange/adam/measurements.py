"""The BDS of measured endpoints: a data set for each part of the body, one row a value at a visit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antitrypsim.endpoints import endpoint
from antitrypsim.interchange.adam.spec import (
    Column,
    Dataset,
    Variable,
    ascii_of,
    dataset,
)
from antitrypsim.interchange.adam.subjects import STUDY_DAY, Conducted, about, study_day
from antitrypsim.interchange.synthetic import SYNTHETIC

if TYPE_CHECKING:
    import pandas as pd

BASIC = "BASIC DATA STRUCTURE"
_LETTERS = 6


def measured(run: Conducted) -> list[Dataset]:
    """Return a BDS for each part of the body of which something was measured, by name.

    A part is the room of the model that an endpoint's output stands in: ADLUNG, ADLIVER, ADCIRCUL.
    A visit at which nobody was seen any more has no row.
    """
    visits = run.visits[run.visits["AVAL"].notna()]
    rooms: dict[str, list[str]] = {}
    for id in visits["ENDPOINT"].unique():
        room = endpoint(str(id)).output.partition(".")[0].replace("_", "").upper()
        rooms.setdefault(f"AD{room[:_LETTERS]}", []).append(str(id))
    return [
        _bds(run, name, visits[visits["ENDPOINT"].isin(ids)]) for name, ids in sorted(rooms.items())
    ]


def _bds(run: Conducted, name: str, rows: pd.DataFrame) -> Dataset:
    days = rows["ADY"].astype(float)
    columns: list[Column] = [
        *about(run, rows["USUBJID"]),
        (Variable("PARAMCD", "Parameter Code", listed=True), rows["PARAMCD"]),
        (Variable("PARAM", "Parameter", listed=True), [ascii_of(p) for p in rows["PARAM"]]),
        (Variable("AVISIT", "Analysis Visit", listed=True), rows["AVISIT"]),
        (Variable("AVISITN", "Days from Randomisation, Not Rounded", "float"), days),
        (Variable("ADY", "Analysis Relative Day", "integer", STUDY_DAY), study_day(days)),
        (Variable("AVAL", "Analysis Value", "float"), rows["AVAL"]),
        (Variable("BASE", "Baseline Value", "float",
                  "the last value at randomisation or before it"), rows["BASE"]),
        (Variable("CHG", "Change from Baseline", "float", "AVAL - BASE"),
         rows["AVAL"] - rows["BASE"]),
        (Variable("ABLFL", "Baseline Record Flag", listed=True,
                  how="Y where AVAL is the baseline"), _is_baseline(rows)),
    ]  # fmt: skip
    return dataset(
        name, f"{SYNTHETIC}: {name}", BASIC, "One record per subject, parameter and visit",
        ("STUDYID", "USUBJID", "PARAMCD", "AVISITN"), columns,
    )  # fmt: skip


def _is_baseline(rows: pd.DataFrame) -> list[str]:
    before = rows[rows["ADY"] <= 0]
    last = before.sort_values("ADY", kind="stable").groupby(["USUBJID", "PARAMCD"]).tail(1)
    chosen = set(last.index)
    return ["Y" if index in chosen else "" for index in rows.index]
