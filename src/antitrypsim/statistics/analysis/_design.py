"""The comparisons of arms, and whether arms and covariates can be told apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from antitrypsim.foundations.errors import InputError

Floats = NDArray[np.float64]


def contrasts(arms: tuple[str, ...]) -> list[tuple[str, str | None]]:
    """Every arm by itself, then every arm but the first against the first."""
    return [(arm, None) for arm in arms] + [(arm, arms[0]) for arm in arms[1:]]


def weights(arms: tuple[str, ...], arm: str, contrast: str | None) -> Floats:
    """Return what the means of ``arms`` are weighted with for that of ``arm``, less ``contrast``'s."""
    found = np.zeros(len(arms))
    found[arms.index(arm)] = 1.0
    if contrast is not None:
        found[arms.index(contrast)] = -1.0
    return found


def independent(matrix: Floats, covariates: Sequence[str]) -> None:
    """Raise ``InputError`` when a column of the design is a combination of the others."""
    lengths = np.linalg.norm(matrix, axis=0)
    if not lengths.all() or np.linalg.matrix_rank(matrix / lengths) < matrix.shape[1]:
        named = f" ({', '.join(covariates)})" if covariates else ""
        raise InputError(f"the arms and covariates{named} cannot be told apart in these data")
