"""Amounts of others' records in our units, and weights as what they change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antitrypsim.foundations.errors import InputError, UnitError, nearest, shown
from antitrypsim.foundations.units import alike, convert, parse_quantity
from antitrypsim.modelling.weights import RELATIVE_WEIGHT
from antitrypsim.protocols.delivery import known_doses
from antitrypsim.simulation.records import BY_WEIGHT

if TYPE_CHECKING:
    import pandas as pd


def unit_of(unit: str, by_weight: int) -> str:
    """Return the unit of an amount that, times a power of body weight, is in ``unit``."""
    return {-1: unit.removesuffix("/kg"), 0: unit, 1: f"{unit}/kg"}[by_weight]


def in_unit(table: pd.DataFrame, rows: pd.Series[bool], name: str, unit: str) -> None:
    """Turn amounts and rates of ``rows`` from ``unit`` into that of the dose, by weight where they differ in it.

    Raises InputError for a dose or unit that is none, and where the table says BYWT itself.
    """
    known = known_doses()
    if name not in known:
        raise InputError(f"no dose '{shown(name)}'{nearest(name, tuple(known))}", key="CMT")
    factor, power = _turned(name, known[name].unit, unit)
    if (
        BY_WEIGHT in table.columns
        and table.loc[rows, BY_WEIGHT].str.strip().isin(("", ".", "0")).sum() < rows.sum()
    ):
        raise InputError(
            f"the unit '{shown(unit)}' of {name} says what this column says as well", key=BY_WEIGHT
        )
    if factor != 1:
        for column in ("AMT", "RATE"):
            if column in table.columns:
                table[column] = table[column].astype(object)
                table.loc[rows, column] = table.loc[rows, column].map(
                    lambda cell: _times(cell, factor)
                )
    if power:
        if BY_WEIGHT not in table.columns:
            table[BY_WEIGHT] = "."
        if "AMT" not in table.columns:
            return
        dosed = rows & ~table["AMT"].astype(str).str.strip().isin(("", ".", "NA", "0"))
        table.loc[dosed, BY_WEIGHT] = str(power)


def _turned(name: str, wanted: str, unit: str) -> tuple[float, int]:
    """Return the factor between two units, and the power of body weight by which they differ."""
    try:
        own = parse_quantity(f"1 {unit}")[1]
        for power in (0, -1, 1):
            target = unit_of(wanted, power)
            if alike(own, target) and own.endswith("/kg") == target.endswith("/kg"):
                # Without the body weight of both, which rounds.
                factor = convert(1.0, own.removesuffix("/kg"), target.removesuffix("/kg"))
                return factor, power
    except (InputError, UnitError) as problem:
        raise InputError(
            f"'{shown(unit)}' is no unit of {name}, which is dosed in {wanted}", key="CMT"
        ) from problem
    raise InputError(f"'{shown(unit)}' is no unit of {name}, which is dosed in {wanted}", key="CMT")


def _times(cell: object, factor: float) -> object:
    """Return a number times a factor; what is none, or a code below 0, is left for the reader of records."""
    try:
        number = float(str(cell))
    except ValueError:
        return cell
    return repr(number * factor) if number > 0 else cell


def weighed(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return the records with a row for each change of weight, as a share of the first of each person.

    Raises InputError, with row and column, for a weight that is no number above 0.
    """
    import pandas as pd

    if column not in table.columns:
        raise InputError(
            f"there is no column '{shown(column)}' of weights{nearest(column, tuple(table.columns))}"
        )
    for needed in ("TIME", "CMT", "EVID"):
        if needed not in table.columns:
            raise InputError(f"weights that change need the column '{needed}'", key=needed)
    weights, times = (
        pd.to_numeric(table[column], errors="coerce"),
        pd.to_numeric(table["TIME"], errors="coerce"),
    )
    # A row that C takes out says nothing, of weight neither.
    counts = (
        ~table["C"].astype(str).str.strip().str.upper().isin(("C", "#"))
        if "C" in table.columns
        else pd.Series(True, index=table.index)
    )
    bad = table.index[counts & ~(weights > 0)]
    if len(bad):
        cell = table[column].loc[bad[0]]
        raise InputError(
            f"row {int(bad[0]) + 1}: '{shown(cell)}' is no body weight in kg", key=column
        )
    ids = table["ID"] if "ID" in table.columns else pd.Series("", index=table.index)
    rows = []
    for id, own in (
        pd.DataFrame({"id": ids, "t": times, "w": weights})[counts]
        .sort_values("t", kind="stable")
        .groupby("id", sort=False)
    ):
        first = before = float(own["w"].iloc[0])
        at_once = own.loc[(own["t"] == own["t"].iloc[0]) & (own["w"] != first), "w"]
        if len(at_once):
            raise InputError(
                f"row {int(at_once.index[0]) + 1}: {at_once.iloc[0]:g} kg, and {first:g} kg at the same time in a "
                "row before",
                key=column,
            )
        for time, now in zip(own["t"], own["w"], strict=True):
            if now != before:
                rows.append(
                    {
                        "ID": id,
                        "TIME": time,
                        "AMT": ".",
                        "EVID": "2",
                        "CMT": RELATIVE_WEIGHT,
                        "SETTING": now / first,
                    }
                )
            before = now
    kept = table.drop(columns=[column])
    if not rows:
        return kept
    more = pd.DataFrame(rows, columns=["ID", "TIME", "AMT", "EVID", "CMT", "SETTING"])
    more = more if "ID" in kept.columns else more.drop(columns=["ID"])
    return pd.concat([kept, more], ignore_index=True).astype(object).fillna(".")
