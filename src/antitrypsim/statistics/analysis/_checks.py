"""The checks that analyses share; each failure is one sentence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from antitrypsim.foundations.errors import InputError, nearest, shown
from antitrypsim.foundations.plural import so_many, were

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from antitrypsim.statistics.analysis._columns import Columns, Prepared
    from antitrypsim.statistics.analysis._settings import Options


def columns(frame: pd.DataFrame, wanted: Iterable[str]) -> None:
    """Raise ``InputError`` unless ``frame`` has every column of ``wanted``, and each name once."""
    if not hasattr(frame, "columns"):
        raise InputError(f"an analysis is of a data frame, not of {type(frame).__name__}")
    for name in frame.columns[frame.columns.duplicated()]:
        raise InputError(f"the frame has the column '{name}' twice")
    for name in wanted:
        if name not in frame.columns:
            raise InputError(f"the frame has no column '{name}'")


def names(value: object, option: str) -> tuple[str, ...]:
    """An option that lists names, as a tuple; a single string is refused with ``InputError``."""
    if value is None:
        return ()
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise InputError(f"the option '{option}' must be a list of names")
    return tuple(str(each) for each in value)


def apart(options: Options, analysed: Iterable[str]) -> None:
    """Raise ``InputError`` where what is analysed is to adjust for itself; a baseline may."""
    for option in ("covariates", "strata"):
        for name in names(options.get(option), option):
            if name in analysed and name != "BASE":
                raise InputError(
                    f"the option '{option}' names '{name}', which is what is analysed; leave it out"
                )


def identified(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with its ids as plain strings, those of people as whole numbers where they are.

    ``InputError`` where an id is missing.
    """
    from pandas.api.types import is_integer_dtype, is_object_dtype

    ids = [name for name in ("USUBJID", "ARM", "PARAMCD", "AVISIT") if name in frame.columns]
    for name in ids:
        if frame[name].isna().any():
            raise InputError(f"a row has no {name}")
    # Numbers stay as they are: words of a million people take much room.
    told = [name for name in ids if name != "USUBJID" or not is_integer_dtype(frame[name])]
    return frame.assign(
        **{
            name: frame[name].astype(str).astype(object)
            for name in told
            if not (is_object_dtype(frame[name]) and _only_words(frame[name]))
        }
    )


def _only_words(column: pd.Series) -> bool:
    """Whether every entry is a string."""
    import pandas as pd

    return bool(pd.api.types.infer_dtype(column, skipna=False) == "string")


def one_parameter(frame: pd.DataFrame, parameter: str | None) -> pd.DataFrame:
    """The rows of one PARAMCD; ``InputError`` when the choice is missing or unknown."""
    if "PARAMCD" not in frame.columns:
        if parameter is not None:
            raise InputError("the frame has no column 'PARAMCD'")
        return frame
    known = sorted(frame["PARAMCD"].unique())
    if parameter is None:
        if len(known) > 1:
            raise InputError(
                f"the frame holds several parameters ({', '.join(known)}): name one with the "
                "option 'parameter'"
            )
        return frame
    if parameter not in known:
        raise InputError(f"the frame has no parameter '{parameter}'{nearest(parameter, known)}")
    return frame[frame["PARAMCD"] == parameter]


def arms(frame: pd.DataFrame, reference: str, wanted: Sequence[str] | None) -> tuple[str, ...]:
    """The arm ids to analyse, reference first; ``InputError`` for one that has no participant."""
    if not isinstance(reference, str):
        raise InputError(f"the reference is the id of an arm, not '{shown(reference)}'")
    known = sorted(frame["ARM"].unique())
    chosen = list(names(wanted, "arms")) or known
    for arm in (reference, *chosen):
        if arm not in known:
            raise InputError(f"the arm '{arm}' has no participant{nearest(arm, known)}")
    return (reference, *(arm for arm in dict.fromkeys(chosen) if arm != reference))


def one_arm_each(frame: pd.DataFrame) -> None:
    """Raise ``InputError`` when a participant stands in two arms."""
    placed = frame[["USUBJID", "ARM"]].drop_duplicates()
    twice = placed.loc[placed["USUBJID"].duplicated(), "USUBJID"]
    if len(twice):
        raise InputError(f"the participant '{min(twice)}' stands in more than one arm")


def numbers(frame: pd.DataFrame, names: Iterable[str]) -> None:
    """Raise ``InputError`` when a column is not numeric or holds an infinite value."""
    import numpy as np
    from pandas.api.types import is_numeric_dtype

    for name in names:
        if not is_numeric_dtype(frame[name]):
            raise InputError(f"the column '{name}' is not numeric")
        if np.isinf(frame[name].to_numpy(dtype=float)).any():
            raise InputError(f"the column '{name}' holds an infinite value")


def needed_visit(analysis: str, options: Options) -> str:
    """The option 'visit' of an analysis that cannot do without; ``InputError`` when it is left out."""
    if options.get("visit") is None:
        raise InputError(f"the analysis '{analysis}' needs the option 'visit'")
    return str(options["visit"])


def visit(frame: pd.DataFrame, wanted: str) -> pd.DataFrame:
    """The rows of one visit; ``InputError`` when the visit is unknown."""
    known = sorted(frame["AVISIT"].unique())
    if wanted not in known:
        raise InputError(f"the frame has no visit '{wanted}'{nearest(wanted, known)}")
    return frame[frame["AVISIT"] == wanted]


def after_baseline(frame: pd.DataFrame) -> tuple[str | None, tuple[str, ...]]:
    """Return the visit that is the baseline, if any, and the visits after it, by their median day.

    The rule is ``block.baseline_at``. A visit on day 1 where BASE was measured before is none.
    """
    from antitrypsim.statistics.block import baseline_at

    day = frame.groupby("AVISIT")["ADY"].median().sort_values(kind="stable").dropna()
    at = baseline_at(day.to_numpy(dtype=float))
    if at is not None and day.iloc[at] > 0:
        first = frame[frame["AVISIT"] == day.index[at]]
        if (first["AVAL"] - first["BASE"]).abs().gt(0).any():
            at = at - 1 if at else None
    names = tuple(str(each) for each in day.index)
    return (None, names) if at is None else (names[at], names[at + 1 :])


def later(frame: pd.DataFrame, wanted: str) -> None:
    """Raise ``InputError`` unless ``wanted`` is a visit after the baseline."""
    from antitrypsim.statistics.block import not_after

    visit(frame, wanted)
    baseline, after = after_baseline(frame)
    if baseline is not None and wanted not in after:
        raise InputError(not_after(wanted, baseline))


def differ(frame: pd.DataFrame) -> bool:
    """Whether the changes from BASE to AVAL scatter by more than rounding at some visit."""
    from antitrypsim.statistics.analysis import _moments

    change = frame["AVAL"] - frame["BASE"]
    spread = change.groupby([frame["ARM"], frame["AVISIT"]]).std().max()
    size = max(frame["AVAL"].abs().max(), frame["BASE"].abs().max())
    return bool(_moments.varies(float(spread), float(size)))


def one_value_each(frame: pd.DataFrame, names: Iterable[str]) -> None:
    """Raise ``InputError`` when a participant has several values of what is one of a person."""
    for name in names:
        several = frame.groupby("USUBJID")[name].nunique() > 1
        if several.any():
            raise InputError(f"the participant '{several.idxmax()}' has more than one {name}")


def no_row_twice(frame: pd.DataFrame, columns: Iterable[str]) -> None:
    """Raise ``InputError`` when a participant has two rows where an analysis counts each once.

    ``columns`` of the analysis say what tells rows apart: the visit, else the day, else nothing.
    """
    by = next((name for name in ("AVISIT", "ADY") if name in columns), None)
    if by is None:
        return one_row_each(frame)
    if by == "ADY":
        numbers(frame, ("ADY", "AVAL"))
    counted = frame if by == "AVISIT" else frame[frame["AVAL"].notna() & frame[by].notna()]
    twice = counted[counted.duplicated(["USUBJID", by])]
    if len(twice):
        first = twice.sort_values(["USUBJID", by], kind="stable").iloc[0]
        place = f"at visit '{first[by]}'" if by == "AVISIT" else f"on day {first[by]:g}"
        raise InputError(f"the participant '{first['USUBJID']}' has more than one row {place}")
    return None


def places(people: pd.DataFrame, arms: tuple[str, ...]) -> NDArray[np.int8]:
    """Return the place of each row's arm in ``arms``, as one replicate (1, rows)."""
    import numpy as np

    number = {arm: k for k, arm in enumerate(arms)}
    return np.asarray(people["ARM"].map(number), dtype=np.int8)[None]


def regressors(
    people: pd.DataFrame, arms: tuple[str, ...], names: Sequence[str]
) -> tuple[Columns, NDArray[np.int8], Prepared, tuple[str, ...]]:
    """Return covariates of one row a person, the places of their arms, and what a regression uses.

    Last a warning of levels that are left out. ``InputError`` when arms and covariates are entangled.
    """
    from antitrypsim.statistics.analysis import _columns

    columns, place = _columns.of_frame(people, names), places(people, arms)
    prepared = _columns.prepare(columns, place, len(arms), columns.known)
    return columns, place, prepared, _left_out(prepared, columns, names)


def _left_out(prepared: Prepared, columns: Columns, names: Sequence[str]) -> tuple[str, ...]:
    """Return a warning of levels left out; ``InputError`` when arms and covariates are entangled."""
    if not prepared.fine[0]:
        named = f" ({', '.join(names)})" if names else ""
        raise InputError(f"the arms and covariates{named} cannot be told apart in these data")
    # Of each group one level is told by the others in any case.
    groups = {group for group in columns.group if group >= 0}
    spare = int((~prepared.live[0]).sum()) - len(groups)
    if spare <= 0:
        return ()
    said = "1 level was" if spare == 1 else f"{spare} levels were"
    return (f"{said} left out of the covariates, being told by the others.",)


def one_row_each(frame: pd.DataFrame, where: str = "") -> None:
    """Raise ``InputError`` when a participant has more than one row."""
    twice = frame.loc[frame["USUBJID"].duplicated(), "USUBJID"]
    if len(twice):
        raise InputError(f"the participant '{min(twice)}' has more than one row{where}")


def enough(frame: pd.DataFrame, arms: Iterable[str], least: int, where: str = "") -> dict[str, int]:
    """Participants of each arm; ``InputError`` when an arm has fewer than ``least``."""
    counts = frame.groupby("ARM", observed=True)["USUBJID"].nunique()
    people = {arm: int(counts.get(arm, 0)) for arm in arms}
    for arm, n in people.items():
        if n < least:
            have = "no participant" if n == 0 else f"only {n} participant{'s' if n > 1 else ''}"
            need = "" if least == 1 else f", and {least} are needed"
            raise InputError(f"the arm '{arm}' has {have} with a value{where}{need}")
    return people


def complete(frame: pd.DataFrame, columns: Sequence[str]) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The rows without a missing value in ``columns``, and a warning that counts those left out."""
    gaps = frame[list(columns)].isna()
    lost = int(gaps.any(axis=1).sum())
    if not lost:
        return frame, ()
    where = ", ".join(name for name in columns if gaps[name].any())
    warning = f"{lost} of {so_many(len(frame), 'row')} {were(lost)} left out for a missing value in {where}."
    return frame[~gaps.any(axis=1)], (warning,)
