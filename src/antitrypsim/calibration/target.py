"""A target: what was published, what is simulated, and the checks that decide."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from types import MappingProxyType

import numpy as np

from antitrypsim.calibration.measured import MEASURED, Measured, measured, told
from antitrypsim.calibration.scene import Scene
from antitrypsim.calibration.statistic import Statistic
from antitrypsim.evidence.registry import TARGET_COLUMNS, TARGETS
from antitrypsim.evidence.tables import read_rows
from antitrypsim.foundations.errors import EvidenceError, RunError
from antitrypsim.populations.spec import Population


@dataclass(frozen=True)
class Check:
    """One number of a target: it passes between ``low`` and ``high``; ``error`` is Monte Carlo's.

    ``detail`` is a sentence for the report where the number alone would mislead; ``measured`` is what
    was published.
    """

    label: str
    value: float
    low: float
    high: float
    error: float = 0.0
    detail: str = ""
    unit: str = ""
    measured: Measured | None = None

    @property
    def passed(self) -> bool:
        """Whether the value lies within its bounds, or nothing is asked of it."""
        return not self.bounded or bool(self.low <= self.value <= self.high)

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
    def distance(self) -> float:
        """How far it lies from the published value, in standard errors of both; NaN where unknown."""
        return self.measured.distance(self.value, self.error) if self.measured else float("nan")

    @property
    def verdict(self) -> str:
        """Met, missed, not judged where chance is too large, or reported where nothing is asked."""
        if not self.bounded:
            return "reported"
        return ("met" if self.settled else "not judged") if self.passed else "missed"

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
    people: str
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

    @property
    def uncovered(self) -> tuple[Measured, ...]:
        """What was measured and the model has no output for."""
        rows = measured().get(self.published.id, {}).values()
        return tuple(row for row in rows if row.kind == "not covered yet")

    def to_dict(self) -> dict[str, object]:
        """Return the row of the validation's JSON."""
        p = self.published
        asked = [f"{c.label} {told(c.low, c.high)}" for c in self.checks if c.bounded]
        return {
            "id": p.id,
            "quantity": p.quantity,
            "population": p.population,
            "people": p.people,
            "simulated": {c.label: _digits(c.value, 6) for c in self.checks},
            "published": f"{p.value} {p.unit}".strip(),
            "accept": "; ".join((*asked, *filter(None, [p.conditions]))),
            "passed": self.passed,
            "role": p.role.split(" ")[0],
            "settled": self.settled,
            "bounds": {c.label: [c.low, c.high] for c in self.checks},
            "units": {c.label: c.unit for c in self.checks},
            "monte_carlo_error": {c.label: _digits(c.error, 3) for c in self.checks},
            "measured": {c.label: _as_measured(c) for c in self.checks if c.measured},
            "not_covered": [row.check for row in self.uncovered],
            "details": {c.label: c.detail for c in self.checks if c.detail},
        }


def _digits(value: float, digits: int) -> float:
    return float(f"{value:.{digits}g}")


def _as_measured(check: Check) -> dict[str, object]:
    """Return what was published of a check, and how far the model's number lies from it."""
    row = check.measured
    assert row is not None
    return {
        "statistic": row.statistic,
        "value": row.value,
        "error": row.printed,
        "n": row.n,
        "when": row.when,
        "noise": row.noise,
        "distance": _digits(check.distance, 3),
        "verdict": check.verdict,
        "exception": row.why,
    }


@cache
def published_targets() -> dict[str, Published]:
    """Return every row of ``targets.csv`` by id, whether or not it is covered.

    Raises:
        EvidenceError: a row does not say in which people it was measured.
    """
    found = {id: Published(**row) for id, row in read_rows(TARGETS, TARGET_COLUMNS).items()}
    for id, row in found.items():
        if not row.people:
            raise EvidenceError(
                "the column 'people' is empty; name those in whom it was measured, by the same name "
                "as other rows of the same people",
                path=str(TARGETS),
                key=id,
            )
    return found


Read = Callable[[Scene], Sequence[Statistic]]


@dataclass(frozen=True)
class Study:
    """How the statistics of a target are read from a scene.

    ``stand_for`` names the populations of the scene that stand for those who were measured,
    ``beside`` others that they are compared with; ``own`` are further ones of its own.
    ``therapies`` are those that somebody in it is given.
    """

    target: str
    read: Read
    stand_for: frozenset[str] = frozenset()
    beside: frozenset[str] = frozenset()
    own: Mapping[str, Population] = field(default_factory=lambda: MappingProxyType({}))
    therapies: frozenset[str] = frozenset()

    @property
    def populations(self) -> frozenset[str]:
        """All that it asks for."""
        return self.stand_for | self.beside

    def __call__(self, scene: Scene) -> list[Check]:
        """Return the checks of the target: each statistic beside what was measured.

        Raises:
            EvidenceError: a statistic has no row of ``measured.csv``, or a row no statistic.
            RunError: values are so far out that there is nothing to divide by.
        """
        scene.add(self.own)
        try:
            found = self.read(scene)
        except ZeroDivisionError:
            raise RunError(
                f"{self.target}: with these values nothing is left to divide by"
            ) from None
        checks = checks_of(self.target, found, measured().get(self.target, {}))
        twice = scene.twice(self.populations)
        return [replace(check, error=twice * check.error) for check in checks]


def study(
    target: str,
    *populations: str,
    beside: Sequence[str] = (),
    own: Mapping[str, Population] | None = None,
    therapies: Sequence[str] = (),
) -> Callable[[Read], Study]:
    """Make a function from a scene to statistics the study of a target; a decorator."""
    further = MappingProxyType(dict(own or {}))
    stand_for = frozenset((*populations, *further))
    given = frozenset(therapies)
    return lambda read: Study(target, read, stand_for, frozenset(beside), further, given)


def checks_of(
    target: str, statistics: Sequence[Statistic], asked: Mapping[str, Measured]
) -> list[Check]:
    """Return statistics of a target, each beside the row that is ``asked`` of its label."""
    labels = [one.label for one in statistics]
    for label in sorted({*labels, *asked}):
        if said := _unpaired(label, labels.count(label), asked.get(label)):
            raise EvidenceError(said, path=str(MEASURED), key=target)
    return [_check(one, asked[one.label]) for one in statistics]


def _unpaired(label: str, times: int, row: Measured | None) -> str:
    """Return what is wrong where a label is not computed once and measured once; nothing otherwise."""
    if row is None:
        return f"the study computes '{label}', which has no row; write one"
    if row.kind == "not covered yet":
        said = f"the study computes '{label}', which is 'not covered yet'; say what is accepted"
        return said if times else ""
    if times == 1:
        return ""
    return (
        f"there is a row of '{label}', which the study computes {'twice' if times else 'never'}; "
        "it must compute it once"
    )


def _check(one: Statistic, row: Measured) -> Check:
    return Check(
        one.label, one.value, row.low, row.high, one.error, one.detail, unit=row.unit, measured=row
    )
