"""Draw people: covariates, what sets them apart, and the courses of their lives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from antitrypsim.foundations.arrays import Floats, Ints, Labels
from antitrypsim.foundations.random import normals, uniforms
from antitrypsim.foundations.units import YEAR
from antitrypsim.modelling import Model
from antitrypsim.populations.numbers import FIXED, people_at, typical_value
from antitrypsim.populations.possible import OLDEST
from antitrypsim.populations.spec import GENOTYPES, Population
from antitrypsim.simulation.people import InputCourse, People

Label = TypeVar("Label", bound=str)

# So many ages at the last cigarette are drawn to find one before today; of the young none may be.
_STOPS = 8


@dataclass(frozen=True, eq=False)
class Smoked:
    """How people smoked: ``history`` never, current or ex, ``packs`` a day; each (n,).

    ``started`` and ``stopped`` are ages in years; the second is read of ex-smokers only.
    """

    history: Labels
    packs: Floats
    started: Floats
    stopped: Floats

    @classmethod
    def never(cls, count: int) -> Smoked:
        """Return so many people who never smoked."""
        zeros = np.zeros(count)
        return cls(np.full(count, "never", dtype=object), zeros, zeros, zeros)


@dataclass(frozen=True, eq=False)
class Comorbid:
    """What people have beside: 1 for harmful drinking, metabolic liver disease and bronchiectasis,
    else 0; each (n,)."""

    alcohol: Floats
    metabolic: Floats
    bronchiectasis: Floats

    @classmethod
    def none(cls, count: int) -> Comorbid:
        """Return so many people without any of these."""
        zeros = np.zeros(count)
        return cls(zeros, zeros, zeros)

    @classmethod
    def drawn(cls, seed: int, ids: Ints, who: Demographics) -> Comorbid:
        """Return what people of such age, sex, size and genotype have; keyed by ``ids``."""

        def has(what: str, chance: Floats) -> Floats:
            return (uniforms(seed, what, ids)[:, 0] < chance).astype(float)

        sex = [np.where(who.male > 0, 1.0, 0.0), np.where(who.male > 0, 0.0, 1.0)]
        drinks = sex[0] * typical_value("alcohol_male") + sex[1] * typical_value("alcohol_female")
        severe = (who.alleles[:, 0] == 0) & (who.alleles[:, 1] + who.alleles[:, 2] < 2)
        severe |= who.alleles[:, 1] == 2
        return cls(
            alcohol=has("alcohol", drinks),
            metabolic=has("metabolic liver disease", metabolic_chance(who)),
            bronchiectasis=has(
                "bronchiectasis",
                np.where(
                    severe, typical_value("bronchiectasis_severe"), typical_value("bronchiectasis")
                ),
            ),
        )


@dataclass(frozen=True, eq=False)
class Demographics:
    """Who people are before their lives begin; each (n,), ``alleles`` (n, 3) M, Z and S.

    ``age`` in years, ``male`` 1 or 0, ``height`` in m, ``weight`` in kg. ``ill`` is drawn where it
    is not said.
    """

    age: Floats
    male: Floats
    height: Floats
    weight: Floats
    alleles: Floats
    smoked: Smoked
    ill: Comorbid | None = None

    def take(self, rows: Ints) -> Demographics:
        """Return the people of some rows."""
        ill = None
        if self.ill is not None:
            ill = Comorbid(*(each[rows] for each in vars(self.ill).values()))
        return Demographics(
            self.age[rows], self.male[rows], self.height[rows], self.weight[rows], self.alleles[rows],
            Smoked(*(each[rows] for each in vars(self.smoked).values())), ill,
        )  # fmt: skip

    @classmethod
    def joined(cls, parts: Sequence[Demographics]) -> Demographics:
        """Return the people of all parts as one; what they have beside is known of all or of none."""

        def each(values: Sequence[object]) -> list[Any]:
            return [
                np.concatenate(some)
                for some in zip(*(vars(x).values() for x in values), strict=True)
            ]

        ill = [part.ill for part in parts if part.ill is not None]
        return cls(
            np.concatenate([part.age for part in parts]),
            np.concatenate([part.male for part in parts]),
            np.concatenate([part.height for part in parts]),
            np.concatenate([part.weight for part in parts]),
            np.concatenate([part.alleles for part in parts]),
            Smoked(*each([part.smoked for part in parts])),
            Comorbid(*each(ill)) if ill else None,
        )


def effects(model: Model, seed: int, ids: Ints) -> dict[str, Floats]:
    """Return a standard normal for each parameter that varies between people, correlated as stated."""
    varying = {p.id: p for p in model.parameters if p.between_patients.distribution != "none"}
    own = {key: normals(seed, f"effect {key}", ids)[:, 0] for key in varying}
    mixed = dict(own)
    for key, parameter in varying.items():
        for other, r in parameter.correlated_with:
            mixed[key] = r * own[other] + np.sqrt(1 - r * r) * mixed[key]
    return mixed


def _choose(shares: Mapping[Label, float], u: Floats) -> Labels:
    names = list(shares)
    edges = np.cumsum([shares[k] for k in names])
    return np.array(names, dtype=object)[np.minimum(np.searchsorted(edges, u), len(names) - 1)]


def _truncated_age(population: Population, u: Floats) -> Floats:
    from scipy.special import ndtr, ndtri

    age = population.age
    if age.sd == 0:
        return np.full(u.size, age.mean)
    low, high = ndtr((age.min - age.mean) / age.sd), ndtr((age.max - age.mean) / age.sd)
    return np.asarray(age.mean + age.sd * ndtri(low + (high - low) * u))


def metabolic_chance(who: Demographics) -> Floats:
    """Return the chance of metabolic liver disease at an age, for a sex and a size; (n,)."""
    logit = (
        typical_value("metabolic_logit")
        + typical_value("metabolic_male") * (who.male > 0)
        + typical_value("metabolic_weight")
        * (who.weight / who.height**2 - typical_value("body_mass_index"))
        + typical_value("metabolic_age") * (who.age - FIXED.usual_age_mean.value)
    )
    return np.asarray(1 / (1 + np.exp(-logit)))


@dataclass(frozen=True, eq=False)
class Sought:
    """Whom places ask for: ``age`` in years, ``male`` 1 or 0, and labels by name; each (n,)."""

    age: Floats
    male: Floats
    labels: Mapping[str, Labels]

    @classmethod
    def drawn(cls, population: Population, seed: int, slots: Ints) -> Sought:
        """Return whom a population has at some slots, as its shares and ages say."""

        def u(purpose: str) -> Floats:
            return uniforms(seed, purpose, slots)[:, 0]

        smoking = _choose(population.smoking, u("smoking"))
        # The stream keeps its first name: under another, other people would be drawn.
        ways = u("found by")
        ascertainment = np.empty(smoking.size, dtype=object)
        for history in population.kinds("smoking"):
            have = smoking == history
            ascertainment[have] = _choose(population.found(history), ways[have])
        male = u("sex") < population.male
        return cls(
            _truncated_age(population, u("age")),
            male.astype(float),
            {
                "genotype": _choose(population.genotype, u("genotype")),
                "sex": np.where(male, "male", "female").astype(object),
                "smoking": smoking,
                "ascertainment": ascertainment,
            },
        )

    def people(self, seed: int, ids: Ints) -> Demographics:
        """Return people of that kind: their size and how they smoked are their own."""
        size = normals(seed, "height", ids)[:, 0]
        height = np.where(
            self.male > 0, people_at("height_male", size), people_at("height_female", size)
        )
        mass = normals(seed, "body mass index", ids)[:, 0]
        genotype = self.labels["genotype"]
        return Demographics(
            age=self.age,
            male=self.male,
            height=height,
            weight=people_at("body_mass_index", mass) * height**2,
            alleles=np.array([GENOTYPES[g] for g in genotype], dtype=np.float64).reshape(-1, 3),
            smoked=Smoked(
                self.labels["smoking"],
                packs=people_at("packs_per_day", normals(seed, "packs", ids)[:, 0]),
                started=people_at("smoking_start", normals(seed, "smoking start", ids)[:, 0]),
                stopped=stopped_smoking(seed, ids, self.age),
            ),
        )


def stopped_smoking(seed: int, ids: Ints, age: Floats) -> Floats:
    """Return ages at the last cigarette, of those who stopped before today: the first drawn that is."""
    drawn = people_at("smoking_stop", normals(seed, "smoking stop", ids, _STOPS))
    before = drawn <= (age - FIXED.smoking_least_pause.value)[:, None]
    return np.asarray(drawn[np.arange(ids.size), before.argmax(axis=1)])


def draw_people(model: Model, population: Population, seed: int, slots: Ints, ids: Ints) -> People:
    """Return people without regard to eligibility.

    ``slots`` key who is looked for (age, sex, genotype, smoking history, way of being found), ``ids``
    key who is met (everything that sets a person of that kind apart).
    """
    sought = Sought.drawn(population, seed, slots)
    return make_people(model, seed, ids, sought.people(seed, ids), sought.labels)


def make_people(
    model: Model,
    seed: int,
    ids: Ints,
    who: Demographics,
    labels: Mapping[str, Labels],
    *,
    effects_of: Mapping[str, Floats] | None = None,
    quiet: bool = False,
) -> People:
    """Return people of given demographics; ``labels`` are columns for reports.

    ``effects_of`` replaces what sets them apart (empty: typical people); ``quiet`` leaves out the
    good and bad airway years.
    """
    birth = np.full(ids.size, typical_value("life_start"))
    years = _years(seed, ids, birth, 0.0 if quiet else 1.0)
    ill = who.ill or (Comorbid.none(ids.size) if quiet else Comorbid.drawn(seed, ids, who))
    return People(
        ids=ids,
        seed=seed,
        covariates={
            "person.weight": who.weight,
            "person.height": who.height,
            "person.male": who.male,
            "person.alleles_M": who.alleles[:, 0],
            "person.alleles_Z": who.alleles[:, 1],
            "person.alleles_S": who.alleles[:, 2],
            "person.alcohol": ill.alcohol,
            "person.metabolic": ill.metabolic,
            "person.bronchiectasis": ill.bronchiectasis,
        },
        effects=effects(model, seed, ids) if effects_of is None else effects_of,
        birth=birth * YEAR,
        age=who.age * YEAR,
        courses={
            "person.smoking": _packs(who.smoked, who.age),
            **years,
            "person.airway_day": months(seed, ids, birth, who.age, 0.0 if quiet else 1.0),
        },
        labels=labels,
    )


def _packs(smoked: Smoked, age: Floats) -> InputCourse:
    """Return packs a day: from the start on, and none after having stopped before today."""
    never, ex = smoked.history == "never", smoked.history == "ex"
    last = np.where(
        ex,
        np.clip(smoked.stopped, smoked.started + 1, age - FIXED.smoking_least_pause.value),
        np.inf,
    )
    quits = np.where(ex & (last > smoked.started), last, np.nan)
    starts = np.where(never | (last <= smoked.started), np.nan, smoked.started)
    packs = np.where(never, 0.0, smoked.packs)
    return InputCourse(
        np.stack([starts, quits], axis=1) * YEAR,
        np.stack([packs, np.zeros(age.size)], axis=1),
    )


def _years(seed: int, ids: Ints, birth: Floats, spread: float) -> dict[str, InputCourse]:
    """Return the good and bad years of lung and airways, of the given spread."""
    length = typical_value("course_length")
    steps = int(np.ceil((OLDEST - birth[0]) / length)) if ids.size else 0
    times = birth[:, None] + length * np.arange(steps)[None, :]
    return {
        f"person.{organ}_course": InputCourse(
            times * YEAR,
            spread * normals(seed, f"{organ} course", ids, max(steps, 1))[:, :steps],
        )
        for organ in ("lung", "airway")
    }


def months(seed: int, ids: Ints, birth: Floats, since: Floats, spread: float = 1.0) -> InputCourse:
    """Return good and bad months of airflow, which leave no trace: those from an age on, in years.

    They begin at other days for each person, so that a trial does not start with a new one.
    """
    first = _month(seed, ids, birth, since - 2 * typical_value("tone_length"))
    # As many for everybody, whoever else there is: people who are met apart are joined later.
    month = first[:, None] + np.arange(_all_months())
    return _course(seed, ids, birth, month, spread)


def months_at(seed: int, ids: Ints, birth: Floats, ages: Floats) -> InputCourse:
    """Return of the good and bad months those that count at some ``ages``, shape (n, ages), in years.

    They are those of the same people as they are made at any of these ages, of which each is at least
    two months' lengths after the one before.
    """
    month = _month(seed, ids, birth[:, None], ages)
    both = month[:, :, None] + np.array([-1, 0])
    return _course(seed, ids, birth, both.reshape(ids.size, -1))


def _all_months() -> int:
    return int(np.ceil((OLDEST - typical_value("life_start")) / typical_value("tone_length")))


def _month(seed: int, ids: Ints, birth: Floats, age: Floats) -> Ints:
    """Return which month of a life an age lies in: the same one whatever day is looked at."""
    begun = _begun(seed, ids).reshape(-1, *([1] * (age.ndim - 1)))
    return np.floor((age - birth) / typical_value("tone_length") + begun).astype(np.int64)


def _begun(seed: int, ids: Ints) -> Floats:
    """Return how much of a month is over at birth."""
    return uniforms(seed, "airway day begun", ids)[:, 0]


def _course(seed: int, ids: Ints, birth: Floats, month: Ints, spread: float = 1.0) -> InputCourse:
    begins = birth[:, None] + typical_value("tone_length") * (month - _begun(seed, ids)[:, None])
    # Beyond the last month nobody lives, so that it does not matter that they begin anew.
    every = normals(seed, "airway day", ids, _all_months())
    tone = np.take_along_axis(every, month % every.shape[1], axis=1)
    return InputCourse(begins * YEAR, spread * np.asarray(tone))
