"""Participants of many replicates in one list, and sums over replicate and arm."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from antitrypsim.foundations.errors import InputError

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Cells:
    """Who is analysed.

    ``kept``: (R, n), N of them true. ``cell``: (N,) the place of each in the flattened grid of
    replicates and arms. ``shape``: (R, arms).
    """

    kept: NDArray[np.bool_]
    cell: NDArray[np.intp]
    shape: tuple[int, int]

    @classmethod
    def of(cls, arm: NDArray[np.integer], arms: int, known: NDArray[np.bool_]) -> Cells:
        """Return the people of ``arm`` (R, n) who are in an arm and ``known``."""
        kept = known & (arm >= 0)
        replicate = np.nonzero(kept)[0]
        return cls(kept, replicate * arms + arm[kept].astype(np.intp), (arm.shape[0], arms))

    @property
    def replicate(self) -> NDArray[np.intp]:
        """The replicate of each, (N,)."""
        return self.cell // self.shape[1]

    def sums(self, x: NDArray[np.generic] | None = None) -> Floats:
        """Return sums of ``x`` (N,) by replicate and arm, (R, arms); numbers of people for None."""
        size = self.shape[0] * self.shape[1]
        total = np.bincount(self.cell, weights=x, minlength=size)
        return total.reshape(self.shape).astype(float)

    def each(self, x: Floats) -> Floats:
        """Return for each participant the number of replicate and arm in ``x`` (R, arms)."""
        return np.asarray(x.reshape(-1)[self.cell])


def several(name: str, arms: tuple[str, ...]) -> None:
    """Raise InputError unless there is an arm to compare with the first."""
    if len(arms) < 2:
        raise InputError(f"the analysis '{name}' compares arms, and there is one arm only")
