"""Inverse-normal combination of stages.

Stages put together so that the level holds whatever size the later ones were given.
Lehmacher and Wassmer 1999, Biometrics 55:1286.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from antitrypsim.foundations.errors import InputError
from antitrypsim.statistics.sequential import _checks
from antitrypsim.statistics.sequential._checks import Array


def inverse_normal(z: ArrayLike, weights: ArrayLike) -> Array:
    """Combined statistics up to each stage, of the shape of ``z``.

    ``z`` (..., stages): each from its stage's participants alone. ``weights`` (stages,): fixed
    before the trial, above 0; the square roots of the planned shares of information give the planned
    statistic. Sum of w z over sqrt of sum of w^2 (Lehmacher & Wassmer 1999, Biometrics 55, 1286);
    a stage that is NaN makes NaN of itself and those after it. Raises ``InputError`` for weights
    that are not above 0 or not one a stage.
    """
    stages = _checks.numbers(z, "z")
    w = _checks.positive(weights, "the weights of the stages")
    if w.ndim != 1 or not stages.ndim or stages.shape[-1] != len(w):
        raise InputError("every stage needs one weight")
    return np.cumsum(stages * w, axis=-1) / np.sqrt(np.cumsum(w**2))


def z_of_p(p: ArrayLike) -> Array:
    """The z of one-sided p-values, small p giving large z; raises ``InputError`` outside 0 to 1."""
    from scipy.special import ndtri

    values = _checks.numbers(p, "p-values")
    if ((values < 0) | (values > 1)).any():
        raise InputError("p-values must lie from 0 to 1")
    return np.asarray(-ndtri(values))


def stagewise(z: ArrayLike, fractions: ArrayLike) -> Array:
    """The z of each stage alone from cumulative ``z`` (..., looks) at ``fractions`` (looks,)."""
    cumulative = _checks.numbers(z, "z")
    t = _checks.looks(fractions)
    if not cumulative.ndim or cumulative.shape[-1] != len(t):
        raise InputError("every look needs one z")
    score = np.diff(cumulative * np.sqrt(t), prepend=0.0, axis=-1)
    return score / np.sqrt(np.diff(t, prepend=0.0))
