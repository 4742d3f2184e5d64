"""Draw people: covariates, what sets them apart, and the courses of their lives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

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
class Demographics:
    """Who people are before their lives begin; each (n,), ``alleles`` (n, 3) M, Z and S.

    ``age`` in years, ``male`` 1 or 0, ``height`` in m, ``weight`` in kg.
    """

    age: Floats
    male: Floats
    height: Floats
    weight: Floats
    alleles: Floats
    smoked: Smoked


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


def draw_people(model: Model, population: Population, seed: int, slots: Ints, ids: Ints) -> People:
    """Return people without regard to eligibility.

    ``slots`` key who is looked for (age, sex, genotype, smoking, size), ``ids`` key who is met
    (everything that sets a person of that kind apart).
    """

    def u(purpose: str) -> Floats:
        return uniforms(seed, purpose, slots)[:, 0]

    def z(purpose: str) -> Floats:
        return normals(seed, purpose, slots)[:, 0]

    genotype = _choose(population.genotype, u("genotype"))
    smoking = _choose(population.smoking, u("smoking"))
    # The stream keeps its first name: under another, other people would be drawn.
    ascertainment = _choose(population.ascertainment, u("found by"))
    male = u("sex") < population.male
    size = z("height")
    height = np.where(male, people_at("height_male", size), people_at("height_female", size))
    who = Demographics(
        age=_truncated_age(population, u("age")),
        male=male.astype(float),
        height=height,
        weight=people_at("body_mass_index", z("body mass index")) * height**2,
        alleles=np.array([GENOTYPES[g] for g in genotype], dtype=np.float64).reshape(-1, 3),
        smoked=Smoked(
            smoking,
            packs=people_at("packs_per_day", z("packs")),
            started=people_at("smoking_start", z("smoking start")),
            stopped=people_at("smoking_stop", z("smoking stop")),
        ),
    )
    labels = {
        "genotype": genotype,
        "sex": np.where(male, "male", "female").astype(object),
        "smoking": smoking,
        "ascertainment": ascertainment,
    }
    return make_people(model, seed, ids, who, labels)


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
        },
        effects=effects(model, seed, ids) if effects_of is None else effects_of,
        birth=birth * YEAR,
        age=who.age * YEAR,
        courses={"person.smoking": _packs(who.smoked, who.age), **years},
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
