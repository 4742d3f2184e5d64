"""What a calibration found, as a value: what the data taught, what trades, what is predicted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
from numpy.typing import NDArray

from antitrypsim.calibration.posterior.data import Datum
from antitrypsim.calibration.posterior.emulate import Emulated, Quality
from antitrypsim.calibration.posterior.file import Posterior
from antitrypsim.calibration.posterior.trades import Trade
from antitrypsim.calibration.posterior.truth import Truth
from antitrypsim.calibration.posterior.waves import Wave
from antitrypsim.foundations.plain import Plain
from antitrypsim.foundations.provenance import SCHEMA_VERSION
from antitrypsim.uncertainty.unknowns import Source, Unknown

Floats = NDArray[np.float64]

_KEPT = 0.95
"""An unknown whose posterior SD is at least so much of the prior's is not informed."""
_CONTRADICTED = 2.0
_BAND = (0.05, 0.5, 0.95)


def is_informed(left: float, moved: float) -> bool:
    """Return whether data taught anything: by the share of the SD that is left and the SDs that the mean moved."""
    return left < _KEPT or abs(moved) > 3 * (1 - _KEPT)


@dataclass(frozen=True)
class Learned:
    """What the data taught about an unknown: of its score, whose prior is standard normal, mean and SD.

    ``low``, ``middle`` and ``high`` are 5th, 50th and 95th percentile in ``unit``, ``prior_middle`` the prior's
    median and ``source`` where the prior is from. ``other_mean`` and ``other_sd`` are of the second sampler, ``seed_mean`` of another seed, ``profile_sd``
    half the width of its profile: None where there was none.
    """

    id: str
    meaning: str
    grade: str
    unit: str
    mean: float
    sd: float
    prior_middle: float
    low: float
    middle: float
    high: float
    source: Source
    other_mean: float | None = None
    other_sd: float | None = None
    seed_mean: float | None = None
    profile_sd: float | None = None

    @property
    def informed(self) -> bool:
        """Whether the data taught anything beyond a twentieth of the SD."""
        return is_informed(self.sd, self.mean)

    @property
    def contradicted(self) -> bool:
        """Whether prior and targets disagree about it: the mean moved by more than two prior SDs."""
        return abs(self.mean) > _CONTRADICTED


@dataclass(frozen=True)
class Predicted:
    """A datum beside what the posterior predicts of it, in its unit: 5th, 50th and 95th percentile.

    ``met`` is the share of draws whose statistic lies between ``data_low`` and ``data_high``; ``lived`` says
    whether they were really simulated or emulated.
    """

    target: str
    check: str
    unit: str
    data_low: float
    data_high: float
    low: float
    middle: float
    high: float
    met: float
    lived: bool


@dataclass(frozen=True)
class Wrong:
    """How far two samplers, and two seeds, lie apart at the worst: means in SDs, SDs as a ratio."""

    means: float
    sds: float
    seeds: float


@dataclass(frozen=True, eq=False)
class Calibration:
    """The posterior, and all that a reader needs to judge it."""

    posterior: Posterior
    learned: tuple[Learned, ...]
    trades: tuple[Trade, ...]
    predicted: tuple[Predicted, ...]
    validated: tuple[Predicted, ...]
    quality: tuple[Quality, ...]
    truth: Truth | None
    samplers: Wrong
    failed: int
    failure: str

    @property
    def missed(self) -> tuple[Predicted, ...]:
        """Statistics that more than half of the draws miss."""
        return tuple(one for one in self.predicted if one.met < 0.5)

    @property
    def contradicted(self) -> tuple[Learned, ...]:
        """Unknowns about which prior and targets disagree."""
        return tuple(row for row in self.learned if row.contradicted)

    def to_dict(self) -> Plain:
        """Return plain data."""
        truth = self.truth
        return {
            "schema": SCHEMA_VERSION,
            "kind": "calibration",
            "origin": self.posterior.origin.to_dict(),
            "posterior": self.posterior.content_hash,
            "draws": len(self.posterior),
            "learned": [{**asdict(one), "informed": one.informed} for one in self.learned],
            "trades": [one.to_dict() for one in self.trades],
            "predicted": [asdict(one) for one in self.predicted],
            "validated": [asdict(one) for one in self.validated],
            "emulators": [asdict(one) for one in self.quality],
            "truth": None
            if truth is None
            else {
                "draws": truth.draws,
                "people": truth.people,
                "k": truth.k,
                "effective": truth.effective,
                "shift": truth.shift,
                "share_meeting": truth.share_meeting,
            },
            "samplers": asdict(self.samplers),
            "failed_runs": self.failed,
        }


def learned(unknowns: Sequence[Unknown], draws: Floats) -> tuple[Learned, ...]:
    """Return what draws (n, p) say of each unknown, in their order."""
    rows = []
    for k, one in enumerate(unknowns):
        low, middle, high = (float(x) for x in np.quantile(one.values(draws[:, k]), _BAND))
        rows.append(
            Learned(
                one.id, one.meaning, one.grade, one.unit,
                float(draws[:, k].mean()), float(draws[:, k].std(ddof=1)), one.centre,
                low, middle, high, one.source,
            )
        )  # fmt: skip
    return tuple(rows)


def checked(
    rows: Sequence[Learned], others: Floats, again: Floats, profiles: Mapping[int, float]
) -> tuple[Learned, ...]:
    """Return rows with what draws of another sampler and of another seed say, and their profiles."""
    return tuple(
        replace(
            row, other_mean=float(others[:, k].mean()), other_sd=float(others[:, k].std(ddof=1)),
            seed_mean=float(again[:, k].mean()), profile_sd=profiles.get(k),
        )
        for k, row in enumerate(rows)
    )  # fmt: skip


def best_known_first(rows: Iterable[Learned]) -> tuple[Learned, ...]:
    """Return rows by the SD that is left."""
    return tuple(sorted(rows, key=lambda row: (row.sd, row.id)))


def apart(rows: Sequence[Learned], active: Sequence[str]) -> Wrong:
    """Return how far samplers and seeds lie apart at the worst, over the unknowns that any datum moves.

    Rows are as ``checked`` gives them.
    """
    some = [
        (row.mean, row.sd, row.other_mean, row.other_sd, row.seed_mean)
        for row in rows
        if row.id in set(active)
    ]
    mean, sd, other_mean, other_sd, seed_mean = np.array(some, dtype=np.float64).reshape(-1, 5).T

    def worst(off: Floats) -> float:
        return float(np.abs(off).max(initial=0.0))

    return Wrong(
        worst((mean - other_mean) / sd), worst(other_sd / sd - 1), worst((mean - seed_mean) / sd)
    )


def predicted_by(emulated: Emulated, draws: Floats, normals: Floats) -> tuple[Predicted, ...]:
    """Return every used datum beside what emulators predict of draws, their error (normals) put in."""
    found = emulated.likelihood.surface(draws)
    data = [emulated.data[k] for k in emulated.used]
    errors = np.array([emulated.quality[k].error for k in emulated.used]) * [d.sd for d in data]
    values = found + normals * errors
    return tuple(_row(d, d.plain(values[:, k]), False) for k, d in enumerate(data))


def predicted_in(data: Sequence[Datum], wave: Wave) -> tuple[Predicted, ...]:
    """Return data beside what draws of the posterior lived."""
    at = {d.label: k for k, d in enumerate(wave.data)}
    return tuple(_row(d, wave.values[:, at[d.label]], True) for d in data)


def _row(d: Datum, values: Floats, lived: bool) -> Predicted:
    seen = values[np.isfinite(values)]
    band = np.quantile(seen, _BAND) if seen.size else np.full(3, np.nan)
    low, middle, high = (float(x) for x in band)
    return Predicted(
        d.target, d.check, d.unit, d.low, d.high, low, middle, high, float(np.mean(d.met(values))), lived
    )  # fmt: skip
