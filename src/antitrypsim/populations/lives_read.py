"""Whole lives as they were read, once in every year: who they are, what they were, who would be met."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from antitrypsim.foundations.arrays import Floats, Ints, Labels, Mask
from antitrypsim.foundations.random import uniforms
from antitrypsim.foundations.units import YEAR
from antitrypsim.modelling import Model
from antitrypsim.organs.wellbeing.module import p as wellbeing
from antitrypsim.populations.eligibility import Judged, judge, outputs_judged
from antitrypsim.populations.numbers import FIXED
from antitrypsim.populations.people import (
    Comorbid,
    Demographics,
    Sought,
    make_people,
    metabolic_chance,
    months_at,
)
from antitrypsim.populations.possible import YOUNGEST
from antitrypsim.populations.spec import GENOTYPES, Population, Smoking
from antitrypsim.simulation.people import People
from antitrypsim.simulation.settings import Settings
from antitrypsim.simulation.simulate import Lived, simulate
from antitrypsim.uncertainty.draws import ParameterSet

_KIND = 1 << 32
_LIVES = 1 << 50


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
class LivesRead:
    """Whole lives without therapy, each read once in every year of it.

    ``ids`` (n,) and ``seed`` key their streams, ``who`` they are with what they have beside (``ill``),
    ``symptoms`` (n,) how much each feels, as a standard normal, ``offset`` (n,) the part of a year by
    which the ages at which a life is read come after whole years from 18 on, ``now`` by output (n, ages),
    NaN of the dead; ``failed`` (n,) are those whose course could not be integrated to its end.
    """

    seed: int
    ids: Ints
    who: Demographics
    ill: Comorbid
    symptoms: Floats
    offset: Floats
    now: Mapping[str, NDArray[np.float32]]
    failed: Mask

    def met(
        self, population: Population, rows: Ints, years: Ints, labels: Mapping[str, Labels]
    ) -> tuple[People, Judged]:
        """Return the lives of some rows as people who are met in some years of theirs, and judged there."""
        outputs, seed = outputs_judged(population), self.seed
        people = People(
            ids=self.ids[rows],
            seed=seed,
            covariates={
                "person.weight": self.who.weight[rows],
                "person.height": self.who.height[rows],
                **{
                    f"person.{name}": getattr(self.ill, name)[rows]
                    for name in ("alcohol", "metabolic", "bronchiectasis")
                },
            },
            effects={wellbeing.sgrq_person.name: self.symptoms[rows]},
            birth=np.full(rows.size, YOUNGEST * YEAR),
            age=(YOUNGEST + years + self.offset[rows]) * YEAR,
            courses={},
            labels=labels,
        )
        now = {output: self.now[output][rows, years].astype(float) for output in outputs}
        alive = np.isfinite(now[outputs[0]])
        failed = self.failed[rows] & ~alive
        return people, judge(population, Lived(people, alive, now, failed), seed)

    def years(self, population: Population, rows: Ints, age: Floats) -> Ints:
        """Return the year of each life that is nearest to an age, and in the range of a population."""
        last = next(iter(self.now.values())).shape[1] - 1
        years = np.clip(np.rint(age - YOUNGEST - self.offset[rows]), 0, last)
        ages = YOUNGEST + years + self.offset[rows]
        low, high = population.age.min, population.age.max
        return np.asarray(years + (ages < low) - (ages > high), dtype=np.int64)

    def likely(self, rows: Ints, ages: Floats) -> Floats:
        """Return how likely a life is taken for somebody of an age: not who smokes still, say.

        Who has metabolic liver disease has it all life long, and it is commoner among the old.
        """
        who = self.who_at(rows.ravel(), ages.ravel())
        now, ill = metabolic_chance(who), self.ill.metabolic[rows.ravel()] > 0
        usual = metabolic_chance(replace(who, age=np.full(now.size, FIXED.usual_age_mean.value)))
        most = np.maximum(now / usual, (1 - now) / (1 - usual))
        likely = np.where(ill, now / usual, (1 - now) / (1 - usual)) / most
        smokes = (who.smoked.history == "ex") & (
            who.smoked.stopped > who.age - FIXED.smoking_least_pause.value
        )
        return np.asarray(np.where(smokes, 0.0, likely).reshape(rows.shape))

    def who_at(self, rows: Ints, age: Floats) -> Demographics:
        """Return who the lives of some rows are, at the ages given."""
        return replace(self.who.take(rows), age=age)


def live_whole(
    model: Model,
    every: Sequence[Kind],
    which: Ints,
    numbers: Ints,
    *,
    until: float,
    outputs: Sequence[str],
    parameters: ParameterSet | None = None,
    keep_failed: bool = False,
    settings: Settings,
) -> LivesRead:
    """Let people live whole lives and read ``outputs`` in every year of them up to the age ``until``.

    ``which`` of the kinds ``every`` each is of, and its number among those of that kind, both (n,). With
    ``keep_failed`` a life whose course cannot be integrated is read as that of somebody dead from there
    on. Raises as ``simulate``.
    """
    seed = settings.key
    ids = ids_of(every, which, numbers)
    who, ill, labels = _persons(seed, every, which, ids)
    offset = uniforms(seed, "age within a year", ids)[:, 0]
    people = make_people(model, seed, ids, who, labels)
    symptoms = people.effects.get(wellbeing.sgrq_person.name, np.zeros(ids.size))
    at = ages_read(until)[None, :] + offset[:, None]
    months = months_at(seed, ids, people.birth / YEAR, at)
    people = replace(people, courses={**people.courses, "person.airway_day": months})
    parts = [
        (chunk.values[:, 0].astype(np.float32), chunk.status[:, 0] > 1)
        for chunk in simulate(
            model, people, times=at * YEAR - people.age[:, None], outputs=outputs,
            draws=parameters, keep_failed=keep_failed, settings=settings,
        )
    ]  # fmt: skip
    values, failed = (np.concatenate(each) for each in zip(*parts, strict=True))
    now = {output: values[:, :, k] for k, output in enumerate(outputs)}
    return LivesRead(seed, ids, who, ill, symptoms, offset, now, failed)


def persons(seed: int, kind: Kind, numbers: Ints) -> Demographics:
    """Return who the lives of a kind are, by their numbers; they are of the oldest age."""
    which = np.zeros(numbers.size, dtype=np.int64)
    return _persons(seed, [kind], which, ids_of([kind], which, numbers))[0]


def _persons(
    seed: int, every: Sequence[Kind], which: Ints, ids: Ints
) -> tuple[Demographics, Comorbid, Mapping[str, Labels]]:
    sought = _sought(every, which)
    who = sought.people(seed, ids)
    usual = replace(who, age=np.full(ids.size, FIXED.usual_age_mean.value))
    ill = Comorbid.drawn(seed, ids, usual)
    return replace(who, ill=ill), ill, sought.labels


def ages_read(until: float) -> Floats:
    """Return the whole years at which lives are read, each somewhat later by its own part of a year."""
    return np.asarray(YOUNGEST + np.arange(int(np.ceil(until + 1 - YOUNGEST))))


def ids_of(every: Sequence[Kind], which: Ints, numbers: Ints) -> Ints:
    """Return the ids of lives, by their kinds and their numbers among those of the kind."""
    own = np.array([number_of(kind) for kind in every], dtype=np.int64)
    return _LIVES + own[which] * _KIND + numbers


_GENOTYPES, _HISTORIES = tuple(GENOTYPES), get_args(Smoking)


def number_of(kind: Kind) -> int:
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
