"""The places of a cohort: each is taken by the first person met for it who is suited."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from antitrypsim.foundations.arrays import Ints, Mask
from antitrypsim.simulation.people import People


class Places:
    """``count`` places from number ``first`` on.

    ``open`` are the numbers of those nobody has taken, ``met`` counts people.
    """

    def __init__(self, count: int, first: int = 0) -> None:
        self.count = count
        self.open = np.arange(first, first + count, dtype=np.int64)
        self.met = 0
        self._taken: list[People] = []
        self._places: list[Ints] = []

    @classmethod
    def of(cls, numbers: Ints) -> Places:
        """Return the places of the given numbers."""
        places = cls(numbers.size)
        places.open = numbers
        return places

    @property
    def taken(self) -> int:
        """How many places somebody has taken."""
        return self.count - int(self.open.size)

    def fill(self, people: People, suited: Mask) -> Mask:
        """Give each open place its first suited person; return who of all was met.

        ``people`` stand by open place, as many for each, and ``suited`` says of each whether they are.
        """
        width = suited.size // self.open.size
        table = suited.reshape(self.open.size, width)
        found = table.any(axis=1)
        first = np.where(found, table.argmax(axis=1), width)
        # People after the one who was taken were never met.
        met = (np.arange(width)[None, :] <= first[:, None]).ravel()
        self.met += int(met.sum())
        self._taken.append(people.take(np.flatnonzero(found) * width + first[found]))
        self._places.append(self.open[found])
        self.open = self.open[~found]
        return met

    def people(self) -> People:
        """Return those who took a place, by its number."""
        order = np.argsort(np.concatenate(self._places), kind="stable")
        return joined([part for part in self._taken if len(part)]).take(order)


def joined(parts: list[People]) -> People:
    """Return the people of all parts, of one population, as one."""
    first = parts[0]
    snapshots = [p.snapshot for p in parts if p.snapshot is not None]
    return replace(
        first,
        ids=np.concatenate([p.ids for p in parts]),
        covariates={k: np.concatenate([p.covariates[k] for p in parts]) for k in first.covariates},
        effects={k: np.concatenate([p.effects[k] for p in parts]) for k in first.effects},
        birth=np.concatenate([p.birth for p in parts]),
        age=np.concatenate([p.age for p in parts]),
        courses={
            k: replace(
                course,
                times=np.concatenate([p.courses[k].times for p in parts]),
                values=np.concatenate([p.courses[k].values for p in parts]),
            )
            for k, course in first.courses.items()
        },
        labels={k: np.concatenate([p.labels[k] for p in parts]) for k in first.labels},
        snapshot=replace(
            snapshots[0],
            states=np.concatenate([s.states for s in snapshots]),
            hazard_counts=np.concatenate([s.hazard_counts for s in snapshots]),
        )
        if snapshots
        else None,
    )
