"""A target: what was published, what is simulated, and the checks that decide."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from antitrypsim.calibration.bounds import BOUNDS, Bound, bounds, told
from antitrypsim.calibration.scene import Scene
from antitrypsim.evidence.registry import TARGET_COLUMNS, TARGETS
from antitrypsim.evidence.tables import read_rows
from antitrypsim.foundations.errors import EvidenceError
from antitrypsim.populations.spec import Population

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Statistic:
    """One number that a study computes; ``error`` is Monte Carlo's, 0 for an exact one.

    ``label`` names its row of bounds. ``detail`` is a sentence for the report where the number alone
    would mislead.
    """

    label: str
    value: float
    error: float = 0.0
    detail: str = ""


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
    unit: str = ""

    @property
    def passed(self) -> bool:
        """Whether the value lies within its bounds."""
        return bool(self.low <= self.value <= self.high)

    @property
    def bounded(self) -> bool:
        """Whether anything is asked of the value, which otherwise is only reported."""
        return bool(np.isfinite(self.low) or np.isfinite(self.high))

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
    conditions: str


@dataclass(frozen=True)
class TargetRow:
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

    def _asked(self) -> list[str]:
        """Return the bounds of its checks in words, without those that are only reported."""
        asked = [(c.label, told(c.low, c.high)) for c in self.checks if c.bounded]
        return [f"{label} {said}" for label, said in asked]

    def to_dict(self) -> dict[str, object]:
        """Return the row of the validation's JSON."""
        p = self.published
        return {
            "id": p.id,
            "quantity": p.quantity,
            "population": p.population,
            "simulated": {c.label: float(f"{c.value:.6g}") for c in self.checks},
            "published": f"{p.value} {p.unit}".strip(),
            "accept": "; ".join((*self._asked(), *filter(None, [p.conditions]))),
            "passed": self.passed,
            "role": p.role.split(" ")[0],
            "settled": self.settled,
            "bounds": {c.label: [c.low, c.high] for c in self.checks},
            "units": {c.label: c.unit for c in self.checks},
            "monte_carlo_error": {c.label: float(f"{c.error:.3g}") for c in self.checks},
            "details": {c.label: c.detail for c in self.checks if c.detail},
        }


@cache
def published_targets() -> dict[str, Published]:
    """Return every row of ``targets.csv`` by id, whether or not it is covered."""
    return {id: Published(**row) for id, row in read_rows(TARGETS, TARGET_COLUMNS).items()}


Read = Callable[[Scene], Sequence[Statistic]]


@dataclass(frozen=True)
class Study:
    """How the statistics of a target are read from a scene.

    ``populations`` names those of the scene that it asks for; ``own`` are further ones of its own.
    """

    target: str
    read: Read
    populations: frozenset[str] = frozenset()
    own: Mapping[str, Population] = field(default_factory=lambda: MappingProxyType({}))

    def __call__(self, scene: Scene) -> list[Check]:
        """Return the checks of the target: each statistic between its bounds.

        Raises:
            EvidenceError: a statistic has no row of bounds, or a row no statistic.
        """
        scene.add(self.own)
        return checks_of(self.target, self.read(scene), bounds().get(self.target, {}))


def study(
    target: str, *populations: str, own: Mapping[str, Population] | None = None
) -> Callable[[Read], Study]:
    """Make a function from a scene to statistics the study of a target; a decorator."""
    further = MappingProxyType(dict(own or {}))
    return lambda read: Study(target, read, frozenset((*populations, *further)), further)


def checks_of(
    target: str, statistics: Sequence[Statistic], asked: Mapping[str, Bound]
) -> list[Check]:
    """Return statistics of a target, each between the bounds that are ``asked`` of its label."""
    labels = [one.label for one in statistics]
    for label in sorted({*labels, *asked}):
        if label not in asked:
            raise EvidenceError(
                f"the study computes '{label}', which has no row of bounds; write one",
                path=str(BOUNDS),
                key=target,
            )
        if labels.count(label) != 1:
            times = "twice" if label in labels else "never"
            raise EvidenceError(
                f"there are bounds for '{label}', which the study computes {times}; "
                "it must compute it once",
                path=str(BOUNDS),
                key=target,
            )
    return [_check(one, asked[one.label]) for one in statistics]


def _check(one: Statistic, bound: Bound) -> Check:
    return Check(
        one.label, one.value, bound.low, bound.high, one.error, one.detail, unit=bound.unit
    )


def mean_of(label: str, values: Floats) -> Statistic:
    """Return the mean of independent values."""
    v = values[np.isfinite(values)]
    return Statistic(label, float(v.mean()), float(v.std() / np.sqrt(v.size)))


def fold_of(label: str, values: Floats, control: Floats) -> Statistic:
    """Return the quotient of two means of independent people."""
    seen = [v[np.isfinite(v)] for v in (values, control)]
    fold = float(seen[0].mean() / seen[1].mean())
    relative = sum(float(v.var() / v.size / v.mean() ** 2) for v in seen)
    return Statistic(label, fold, abs(fold) * float(np.sqrt(relative)))


def sd_of(label: str, values: Floats) -> Statistic:
    """Return the standard deviation of independent values."""
    v = values[np.isfinite(values)]
    centred = (v - v.mean()) ** 2
    error = float(centred.std() / np.sqrt(v.size) / (2 * v.std()))
    return Statistic(label, float(v.std(ddof=1)), error)


def share_of(label: str, flags: NDArray[np.bool_]) -> Statistic:
    """Return a share in per cent."""
    p = float(np.mean(flags))
    return Statistic(label, 100 * p, 100 * float(np.sqrt(p * (1 - p) / flags.size)))


def quantile_of(label: str, values: Floats, q: float) -> Statistic:
    """Return a quantile; its error from the order statistics about it."""
    v = np.sort(values[np.isfinite(values)])
    half = np.sqrt(q * (1 - q) / v.size)
    error = float(np.quantile(v, min(q + half, 1)) - np.quantile(v, max(q - half, 0))) / 2
    return Statistic(label, float(np.quantile(v, q)), error)
