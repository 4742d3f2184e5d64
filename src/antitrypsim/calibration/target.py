"""A target: what was published, what is simulated, and the checks that decide."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from antitrypsim.calibration.scene import Scene

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Check:
    """One number of a target: it passes between ``low`` and ``high``; ``error`` is Monte Carlo's.

    ``detail`` is a sentence for the report where the number alone would mislead.
    """

    label: str
    value: float
    low: float
    high: float
    error: float = 0.0
    detail: str = ""

    @property
    def passed(self) -> bool:
        """Whether the value lies within its bounds."""
        return bool(self.low <= self.value <= self.high)

    @property
    def beyond(self) -> float:
        """How many Monte Carlo errors the value lies outside its bounds; 0 within, infinite for an exact one."""
        outside = max(self.low - self.value, self.value - self.high, 0.0)
        if outside == 0:
            return 0.0
        # A value that is not a number is outside of everything.
        return outside / self.error if self.error > 0 and np.isfinite(outside) else float("inf")

    @property
    def settled(self) -> bool:
        """Whether the Monte Carlo error is under a fifth of the tolerance."""
        half = (self.high - self.low) / 2
        return not np.isfinite(half) or self.error <= half / 5

    def __str__(self) -> str:
        return f"{self.label} {self.value:.3g}"


@dataclass(frozen=True)
class Published:
    """A row of ``targets.csv``."""

    id: str
    quantity: str
    population: str
    value: str
    unit: str
    uncertainty: str
    role: str
    rests_on: str
    accept: str


@dataclass(frozen=True)
class Row:
    """What a target came to."""

    published: Published
    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        """Whether every check passed."""
        return all(check.passed for check in self.checks)

    @property
    def settled(self) -> bool:
        """Whether every Monte Carlo error is small enough to judge."""
        return all(check.settled for check in self.checks)

    def to_dict(self) -> dict[str, object]:
        """Return the row of the validation's JSON."""
        p = self.published
        return {
            "id": p.id,
            "quantity": p.quantity,
            "population": p.population,
            "simulated": {c.label: float(f"{c.value:.6g}") for c in self.checks},
            "published": f"{p.value} {p.unit}".strip(),
            "accept": p.accept,
            "passed": self.passed,
            "role": p.role.split(" ")[0],
            "settled": self.settled,
            "bounds": {c.label: [c.low, c.high] for c in self.checks},
            "monte_carlo_error": {c.label: float(f"{c.error:.3g}") for c in self.checks},
            "details": {c.label: c.detail for c in self.checks if c.detail},
        }


@cache
def published_targets() -> dict[str, Published]:
    """Return every row of ``targets.csv`` by id, whether or not it is covered."""
    with (Path(__file__).parent / "targets" / "targets.csv").open(
        encoding="utf-8", newline=""
    ) as file:
        return {row["id"]: Published(**row) for row in csv.DictReader(file)}


@dataclass(frozen=True, init=False)
class Study:
    """How the checks of a target are read from a scene, and the scene's populations that it asks for."""

    read: Callable[[Scene], list[Check]]
    populations: frozenset[str]

    def __init__(self, read: Callable[[Scene], list[Check]], *populations: str) -> None:
        object.__setattr__(self, "read", read)
        object.__setattr__(self, "populations", frozenset(populations))

    def __call__(self, scene: Scene) -> list[Check]:
        """Return the checks of the target."""
        return self.read(scene)


def mean_check(label: str, values: Floats, low: float, high: float) -> Check:
    """Return a check on the mean of independent values."""
    v = values[np.isfinite(values)]
    return Check(label, float(v.mean()), low, high, float(v.std() / np.sqrt(v.size)))


def fold_check(label: str, values: Floats, control: Floats, low: float, high: float) -> Check:
    """Return a check on the quotient of two means of independent people."""
    seen = [v[np.isfinite(v)] for v in (values, control)]
    fold = float(seen[0].mean() / seen[1].mean())
    relative = sum(float(v.var() / v.size / v.mean() ** 2) for v in seen)
    return Check(label, fold, low, high, abs(fold) * float(np.sqrt(relative)))


def sd_check(label: str, values: Floats, low: float, high: float) -> Check:
    """Return a check on the standard deviation of independent values."""
    v = values[np.isfinite(values)]
    centred = (v - v.mean()) ** 2
    error = float(centred.std() / np.sqrt(v.size) / (2 * v.std()))
    return Check(label, float(v.std(ddof=1)), low, high, error)


def share_check(label: str, flags: NDArray[np.bool_], low: float, high: float) -> Check:
    """Return a check on a share in per cent."""
    p = float(np.mean(flags))
    return Check(label, 100 * p, low, high, 100 * float(np.sqrt(p * (1 - p) / flags.size)))


def quantile_check(label: str, values: Floats, q: float, low: float, high: float) -> Check:
    """Return a check on a quantile; its error from the order statistics about it."""
    v = np.sort(values[np.isfinite(values)])
    half = np.sqrt(q * (1 - q) / v.size)
    error = float(np.quantile(v, min(q + half, 1)) - np.quantile(v, max(q - half, 0))) / 2
    return Check(label, float(np.quantile(v, q)), low, high, error)
