"""Which unknowns trade: what the data know only of several together, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from antitrypsim.foundations.plain import Plain
from antitrypsim.uncertainty.groups import linked_groups
from antitrypsim.uncertainty.unknowns import Unknown

Floats = NDArray[np.float64]

_TOLD = 0.3
"""A coefficient of a direction is told where it is at least so much of the largest."""


@dataclass(frozen=True)
class Trade:
    """Unknowns that trade: their posterior correlates, since a combination is known better than each.

    ``known`` and ``free`` are the directions of the scores that are known best and least, each a unit
    vector over ``ids``; their SDs are over the prior's, which is 1.
    """

    ids: tuple[str, ...]
    known: tuple[float, ...]
    known_sd: float
    free: tuple[float, ...]
    free_sd: float
    words: str

    def to_dict(self) -> Plain:
        """Return plain data."""
        return {
            "unknowns": list(self.ids),
            "known": list(self.known),
            "known_sd": self.known_sd,
            "free": list(self.free),
            "free_sd": self.free_sd,
            "words": self.words,
        }


def trades(unknowns: Sequence[Unknown], draws: Floats) -> tuple[Trade, ...]:
    """Return the groups of unknowns that trade in draws of their scores (n, p), the strongest first.

    Two unknowns are in one group where their correlation is beyond 0.5, and beyond what so few draws
    show by chance.
    """
    found = [
        _trade([unknowns[k] for k in group], draws[:, group])
        for group in linked_groups(draws)
        if len(group) > 1
    ]
    return tuple(sorted(found, key=lambda one: (one.known_sd / one.free_sd, one.ids)))


def _trade(of: Sequence[Unknown], draws: Floats) -> Trade:
    values, vectors = np.linalg.eigh(np.cov(draws.T))
    # A direction has no sign of its own: the largest coefficient is made positive.
    vectors = vectors * np.sign(vectors[np.argmax(np.abs(vectors), axis=0), np.arange(len(of))])
    sd = np.sqrt(np.maximum(values, 0.0))
    known, free = vectors[:, 0], vectors[:, -1]
    return Trade(
        tuple(u.id for u in of), tuple(map(float, known)), float(sd[0]),
        tuple(map(float, free)), float(sd[-1]), _words(of, known, float(sd[0]), free, float(sd[-1])),
    )  # fmt: skip


def _words(
    of: Sequence[Unknown], known: Floats, known_sd: float, free: Floats, free_sd: float
) -> str:
    told = [k for k in range(len(of)) if abs(known[k]) >= _TOLD * np.abs(known).max()]
    names = [f"'{of[k].id}'" for k in told]
    listed = f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
    up = [k for k in told if known[k] > 0]
    logs = all(of[k].prior.distribution == "lognormal" for k in told)
    if len(told) < 2:
        moving = " and ".join(f"'{u.id}'" for u in of)
        what = f"{moving} move together"
    elif len(up) in (0, len(told)):
        what = f"of {listed} the {'product' if logs else 'sum'} is known better than each: one may be higher if {'the other is' if len(told) == 2 else 'others are'} lower"
    elif len(told) == 2:
        what = f"of {listed} the {'ratio' if logs else 'difference'} is known better than each: they may be higher or lower together"
    else:
        down = ", ".join(f"'{of[k].id}'" for k in told if known[k] < 0)
        what = f"of {listed} a combination is known better than each: {', '.join(f'{of[k].id!r}' for k in up)} against {down}"
    return f"{what} (the combination has {100 * known_sd:.0f} % of its prior SD left, what trades {100 * free_sd:.0f} %)"
