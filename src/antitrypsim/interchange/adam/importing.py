"""What a data set of others is, and which analyses can be made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from antitrypsim.documents.trialdata import read_table
from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.plural import so_many
from antitrypsim.interchange.adam.adopting import adopted
from antitrypsim.interchange.loss import LossReport
from antitrypsim.statistics import ANALYSES

if TYPE_CHECKING:
    import pandas as pd

_MOST = 40
"""Parameters that are told; a file of laboratory values has hundreds."""

_BESIDE = ("USUBJID", "ARM", "PARAMCD", "PARAM", "AVISIT", "AVISITN", "ADY")


@dataclass(frozen=True, eq=False)
class TrialData:
    """A data set as ``frame`` with the arms under ARM.

    ``possible``: the analyses that have their columns; ``missing``: of the others, the columns that are not there.
    """

    frame: pd.DataFrame
    possible: tuple[str, ...]
    missing: Mapping[str, tuple[str, ...]]
    loss: LossReport

    @property
    def one_row_a_subject(self) -> bool:
        """Whether it is a table of subjects, as ADSL is: columns for every analysis, and none of its own."""
        names = self.frame["USUBJID"]
        return not self.possible and not names.duplicated().any()


def import_adam(file: str | Path) -> TrialData:
    """Return what a file of trial data holds; nothing is analysed.

    Raises InputError, one sentence, for what cannot be read as a table, and for one without USUBJID.
    """
    frame, notes = adopted(read_table(file))
    if "USUBJID" not in frame.columns:
        raise InputError(
            "there is no column 'USUBJID', so nobody knows whose the rows are; name it in the file",
            path=str(file),
        )
    possible, missing = [], {}
    for name, analysis in ANALYSES.items():
        absent = tuple(c for c in ("ARM", *analysis.columns) if c not in frame.columns)
        if absent:
            missing[name] = absent
        else:
            possible.append(name)
    read = {c for name in possible for c in ANALYSES[name].columns} | set(_BESIDE)
    carried = [
        f"{so_many(len(frame), 'row')} of {so_many(frame['USUBJID'].nunique(), 'subject')}",
        *_arms(frame),
        *_parameters(frame),
        *(note.rstrip(".") for note in notes),
    ]
    rest = [str(c) for c in frame.columns if c not in read]
    left = (
        f"columns that no analysis reads unless it is told to ('--where', '--column', covariates): {', '.join(rest)}",
    )
    return TrialData(
        frame, tuple(possible), missing, LossReport(tuple(carried), (), left if rest else ())
    )


def _arms(frame: pd.DataFrame) -> list[str]:
    if "ARM" not in frame.columns:
        return []
    counts = frame.drop_duplicates(["USUBJID", "ARM"])["ARM"].value_counts(sort=False)
    return ["arms: " + ", ".join(f"{arm} ({n})" for arm, n in counts.items())]


def _parameters(frame: pd.DataFrame) -> list[str]:
    if "PARAMCD" not in frame.columns:
        return []
    found = []
    for name, own in frame.groupby("PARAMCD", sort=False):
        title = str(own["PARAM"].iloc[0]) if "PARAM" in own.columns else str(name)
        visits = own["AVISIT"].nunique() if "AVISIT" in own.columns else 0
        at = f", {so_many(visits, 'visit')}" if visits else ""
        found.append(f"{name}: {title}, {so_many(len(own), 'row')}{at}")
    more = len(found) - _MOST
    return [*found[:_MOST], *((f"and {so_many(more, 'parameter')} more",) if more > 0 else ())]
