"""Whole lives, lived once and met at any age: a cohort is read off them and not lived anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from antitrypsim.foundations.arrays import Ints
from antitrypsim.foundations.random import uniforms
from antitrypsim.foundations.units import YEAR
from antitrypsim.modelling import Model
from antitrypsim.populations.eligibility import Judged, Tally, outputs_judged
from antitrypsim.populations.enrol import Cohort, fill, keys
from antitrypsim.populations.lives_read import Kind, LivesRead, kinds, live_whole, number_of
from antitrypsim.populations.numbers import FIXED
from antitrypsim.populations.people import Sought, make_people
from antitrypsim.populations.possible import YOUNGEST
from antitrypsim.populations.spec import Population
from antitrypsim.simulation.people import People
from antitrypsim.simulation.settings import Settings
from antitrypsim.simulation.simulate import live
from antitrypsim.uncertainty.draws import ParameterSet

# A life of the kind that is asked for is mostly the first drawn; of ex-smokers the young are not yet.
_PICKS = 8


@dataclass(frozen=True, eq=False)
class Lives(LivesRead):
    """Whole lives of some kinds of people, held in memory.

    ``rows`` says where each kind begins and how many it has. They were lived in ``model``; ``settings``
    holds the seed and the error allowed.
    """

    model: Model
    parameters: ParameterSet | None
    settings: Settings
    rows: Mapping[Kind, tuple[int, int]]

    @classmethod
    def lived(
        cls,
        model: Model,
        wanted: Iterable[tuple[Population, int]],
        *,
        parameters: ParameterSet | None = None,
        settings: Settings,
    ) -> Lives:
        """Return lives for some populations, with how many for each.

        Populations share them: of each kind there are as many as the one that needs most. Raises as
        ``simulate``.
        """
        wanted = list(wanted)
        needed: dict[Kind, int] = {}
        for population, count in wanted:
            for kind, share in kinds(population).items():
                needed[kind] = max(needed.get(kind, 0), int(np.ceil(count * share)))
        every = sorted(needed, key=number_of)
        sizes = np.array([needed[kind] for kind in every])
        starts = np.cumsum(sizes) - sizes
        rows = {kind: (int(starts[k]), int(sizes[k])) for k, kind in enumerate(every)}
        which = np.repeat(np.arange(sizes.size), sizes)
        numbers = np.arange(which.size) - starts[which]
        oldest = [population.age.max for population, _ in wanted]
        until = max(*oldest, FIXED.usual_age_most.value)
        outputs = sorted({o for population, _ in wanted for o in outputs_judged(population)})
        read = live_whole(
            model, every, which, numbers, until=until, outputs=outputs, parameters=parameters,
            settings=settings,
        )  # fmt: skip
        return cls(**vars(read), model=model, parameters=parameters, settings=settings, rows=rows)

    def enrol(
        self,
        population: Population,
        count: int,
        *,
        model: Model | None = None,
        parameters: ParameterSet | None = None,
    ) -> Cohort:
        """Return a cohort of these lives, distributed as that of ``enrol``; one life may come twice.

        Each place asks as there, and meets lives of the kind at that age, to half a year. Those who
        are taken live to the day once more, in ``model``, and stand at it with their states.
        """
        cohort = fill(_Reading(self, population), count, self.settings)
        row = np.searchsorted(self.ids, cohort.people.ids)
        who = self.who_at(row, cohort.people.age / YEAR)
        model = model or self.model
        people = make_people(model, self.settings.key, self.ids[row], who, cohort.people.labels)
        lived = live(
            model, people, outputs=outputs_judged(population), draws=parameters or self.parameters,
            settings=self.settings.silent(),
        )  # fmt: skip
        return replace(cohort, people=lived.people)


class _Reading:
    """Lives as the places of a cohort meet them."""

    def __init__(self, lives: Lives, population: Population) -> None:
        self.lives = lives
        self.population = population
        self.tally = Tally(population)

    def meet(self, places: Ints, tries: Ints) -> tuple[People, Judged]:
        slots, ids = keys(places, tries)
        lives, seed = self.lives, self.lives.settings.key
        sought = Sought.drawn(self.population, seed, slots)
        row, year = self._pick(sought, seed, ids)
        people, judged = lives.met(self.population, row, year, sought.labels)
        self.tally.add(judged)
        self.tally.check()
        return people, judged

    def _pick(self, sought: Sought, seed: int, ids: Ints) -> tuple[Ints, Ints]:
        """Return the life that each place meets, and the year in which it is read."""
        lives = self.lives
        asked = zip(*(sought.labels[name] for name in Kind._fields), strict=True)
        starts, sizes = np.array([lives.rows[Kind(*kind)] for kind in asked]).T
        u = uniforms(seed, "life met", ids, 2 * _PICKS)
        rows = starts[:, None] + (u[:, :_PICKS] * sizes[:, None]).astype(np.int64)
        years = lives.years(self.population, rows, sought.age[:, None])
        ages = YOUNGEST + years + lives.offset[rows]
        suits = u[:, _PICKS:] < lives.likely(rows, ages)
        pick = suits.argmax(axis=1)
        at = np.arange(rows.shape[0])
        return rows[at, pick], years[at, pick]
