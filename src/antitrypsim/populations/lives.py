"""Whole lives, lived once and met at any age: a cohort is read off them and not lived anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import product
from typing import NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from antitrypsim.foundations.arrays import Floats, Ints
from antitrypsim.foundations.random import uniforms
from antitrypsim.foundations.units import YEAR
from antitrypsim.modelling import Model
from antitrypsim.organs.wellbeing.module import p as wellbeing
from antitrypsim.populations.eligibility import Judged, Tally, judge, outputs_judged
from antitrypsim.populations.enrol import Cohort, fill, graded, keys
from antitrypsim.populations.numbers import FIXED
from antitrypsim.populations.people import (
    Comorbid,
    Demographics,
    Smoked,
    Sought,
    make_people,
    metabolic_chance,
    months_at,
)
from antitrypsim.populations.possible import YOUNGEST
from antitrypsim.populations.spec import GENOTYPES, Population, Smoking
from antitrypsim.simulation.people import People
from antitrypsim.simulation.settings import Settings
from antitrypsim.simulation.simulate import Lived, live, simulate
from antitrypsim.uncertainty.draws import ParameterSet

_KIND = 1 << 32
_LIVES = 1 << 50
# A life of the kind that is asked for is mostly the first drawn; of ex-smokers the young are not yet.
_PICKS = 8


class Kind(NamedTuple):
    """What a life is, whatever its age: genotype, sex and smoking history."""

    genotype: str
    sex: str
    smoking: str


def kinds(population: Population) -> dict[Kind, float]:
    """Return the kinds of people in a population, each with its share."""
    sexes = {"male": population.male, "female": 1 - population.male}
    shares = {
        Kind(genotype, sex, smoking): a * b * c
        for (genotype, a), (sex, b), (smoking, c) in product(
            population.genotype.items(), sexes.items(), population.smoking.items()
        )
    }
    return {kind: share for kind, share in shares.items() if share > 0}


@dataclass(frozen=True, eq=False)
class Lives:
    """Whole lives of some kinds of people, each read once in every year of it.

    ``rows`` says where each kind begins and how many it has. Of the lives: ``ids`` (n,), ``who`` they
    are with what they have beside (``ill``), ``symptoms`` (n,) how much each feels, as a standard
    normal, ``offset`` (n,) the part of a year by which the ages at which a life is read come after whole
    years from 18 on, ``now`` by output (n, ages), NaN of the dead. They were lived without therapy in
    ``model``; ``settings`` holds the seed and the error allowed.
    """

    model: Model
    parameters: ParameterSet | None
    settings: Settings
    rows: Mapping[Kind, tuple[int, int]]
    ids: Ints
    who: Demographics
    ill: Comorbid
    symptoms: Floats
    offset: Floats
    now: Mapping[str, NDArray[np.float32]]

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
        every = sorted(needed, key=_number)
        sizes = np.array([needed[kind] for kind in every])
        starts = np.cumsum(sizes) - sizes
        rows = {kind: (int(starts[k]), int(sizes[k])) for k, kind in enumerate(every)}
        seed = settings.key
        which = np.repeat(np.arange(sizes.size), sizes)
        own = np.array([_number(kind) for kind in every], dtype=np.int64)
        ids = _LIVES + own[which] * _KIND + np.arange(which.size) - starts[which]
        sought = _sought(every, which)
        who = sought.people(seed, ids)
        usual = replace(who, age=np.full(ids.size, FIXED.usual_age_mean.value))
        who = replace(who, ill=(ill := Comorbid.drawn(seed, ids, usual)))
        offset = uniforms(seed, "age within a year", ids)[:, 0]
        oldest = [population.age.max for population, _ in wanted]
        until = max(*oldest, FIXED.usual_age_most.value) + 1
        ages = YOUNGEST + np.arange(int(np.ceil(until - YOUNGEST)))
        outputs = sorted({o for population, _ in wanted for o in outputs_judged(population)})
        people = make_people(model, seed, ids, who, sought.labels)
        symptoms = people.effects.get(wellbeing.sgrq_person.name, np.zeros(ids.size))
        at = ages[None, :] + offset[:, None]
        months = months_at(seed, ids, people.birth / YEAR, at)
        people = replace(people, courses={**people.courses, "person.airway_day": months})
        parts = [
            chunk.values[:, 0].astype(np.float32)
            for chunk in simulate(
                model, people, times=at * YEAR - people.age[:, None], outputs=outputs,
                draws=parameters, settings=settings,
            )
        ]  # fmt: skip
        values = np.concatenate(parts)
        now = {output: values[:, :, k] for k, output in enumerate(outputs)}
        return cls(model, parameters, settings, rows, ids, who, ill, symptoms, offset, now)

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
        age = cohort.people.age / YEAR
        who = _rows(self.who, row, age)
        model = model or self.model
        people = make_people(model, self.settings.key, self.ids[row], who, cohort.people.labels)
        lived = live(
            model, people, outputs=outputs_judged(population), draws=parameters or self.parameters,
            settings=self.settings.silent(),
        )  # fmt: skip
        return replace(cohort, people=graded(lived.people, lived.now))


_GENOTYPES, _HISTORIES = tuple(GENOTYPES), get_args(Smoking)


def _number(kind: Kind) -> int:
    """Return the number of a kind, the same whatever other kinds there are."""
    sex = int(kind.sex == "male")
    return (2 * _GENOTYPES.index(kind.genotype) + sex) * len(_HISTORIES) + _HISTORIES.index(
        kind.smoking
    )


def _sought(every: Sequence[Kind], which: Ints) -> Sought:
    """Return lives of some kinds as places would ask for them, to the oldest age."""
    labels = {
        name: np.array([getattr(kind, name) for kind in every], dtype=object)[which]
        for name in Kind._fields
    }
    male = (labels["sex"] == "male").astype(float)
    return Sought(np.full(which.size, FIXED.age_most.value), male, labels)


def _rows(who: Demographics, rows: Ints, age: Floats) -> Demographics:
    """Return some of those who live, at the ages given."""
    return Demographics(
        age, who.male[rows], who.height[rows], who.weight[rows], who.alleles[rows],
        Smoked(*(getattr(who.smoked, field.name)[rows] for field in fields(Smoked))),
        who.ill and Comorbid(*(getattr(who.ill, field.name)[rows] for field in fields(Comorbid))),
    )  # fmt: skip


class _Reading:
    """Lives as the places of a cohort meet them."""

    def __init__(self, lives: Lives, population: Population) -> None:
        self.lives = lives
        self.population = population
        self.tally = Tally(population)
        self.outputs = outputs_judged(population)

    def meet(self, places: Ints, tries: Ints) -> tuple[People, Judged]:
        slots, ids = keys(places, tries)
        lives, seed = self.lives, self.lives.settings.key
        sought = Sought.drawn(self.population, seed, slots)
        row, year, age = self._pick(sought, seed, ids)
        people = People(
            ids=lives.ids[row],
            seed=seed,
            covariates={
                "person.weight": lives.who.weight[row],
                "person.height": lives.who.height[row],
                **{
                    f"person.{name}": getattr(lives.ill, name)[row]
                    for name in ("alcohol", "metabolic", "bronchiectasis")
                },
            },
            effects={wellbeing.sgrq_person.name: lives.symptoms[row]},
            birth=np.full(row.size, YOUNGEST * YEAR),
            age=age * YEAR,
            courses={},
            labels=sought.labels,
        )
        now = {output: lives.now[output][row, year].astype(float) for output in self.outputs}
        alive = np.isfinite(now[self.outputs[0]])
        judged = judge(self.population, Lived(people, alive, now), seed)
        self.tally.add(judged)
        self.tally.check()
        return people, judged

    def _pick(self, sought: Sought, seed: int, ids: Ints) -> tuple[Ints, Ints, Floats]:
        """Return the life that each place meets, the year in which it is read, and its age then."""
        lives = self.lives
        asked = zip(*(sought.labels[name] for name in Kind._fields), strict=True)
        starts, sizes = np.array([lives.rows[Kind(*kind)] for kind in asked]).T
        u = uniforms(seed, "life met", ids, 2 * _PICKS)
        rows = starts[:, None] + (u[:, :_PICKS] * sizes[:, None]).astype(np.int64)
        last = next(iter(lives.now.values())).shape[1] - 1
        years = np.clip(np.rint(sought.age[:, None] - YOUNGEST - lives.offset[rows]), 0, last)
        ages = YOUNGEST + years + lives.offset[rows]
        low, high = self.population.age.min, self.population.age.max
        years = years + (ages < low) - (ages > high)
        ages = YOUNGEST + years + lives.offset[rows]
        suits = u[:, _PICKS:] < self._likely(rows, ages)
        pick = suits.argmax(axis=1)
        at = np.arange(rows.shape[0])
        return rows[at, pick], years[at, pick].astype(np.int64), ages[at, pick]

    def _likely(self, rows: Ints, ages: Floats) -> Floats:
        """Return how likely a life is taken for somebody of an age: not who smokes still, say.

        Who has metabolic liver disease has it all life long, and it is commoner among the old.
        """
        lives = self.lives
        who = _rows(lives.who, rows.ravel(), ages.ravel())
        now, ill = metabolic_chance(who), lives.ill.metabolic[rows.ravel()] > 0
        usual = metabolic_chance(replace(who, age=np.full(now.size, FIXED.usual_age_mean.value)))
        most = np.maximum(now / usual, (1 - now) / (1 - usual))
        likely = np.where(ill, now / usual, (1 - now) / (1 - usual)) / most
        smokes = (who.smoked.history == "ex") & (
            who.smoked.stopped > who.age - FIXED.smoking_least_pause.value
        )
        return np.asarray(np.where(smokes, 0.0, likely).reshape(rows.shape))
