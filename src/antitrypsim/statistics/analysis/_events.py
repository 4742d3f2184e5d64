"""What the analyses of times to an event share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antitrypsim.foundations.errors import InputError
from antitrypsim.statistics.analysis import _checks

if TYPE_CHECKING:
    import pandas as pd


def checked(
    frame: pd.DataFrame, arms: tuple[str, ...], strata: tuple[str, ...] = ()
) -> tuple[pd.DataFrame, dict[str, int], tuple[str, ...]]:
    """Complete rows, participants of each arm, and warnings; ``InputError`` for a bad value."""
    _checks.columns(frame, strata)
    _checks.numbers(frame, ("AVAL", "CNSR"))
    _checks.one_row_each(frame)
    rows, warnings = _checks.complete(frame, ("AVAL", "CNSR", *strata))
    if not rows["CNSR"].isin((0, 1)).all():
        raise InputError("the column 'CNSR' must be 1 for censored and 0 for an event")
    if (rows["AVAL"] < 0).any():
        raise InputError("the column 'AVAL' holds a negative time")
    return rows, _checks.enough(rows, arms, 2), warnings
