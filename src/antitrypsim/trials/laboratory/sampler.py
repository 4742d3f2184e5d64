"""Draw many trials from a library: who comes, when, into which arm, who leaves, what is read.

Everything random has a stream of its own, named by the chunk of replicates and what it is for, so
that designs with as many places on the same library meet the same people with the same readings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from antitrypsim.documents.times import days as days_of
from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.random import generator
from antitrypsim.protocols import measure, noise_of
from antitrypsim.protocols.conducting import LIKELY
from antitrypsim.protocols.endpoints import COVARIATES
from antitrypsim.protocols.inforce import (
    columns_of,
    compared_arms,
    options_of,
    primary_of,
    ratio_of,
    strata_of,
    visits_used,
)
from antitrypsim.statistics.block import Block
from antitrypsim.trials.endpoint import endpoint
from antitrypsim.trials.laboratory.between import Between, event_days, placed, settle
from antitrypsim.trials.laboratory.leaving import leaving
from antitrypsim.trials.laboratory.screening import screen
from antitrypsim.trials.laboratory.switching import Switch, follow

if TYPE_CHECKING:
    from antitrypsim.protocols import Protocol
    from antitrypsim.protocols.trial_design import TrialDesign
    from antitrypsim.trials.laboratory.library import Courses, Library

YEAR = 365.25
MONTH = YEAR / 12
CHUNK = 250
"""Replicates that are drawn together; a constant, since streams are named by chunk."""
PLACES = 1_000_000
"""The most places that are drawn together: with more of them memory would grow with the trial."""

Floats = NDArray[Any]


def chunk_size(places: int) -> int:
    """Return how many replicates are drawn together: ``CHUNK``, and fewer of very large trials."""
    return max(1, min(CHUNK, PLACES // max(1, places)))


@dataclass(frozen=True, slots=True)
class Truth:
    """What is true in the replicates: typical values or draws, and whether nothing works."""

    uncertain: bool = False
    null: bool = False


@dataclass(frozen=True, eq=False)
class Drawn:
    """Some replicates of a trial, before anything is analysed.

    ``chunk`` names the streams. ``person``, ``arm``, ``entry`` (calendar days since the first could
    come), ``site``, ``leaves`` (days since randomisation): (R, n), in the order of coming. ``draw`` (R,): which draw is true.
    ``lived``: the library arm whose course each place follows. ``z``: standard normals by instrument,
    (R, n, days). ``between``: days of intercurrent events by name. ``screened`` (R,): people who were
    screened and not taken. ``switch``: who changes arms, and when; None where nobody does.
    """

    sampler: Sampler
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

    def first(self, places: int) -> Drawn:
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

    def with_arms(self, arm: NDArray[Any]) -> Drawn:
        """Return the same people in other arms (library arm indices): their courses follow."""
        return self.sampler.arranged(self, arm)

    def true(self, id: str, columns: NDArray[Any] | list[int]) -> Floats:
        """Return true values at some columns of the library's days, (R, n, columns)."""
        own = self.sampler.gathered(self.truth, id, self.draw, self.lived, self.person, columns)
        return follow(self, id, own, columns)

    def values(
        self,
        id: str,
        visits: Mapping[str, float],
        until: Floats | None = None,
        *,
        noise: bool = True,
    ) -> Floats:
        """Return what is measured at ``visits``, (R, n, V), NaN where nothing is.

        ``until`` (R,): the calendar day of a look; what comes later is not there yet. Without
        ``noise``: what is true, beyond the range of an instrument too.
        """
        library = self.sampler.library
        columns = [library.column(d) for d in visits.values()]
        true = settle(self, self.true(id, columns), list(visits.values()))
        seen = np.array(true, dtype=np.float32)
        if noise:
            seen = self.sampler.read(id, true, self.z[noise_of(id).draw][:, :, columns])
        if noise and id == self.sampler.plan.endpoint and self.sampler.design.accrual.site_sd:
            seen = seen + self.shift[:, :, None]
        seen = self._composite(id, seen, list(visits.values()))
        last = np.minimum(self.leaves, self.death)
        days = np.array(list(visits.values()))
        composite = self._failed()
        gone = (days > last[:, :, None]) & ~(composite[:, :, None] <= days)
        if until is not None:
            gone |= self.entry[:, :, None] + days > until[:, None, None]
        seen[gone] = np.nan
        return seen

    def _failed(self) -> Floats:
        found = np.full(self.shape, np.inf)
        for one in self.between:
            if one.said.strategy == "composite":
                found = np.minimum(found, self._seen(one))
        return found

    def _seen(self, one: Between) -> Floats:
        """Return the day of an event, infinity where it comes to somebody gone or dead."""
        # Whether those who left are alive is found out; what else happens to them is not.
        last = self.death if one.said.event == "death" else np.minimum(self.leaves, self.death)
        return np.where(one.day <= last, one.day, np.inf)

    def _composite(self, id: str, seen: Floats, days: list[float]) -> Floats:
        for one in self.between:
            if one.said.strategy == "composite" and id == self.sampler.plan.endpoint:
                after = np.array(days) >= self._seen(one)[:, :, None]
                seen = np.where(after, np.float32(one.said.value or 0.0), seen)
        return seen

    def block(
        self, arms: tuple[str, ...], id: str, visits: Mapping[str, float], end: float,
        until: Floats | None = None,
    ) -> Block:  # fmt: skip
        """Return one endpoint for analysis; ``arms`` are ids, the reference first."""
        place = np.full(len(self.sampler.library.arms), -1, dtype=np.int8)
        for k, name in enumerate(arms):
            place[self.sampler.library.arms.index(name)] = k
        arm = place[self.arm]
        for one in self.between:
            if one.said.strategy == "principal-stratum":
                arm = np.where(one.ever, np.int8(-1), arm)
        if until is not None:
            arm = np.where(self.entry > until[:, None], np.int8(-1), arm)
        what = endpoint(id)
        if what.kind == "value":
            return Block(
                arms, arm, tuple(visits), np.array(list(visits.values()), dtype=float),
                self.values(id, visits, until),
            )  # fmt: skip
        last = np.minimum(np.minimum(self.leaves, self.death), end)
        for one in self.between:
            if one.said.strategy in ("hypothetical", "while-on-treatment"):
                last = np.minimum(last, one.day) if one.said.event != "death" else last
        if until is not None:
            last = np.clip(until[:, None] - self.entry, 0, last)
        when = self.sampler.happened(self.truth, what.output, self.draw, self.lived, self.person)
        inside = (when > 0) & (when <= last[:, :, None])
        if what.kind == "count":
            return Block(arms, np.where(last > 0, arm, -1), count=inside.sum(axis=2),
                         exposure=np.maximum(last, 1e-9) / YEAR)  # fmt: skip
        first = np.where(inside, when, np.inf).min(axis=2)
        event = np.isfinite(first)
        return Block(arms, arm, time=np.where(event, first, last), event=event)


class Sampler:
    """Draws trials of a design from a library; ``visits`` are those of the primary endpoint."""

    def __init__(self, library: Library, design: TrialDesign, protocol: Protocol) -> None:
        self.library = library
        self.design = design
        self.protocol = protocol
        self.plan = primary_of(design, protocol)
        self.compared = compared_arms(design, protocol)
        noises = {a.endpoint: a.noise for a in protocol.assessments}
        self._noise = noises

    def read(self, id: str, true: Floats, z: Floats) -> Floats:
        """Return what an instrument shows, as 32-bit floats."""
        return np.asarray(measure(id, true, z, noise=self._noise.get(id)), dtype=np.float32)

    def courses(self, truth: Truth) -> Courses:
        """Return the courses that are true."""
        return self.library.courses(uncertain=truth.uncertain)

    def gathered(
        self, truth: Truth, id: str, draw: NDArray[Any], arm: NDArray[Any], person: NDArray[Any],
        columns: NDArray[Any] | list[int],
    ) -> Floats:  # fmt: skip
        """Return true values of places, (R, n, columns)."""
        held = self.courses(truth).values
        if id not in held:
            raise InputError(f"the library holds no '{id}'")
        flat = held[id]
        index = (draw[:, None] * flat.shape[1] + arm) * flat.shape[2] + person
        return np.asarray(flat).reshape(-1, flat.shape[3])[index][:, :, list(columns)]

    def happened(
        self, truth: Truth, process: str, draw: NDArray[Any], arm: NDArray[Any],
        person: NDArray[Any],
    ) -> Floats:  # fmt: skip
        """Return the days of an event process of places, (R, n, most), NaN padded."""
        flat = self.courses(truth).events[process]
        index = (draw[:, None] * flat.shape[1] + arm) * flat.shape[2] + person
        return np.asarray(flat).reshape(-1, flat.shape[3])[index]

    def draw(self, chunk: int, replicates: int, places: int, truth: Truth) -> Drawn:
        """Return ``replicates`` trials of ``places`` people; the chunk names the streams.

        Chunk k holds the replicates from k times ``chunk_size(places)`` on, no more than that. Raises RunError where hardly anybody passes the screening.
        """
        courses = self.courses(truth)
        shape = (replicates, places)
        start = chunk * chunk_size(places)
        draw = (start + np.arange(replicates)) % courses.draws
        person = self.stream(chunk, "people").integers(courses.people, size=shape, dtype=np.int32)
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
        arm = self._allocate(chunk, person, site)
        none = np.full(shape, np.inf)
        drawn = Drawn(
            self,
            truth,
            chunk,
            draw,
            person,
            arm,
            arm,
            entry,
            site,
            shift,
            z,
            none,
            none,
            (),
            screened,
        )
        return self.arranged(drawn, arm)

    def arranged(self, drawn: Drawn, arm: NDArray[Any]) -> Drawn:
        """Return the trials in these arms, with the courses, leaving and events that follow."""
        drawn = placed(drawn, arm)
        between = tuple(event_days(drawn, said) for said in self.design.intercurrent)
        leaves = leaving(self, drawn, self.stream(drawn.chunk, "leaving").random(
            (*drawn.shape, len(self.library.days)), dtype=np.float32))  # fmt: skip
        return replace(drawn, between=between, leaves=leaves)

    @property
    def sloping(self) -> bool:
        """Whether the primary analysis is of a slope."""
        return self.plan.analysis == "random-slope"

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
        read = {self.plan.endpoint, *(s.endpoint for s in self.design.screening if s.endpoint)}
        if self.design.leaving.depends_on is not None:
            read.add(self.design.leaving.depends_on.endpoint)
        if COVARIATES["fev1"] in columns_of(options_of(self.design, self.protocol)):
            read.add("fev1")
        return sorted({noise_of(id).draw for id in read if endpoint(id).kind == "value"})

    def _entries(self, chunk: int, shape: tuple[int, int], failed: NDArray[Any]) -> Floats:
        accrual = self.design.accrual
        waits = self.stream(chunk, "entries").exponential(size=shape).cumsum(axis=1)
        # Those who are screened and not taken came at the same pace; their waits are at the mean.
        months = (waits + failed.cumsum(axis=1)) / accrual.per_month
        ramp = accrual.ramp_months
        if ramp:
            # Up to the end of the ramp the expected number grows with the square of time.
            months = np.where(months < ramp / 2, np.sqrt(2 * ramp * months), months + ramp / 2)
        found = np.asarray(months * MONTH, dtype=np.float64)
        kind: Any = self.design.design
        # People enter the run-in first and are randomised at its end.
        return found + days_of(kind.length) if kind.kind == "run-in" else found

    @property
    def ratio(self) -> tuple[int, ...]:
        """The parts of the compared arms in lowest terms."""
        return ratio_of(self.design, self.protocol, self.compared)

    def _allocate(self, chunk: int, person: NDArray[Any], site: NDArray[Any]) -> NDArray[Any]:
        from antitrypsim.statistics.allocation import ALLOCATIONS

        said = self.design.allocation
        if len(self.compared) == 1:
            return np.full(person.shape, self.library.arms.index(self.compared[0]), dtype=np.int8)
        ratio = self.ratio
        within = strata_of(self.design, self.protocol)
        factors = [self.groups(COVARIATES[name], person, site) for name in within]
        strata = np.zeros(person.shape, dtype=np.int64)
        options: dict[str, Any] = {}
        if said.method == "minimised":
            strata = np.stack(factors, axis=-1) if factors else strata[..., None]
            options["p"] = LIKELY if said.chance is None else said.chance
        else:
            for levels in factors:
                strata = strata * (int(levels.max()) + 1) + levels
            if said.block is not None and said.method == "blocks":
                options["block"] = said.block
        rng = self.stream(chunk, "allocation")
        own = ALLOCATIONS[said.method](strata, ratio, rng, **options)
        library = np.array([self.library.arms.index(a) for a in self.compared], dtype=np.int8)
        return library[own]

    def groups(self, name: str, person: NDArray[Any], site: NDArray[Any]) -> NDArray[Any]:
        """Return the group of each place by a column of people, whole numbers from 0."""
        if name == COVARIATES["site"]:
            return site
        labels = self.library.people[name].astype(str).to_numpy()
        return np.unique(labels, return_inverse=True)[1][person]
