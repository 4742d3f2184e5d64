"""People with one person's history: what was measured weighs those who might be that person.

Sequential Monte Carlo: people of the described kind who are alive today are weighed by their own visits,
a little at a time, and move between by steps that leave the prior as it is (preconditioned Crank-Nicolson,
Cotter et al. 2013, doi:10.1214/13-STS421): what sets a person apart, good and bad years and months, chance
events, and size and smoking where they are not described. Weights alone keep too few people where there
are many visits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from antitrypsim.endpoints import endpoint
from antitrypsim.experiments.visits import History
from antitrypsim.foundations.arrays import Floats
from antitrypsim.foundations.errors import RunError
from antitrypsim.foundations.random import generator
from antitrypsim.foundations.units import YEAR
from antitrypsim.modelling import Model
from antitrypsim.populations.matching import Description, of_the_kind
from antitrypsim.populations.people import months
from antitrypsim.populations.places import joined
from antitrypsim.protocols import log_likelihood, measure, noise_of
from antitrypsim.simulation.people import InputCourse, People
from antitrypsim.simulation.regimen import Regimen
from antitrypsim.simulation.settings import DEFAULT, Settings
from antitrypsim.simulation.simulate import simulate
from antitrypsim.uncertainty.draws import ParameterSet

PARTICLES = 512
"""People who are weighed together."""
LEAST = 100
"""Below so many different people nothing is told."""
NOBODYS = 1e-3
"""Below this posterior predictive p a history is nobody's."""
_KEEP = 0.5
"""The share of the people that a step of the weights may leave, as an effective number."""
_MOVES = 6
_LAST_MOVES = 18
_WIDEST, _NARROWEST, _AIM = 0.9, 0.02, 0.3
_FREE = 0.8
"""How far that steps which the history hardly sees."""
_SEEN = 0.12
"""A score is seen by the history where it correlates so much with a course at a visit."""
_MOST_MET = 200_000
_FAR, _LITTLE = 1e6, 1e-6
_COURSES = ("person.lung_course", "person.airway_course", "person.airway_day")


@dataclass(frozen=True)
class Learned:
    """What a history says of one thing in which people differ: its score has ``mean`` 0 and ``sd`` 1 before."""

    parameter: str
    meaning: str
    mean: float
    sd: float

    @property
    def much(self) -> float:
        """How far the score has come from what it was, in nats (the divergence of two normals)."""
        return 0.5 * (self.sd**2 + self.mean**2 - 1) - float(np.log(self.sd))


@dataclass(frozen=True, eq=False)
class Remembered:
    """People who might be the person, of equal weight, alive today.

    ``lived`` is how many lives that took, ``p`` the posterior predictive p of the history: how often people
    like these would show one that is further from their own course. ``seldom`` is the share of all people of the kind,
    before anything was measured, whose history would lie as far from the middle. ``learned`` is what it taught, most first.
    """

    people: People
    lived: int
    p: float
    seldom: float
    learned: tuple[Learned, ...]


def people_with_history(
    model: Model,
    described: Description,
    history: History,
    count: int,
    *,
    past: Regimen | None = None,
    parameters: ParameterSet | None = None,
    settings: Settings = DEFAULT,
) -> Remembered:
    """Return people of the described kind as their ``history`` and what they were given leave them.

    They are ``count``, and no more than 512. Raises RunError where the history is nobody's, or leaves
    fewer than 100 different people; as ``simulate`` for a regimen that is not of the model.
    """
    cloud = _Cloud(model, described, history, past or Regimen(), parameters, settings)
    power, wide = 0.0, _WIDEST
    while power < 1:
        power = cloud.weigh(power)
        for k in range(_MOVES if power < 1 else _LAST_MOVES):
            taken = cloud.move(power, wide, events=k % 2 == 0, kind=k % 3 == 0)
            wide = float(np.clip(wide * np.exp(taken - _AIM), _NARROWEST, _WIDEST))
        settings.tell("weighing people by the history", round(100 * power), 100)
    p = cloud.predictive()
    if p < NOBODYS:
        raise RunError(
            "nobody in the model lives such a history: people who come nearest would show one so far from their own "
            f"course in {100 * p:.2g} % of cases; check units, dates and who the person is"
        )
    # Scores say who somebody is: copies that have not moved apart count once.
    different = len(np.unique(np.stack(list(cloud.people.effects.values()), axis=1), axis=0))
    if different < LEAST:
        raise RunError(
            f"the history leaves only {different} different people where {LEAST} are needed to tell anything; "
            "leave out values or give fewer visits"
        )
    learned = sorted(
        (
            Learned(p.id, p.meaning, float(score.mean()), float(score.std()))
            for p in model.parameters
            if (score := cloud.people.effects.get(p.id)) is not None
        ),
        key=lambda one: -one.much,
    )
    rows = generator(settings.key, "people kept").permutation(PARTICLES)[:count]
    kept = cloud.people.take(rows)
    return Remembered(kept, cloud.lived, p, cloud.seldom, tuple(learned))


class _Cloud:
    """The people who are weighed, and what is ``true`` of each at every visit, (people, visits)."""

    def __init__(
        self,
        model: Model,
        described: Description,
        history: History,
        past: Regimen,
        parameters: ParameterSet | None,
        settings: Settings,
    ) -> None:
        self.model, self.described, self.history = model, described, history
        self.past, self.parameters = past, parameters
        self.settings = replace(settings.silent(), seed=settings.key)
        self.rng = generator(settings.key, "history")
        self.met = self.lived = 0
        self.days = np.array(history.days)
        self.outputs = sorted({endpoint(v.endpoint).output for v in history.visits})
        self.people, self.true = self._first()
        self.seen = _seen(model, self.people, self.true)
        self.seldom = _seldom(history, self.true, self.rng)

    def weigh(self, power: float) -> float:
        """Raise the power of the likelihood as far as enough people are left, and draw them anew."""
        scores = self._likely(self.true).sum(axis=1)
        nearer = scores - scores.max()

        def left(step: float) -> float:
            weights = np.exp(step * nearer)
            return float(weights.sum() ** 2 / (weights**2).sum())

        step = _bisected(lambda s: left(s) - _KEEP * PARTICLES, 1 - power)
        weights = np.exp(step * nearer)
        edges = (np.arange(PARTICLES) + self.rng.random()) / PARTICLES
        rows = np.searchsorted(np.cumsum(weights) / weights.sum(), edges).clip(max=PARTICLES - 1)
        self.people, self.true = self.people.take(rows), self.true[rows]
        return min(1.0, power + step) if step < 1 - power else 1.0

    def move(self, power: float, wide: float, *, events: bool, kind: bool) -> float:
        """Propose everybody a step; return the share who took it.

        Chance ``events``, and of what ``kind`` they are where it is not described, are met anew.
        """
        other = self._meet(PARTICLES)
        steps = {name: wide if name in self.seen else _FREE for name in self.people.effects}
        there = _between(self.people, other, wide, steps, events=events, kind=kind)
        true = self._courses(there)
        gain = (self._likely(true) - self._likely(self.true)).sum(axis=1)
        taken = np.log(self.rng.random(PARTICLES)) < power * gain
        rows = np.arange(PARTICLES) + PARTICLES * taken
        self.people = joined([self.people, there]).take(rows)
        self.true = np.where(taken[:, None], true, self.true)
        return float(taken.mean())

    def predictive(self) -> float:
        """Return how often these people's own visits would lie further from their course."""
        from scipy.stats import chi2

        far = np.minimum(-2 * self._likely(self.true), _FAR).sum(axis=1)
        return float(np.mean(chi2.sf(far, len(self.history.visits))))

    def _first(self) -> tuple[People, Floats]:
        """Meet people who are alive today: deaths before it weigh nothing."""
        parts, courses = [], []
        count = 0
        while count < PARTICLES:
            some = self._meet(PARTICLES)
            true = self._courses(some)
            alive = np.isfinite(self._likely(true).sum(axis=1))
            parts.append(some.take(alive))
            courses.append(true[alive])
            count += int(alive.sum())
            if self.met > _MOST_MET:
                raise RunError(
                    f"only {count} of {self.met:,} people of this kind are alive at {self.described.age:g}; "
                    "ask for a younger person"
                )
        first = np.arange(PARTICLES)
        return joined(parts).take(first), np.concatenate(courses)[first]

    def _meet(self, count: int) -> People:
        """Return people of the described kind whom nobody has met."""
        ids = np.arange(self.met, self.met + count, dtype=np.int64)
        self.met += count
        people = of_the_kind(self.model, self.described, self.settings.key, ids)
        return with_months(people, self.days)

    def _courses(self, people: People) -> Floats:
        """Return what is true at every visit, (people, visits); NaN of those who die before today."""
        self.settings.check()
        self.lived += len(people)
        times = np.append(self.days, 0.0) if self.days[-1] < 0 else self.days
        found = []
        for part in simulate(
            self.model, people, self.past, times=times, outputs=self.outputs,
            draws=self.parameters, settings=self.settings,
        ):  # fmt: skip
            dead = ~np.isfinite(part[self.outputs[0]][:, 0, -1])
            columns = []
            for one in self.history.visits:
                what = endpoint(one.endpoint)
                at = int(np.searchsorted(self.days, one.day))
                columns.append(what.factor * part[what.output][:, 0, at])
            found.append(np.where(dead[:, None], np.nan, np.stack(columns, axis=1)))
        return np.concatenate(found)

    def _likely(self, true: Floats) -> Floats:
        """Return how likely what is true makes each value, as a logarithm; of the dead -inf."""
        visits = enumerate(self.history.visits)
        return np.stack(
            [log_likelihood(v.endpoint, true[:, k], v.value) for k, v in visits], axis=1
        )


def with_months(people: People, days: Floats) -> People:
    """Return people who have good and bad months of airflow at past days as they have today's.

    ``make_people`` gives those of the last months and all to come.
    """
    since = (people.age + min(0.0, float(days.min()))) / YEAR
    course = months(people.seed, people.ids, people.birth / YEAR, since)
    return replace(people, courses={**people.courses, "person.airway_day": course})


def _between(
    people: People,
    other: People,
    wide: float,
    steps: Mapping[str, float],
    *,
    events: bool,
    kind: bool,
) -> People:
    """Return people a step towards others: in years and months by ``wide``, in each score by its own step.

    What is not normal is that of the others, or stays.
    """

    def between(own: Floats, theirs: Floats, step: float | Floats) -> Floats:
        return np.asarray(np.sqrt(1 - step**2) * own + step * theirs)

    whose = other if kind else people
    courses = {**whose.courses}
    for name in _COURSES:
        own, theirs = people.courses[name], other.courses[name]
        # Nothing is known yet of years and months to come.
        step = np.where(own.times > people.age[:, None], _FREE, wide)
        courses[name] = InputCourse(own.times, between(own.values, theirs.values, step))
    return replace(
        whose,
        ids=other.ids if events else people.ids,
        effects={
            name: between(score, other.effects[name], steps[name])
            for name, score in people.effects.items()
        },
        courses=courses,
    )


def _seldom(history: History, true: Floats, rng: np.random.Generator) -> float:
    """Return the share of people, who have ``true`` courses, whose own visits lie as far from the middle."""
    columns = []
    for k, one in enumerate(history.visits):
        z = rng.standard_normal(len(true))
        seen = np.append(measure(one.endpoint, true[:, k], z), one.value)
        relative = noise_of(one.endpoint).kind == "relative"
        columns.append(np.log(np.maximum(seen, _LITTLE)) if relative else seen)
    shown = np.stack(columns, axis=1)
    off = shown - shown[:-1].mean(axis=0)
    spread = np.linalg.pinv(np.atleast_2d(np.cov(shown[:-1].T)))
    far = np.einsum("ij,jk,ik->i", off, spread, off)
    return float(np.mean(far[:-1] >= far[-1]))


def _seen(model: Model, people: People, courses: Floats) -> set[str]:
    """Return the scores that courses at visits (people, visits) correlate with, and all that go with these.

    Scores that are correlated must step together, or the prior would not stay as it is.
    """
    names = [*people.effects]
    scores = np.stack([people.effects[name] for name in names], axis=1)
    ranks = np.argsort(np.argsort(courses, axis=0), axis=0).astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled = (ranks - ranks.mean(axis=0)) / ranks.std(axis=0)
        strength = np.abs(np.nan_to_num(scaled).T @ scores) / len(scores)
    seen = {name for name, k in zip(names, strength.max(axis=0), strict=True) if k > _SEEN}
    tied = {p.id: {p.id, *(other for other, _ in p.correlated_with)} for p in model.parameters}
    while more := {n for tie in tied.values() if tie & seen for n in tie} - seen:
        seen |= more
    return seen


def _bisected(over: Callable[[float], float], most: float) -> float:
    """Return where a falling function is zero between 0 and ``most``, or ``most``."""
    if over(most) >= 0:
        return most
    low, high = 0.0, most
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if over(middle) >= 0 else (low, middle)
    return max(low, 1e-9)
