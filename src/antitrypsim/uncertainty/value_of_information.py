"""What information is worth: which unknown, measured first, would change the choice of trial.

A design's expected gain under a draw follows from how often it claims rightly, misleads or misses
there, from the values that the file states, and from its cost. EVPPI of an unknown is what choosing
the best design for each of its values would add to choosing once; the gain given one unknown is
estimated by regression on its score, as in Strong, Oakley and Brennan (2014, doi:10.1177/0272989X13505910),
here on Hermite polynomials of degree 2. Regression on draws makes something of nothing: what the
same unknown gives with its draws shuffled is taken off, and its spread told as the error.
A measurement of reliability r (squared correlation with the truth) shrinks the polynomial of degree
k by r^(k/2), which gives the worth of measuring less than perfectly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.plain import Plain
from antitrypsim.foundations.plural import so_many, verb
from antitrypsim.foundations.random import generator
from antitrypsim.foundations.seed import SEED

if TYPE_CHECKING:
    from antitrypsim.modelling import Model

Floats = NDArray[Any]
RELIABILITIES = (0.25, 0.5, 0.8, 1.0)
_SHUFFLES = 50
LEAST_DRAWS = 50


@dataclass(frozen=True, slots=True)
class Unknown:
    """One unknown: ``worth`` by reliability of its measurement, with a standard error of the last.

    ``changes``: the share of draws in which knowing it would change the choice of design.
    """

    id: str
    meaning: str
    grade: str
    worth: tuple[float, ...]
    error: float
    changes: float


@dataclass(frozen=True)
class Information:
    """The best design as things stand, the worth of knowing all, and each unknown, best first.

    ``chance``: what the best of as many idle unknowns would seem to be worth in one of twenty
    searches; a worth below it is not told from nothing.
    """

    best: str
    gain: float
    perfect: float
    unknowns: tuple[Unknown, ...]
    chance: float
    draws: int

    def to_dict(self) -> Plain:
        """Return plain data."""
        return {**asdict(self), "reliabilities": list(RELIABILITIES)}


def information(
    model: Model, scores: Floats, names: Sequence[str], gains: Floats, *, seed: int = SEED
) -> Information:
    """Return the worth of information about each uncertain parameter of ``model``.

    ``scores`` (draws, parameters) as drawn; ``gains`` (designs, draws) in the order of ``names``.
    Raises InputError for fewer draws than ``LEAST_DRAWS``.
    """
    draws = scores.shape[0]
    if draws < LEAST_DRAWS:
        raise InputError(
            f"{so_many(draws, 'draw')} {verb(draws, 'says', 'say')} nothing about the worth of information; {LEAST_DRAWS} or more can"
        )
    mean = gains.mean(axis=1)
    best = int(np.argmax(mean))
    perfect = float(gains.max(axis=0).mean() - mean[best])
    rng = generator(seed, "worth of information")
    orders = [rng.permutation(draws) for _ in range(_SHUFFLES)]
    found, idle = [], []
    for k, parameter in enumerate(model.parameters):
        if parameter.uncertainty.distribution == "none":
            continue
        one, noise = _unknown(parameter, scores[:, k], gains, orders)
        found.append(one)
        idle.append(noise - noise.mean())
    found.sort(key=lambda one: -one.worth[-1])
    # The same orders for all, so that the largest of a shuffle is the largest of one search.
    chance = float(np.quantile(np.max(idle, axis=0), 0.95)) if idle else 0.0
    return Information(names[best], float(mean[best]), perfect, tuple(found), chance, draws)


def _unknown(
    parameter: Any, z: Floats, gains: Floats, orders: Sequence[NDArray[Any]]
) -> tuple[Unknown, Floats]:
    basis = _hermite(z)
    parts = _fitted(basis, gains)
    worth = []
    for reliability in RELIABILITIES:
        shrunk = parts * np.sqrt(reliability) ** np.arange(basis.shape[1])[:, None, None]
        worth.append(_value(shrunk.sum(axis=0)))
    noise = np.array([_value(_fitted(basis[order], gains).sum(axis=0)) for order in orders])
    told = parts.sum(axis=0)
    changes = float(np.mean(told.argmax(axis=0) != told.mean(axis=1).argmax()))
    whole = max(worth[-1], 1e-300)
    left = max(0.0, worth[-1] - float(noise.mean()))
    one = Unknown(
        parameter.id, parameter.meaning, parameter.grade,
        tuple(w * left / whole for w in worth), float(noise.std(ddof=1)), changes,
    )  # fmt: skip
    return one, noise


def _hermite(z: Floats) -> Floats:
    return np.stack([np.ones_like(z), z, (z**2 - 1) / np.sqrt(2)], 1)


def _fitted(basis: Floats, gains: Floats) -> Floats:
    """Return what each polynomial adds to each design's gain, (degrees, designs, draws)."""
    weights = np.linalg.lstsq(basis, gains.T, rcond=None)[0]
    return np.asarray(basis.T[:, None, :] * weights[:, :, None])


def _value(told: Floats) -> float:
    return float(told.max(axis=0).mean() - told.mean(axis=1).max())
