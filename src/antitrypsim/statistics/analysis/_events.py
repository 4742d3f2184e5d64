"""What the analyses of times to an event share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.plural import so_many, verb
from antitrypsim.statistics.analysis import _checks

if TYPE_CHECKING:
    import pandas as pd

CURVES_ARE_PLAIN: Mapping[str, str] = MappingProxyType(
    {
        "covariates": "it describes the arms as they are: use cox",
        "strata": "it describes the arms as they are: use log-rank or cox",
    }
)


def checked(
    frame: pd.DataFrame,
    arms: tuple[str, ...],
    strata: Sequence[str] = (),
    covariates: Sequence[str] = (),
) -> tuple[pd.DataFrame, dict[str, int], tuple[str, ...]]:
    """Complete rows, participants of each arm, and warnings; ``InputError`` for a bad value.

    Of the columns only those that are analysed are left, strata as text.
    """
    also = tuple(dict.fromkeys((*strata, *covariates)))
    _checks.columns(frame, also)
    _checks.numbers(frame, ("AVAL", "CNSR"))
    _checks.one_row_each(frame)
    rows, warnings = _checks.complete(frame, ("AVAL", "CNSR", *also))
    if not rows["CNSR"].isin((0, 1)).all():
        raise InputError("the column 'CNSR' must be 1 for censored and 0 for an event")
    if (rows["AVAL"] < 0).any():
        raise InputError("the column 'AVAL' holds a negative time")
    rows = rows[["USUBJID", "ARM", "AVAL", "CNSR", *also]]
    rows = rows.assign(**{name: rows[name].astype(str) for name in strata})
    people = _checks.enough(rows, arms, 2)
    return rows, people, warnings + _strata_of_one_arm(rows, strata)


def _strata_of_one_arm(rows: pd.DataFrame, strata: Sequence[str]) -> tuple[str, ...]:
    if not strata:
        return ()
    arms = rows.groupby(list(strata))["ARM"].transform("nunique")
    alone = int((arms < 2).sum())
    if not alone:
        return ()
    return (
        f"{alone} of {len(rows)} participants {verb(alone, 'is', 'are')} in strata of one arm only, which compare nothing.",
    )


def eventless(rows: pd.DataFrame, covariates: Sequence[str]) -> tuple[str, ...]:
    """Return a warning of people in levels of a covariate without an event."""
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    out = rows["CNSR"] > 1
    for name in covariates:
        column = rows[name]
        if not is_numeric_dtype(column) or is_bool_dtype(column):
            out = out | (rows["CNSR"].groupby(column.astype(str)).transform("min") == 1)
    if not out.any():
        return ()
    return (
        f"{so_many(int(out.sum()), 'participant')} of levels of a covariate without an event {verb(int(out.sum()), 'says', 'say')} "
        "nothing on the arms.",
    )


def one_sided(arms: tuple[str, ...], still: Sequence[str], when: str) -> tuple[str, ...]:
    """Return what a difference from the first arm lacks where nothing varies in the arms ``still``."""
    told: tuple[str, ...] = ()
    for arm in arms[1:]:
        known = [each for each in (arm, arms[0]) if each not in still]
        of = f"of the arms '{arm}' and '{arms[0]}'"
        if not known:
            told += (f"The difference {when} {of} has no error and so no interval.",)
        elif len(known) == 1:
            told += (f"The difference {when} {of} holds the error of '{known[0]}' alone.",)
    return told
