"""Power against the number of participants, and the number that a wanted power takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from antitrypsim.foundations.arrays import Floats, Mask, Wholes
from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.plain import Plain
from antitrypsim.foundations.random import generator
from antitrypsim.laboratory.characteristics import Measured, measured
from antitrypsim.laboratory.designs.kind import kind_of
from antitrypsim.laboratory.operating import in_threads, operate
from antitrypsim.laboratory.replicates import Truth
from antitrypsim.laboratory.sampler import chunk_size
from antitrypsim.simulation.settings import DEFAULT, Settings

if TYPE_CHECKING:
    from antitrypsim.laboratory.design_simulation import DesignSimulation

LARGEST = 4000
"""The largest trial that is looked at on the way to a wanted power."""

STEPS = (0.25, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0)
_RESAMPLED = 200


@dataclass(frozen=True)
class PowerCurve:
    """Power at each of ``sizes`` participants.

    ``power``: at typical values; ``assurance``: the mean over draws of what is unknown, None where
    the library has none; ``hopeless``: the share of draws in which no benefit that matters is there
    to be found; ``null``: claims of a benefit where nothing works. ``needed``: participants for
    ``target_power``, None where ``LARGEST`` do not give it; ``needed_interval``: 95 % limits from
    resampled trials; ``at_most``: the smallest size looked at has that power already, so ``needed``
    is that size; ``at_needed``: power there, from trials of that size. ``assured`` and its interval:
    the same for assurance, from resampled draws.
    """

    sizes: tuple[int, ...]
    power: tuple[Measured, ...]
    assurance: tuple[Measured, ...] | None
    hopeless: float | None
    null: tuple[Measured, ...]
    target_power: float
    needed: int | None
    needed_interval: tuple[float, float] | None
    at_most: bool
    at_needed: Measured | None
    needed_assured: int | None
    assured_interval: tuple[float, float] | None
    replicates: int
    planned: int

    @property
    def told(self) -> int:
        """Where among ``sizes`` that stands which is nearest to the planned one, and told of first."""
        return min(range(len(self.sizes)), key=lambda k: abs(self.sizes[k] - self.planned))

    def to_dict(self) -> Plain:
        """Return plain data."""
        return {
            "sizes": list(self.sizes),
            "power": [m.to_dict() for m in self.power],
            "assurance": [m.to_dict() for m in self.assurance] if self.assurance else None,
            "hopeless": self.hopeless,
            "null": [m.to_dict() for m in self.null],
            "wanted": self.target_power, "needed": self.needed,
            "needed_interval": list(self.needed_interval) if self.needed_interval else None,
            "at_needed": self.at_needed.to_dict() if self.at_needed else None,
            "at_most": self.at_most, "needed_assured": self.needed_assured,
            "assured_interval": list(self.assured_interval) if self.assured_interval else None,
            "replicates": self.replicates, "planned": self.planned,
        }  # fmt: skip


def power_curve(
    lab: DesignSimulation,
    *,
    replicates: int | None = None,
    settings: Settings = DEFAULT,
) -> PowerCurve:
    """Return the power curve of a design, and the size for the power that it wants.

    Where a smaller trial is the beginning of a larger one, all sizes are read off the same trials.
    Raises InputError for a design whose size is not a number of participants.
    """
    if not lab.design.design.sized:
        raise InputError(
            f"the size of a design '{lab.design.design.kind}' is not one number; use 'antitrypsim design'"
        )
    count = replicates or lab.design.replicates
    own = lab.participants
    least = max(4, len(lab.arms) * 2)
    sizes = tuple(sorted(set(lab.design.sizes))) or _grid(own, least)

    def at(sizes: tuple[int, ...], truth: Truth, stage: str) -> Claims:
        return _claims(lab, sizes, truth, count, settings.during(stage))

    power = at(sizes, Truth(), "power")
    given = bool(lab.design.sizes)
    while not given and power.mean[-1] < lab.design.target_power and power.sizes[-1] < LARGEST:
        top = power.sizes[-1]
        more = tuple(sorted({min(LARGEST, round(top * f)) for f in (1.5, 2.25)}))
        power = power.joined(at(more, Truth(), "power, larger trials"))
    while not given and power.mean[0] >= lab.design.target_power and power.sizes[0] > least:
        fewer = tuple(sorted({max(least, round(power.sizes[0] * f / 2) * 2) for f in (0.35, 0.6)}))
        power = at(fewer, Truth(), "power, smaller trials").joined(power)
    sizes = power.sizes
    needed, interval = power.needed(lab.design.target_power)
    at_needed = None
    if needed is not None:
        at_needed = at((needed,), Truth(), "power at the size found").told()[0]
    null = at(sizes, Truth(null=True), "where nothing works").told()
    assurance, hopeless, assured, assured_interval = None, None, None, None
    if lab.library.drawn is not None:
        known = at(sizes, Truth(uncertain=True), "assurance")
        assurance, hopeless = known.told(), _hopeless(lab)
        assured, assured_interval = known.needed(lab.design.target_power)
    return PowerCurve(
        sizes, power.told(), assurance, hopeless, null, lab.design.target_power, needed, interval,
        bool(power.mean[0] >= lab.design.target_power), at_needed, assured, assured_interval, count, own,
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Claims:
    """Which trials claim a benefit at which size, (replicates, sizes); ``group``: their draws."""

    sizes: tuple[int, ...]
    wins: Mask
    group: Wholes | None

    @property
    def mean(self) -> Floats:
        """The share at each size."""
        return np.asarray(self.wins.mean(axis=0))

    def told(self) -> tuple[Measured, ...]:
        """Return the share at each size with its error."""
        return tuple(measured(self.wins[:, k], self.group) for k in range(len(self.sizes)))

    def joined(self, other: Claims) -> Claims:
        """Return these sizes and larger ones of the same number of trials."""
        return Claims(
            self.sizes + other.sizes, np.concatenate([self.wins, other.wins], axis=1), self.group
        )

    def needed(self, wanted: float) -> tuple[int | None, tuple[float, float] | None]:
        """Return the size for a power, and 95 % limits from resampled trials, or draws."""
        found = _needed(self.sizes, self.mean, wanted)
        if found is None or self.mean[0] >= wanted:
            return found, None
        rng = generator(1, "laboratory resampled trials")
        again = []
        for _ in range(_RESAMPLED):
            got = _needed(self.sizes, self._resampled(rng), wanted)
            again.append(float("inf") if got is None else float(got))
        low, high = np.quantile(again, [0.025, 0.975], method="nearest")
        return found, (float(low), float(high))

    def _resampled(self, rng: np.random.Generator) -> Floats:
        if self.group is None:
            weight = rng.multinomial(len(self.wins), np.full(len(self.wins), 1 / len(self.wins)))
        else:
            draws = int(self.group.max()) + 1
            weight = rng.multinomial(draws, np.full(draws, 1 / draws))[self.group]
        return np.asarray(weight @ self.wins / max(1, weight.sum()))


def _hopeless(lab: DesignSimulation) -> float | None:
    # A draw's true effect is that in its people; of a very large trial the first suffice.
    places = min(lab.participants, LARGEST)
    count = min(chunk_size(places), lab.library.courses(uncertain=True).draws)
    drawn = lab.draw(0, count, places, Truth(uncertain=True))
    trues = lab.true_effects(drawn)
    if not np.isfinite(trues).any():
        return None
    return float(np.mean(~lab.matters(trues).any(axis=1)))


def _grid(own: int, least: int) -> tuple[int, ...]:
    found = {max(least, round(own * step / 2) * 2) for step in STEPS}
    return tuple(sorted({min(max(LARGEST, own), n) for n in found}))


def _claims(
    lab: DesignSimulation, sizes: tuple[int, ...], truth: Truth, count: int, settings: Settings
) -> Claims:  # fmt: skip
    kind = kind_of(lab.design)
    if not kind.nested:
        found = [
            operate(lab, truth, replicates=count, participants=n, settings=settings) for n in sizes
        ]
        wins = np.stack([f.win for f in found], axis=1)
        return Claims(sizes, wins, found[0].draw if truth.uncertain else None)
    each = chunk_size(max(sizes))

    def one(chunk: int) -> tuple[Mask, Wholes]:
        drawn = lab.draw(chunk, min(each, count - chunk * each), max(sizes), truth)
        return kind.claims_by_size(lab, drawn, sizes), drawn.draw

    parts = in_threads(one, -(-count // each), settings)
    group = np.concatenate([p[1] for p in parts]) if truth.uncertain else None
    return Claims(sizes, np.concatenate([p[0] for p in parts]), group)


def _needed(sizes: tuple[int, ...], power: Floats, wanted: float) -> int | None:
    """Return the size for a power, by a line of its probit in the root of the size.

    The line is what theory gives for a normal test and fits locally for any; the points within reach
    of the wanted power count most.
    """
    from scipy.special import ndtri

    if np.nanmax(power) < wanted:
        return None
    first = int(sizes[int(np.argmax(power >= wanted))])
    fine = np.isfinite(power) & (power > 0.02) & (power < 0.998)
    if fine.sum() < 2 or power[0] >= wanted:
        return first
    y = ndtri(power[fine])
    density = np.exp(-(y**2) / 2)
    # A probit's error is that of the share over the density; all shares have as many trials.
    spread = np.sqrt(power[fine] * (1 - power[fine])) / density
    weight = np.exp(-((y - ndtri(wanted)) ** 2) / 2) / spread
    b, a = np.polyfit(np.sqrt(np.array(sizes, dtype=float)[fine]), y, 1, w=weight)
    if b <= 0:
        return first
    return int(np.ceil(((ndtri(wanted) - a) / b) ** 2 / 2) * 2)
