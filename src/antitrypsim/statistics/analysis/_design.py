"""The columns of a regression on arm and covariates, and the average person they refer to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from antitrypsim.foundations.errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Design:
    """A design matrix whose first columns are one indicator an arm.

    ``matrix``: rows x (arms + coded covariates). ``arms``: arm ids of the first columns. Covariates
    are coded as departures from the average person (numeric covariates at their mean over the rows,
    every level of a categorical one weighted alike, as R's emmeans does by default), so that an
    arm's coefficient is its least-squares mean.
    """

    matrix: NDArray[np.float64]
    arms: tuple[str, ...]

    def weights(self, arm: str, reference: str | None = None) -> NDArray[np.float64]:
        """The weights of the coefficients that give an arm's mean, or its difference."""
        weights = np.zeros(self.matrix.shape[1])
        weights[self.arms.index(arm)] = 1.0
        if reference is not None:
            weights[self.arms.index(reference)] = -1.0
        return weights


def contrasts(arms: tuple[str, ...]) -> list[tuple[str, str | None]]:
    """Every arm by itself, then every arm but the first against the first."""
    return [(arm, None) for arm in arms] + [(arm, arms[0]) for arm in arms[1:]]


def design(frame: pd.DataFrame, arms: tuple[str, ...], covariates: Sequence[str]) -> Design:
    """The design of arm and additive covariates; ``InputError`` when its columns are dependent."""
    arm = frame["ARM"].to_numpy()
    parts = [(arm[:, None] == np.array(arms, dtype=object)).astype(float)]
    parts += [coded(frame[name]) for name in covariates]
    matrix = np.hstack(parts)
    independent(matrix, covariates)
    return Design(matrix, arms)


def coded(column: pd.Series) -> NDArray[np.float64]:
    """A covariate as centred columns: itself if numeric, else one a level but the first."""
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    if is_numeric_dtype(column) and not is_bool_dtype(column):
        values = column.to_numpy(dtype=float)
        off = values - values.mean()
        # The unit is that of no coefficient that is told, and large numbers cost others their digits.
        return np.asarray((off / (np.abs(off).max(initial=0.0) or 1.0))[:, None])
    text = column.astype(str).to_numpy()
    levels = np.unique(text)
    return np.asarray((text[:, None] == levels[None, 1:]).astype(float) - 1 / len(levels))


def independent(matrix: NDArray[np.float64], covariates: Sequence[str]) -> None:
    """Raise ``InputError`` when a column of the design is a combination of the others."""
    lengths = np.linalg.norm(matrix, axis=0)
    if not lengths.all() or np.linalg.matrix_rank(matrix / lengths) < matrix.shape[1]:
        named = f" ({', '.join(covariates)})" if covariates else ""
        raise InputError(f"the arms and covariates{named} cannot be told apart in these data")
