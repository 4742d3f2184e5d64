"""Replicates of a trial as they are drawn: who comes, into which arm, who leaves, what happens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

from antitrypsim.foundations.arrays import Mask, Numbers, Reals, Wholes

if TYPE_CHECKING:
    from antitrypsim.laboratory.design_file.conducting import Intercurrent, Screen
    from antitrypsim.laboratory.design_file.trial_design import TrialDesign
    from antitrypsim.laboratory.library import Counterfactuals, Library
    from antitrypsim.protocols import Protocol as TrialProtocol
    from antitrypsim.protocols.parts import EndpointPlan


@dataclass(frozen=True, slots=True)
class Truth:
    """What is true in the replicates: typical values or draws, and whether nothing works."""

    uncertain: bool = False
    null: bool = False


@dataclass(frozen=True, eq=False)
class Between:
    """An event: its day (R, n), infinity for none, and whether it would come under any arm."""

    said: Intercurrent
    day: Reals
    ever: Mask

    def first(self, places: int) -> Between:
        """Return the first places only."""
        return replace(self, day=self.day[:, :places], ever=self.ever[:, :places])


@dataclass(frozen=True, eq=False)
class Switch:
    """Who changes arms: the day (R, n), infinity for nobody, and the library's change (R, n), or -1."""

    day: Reals
    change: Wholes

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

    def read(self, id: str, true: Reals, z: Reals) -> Reals:
        """Return what an instrument shows."""

    def gathered(
        self, truth: Truth, id: str, draw: Wholes, arm: Wholes, person: Wholes,
        columns: Sequence[int],
    ) -> Reals:  # fmt: skip
        """Return true values of places, (R, n, columns)."""

    def happened(
        self, truth: Truth, process: str, draw: Wholes, arm: Wholes,
        person: Wholes,
    ) -> Reals:  # fmt: skip
        """Return the days of an event process of places, (R, n, most), NaN padded."""

    def groups(self, name: str, person: Wholes, site: Wholes) -> Wholes:
        """Return the group of each place by a column of people, whole numbers from 0."""

    def arranged(self, drawn: Replicates, arm: Wholes) -> Replicates:
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
    draw: Wholes
    person: Wholes
    arm: Wholes
    lived: Wholes
    entry: Reals
    site: Wholes
    shift: Reals
    z: Mapping[str, Reals]
    leaves: Reals
    death: Reals
    between: tuple[Between, ...]
    screened: Numbers
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

    def with_arms(self, arm: Wholes) -> Replicates:
        """Return the same people in other arms (library arm indices): their courses follow."""
        return self.sampler.arranged(self, arm)
