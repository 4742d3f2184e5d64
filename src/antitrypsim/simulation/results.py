"""Results as a value: people x draws x times of named outputs, and the events on the way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from antitrypsim.foundations.arrays import Floats, Ints
from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.provenance import SCHEMA_VERSION, content_hash

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


@dataclass(frozen=True, eq=False, repr=False)
class Results:
    """A chunk of results, or all of them.

    ``values`` has shape (people, draws, times, outputs); NaN after death. ``events`` holds, by
    process, an array (people, draws, K) of days since day 0, NaN padded. ``status`` (people, draws):
    0 reached the end, 1 died, above 1 failed.
    """

    ids: Ints
    times: Floats
    outputs: tuple[str, ...]
    values: Floats
    events: Mapping[str, Floats]
    status: NDArray[np.int8]
    provenance: Mapping[str, Any]

    def __repr__(self) -> str:
        n, d, t, _ = self.values.shape
        return f"Results({n} people x {d} draws x {t} times: {', '.join(self.outputs)})"

    def __getitem__(self, output: str) -> Floats:
        """Return one output, shape (people, draws, times)."""
        try:
            return self.values[..., self.outputs.index(output)]
        except ValueError:
            raise InputError(f"'{output}' was not asked for as an output") from None

    @classmethod
    def join(cls, chunks: Iterable[Results]) -> Results:
        """Join chunks of one run along people."""
        parts = list(chunks)
        if not parts:
            raise InputError("there are no results to join")
        first = parts[0]
        return cls(
            ids=np.concatenate([p.ids for p in parts]),
            times=first.times
            if first.times.ndim == 1
            else np.concatenate([p.times for p in parts]),
            outputs=first.outputs,
            values=np.concatenate([p.values for p in parts]),
            events={k: _joined([p.events[k] for p in parts]) for k in first.events},
            status=np.concatenate([p.status for p in parts]),
            provenance=first.provenance,
        )

    @cached_property
    def content_hash(self) -> str:
        """Hash of ids, times, outputs, values and events."""
        return content_hash(
            {
                "schema": SCHEMA_VERSION,
                "ids": self.ids,
                "times": self.times,
                "outputs": self.outputs,
                "values": self.values,
                "events": dict(self.events),
            }
        )

    def to_xarray(self) -> xr.Dataset:
        """Return a dataset with dimensions person, draw, time and a variable for each output."""
        import xarray as xr

        units = self.provenance.get("units", {})
        times = self.times if self.times.ndim == 1 else np.arange(self.times.shape[1])
        data = xr.Dataset(
            {
                name: (("person", "draw", "time"), self[name], {"units": units.get(name, "")})
                for name in self.outputs
            },
            coords={"person": self.ids, "draw": np.arange(self.values.shape[1]), "time": times},
            attrs={k: str(v) for k, v in self.provenance.items() if k != "units"},
        )
        if self.times.ndim == 2:
            data = data.assign_coords(day=(("person", "time"), self.times))
        return data

    def to_frame(self) -> pd.DataFrame:
        """Return a tidy frame: USUBJID, draw, day, and a column for each output."""
        import pandas as pd

        n, d, t, k = self.values.shape
        days = self.times if self.times.ndim == 2 else np.broadcast_to(self.times, (n, t))
        columns: dict[str, NDArray[np.generic]] = {
            "USUBJID": np.repeat([f"P{i:06d}" for i in self.ids], d * t),
            "draw": np.tile(np.repeat(np.arange(d), t), n),
            "day": np.repeat(days[:, None, :], d, axis=1).ravel(),
        }
        flat = self.values.reshape(n * d * t, k)
        columns |= {name: flat[:, i] for i, name in enumerate(self.outputs)}
        return pd.DataFrame(columns)

    def summary(self) -> pd.DataFrame:
        """Return mean, SD, median and 5th and 95th percentile over people and draws, by output and time."""
        import pandas as pd

        frame = self.to_frame().drop(columns=["USUBJID", "draw"])
        tidy = frame.melt(id_vars="day", var_name="output")
        grouped = tidy.groupby(["output", "day"], sort=False)["value"]
        return pd.DataFrame(
            {
                "n": grouped.count(),
                "mean": grouped.mean(),
                "sd": grouped.std(),
                "median": grouped.median(),
                "p05": grouped.quantile(0.05),
                "p95": grouped.quantile(0.95),
            }
        ).reset_index()


def _joined(parts: list[Floats]) -> Floats:
    """Join event times of chunks, of which each has room for its own largest number of events."""
    most = max(p.shape[-1] for p in parts)
    return np.concatenate(
        [
            np.pad(p, ((0, 0), (0, 0), (0, most - p.shape[-1])), constant_values=np.nan)
            for p in parts
        ]
    )
