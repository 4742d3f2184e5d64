"""What a fit to one's own data found, as a value."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from antitrypsim.calibration.posterior.calibration import is_informed
from antitrypsim.calibration.posterior.file import Posterior
from antitrypsim.calibration.posterior.psis import TRUSTED
from antitrypsim.foundations.arrays import Floats
from antitrypsim.foundations.plain import Plain
from antitrypsim.foundations.provenance import SCHEMA_VERSION

NOBODYS = 1e-3
"""Below this posterior predictive p data are nobody's."""


@dataclass(frozen=True)
class Change:
    """What the data taught of an unknown: before and after mean and SD, in ``unit``; 5th, 50th and 95th percentile after.

    ``moved`` is by how many SDs the mean of its score moved, ``left`` how much of the SD of the score is left.
    """

    id: str
    meaning: str
    grade: str
    unit: str
    before_mean: float
    before_sd: float
    mean: float
    sd: float
    low: float
    middle: float
    high: float
    moved: float
    left: float

    @property
    def informed(self) -> bool:
        """Whether the data taught anything beyond a twentieth of the SD."""
        return is_informed(self.left, self.moved)


@dataclass(frozen=True)
class Seen:
    """An endpoint at a visit of an arm beside the model: percentiles of the data, and of trials like it the 5th, 50th and 95th percentile.

    ``seen`` and each of ``low``, ``middle`` and ``high`` are the 10th, 50th and 90th percentile of people, in the endpoint's unit.
    """

    arm: str
    endpoint: str
    day: float
    people: int
    seen: tuple[float, ...]
    low: tuple[float, ...]
    middle: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True)
class Check:
    """Draws that were lived: Pareto's ``k`` and the effective number of their weights, the largest ``shift`` of a mean by them in SDs.

    ``p`` is how often trials of these draws lie as far from their own people as the data, ``by_endpoint`` the same of each alone.
    """

    draws: int
    people: int
    k: float
    effective: float
    shift: float
    p: float
    by_endpoint: tuple[tuple[str, float], ...]

    @property
    def trusted(self) -> bool:
        """Whether the emulators are right where the posterior lies."""
        return self.k <= TRUSTED


@dataclass(frozen=True)
class Used:
    """Who took part: people by arm, values by endpoint, deaths (None where unknown), what explained differences, what was left out and why."""

    people: tuple[tuple[str, int], ...]
    values: tuple[tuple[str, int], ...]
    below: int
    missing: int
    deaths: int | None
    adjusted: tuple[str, ...]
    left: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Fit:
    """What is unknown after one's own data: ``posterior`` feeds every command; ``start`` names what was known before, ``began`` in words.

    ``emulated`` is by endpoint the largest error of an emulated mean beside what the people leave open, both in SDs between people.
    ``bent`` is the unknown whose draws before lie farthest from the normal that they are taken for, with the largest distance of
    the distribution functions; None of a prior, which is normal.
    """

    posterior: Posterior
    protocol: str
    start: str
    used: Used
    changes: tuple[Change, ...]
    seen: tuple[Seen, ...]
    check: Check
    emulated: tuple[tuple[str, float, float], ...]
    failed: int
    began: str = "the prior"
    bent: tuple[str, float] | None = None

    @property
    def informed(self) -> tuple[Change, ...]:
        """What the data taught anything about, most first."""
        return tuple(one for one in self.changes if one.informed)

    def to_dict(self) -> Plain:
        """Return plain data."""
        return {
            "schema": SCHEMA_VERSION,
            "kind": "fit",
            "protocol": self.protocol,
            "start": self.start,
            "taken_as_normal": None
            if self.bent is None
            else {"worst": self.bent[0], "distance": self.bent[1]},
            "origin": self.posterior.origin.to_dict(),
            "posterior": self.posterior.content_hash,
            "draws": len(self.posterior),
            "used": asdict(self.used),
            "changes": [{**asdict(one), "informed": one.informed} for one in self.changes],
            "seen": [asdict(one) for one in self.seen],
            "check": {**asdict(self.check), "trusted": self.check.trusted},
            "emulators": [list(one) for one in self.emulated],
            "failed_runs": self.failed,
        }


def middle_of(values: Floats) -> tuple[float, float]:
    """Return mean and SD."""
    return float(np.mean(values)), float(np.std(values, ddof=1))
