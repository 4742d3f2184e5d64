"""Power against the number of participants, and the number that a wanted power takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from antitrypsim.foundations.errors import InputError
from antitrypsim.trials.laboratory.designs import designs
from antitrypsim.trials.laboratory.operating import Measured, in_threads, measured, operate
from antitrypsim.trials.laboratory.sampler import CHUNK, Truth

if TYPE_CHECKING:
    from antitrypsim.trials.laboratory.laboratory import Laboratory

Tell = Callable[[str, int, int], None]
LARGEST = 4000
"""The largest trial that is looked at on the way to a wanted power."""

STEPS = (0.25, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0)
_PREFIX = ("parallel", "multi-arm", "delayed-start", "run-in", "crossover")


@dataclass(frozen=True)
class PowerCurve:
    """Power at each of ``sizes`` participants.

    ``power``: at typical values; ``assurance``: the mean over draws of what is unknown, None where
    the library has none; ``hopeless``: the share of draws in which no benefit that matters is there
    to be found; ``null``: claims of a benefit where nothing works. ``needed``: participants for
    ``wanted`` power, None where ``LARGEST`` do not give it, with a 95 % interval from Monte Carlo
    error; ``at_needed``: power there, from trials of that size. ``needed_assured``: the same for
    assurance.
    """

    sizes: tuple[int, ...]
    power: tuple[Measured, ...]
    assurance: tuple[Measured, ...] | None
    hopeless: float | None
    null: tuple[Measured, ...]
    wanted: float
    needed: int | None
    needed_interval: tuple[float, float] | None
    at_needed: Measured | None
    needed_assured: int | None
    replicates: int
    planned: int

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "sizes": list(self.sizes),
            "power": [m.to_dict() for m in self.power],
            "assurance": [m.to_dict() for m in self.assurance] if self.assurance else None,
            "hopeless": self.hopeless,
            "null": [m.to_dict() for m in self.null],
            "wanted": self.wanted, "needed": self.needed,
            "needed_interval": list(self.needed_interval) if self.needed_interval else None,
            "at_needed": self.at_needed.to_dict() if self.at_needed else None,
            "needed_assured": self.needed_assured,
            "replicates": self.replicates, "planned": self.planned,
        }  # fmt: skip


def power_curve(
    lab: Laboratory, *, replicates: int | None = None, threads: int = 2, tell: Tell | None = None
) -> PowerCurve:
    """Return the power curve of a design, and the size for the power that it wants.

    Where a smaller trial is the beginning of a larger one, all sizes are read off the same trials.
    Raises InputError for a design whose size is not a number of participants.
    """
    if lab.kind.kind in ("dose-escalation", "platform"):
        raise InputError(
            f"the size of a design '{lab.kind.kind}' is not one number; use 'antitrypsim design'"
        )
    say = tell or (lambda *_: None)
    count = replicates or lab.design.replicates
    own = lab.participants
    sizes = tuple(sorted(set(lab.design.sizes))) or _grid(own, max(4, len(lab.arms) * 2))

    def at(sizes: tuple[int, ...], truth: Truth, stage: str) -> tuple[Measured, ...]:
        return _powers(lab, sizes, truth, count, threads, lambda d, t: say(stage, d, t))

    power = at(sizes, Truth(), "power")
    while not lab.design.sizes and power[-1].value < lab.design.wanted and sizes[-1] < LARGEST:
        more = tuple(s for s in (round(sizes[-1] * 1.5), round(sizes[-1] * 2.25)) if s <= LARGEST)
        more = more or (LARGEST,)
        sizes, power = sizes + more, power + at(more, Truth(), "power, larger trials")
    needed, interval = _needed(sizes, power, lab.design.wanted)
    at_needed = None
    if needed is not None:
        at_needed = at((needed,), Truth(), "power at the size found")[0]
    null = at(sizes, Truth(null=True), "where nothing works")
    assurance, hopeless, assured = None, None, None
    if lab.library.drawn is not None:
        truth = Truth(uncertain=True)
        assurance = at(sizes, truth, "assurance")
        assured = _needed(sizes, assurance, lab.design.wanted)[0]
        hopeless = _hopeless(lab)
    return PowerCurve(
        sizes, power, assurance, hopeless, null, lab.design.wanted, needed, interval, at_needed,
        assured, count, own,
    )  # fmt: skip


def _hopeless(lab: Laboratory) -> float | None:
    drawn = lab.draw(0, min(CHUNK, lab.library.courses(uncertain=True).draws), lab.participants,
                     Truth(uncertain=True))  # fmt: skip
    trues = lab.true_effects(drawn)
    if not np.isfinite(trues).any():
        return None
    return float(np.mean(~lab.matters(trues).any(axis=1)))


def _grid(own: int, least: int) -> tuple[int, ...]:
    found = {max(least, round(own * step / 2) * 2) for step in STEPS}
    return tuple(sorted(min(LARGEST, n) for n in found))


def _powers(
    lab: Laboratory, sizes: tuple[int, ...], truth: Truth, count: int, threads: int,
    progress: Callable[[int, int], None],
) -> tuple[Measured, ...]:  # fmt: skip
    kind = lab.kind.kind
    if kind not in _PREFIX:
        found = [
            operate(lab, truth, replicates=count, participants=n, threads=threads) for n in sizes
        ]
        return tuple(measured(f.win, f.draw if truth.uncertain else None) for f in found)
    lab.check()
    module = designs()[kind]
    fast = kind == "parallel" and hasattr(lab.analysis, "over_prefixes")

    def one(chunk: int) -> Any:
        size = min(CHUNK, count - chunk * CHUNK)
        drawn = lab.draw(chunk, size, max(sizes), truth)
        if fast:
            options = lab.options
            parts = lab.analysis.over_prefixes(  # type: ignore[attr-defined]
                lab.block(drawn), sizes, 1 - lab.design.alpha, options
            )
            wins = [lab.claims(found)[0].any(axis=1) for found in parts]
        else:
            wins = [module.conduct(lab, drawn.first(n)).win for n in sizes]
        return np.stack(wins, axis=1), drawn.draw

    parts = in_threads(one, -(-count // CHUNK), threads, progress)
    wins = np.concatenate([p[0] for p in parts])
    group = np.concatenate([p[1] for p in parts]) if truth.uncertain else None
    return tuple(measured(wins[:, k], group) for k in range(len(sizes)))


def _needed(
    sizes: tuple[int, ...], power: tuple[Measured, ...], wanted: float
) -> tuple[int | None, tuple[float, float] | None]:
    """Return the size for a power, by a line of its probit in the root of the size, and 95 % limits.

    The line is what theory gives for a normal test and fits locally for any; the points within reach
    of the wanted power count most.
    """
    from scipy.special import ndtri

    p = np.array([m.value for m in power])
    error = np.array([m.error for m in power])
    if np.nanmax(p) < wanted:
        return None, None
    n = np.array(sizes, dtype=float)
    fine = np.isfinite(p) & (p > 0.02) & (p < 0.998)
    if fine.sum() < 2:
        k = int(np.argmax(p >= wanted))
        return int(sizes[k]), None
    y = ndtri(p[fine])
    slope_p = np.exp(-(y**2) / 2) / np.sqrt(2 * np.pi)
    spread = np.maximum(error[fine], 1e-4) / slope_p
    weight = np.exp(-((y - ndtri(wanted)) ** 2) / 2) / spread
    x = np.sqrt(n[fine])
    b, a = np.polyfit(x, y, 1, w=weight)
    if b <= 0:
        return int(sizes[int(np.argmax(p >= wanted))]), None
    root = (ndtri(wanted) - a) / b
    near = 1 / np.sqrt(np.sum(1 / spread**2 * np.exp(-((y - ndtri(wanted)) ** 2))))
    low, high = (max(0.0, root - 1.96 * near / b) ** 2, (root + 1.96 * near / b) ** 2)
    return int(np.ceil(root**2 / 2) * 2), (float(low), float(high))
