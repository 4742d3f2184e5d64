"""Regimens as a value: what is given when, in days since day 0."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.provenance import SCHEMA_VERSION, content_hash
from antitrypsim.modelling import Model

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class DoseRecord:
    """One dose given at several times: ``dose`` is 'product/route', ``amount`` in the dose's unit."""

    dose: str
    amount: float
    times: tuple[float, ...]


@dataclass(frozen=True)
class InputRecord:
    """A course of an input: from ``times[k]`` on, ``values[k]``."""

    input: str
    times: tuple[float, ...]
    values: tuple[float, ...]


@dataclass(frozen=True)
class Regimen:
    """What one arm receives, immutable; an empty regimen is no treatment."""

    name: str = "untreated"
    doses: tuple[DoseRecord, ...] = ()
    inputs: tuple[InputRecord, ...] = ()

    def __add__(self, other: Regimen) -> Regimen:
        return Regimen(
            f"{self.name} + {other.name}", self.doses + other.doses, self.inputs + other.inputs
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The doses and inputs that are used, each once."""
        return tuple(sorted({d.dose for d in self.doses} | {i.input for i in self.inputs}))

    def check(self, model: Model) -> None:
        """Raise ModelError or InputError unless every record can be given in this model."""
        for record in self.doses:
            model.dose(record.dose)
            if not np.isfinite(record.amount) or record.amount < 0:
                raise InputError(
                    f"a dose of {record.amount:g} cannot be given; it must be 0 or more"
                )
            if any(not np.isfinite(t) for t in record.times):
                raise InputError(f"a time of dose '{record.dose}' is not a number")

    def to_dict(self) -> dict[str, Any]:
        """Return plain data; ``from_dict`` reads it back."""
        return {
            "schema": SCHEMA_VERSION,
            "kind": "regimen",
            "name": self.name,
            "doses": [[d.dose, d.amount, list(d.times)] for d in self.doses],
            "inputs": [[i.input, list(i.times), list(i.values)] for i in self.inputs],
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Regimen:
        """Rebuild a regimen from ``to_dict``; raise InputError for another kind or schema."""
        if data.get("kind") != "regimen" or data.get("schema") != SCHEMA_VERSION:
            raise InputError(f"this is not a regimen value of schema {SCHEMA_VERSION}")
        return cls(
            data["name"],
            tuple(DoseRecord(d, float(a), tuple(t)) for d, a, t in data["doses"]),
            tuple(InputRecord(i, tuple(t), tuple(v)) for i, t, v in data["inputs"]),
        )

    @cached_property
    def content_hash(self) -> str:
        """Hash of the records; the name does not count."""
        return content_hash({**self.to_dict(), "name": ""})

    def to_frame(self) -> pd.DataFrame:
        """Return dosing records with NONMEM's columns (TIME in days, CMT the dose, EVID 1)."""
        import pandas as pd

        rows = [
            {
                "ID": 1,
                "TIME": t,
                "AMT": d.amount,
                "RATE": 0.0,
                "EVID": 1,
                "CMT": d.dose,
                "ADDL": 0,
                "II": 0.0,
                "SS": 0,
                "DV": np.nan,
                "MDV": 1,
            }
            for d in self.doses
            for t in d.times
        ]
        return (
            pd.DataFrame(rows).sort_values("TIME", kind="stable")
            if rows
            else pd.DataFrame(
                columns=[
                    "ID",
                    "TIME",
                    "AMT",
                    "RATE",
                    "EVID",
                    "CMT",
                    "ADDL",
                    "II",
                    "SS",
                    "DV",
                    "MDV",
                ]
            )
        )

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, name: str = "dosing records") -> Regimen:
        """Read NONMEM dosing records of one regimen: TIME AMT CMT, and ADDL with II where given.

        EVID 0 and 2 rows are passed over; RATE, SS and EVID 3 or 4 are refused, never ignored.
        """
        records = []
        for row in frame.to_dict("records"):
            if row.get("EVID", 1) in (0, 2):
                continue
            for column, meaning in (("RATE", "infusions"), ("SS", "steady-state doses")):
                if row.get(column, 0) not in (0, 0.0) and row.get(column) == row.get(column):
                    raise InputError(f"{meaning} are not supported in dosing records", key=column)
            if row.get("EVID", 1) != 1:
                raise InputError("only EVID 0, 1 and 2 are supported", key="EVID")
            extra, interval = int(row.get("ADDL", 0) or 0), float(row.get("II", 0) or 0)
            times = tuple(float(row["TIME"]) + k * interval for k in range(extra + 1))
            records.append(DoseRecord(str(row["CMT"]), float(row["AMT"]), times))
        return cls(name, tuple(records))


def repeated(
    dose: str,
    amount: float,
    *,
    every: float | None = None,
    start: float = 0.0,
    until: float = 0.0,
    name: str | None = None,
    at: Sequence[float] | None = None,
) -> Regimen:
    """Return a regimen of one dose: ``at`` given days, or from ``start`` each ``every`` days.

    ``until`` is the first day at which no dose is given any more. Raises InputError for an interval
    that is not positive.
    """
    if at is not None:
        times = tuple(float(t) for t in at)
    elif every is None:
        times = (float(start),)
    else:
        if not every > 0:
            raise InputError(f"an interval of {every:g} days cannot be; it must be above 0")
        count = max(0, int(np.ceil((until - start) / every - 1e-9)))
        times = tuple(float(start + k * every) for k in range(count))
    return Regimen(name or dose, (DoseRecord(dose, float(amount), times),))
