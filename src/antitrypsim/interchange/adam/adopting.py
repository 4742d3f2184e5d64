"""Others' frames made fit for an analysis: which rows, which arms, which column is which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from antitrypsim.foundations.errors import InputError, nearest, shown
from antitrypsim.foundations.plural import so_many

if TYPE_CHECKING:
    import pandas as pd

ARMS = ("TRTP", "TRT01P", "TRTA", "TRT01A", "ACTARM")
"""Where the arms stand in a file without ARM, the planned treatment before the actual one."""


def adopted(
    frame: pd.DataFrame,
    *,
    columns: Mapping[str, str] | None = None,
    where: Mapping[str, Sequence[str]] | None = None,
    subjects: pd.DataFrame | None = None,
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return a frame as ``Analysis.run`` takes it, and a sentence for each thing that was done to it.

    ``columns`` says, by a name that the analysis uses, which column of the file that is; ``where``
    keeps the rows whose column holds one of the words; ``subjects`` (an ADSL) gives its columns to
    every row of its USUBJID. Without ARM the first of ``ARMS`` is taken; a CNSR above 1, ADaM's
    reasons for censoring, is censored. Raises InputError for a column or word that is not there.
    """
    from pandas.api.types import is_numeric_dtype

    notes: list[str] = []
    frame = frame.rename(columns={name: str(name).strip().upper() for name in frame.columns})
    for name in frame.columns[frame.columns.duplicated()]:
        raise InputError(f"the file has the column '{name}' twice")
    if subjects is not None:
        frame = _with_subjects(frame, subjects, notes)
    for wanted, theirs in (columns or {}).items():
        _there(frame, theirs)
        frame = frame.assign(**{wanted.upper(): frame[theirs.upper()]})
    for name, words in (where or {}).items():
        frame = _rows(frame, name, words, notes)
    if "ARM" not in frame.columns:
        for given in [name for name in ARMS if name in frame.columns][:1]:
            frame = frame.assign(ARM=frame[given])
            notes.append(f"The arms are those of {given}.")
    if "CNSR" in frame.columns and is_numeric_dtype(frame["CNSR"]):
        reasons = frame["CNSR"] > 1
        if reasons.any():
            frame = frame.assign(CNSR=frame["CNSR"].where(~reasons, 1.0))
            notes.append(
                f"{so_many(int(reasons.sum()), 'row')} with a CNSR above 1, a reason for censoring, "
                "counted as censored."
            )
    return frame, tuple(notes)


def _there(frame: pd.DataFrame, name: str) -> None:
    if name.upper() not in frame.columns:
        known = tuple(map(str, frame.columns))
        raise InputError(f"the file has no column '{shown(name)}'{nearest(name.upper(), known)}")


def _rows(frame: pd.DataFrame, name: str, words: Sequence[str], notes: list[str]) -> pd.DataFrame:
    from pandas.api.types import is_numeric_dtype

    _there(frame, name)
    column = frame[name.upper()]
    if is_numeric_dtype(column):
        try:
            kept = column.isin([float(word) for word in words])
        except ValueError:
            raise InputError(f"'{name}' holds numbers, and '{shown(words)}' is none") from None
    else:
        kept = column.astype(str).isin(list(words))
    if not kept.any():
        known = tuple(sorted({str(each) for each in column.dropna().unique()}))
        hint = nearest(words[0], known) or (
            f"; it holds {', '.join(known)}" if len(known) < 9 else ""
        )
        raise InputError(f"no row has '{shown(', '.join(words))}' in '{name}'{hint}")
    notes.append(
        f"{int(kept.sum()):,} of {so_many(len(frame), 'row')}: those with {name} {' or '.join(words)}."
    )
    return frame[kept].reset_index(drop=True)


def _with_subjects(frame: pd.DataFrame, subjects: pd.DataFrame, notes: list[str]) -> pd.DataFrame:
    subjects = subjects.rename(
        columns={name: str(name).strip().upper() for name in subjects.columns}
    )
    for table, which in ((frame, "the file"), (subjects, "the file of subjects")):
        if "USUBJID" not in table.columns:
            raise InputError(f"{which} has no column 'USUBJID'")
    twice = subjects.loc[subjects["USUBJID"].duplicated(), "USUBJID"]
    if len(twice):
        raise InputError(f"'{shown(twice.iloc[0])}' stands twice among the subjects")
    unknown = sorted(set(frame["USUBJID"].dropna()) - set(subjects["USUBJID"].dropna()), key=str)
    if unknown:
        raise InputError(f"'{shown(unknown[0])}' is not among the subjects")
    new = [name for name in subjects.columns if name not in frame.columns]
    notes.append(f"From the subjects: {', '.join(new) or 'nothing new'}.")
    return frame.merge(subjects[["USUBJID", *new]], on="USUBJID", how="left")
