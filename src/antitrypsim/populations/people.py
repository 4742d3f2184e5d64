"""Draw people: covariates, what sets them apart, and the courses of their lives."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from antitrypsim.foundations.random import normals, uniforms
from antitrypsim.foundations.units import YEAR
from antitrypsim.modelling import Model
from antitrypsim.populations.numbers import FIXED, population_parameters
from antitrypsim.populations.possible import OLDEST
from antitrypsim.populations.spec import GENOTYPES, Population
from antitrypsim.simulation.people import InputCourse, People

Floats = NDArray[np.float64]
Ids = NDArray[np.int64]


def _value(name: str, z: Floats | None = None) -> Any:
    parameter = population_parameters()[name]
    return (
        parameter.value if z is None else parameter.between_patients.transform(parameter.value, z)
    )


def effects(model: Model, seed: int, ids: Ids) -> dict[str, Floats]:
    """Return a standard normal for each parameter that varies between people, correlated as stated."""
    varying = {p.id: p for p in model.parameters if p.between_patients.distribution != "none"}
    own = {key: normals(seed, f"effect {key}", ids)[:, 0] for key in varying}
    mixed = dict(own)
    for key, parameter in varying.items():
        for other, r in parameter.correlated_with:
            mixed[key] = r * own[other] + np.sqrt(1 - r * r) * mixed[key]
    return mixed


def _choose(shares: dict[Any, float], u: Floats) -> NDArray[Any]:
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


def draw_people(model: Model, population: Population, seed: int, slots: Ids, ids: Ids) -> People:
    """Return people without regard to eligibility.

    ``slots`` key who is looked for (age, sex, genotype, smoking, size), ``ids`` key who is met
    (everything that sets a person of that kind apart).
    """

    def u(purpose: str) -> Floats:
        return uniforms(seed, purpose, slots)[:, 0]

    def z(purpose: str) -> Floats:
        return normals(seed, purpose, slots)[:, 0]

    age = _truncated_age(population, u("age"))
    genotype = _choose(dict(population.genotype), u("genotype"))
    smoking = _choose(dict(population.smoking), u("smoking"))
    # The stream keeps its first name: under another, other people would be drawn.
    ascertainment = _choose(dict(population.ascertainment), u("found by"))
    male = u("sex") < population.male
    size = z("height")
    height = np.where(male, _value("height_male", size), _value("height_female", size))
    weight = _value("body_mass_index", z("body mass index")) * height**2
    alleles = np.array([GENOTYPES[g] for g in genotype], dtype=np.float64).reshape(-1, 3)
    return make_people(
        model,
        seed=seed,
        ids=ids,
        age=age,
        male=male.astype(float),
        height=height,
        weight=weight,
        alleles=alleles,
        smoking=smoking,
        packs=_value("packs_per_day", z("packs")),
        started=_value("smoking_start", z("smoking start")),
        stopped=_value("smoking_stop", z("smoking stop")),
        labels={
            "genotype": genotype,
            "sex": np.where(male, "male", "female").astype(object),
            "smoking": smoking,
            "ascertainment": ascertainment,
        },
    )


def make_people(
    model: Model,
    *,
    seed: int,
    ids: Ids,
    age: Floats,
    male: Floats,
    height: Floats,
    weight: Floats,
    alleles: Floats,
    smoking: NDArray[Any],
    packs: Floats,
    started: Floats,
    stopped: Floats,
    labels: dict[str, NDArray[Any]],
    effects_of: dict[str, Floats] | None = None,
    quiet: bool = False,
) -> People:
    """Return people from given covariates (ages in years, height m, weight kg, alleles M Z S).

    ``effects_of`` replaces what sets them apart (empty: typical people); ``quiet`` leaves out the
    good and bad airway years.
    """
    birth = np.full(ids.size, _value("life_start"))
    last = np.where(
        smoking == "ex",
        np.clip(stopped, started + 1, age - FIXED.smoking_least_pause.value),
        np.inf,
    )
    packs = np.where(smoking == "never", 0.0, packs)
    quits = np.where((smoking == "ex") & (last > started), last, np.nan)
    starts = np.where((smoking == "never") | (last <= started), np.nan, started)
    steps = int(np.ceil((OLDEST - birth[0]) / _value("course_length"))) if ids.size else 0
    times = birth[:, None] + _value("course_length") * np.arange(steps)[None, :]
    return People(
        ids=ids,
        seed=seed,
        covariates={
            "person.weight": weight,
            "person.height": height,
            "person.male": male,
            "person.alleles_M": alleles[:, 0],
            "person.alleles_Z": alleles[:, 1],
            "person.alleles_S": alleles[:, 2],
        },
        effects=effects(model, seed, ids) if effects_of is None else effects_of,
        birth=birth * YEAR,
        age=age * YEAR,
        courses={
            "person.smoking": InputCourse(
                np.stack([starts, quits], axis=1) * YEAR,
                np.stack([packs, np.zeros(ids.size)], axis=1),
            ),
            "person.lung_course": InputCourse(
                times * YEAR,
                (0.0 if quiet else 1.0)
                * normals(seed, "lung course", ids, max(steps, 1))[:, :steps],
            ),
            "person.airway_course": InputCourse(
                times * YEAR,
                (0.0 if quiet else 1.0)
                * normals(seed, "airway course", ids, max(steps, 1))[:, :steps],
            ),
        },
        labels=labels,
    )
