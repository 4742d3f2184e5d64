"""Draw many trials from a library: who comes, when, into which arm, who leaves, what is read.

Everything random has a stream of its own, named by the chunk of replicates and what it is for, so
that designs with as many places on the same library meet the same people with the same readings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from antitrypsim.endpoints import endpoint
from antitrypsim.foundations.arrays import Reals, Wholes
from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.random import generator
from antitrypsim.foundations.units import MONTH
from antitrypsim.laboratory.adjusting import groups_at_start
from antitrypsim.laboratory.design_file.conducting import LIKELY
from antitrypsim.laboratory.design_file.in_force import (
    compared_arms,
    primary_of,
    ratio_of,
    strata_of,
    visits_used,
)
from antitrypsim.laboratory.dropout import leaving
from antitrypsim.laboratory.intercurrent_events import event_days, placed
from antitrypsim.laboratory.replicates import Replicates, Truth
from antitrypsim.laboratory.screening import screen
from antitrypsim.protocols import measure, noise_of
from antitrypsim.protocols.plannable import COVARIATES, MEASURED
from antitrypsim.statistics.analysis import ANALYSES
from antitrypsim.trials.randomisation import levels

if TYPE_CHECKING:
    from antitrypsim.laboratory.design_file.trial_design import TrialDesign
    from antitrypsim.laboratory.library import Counterfactuals, Library
    from antitrypsim.protocols import Protocol

CHUNK = 250
"""Replicates that are drawn together; a constant, since streams are named by chunk."""
PLACES = 1_000_000
"""The most places that are drawn together: with more of them memory would grow with the trial."""


def chunk_size(places: int) -> int:
    """Return how many replicates are drawn together: ``CHUNK``, and fewer of very large trials."""
    return max(1, min(CHUNK, PLACES // max(1, places)))


class Sampler:
    """Draws trials of a design from a library; ``visits`` are those of the primary endpoint."""

    def __init__(self, library: Library, design: TrialDesign, protocol: Protocol) -> None:
        self.library = library
        self.design = design
        self.protocol = protocol
        self.plan = primary_of(design, protocol)
        self.compared = compared_arms(design, protocol)
        self.screens = (*design.screening, *design.design.screens(self.plan.endpoint))
        noises = {a.endpoint: a.noise for a in protocol.assessments}
        self._noise = noises

    def read(self, id: str, true: Reals, z: Reals) -> Reals:
        """Return what an instrument shows, as 32-bit floats."""
        return np.asarray(measure(id, true, z, noise=self._noise.get(id)), dtype=np.float32)

    def courses(self, truth: Truth) -> Counterfactuals:
        """Return the courses that are true."""
        return self.library.courses(uncertain=truth.uncertain)

    def gathered(
        self, truth: Truth, id: str, draw: Wholes, arm: Wholes, person: Wholes,
        columns: Sequence[int],
    ) -> Reals:  # fmt: skip
        """Return true values of places, (R, n, columns)."""
        held = self.courses(truth).values
        if id not in held:
            raise InputError(f"the library holds no '{id}'")
        flat = held[id]
        index = (draw[:, None] * flat.shape[1] + arm) * flat.shape[2] + person
        return np.asarray(flat).reshape(-1, flat.shape[3])[index][:, :, list(columns)]

    def happened(
        self, truth: Truth, process: str, draw: Wholes, arm: Wholes,
        person: Wholes,
    ) -> Reals:  # fmt: skip
        """Return the days of an event process of places, (R, n, most), NaN padded."""
        flat = self.courses(truth).events[process]
        index = (draw[:, None] * flat.shape[1] + arm) * flat.shape[2] + person
        return np.asarray(flat).reshape(-1, flat.shape[3])[index]

    def draw(self, chunk: int, replicates: int, places: int, truth: Truth) -> Replicates:
        """Return ``replicates`` trials of ``places`` people; the chunk names the streams.

        Chunk k holds the replicates from k times ``chunk_size(places)`` on, no more than that. Raises RunError where hardly anybody passes the screening.
        """
        courses = self.courses(truth)
        shape = (replicates, places)
        start = chunk * chunk_size(places)
        draw = (start + np.arange(replicates)) % courses.draws
        person: Wholes = self.stream(chunk, "people").integers(
            courses.people, size=shape, dtype=np.int32
        )
        z = {
            word: self.stream(chunk, f"measurement {word}").standard_normal(
                (*shape, len(self.library.days)), dtype=np.float32
            )
            for word in self._instruments()
        }
        person, z, failed = screen(self, chunk, truth, person, z)
        screened = failed.sum(axis=1)
        entry = self._entries(chunk, shape, failed)
        accrual = self.design.accrual
        site = self.stream(chunk, "sites").integers(accrual.sites, size=shape)
        shift = np.zeros(shape)
        if accrual.site_sd:
            own = self.stream(chunk, "instruments").standard_normal((replicates, accrual.sites))
            shift = accrual.site_sd * np.take_along_axis(own, site, axis=1)
        none = np.full(shape, np.inf)
        nowhere = np.zeros(shape, dtype=np.int8)
        drawn = Replicates(
            self,
            truth,
            chunk,
            draw,
            person,
            nowhere,
            nowhere,
            entry,
            site,
            shift,
            z,
            none,
            none,
            (),
            screened,
        )
        return self.arranged(drawn, self._allocate(drawn))

    def arranged(self, drawn: Replicates, arm: Wholes) -> Replicates:
        """Return the trials in these arms, with the courses, leaving and events that follow."""
        drawn = placed(drawn, arm)
        between = tuple(event_days(drawn, said) for said in self.design.intercurrent)
        leaves = leaving(self, drawn, self.stream(drawn.chunk, "leaving").random(
            (*drawn.shape, len(self.library.days)), dtype=np.float32))  # fmt: skip
        return replace(drawn, between=between, leaves=leaves)

    @property
    def sloping(self) -> bool:
        """Whether the primary analysis is of a slope."""
        return ANALYSES[self.plan.analysis].per_year

    @property
    def end(self) -> float:
        """The day of the last reading that counts."""
        used = list(visits_used(self.design, self.protocol).values())
        known = self.protocol.visit_days()
        last = known[self.design.until] if self.design.until else self.protocol.length_days
        return used[-1] if used else last

    @property
    def reference(self) -> str:
        """The arm whose course everybody follows where nothing works."""
        if len(self.compared) < 2:
            return self.library.arms[self.library.untreated]
        return self.compared[-1]

    def stream(self, chunk: int, what: str) -> np.random.Generator:
        """Return the stream of one chunk of trials for one thing."""
        return generator(self.design.seed, f"laboratory {chunk} {what}")

    def _instruments(self) -> list[str]:
        read = {self.plan.endpoint, *(s.endpoint for s in self.screens if s.endpoint)}
        if self.design.leaving.depends_on is not None:
            read.add(self.design.leaving.depends_on.endpoint)
        words = (*strata_of(self.design, self.protocol), *self.plan.covariates, *self.plan.strata)
        read |= {MEASURED[word] for word in words if word in MEASURED}
        return sorted({noise_of(id).draw for id in read if endpoint(id).kind == "measurement"})

    def _entries(self, chunk: int, shape: tuple[int, int], failed: Wholes) -> Reals:
        accrual = self.design.accrual
        waits = self.stream(chunk, "entries").exponential(size=shape).cumsum(axis=1)
        # Those who are screened and not taken came at the same pace; their waits are at the mean.
        months = (waits + failed.cumsum(axis=1)) / accrual.per_month
        ramp = accrual.ramp_months
        if ramp:
            # Up to the end of the ramp the expected number grows with the square of time.
            months = np.where(months < ramp / 2, np.sqrt(2 * ramp * months), months + ramp / 2)
        found = np.asarray(months * MONTH, dtype=np.float64)
        # People are watched first and are randomised in the end.
        return found + max(self.design.design.lookback, default=0.0)

    @property
    def ratio(self) -> tuple[int, ...]:
        """The parts of the compared arms in lowest terms."""
        return ratio_of(self.design, self.protocol, self.compared)

    def _allocate(self, drawn: Replicates) -> Wholes:
        from antitrypsim.statistics.allocation import ALLOCATIONS, crossed

        said = self.design.allocation
        if len(self.compared) == 1:
            return np.full(drawn.shape, self.library.arms.index(self.compared[0]), dtype=np.int8)
        ratio = self.ratio
        within = strata_of(self.design, self.protocol)
        factors = [groups_at_start(drawn, word) for word in within]
        strata = crossed(factors, drawn.shape)
        options: dict[str, float] = {}
        if said.method == "minimised":
            strata = np.stack(factors, axis=-1) if factors else strata[..., None]
            options["p"] = LIKELY if said.chance is None else said.chance
        else:
            if said.block is not None and said.method == "blocks":
                options["block"] = said.block
        rng = self.stream(drawn.chunk, "allocation")
        own = ALLOCATIONS[said.method](strata, ratio, rng, **options)
        library = np.array([self.library.arms.index(a) for a in self.compared], dtype=np.int8)
        return library[own]

    def groups(self, name: str, person: Wholes, site: Wholes) -> Wholes:
        """Return the group of each place by a column of people, whole numbers from 0."""
        if name == COVARIATES["site"]:
            return site
        return levels(self.library.people[name].to_numpy())[person]
