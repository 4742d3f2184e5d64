"""People as a value: who they are, what sets them apart, and the courses of their lives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from antitrypsim.foundations.arguments import whole
from antitrypsim.foundations.arrays import Floats, Ints, Labels
from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.plain import Plain
from antitrypsim.foundations.provenance import SCHEMA_VERSION, content_hash
from antitrypsim.foundations.units import YEAR

if TYPE_CHECKING:
    import pandas as pd


def column(name: str) -> str:
    """Return the column of a covariate or label, of at most eight letters as SAS transport has them."""
    return {"ascertainment": "ASCERT"}.get(name, name.upper())


@dataclass(frozen=True, eq=False)
class InputCourse:
    """A piecewise-constant input of each person: from ``times[k]`` (age, days) on, ``values[k]``.

    Arrays of shape (people, changes), times ascending; NaN times are unused.
    """

    times: Floats
    values: Floats


@dataclass(frozen=True, eq=False)
class Snapshot:
    """States at day 0, so that a life need not be lived again for every arm."""

    key: str
    states: Floats
    hazard_counts: Ints


@dataclass(frozen=True, eq=False, repr=False)
class People:
    """Virtual people, immutable.

    ``ids`` key their random streams under ``seed``; ``covariates`` by handle name, each (n,);
    ``effects`` standard normals by parameter id, each (n,), already correlated; ``birth`` is the age
    in days at which a simulated life starts and ``age`` the age in days at day 0; ``courses`` by
    input name; ``labels`` are columns for reports (genotype, sex, smoking, ascertainment).
    """

    ids: Ints
    seed: int
    covariates: Mapping[str, Floats]
    effects: Mapping[str, Floats]
    birth: Floats
    age: Floats
    courses: Mapping[str, InputCourse] = field(default_factory=dict)
    labels: Mapping[str, Labels] = field(default_factory=dict)
    snapshot: Snapshot | None = None

    def __post_init__(self) -> None:
        if not (np.all(np.isfinite(self.age)) and np.all(np.isfinite(self.birth))):
            raise InputError("an age or the start of a life is not a number")
        if len(self.ids) and float(np.min(self.age - self.birth)) < 0:
            raise InputError("a person's age at day 0 lies before the start of the simulated life")

    def __len__(self) -> int:
        return len(self.ids)

    def __repr__(self) -> str:
        return f"People({len(self)} people, seed {self.seed})"

    def take(self, rows: ArrayLike) -> People:
        """Return the people of the given row numbers or mask; they keep their ids and streams."""
        at = np.asarray(rows)
        snapshot = self.snapshot
        if snapshot is not None:
            snapshot = Snapshot(snapshot.key, snapshot.states[at], snapshot.hazard_counts[at])
        return replace(
            self,
            ids=self.ids[at],
            covariates={k: v[at] for k, v in self.covariates.items()},
            effects={k: v[at] for k, v in self.effects.items()},
            birth=self.birth[at],
            age=self.age[at],
            courses={k: InputCourse(c.times[at], c.values[at]) for k, c in self.courses.items()},
            labels={k: v[at] for k, v in self.labels.items()},
            snapshot=snapshot,
        )

    def living_anew(self, seed: int) -> People:
        """Return the same people with other chance events, in which some may be dead by day 0."""
        return replace(self, seed=whole(seed, "seed"), snapshot=None)

    def to_dict(self) -> Plain:
        """Return the plain data of these people; ``from_dict`` reads it back."""
        return {
            "schema": SCHEMA_VERSION,
            "kind": "people",
            "seed": self.seed,
            "ids": self.ids,
            "covariates": dict(self.covariates),
            "effects": dict(self.effects),
            "birth": self.birth,
            "age": self.age,
            "courses": {k: [c.times, c.values] for k, c in self.courses.items()},
            "labels": {k: np.asarray(v, dtype=object) for k, v in self.labels.items()},
        }

    @classmethod
    def from_dict(cls, data: Plain) -> People:
        """Rebuild people from ``to_dict``; raise InputError for another kind or schema."""
        if data.get("kind") != "people" or data.get("schema") != SCHEMA_VERSION:
            raise InputError(f"this is not a people value of schema {SCHEMA_VERSION}")

        def floats(values: ArrayLike) -> Floats:
            return np.asarray(values, dtype=np.float64)

        return cls(
            ids=np.asarray(data["ids"], dtype=np.int64),
            seed=int(data["seed"]),
            covariates={k: floats(v) for k, v in data["covariates"].items()},
            effects={k: floats(v) for k, v in data["effects"].items()},
            birth=floats(data["birth"]),
            age=floats(data["age"]),
            courses={k: InputCourse(floats(t), floats(v)) for k, (t, v) in data["courses"].items()},
            labels={k: np.asarray(v, dtype=object) for k, v in data["labels"].items()},
        )

    @cached_property
    def content_hash(self) -> str:
        """Hash of everything but the snapshot, which follows from the rest and a model."""
        return content_hash(self.to_dict())

    def to_frame(self) -> pd.DataFrame:
        """Return one row a person: id, age in years, covariates and labels."""
        import pandas as pd

        columns: dict[str, NDArray[np.generic] | list[str]] = {
            "USUBJID": [f"P{i:06d}" for i in self.ids]
        }
        columns["AGE"] = self.age / YEAR
        columns |= {column(k.removeprefix("person.")): v for k, v in self.covariates.items()}
        columns |= {column(k): v for k, v in self.labels.items()}
        return pd.DataFrame(columns)
