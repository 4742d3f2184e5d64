"""What the targets say of the model, as data: a number with an error on a scale where it is normal.

A datum is a bounded statistic of a target. What is accepted, from one end to the other, is read as
the 95 % interval of a normal on the scale of the statistic: the logarithm of a ratio, of concentrations,
stiffness and losses of airflow, and of what lies between ends that are further apart than a factor of two;
Fisher's z of a correlation; the number itself otherwise. One-sided rows, orders and reported numbers have no
such interval and are no data, nor has a target that bounds what is unknown as a whole.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from antitrypsim.calibration.intervals import Z95
from antitrypsim.calibration.measured import Measured, measured
from antitrypsim.calibration.target import published_targets
from antitrypsim.foundations.errors import InputError, nearest
from antitrypsim.foundations.provenance import content_hash

Floats = NDArray[np.float64]
Scale = Literal["plain", "log", "Fisher z"]

CALIBRATE, VALIDATE = "calibrate", "validate"
_BOUND = "as an upper bound"
_FACTOR = 2.0
_BY_FACTORS = frozenset({"kPa", "mL/year", "µM"})
"""Units of amounts that models put apart by factors, not by steps."""


@dataclass(frozen=True)
class Datum:
    """A statistic of a target as data: ``centre`` and ``sd`` on its ``scale``, what is accepted beside.

    ``unit`` is that of ``low`` and ``high``; ``people`` names those in whom it was measured.
    """

    target: str
    check: str
    people: str
    scale: Scale
    centre: float
    sd: float
    low: float
    high: float
    unit: str

    @property
    def label(self) -> str:
        """The target's id and the name of the statistic."""
        return f"{self.target} {self.check}"

    def met(self, value: float | Floats) -> NDArray[np.bool_]:
        """Return whether values, in their unit, lie between the ends; NaN does not."""
        return np.asarray((value >= self.low) & (value <= self.high))

    def scaled(self, value: Floats) -> Floats:
        """Return values on the scale, NaN where they have none."""
        return scaled(value, self.scale)

    def scaled_error(self, value: Floats, error: Floats) -> Floats:
        """Return the standard errors of values on the scale."""
        v = np.asarray(value, dtype=np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            if self.scale == "log":
                return np.where(v > 0, error / v, np.nan)
            if self.scale == "Fisher z":
                return np.where(np.abs(v) < 1, error / (1 - v * v), np.nan)
        return np.asarray(error, dtype=np.float64)

    def plain(self, scaled: Floats) -> Floats:
        """Return values in their unit from those on the scale."""
        if self.scale == "log":
            return np.exp(scaled)
        return np.tanh(scaled) if self.scale == "Fisher z" else np.asarray(scaled)


def scaled(value: Floats | float, scale: Scale) -> Floats:
    """Return values on a scale, NaN where they have none."""
    v = np.asarray(value, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        if scale == "log":
            return np.where(v > 0, np.log(np.where(v > 0, v, 1.0)), np.nan)
        if scale == "Fisher z":
            inside = np.abs(v) < 1
            return np.where(inside, np.arctanh(np.where(inside, v, 0.0)), np.nan)
    return v


def data_of(
    role: str = CALIBRATE,
    only: Sequence[str] = (),
    table: Mapping[str, Mapping[str, Measured]] | None = None,
) -> tuple[Datum, ...]:
    """Return the data of the targets of a role, or of those of ``only``, in the order of their ids.

    ``table`` stands in for the packaged rows. Raises InputError for an id that is unknown or has
    another role, and where nothing is left.
    """
    published = published_targets()
    rows = measured() if table is None else table
    bounds = {id for id, one in published.items() if one.role.endswith(_BOUND)}
    for id in only:
        if id not in published:
            raise InputError(f"target '{id}' is unknown{nearest(id, list(published))}")
        if not published[id].role.startswith(role):
            said = published[id].role.split(" ")[0]
            raise InputError(f"target '{id}' is there to {said}; name one that is there to {role}")
        if id in bounds:
            raise InputError(
                f"target '{id}' bounds what all that is unknown could do together, and says nothing of one "
                "set of values; name another"
            )
    found = tuple(
        _datum(row, published[id].people)
        for id in sorted(rows)
        if published[id].role.startswith(role) and id not in bounds and (not only or id in only)
        for row in rows[id].values()
        if is_datum(row)
    )
    if not found:
        raise InputError(f"no statistic of {', '.join(only) or role} is bounded on both sides")
    return found


def is_datum(row: Measured) -> bool:
    """Whether a row is data: bounded on both sides, and no order."""
    bounded = math.isfinite(row.low) and math.isfinite(row.high)
    return row.kind == "within" and bounded and row.statistic != "order"


def _datum(row: Measured, people: str) -> Datum:
    scale: Scale = "plain"
    if row.statistic == "correlation" and row.low > -1 and row.high < 1:
        scale = "Fisher z"
    elif row.low > 0 and (
        row.statistic == "ratio" or row.unit in _BY_FACTORS or row.high > _FACTOR * row.low
    ):
        scale = "log"
    low, high = (float(scaled(end, scale)) for end in (row.low, row.high))
    return Datum(
        row.target, row.check, people, scale, (low + high) / 2, (high - low) / (2 * Z95),
        row.low, row.high, row.unit,
    )  # fmt: skip


def data_hash(data: Sequence[Datum]) -> str:
    """Return a hash of what the data say."""
    return content_hash([[d.label, d.scale, d.centre, d.sd, d.low, d.high, d.unit] for d in data])
