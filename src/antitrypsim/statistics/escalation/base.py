"""What a dose escalation gives, and the checks that all its rules share."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from numbers import Integral

import numpy as np
from numpy.typing import ArrayLike, NDArray

from antitrypsim.foundations.errors import InputError

Bools = NDArray[np.bool_]


class Stopped(IntEnum):
    """Why an escalation ended."""

    FOUND = 0
    """The rule settled on a dose."""
    TOXIC = 1
    """Even the lowest dose was too toxic."""
    FULL = 2
    """There was no room for a further cohort."""


@dataclass(frozen=True, eq=False)
class Escalated:
    """What happened in ``R`` replicates of a dose escalation with room for ``n`` people each.

    ``dose`` (R, n), int8: the index of the dose that each person got in the order of entry, -1
    where nobody entered. ``toxicity`` (R, n): whether that person had a dose-limiting toxicity.
    ``selected`` (R,): the index of the dose that the rule selected, -1 for none. ``entered`` (R,):
    how many people entered. ``stopped`` (R,), int8: why, a ``Stopped``.
    """

    dose: NDArray[np.int8]
    toxicity: Bools
    selected: NDArray[np.int64]
    entered: NDArray[np.int64]
    stopped: NDArray[np.int8]


class EscalationState:
    """The replicates of an escalation as they go: who entered, and the counts by dose.

    ``given`` and ``harmed`` (R, D): people and people with a toxicity at each dose. ``open``: the
    rows of the replicates that still run, which all have ``entered`` people. ``at`` (R,): the dose
    of the next cohort.
    """

    def __init__(self, toxic: ArrayLike, cohort: int, start: int) -> None:
        self.toxic = _toxic(toxic)
        replicates, people, doses = self.toxic.shape
        if whole(cohort, "the size of a cohort") < 1:
            raise InputError(f"a cohort needs at least one person, not {cohort}")
        if not 0 <= whole(start, "the first dose") < doses:
            raise InputError(f"the first dose must be one of 0 to {doses - 1}, not {start}")
        self.people, self.doses = people, doses
        self.entered = 0
        self.open = np.arange(replicates)
        self.at = np.full(replicates, start)
        self.given = np.zeros((replicates, doses), dtype=np.int64)
        self.harmed = np.zeros((replicates, doses), dtype=np.int64)
        self._dose = np.full((replicates, people), -1, dtype=np.int8)
        self._toxicity = np.zeros((replicates, people), dtype=bool)
        self._selected = np.full(replicates, -1)
        self._number = np.zeros(replicates, dtype=np.int64)
        self._stopped = np.full(replicates, Stopped.FULL, dtype=np.int8)

    def enter(self, size: int) -> None:
        """Enter the next ``size`` people of every open replicate at its dose."""
        rows, dose = self.open, self.at[self.open]
        who = slice(self.entered, self.entered + size)
        seen = self.toxic[rows[:, None], np.arange(who.start, who.stop), dose[:, None]]
        self._dose[rows, who] = dose[:, None]
        self._toxicity[rows, who] = seen
        self.given[rows, dose] += size
        self.harmed[rows, dose] += seen.sum(axis=1)
        self.entered += size
        self._number[rows] = self.entered

    def stop(self, where: Bools, why: Stopped, selected: NDArray[np.integer] | int = -1) -> None:
        """Close the open replicates marked in ``where``, an array over those, with ``selected``."""
        rows = self.open[where]
        self._stopped[rows] = why
        self._selected[rows] = selected
        self.open = self.open[~where]

    def result(self) -> Escalated:
        """Return what happened."""
        return Escalated(
            self._dose, self._toxicity, self._selected, self._number, self._stopped
        )  # fmt: skip


def whole(value: object, what: str) -> int:
    """A whole number; InputError for anything else."""
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise InputError(f"{what} must be a whole number, not {value!r}")
    return int(value)


def numbers(values: ArrayLike, what: str) -> NDArray[np.float64]:
    """Floats; InputError for anything else."""
    try:
        return np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise InputError(f"{what} must be numbers, not {values!r}") from None


def _toxic(toxic: ArrayLike) -> Bools:
    found = np.asarray(toxic)
    if found.dtype != bool or found.ndim != 3 or found.shape[2] == 0:
        raise InputError("toxicities must be true or false by replicate, person and dose")
    if found.shape[2] > np.iinfo(np.int8).max:
        raise InputError(f"there is no room for {found.shape[2]} doses, but for 127")
    return found
