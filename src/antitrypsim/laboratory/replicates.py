"""Replicates of a trial as they are drawn: who comes, into which arm, who leaves, what happens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from antitrypsim.laboratory.design_file.conducting import Intercurrent, Screen
    from antitrypsim.laboratory.design_file.trial_design import TrialDesign
    from antitrypsim.laboratory.library import Counterfactuals, Library
    from antitrypsim.protocols import Protocol as TrialProtocol
    from antitrypsim.protocols.parts import EndpointPlan

Floats = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Truth:
    """What is true in the replicates: typical values or draws, and whether nothing works."""

    uncertain: bool = False
    null: bool = False


@dataclass(frozen=True, eq=False)
class Between:
    """An event: its day (R, n), infinity for none, and whether it would come under any arm."""

    said: Intercurrent
    day: NDArray[Any]
    ever: NDArray[np.bool_]

    def first(self, places: int) -> Between:
        """Return the first places only."""
        return replace(self, day=self.day[:, :places], ever=self.ever[:, :places])


@dataclass(frozen=True, eq=False)
class Switch:
    """Who changes arms: the day (R, n), infinity for nobody, and the library's change (R, n), or -1."""

    day: Floats
    change: NDArray[Any]

    def first(self, places: int) -> Switch:
        """Return the first places only."""
        return Switch(self.day[:, :places], self.change[:, :places])


class Source(Protocol):
    """What replicates are drawn from, as those see it who work on them: a ``sampler.Sampler``."""

    library: Library
    design: TrialDesign
    protocol: TrialProtocol
    plan: EndpointPlan
    compared: tuple[str, ...]
    screens: tuple[Screen, ...]

    @property
    def sloping(self) -> bool:
        """Whether the primary analysis is of a slope."""

    @property
    def end(self) -> float:
        """The day of the last reading that counts."""

    @property
    def reference(self) -> str:
        """The arm whose course everybody follows where nothing works."""

    def courses(self, truth: Truth) -> Counterfactuals:
        """Return the courses that are true."""

    def stream(self, chunk: int, what: str) -> np.random.Generator:
        """Return the stream of one chunk of trials for one thing."""

    def read(self, id: str, true: Floats, z: Floats) -> Floats:
        """Return what an instrument shows."""

    def gathered(
        self, truth: Truth, id: str, draw: NDArray[Any], arm: NDArray[Any], person: NDArray[Any],
        columns: NDArray[Any] | list[int],
    ) -> Floats:  # fmt: skip
        """Return true values of places, (R, n, columns)."""

    def happened(
        self, truth: Truth, process: str, draw: NDArray[Any], arm: NDArray[Any],
        person: NDArray[Any],
    ) -> Floats:  # fmt: skip
        """Return the days of an event process of places, (R, n, most), NaN padded."""

    def groups(self, name: str, person: NDArray[Any], site: NDArray[Any]) -> NDArray[Any]:
        """Return the group of each place by a column of people, whole numbers from 0."""

    def arranged(self, drawn: Replicates, arm: NDArray[Any]) -> Replicates:
        """Return the trials in these arms, with the courses, leaving and events that follow."""


@dataclass(frozen=True, eq=False)
class Replicates:
    """Some replicates of a trial, before anything is analysed.

    ``chunk`` names the streams. ``person``, ``arm``, ``entry`` (calendar days since the first could
    come), ``site``, ``leaves`` (days since randomisation): (R, n), in the order of coming. ``draw`` (R,): which draw is true.
    ``lived``: the library arm whose course each place follows. ``z``: standard normals by instrument,
    (R, n, days). ``between``: days of intercurrent events by name. ``screened`` (R,): people who were
    screened and not taken. ``switch``: who changes arms, and when; None where nobody does.
    """

    sampler: Source
    truth: Truth
    chunk: int
    draw: NDArray[Any]
    person: NDArray[Any]
    arm: NDArray[Any]
    lived: NDArray[Any]
    entry: Floats
    site: NDArray[Any]
    shift: Floats
    z: Mapping[str, Floats]
    leaves: Floats
    death: Floats
    between: tuple[Between, ...]
    screened: NDArray[Any]
    switch: Switch | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """Replicates and places."""
        return self.person.shape[0], self.person.shape[1]

    def first(self, places: int) -> Replicates:
        """Return the same trials with only the first ``places`` people."""
        n = self.shape[1]
        if places >= n:
            return self
        cut = {
            name: getattr(self, name)[:, :places]
            for name in ("person", "arm", "lived", "entry", "site", "shift", "leaves", "death")
        }
        return replace(
            self,
            z={k: v[:, :places] for k, v in self.z.items()},
            between=tuple(b.first(places) for b in self.between),
            screened=np.rint(self.screened * (places / n)),
            switch=None if self.switch is None else self.switch.first(places),
            **cut,
        )

    def with_arms(self, arm: NDArray[Any]) -> Replicates:
        """Return the same people in other arms (library arm indices): their courses follow."""
        return self.sampler.arranged(self, arm)
