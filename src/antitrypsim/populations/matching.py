"""People like a described one: met by rejection, never tuned after the fact.

What is fixed before a life begins (age, sex, genotype, smoking, the age of quitting, height,
weight) is what is looked for. What a life leads to (airflow, serum AAT, liver stiffness) is lived,
and those whom it leads elsewhere are left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, get_args

import numpy as np

from antitrypsim.foundations.arguments import number, words
from antitrypsim.foundations.arrays import Floats, Ints, Labels, Mask
from antitrypsim.foundations.errors import InputError, RunError, nearest
from antitrypsim.foundations.plural import so_many, were
from antitrypsim.foundations.random import normals
from antitrypsim.foundations.units import YEAR
from antitrypsim.modelling import Model
from antitrypsim.populations.eligibility import Judged, counts
from antitrypsim.populations.enrol import Cohort
from antitrypsim.populations.numbers import FIXED, people_at
from antitrypsim.populations.people import Demographics, Smoked, make_people, stopped_smoking
from antitrypsim.populations.places import Places, joined
from antitrypsim.populations.possible import NO_CHILDREN, YOUNGEST
from antitrypsim.populations.spec import CONDITIONS, ELIGIBILITY, GENOTYPES, Smoking
from antitrypsim.simulation.people import People
from antitrypsim.simulation.settings import DEFAULT, Settings
from antitrypsim.simulation.simulate import live
from antitrypsim.uncertainty.draws import ParameterSet

LARGEST = 20_000
ENOUGH = 20
_TRIES = 1 << 32
_FIRST_TRIES = 16
_SIZES = 64
_MEET_PER_PERSON = 1000
_MEET_AT_LEAST = 20_000
_BATCH = 4096


@dataclass(frozen=True)
class Likeness:
    """Something a life led to, by which people are like the described one."""

    name: str
    quantity: str
    title: str
    unit: str
    band: float
    low: float
    high: float


def _described(name: str) -> tuple[float, float]:
    """Return the least and the most that can be described of a person."""
    least, most = (getattr(FIXED, f"described_{name}_{end}").value for end in ("least", "most"))
    return least, most


LIKENESS = (
    Likeness(
        "fev1", "fev1_percent", "FEV1", "% of predicted", FIXED.like_fev1.value, *_described("fev1")
    ),
    Likeness("serum", "serum_aat", "serum AAT", "µM", FIXED.like_serum.value, *_described("serum")),
    Likeness(
        "stiffness",
        "stiffness",
        "liver stiffness",
        "kPa",
        FIXED.like_stiffness.value,
        *_described("stiffness"),
    ),
)
"""People are taken within ``band`` of the described value, or as far as a description says."""


@dataclass(frozen=True)
class Description:
    """Who is described: age, sex, genotype, smoking and what is known of the person today.

    ``age`` and ``quit_age`` in years, ``height`` in m, ``weight`` in kg, ``bmi`` in kg/m², ``fev1`` in
    percent of predicted, ``serum`` AAT in µM, ``stiffness`` of the liver in kPa; ``alcohol`` (harmful
    drinking), ``metabolic`` (metabolic liver disease) and ``bronchiectasis`` 'yes' or 'no'; None: not
    known, so that people differ in it. ``fev1_within`` and its like say how far from the described value
    people are taken, in its unit; None: as far as ``Likeness.band`` says.
    """

    genotype: str = "ZZ"
    age: float = 50.0
    sex: str = "female"
    smoking: str = "never"
    quit_age: float | None = None
    fev1: float | None = None
    serum: float | None = None
    stiffness: float | None = None
    height: float | None = None
    weight: float | None = None
    bmi: float | None = None
    alcohol: str | None = None
    metabolic: str | None = None
    bronchiectasis: str | None = None
    fev1_within: float | None = None
    serum_within: float | None = None
    stiffness_within: float | None = None

    def __post_init__(self) -> None:
        for name in ("genotype", "sex", "smoking"):
            words(getattr(self, name), name)
        number(self.age, "age")
        for name in ("quit_age", "fev1", "serum", "stiffness", "height", "weight", "bmi"):
            if getattr(self, name) is not None:
                number(getattr(self, name), name)
        _word("genotype", "genotype", self.genotype, tuple(GENOTYPES))
        _word("sex", "sex", self.sex, ("female", "male"))
        _word("smoking", "smoking history", self.smoking, get_args(Smoking))
        child = NO_CHILDREN if self.age < YOUNGEST else ""
        _between("age", "age", self.age, YOUNGEST, FIXED.described_age_most.value, "years", child)
        _between("height", "height", self.height, *_described("height"), "m")
        _between("weight", "weight", self.weight, *_described("weight"), "kg")
        _between("bmi", "bmi", self.bmi, FIXED.bmi_least.value, FIXED.bmi_most.value, "kg/m²")
        if None not in (self.bmi, self.height, self.weight):
            raise InputError(
                "a bmi follows from height and weight; say two of the three", key="bmi"
            )
        for name in CONDITIONS:
            if getattr(self, name) is not None:
                words(getattr(self, name), name)
                _word(name, f"answer of {name}", getattr(self, name), ("yes", "no"))
        for each in LIKENESS:
            _between(
                each.name, each.title, getattr(self, each.name), each.low, each.high, each.unit
            )
            self._check_within(each)
        if self.quit_age is not None and self.smoking != "ex":
            raise InputError(
                f"a quit age is for ex-smokers; this person's smoking is '{self.smoking}'",
                key="quit_age",
            )
        _between(
            "quit_age", "quit age", self.quit_age, FIXED.smoking_first.value + 1, self.age, "years"
        )

    def _check_within(self, each: Likeness) -> None:
        within = getattr(self, f"{each.name}_within")
        if within is None:
            return
        number(within, f"{each.name}_within")
        if getattr(self, each.name) is None:
            raise InputError(
                f"'{each.name}_within' says how far from a described {each.title} people are taken, and "
                "none is described; describe one, or leave it out",
                key=f"{each.name}_within",
            )
        if not 0 < within <= each.high:
            raise InputError(
                f"people cannot be taken within {within:g} {each.unit} of a {each.title}; more than 0 "
                f"and up to {each.high:g} can be",
                key=f"{each.name}_within",
            )

    def to_dict(self) -> dict[str, str | float]:
        """Return what is said of the person, as plain data."""
        return {k: v for k, v in asdict(self).items() if v is not None}

    def words(self) -> str:
        """Return the person in a few words."""
        return "".join(text for text, _ in self.pieces())

    def pieces(self) -> tuple[tuple[str, str], ...]:
        """Return these words in pieces: each with the name of the field whose number it is, or ''."""
        smoking = {"never": "never smoked", "current": "smokes", "ex": "ex-smoker"}[self.smoking]
        found = [(f"{self.sex}, ", ""), (f"{self.age:g}", "age"),
                 (f" years, Pi*{self.genotype}, {smoking}", "")]  # fmt: skip
        if self.quit_age is not None:
            found += [(", quit at ", ""), (f"{self.quit_age:g}", "quit_age")]
        for each in LIKENESS:
            value = getattr(self, each.name)
            if value is not None:
                found += [
                    (f", {each.title} ", ""),
                    (f"{value:g}", each.name),
                    (f" {each.unit}", ""),
                ]
        parts = []
        if self.height is not None:
            parts.append(f"{100 * self.height:.0f} cm")
        if self.weight is not None:
            parts.append(f"{self.weight:g} kg")
        if self.bmi is not None:
            parts.append(f"{self.bmi:g} kg/m²")
        parts += [_HAVING[name, has] for name, has in conditions(self).items()]
        return (*found, *((f", {part}", "") for part in parts))


def _word(key: str, what: str, word: str, known: tuple[str, ...]) -> None:
    if word not in known:
        hint = nearest(word, known) or f"; use one of these: {', '.join(known)}"
        raise InputError(f"no {what} '{word}'{hint}", key=key)


def _between(
    key: str, what: str, value: float | None, low: float, high: float, unit: str, why: str = ""
) -> None:
    if value is not None and not low <= value <= high:
        said = f"{what} {value:g} {unit} cannot be; between {low:g} and {high:g} can"
        raise InputError(f"{said}: {why}" if why else said, key=key)


def check_count(count: int) -> None:
    """Raise InputError for a number of people that cannot be met."""
    if not 1 <= count <= LARGEST:
        raise InputError(f"{count} people cannot be met; between 1 and {LARGEST:,} can")


def asked(described: Description) -> list[Likeness]:
    """Return what of a description a life leads to, each with how far from it people are taken."""
    return [
        replace(each, band=getattr(described, f"{each.name}_within") or each.band)
        for each in LIKENESS
        if getattr(described, each.name) is not None
    ]


def outputs_compared(described: Description) -> list[str]:
    """Return the outputs of the model that people are held against a description by."""
    return [ELIGIBILITY[each.quantity][0] for each in asked(described)]


def conditions(described: Description) -> dict[str, str]:
    """Return what is said of the conditions that people have beside: 'yes' or 'no' by name."""
    said = {name: getattr(described, name) for name in CONDITIONS}
    return {name: has for name, has in said.items() if has is not None}


def compare(
    described: Description, alive: Mask, now: Mapping[str, Floats], ill: Mapping[str, Floats]
) -> Judged:
    """Judge who of some people is like the described one, by their outputs and what they have: ``ill`` is
    1 or 0 by condition."""
    about = {each.name: ELIGIBILITY[each.quantity] for each in asked(described)}
    values = {name: now[output] * factor for name, (output, _, factor) in about.items()}
    fails = {
        f"{each.title} more than {each.band:g} {each.unit} away": ~_near(
            described, each, values[each.name]
        )
        for each in asked(described)
    }
    wrong = {_HAVING[name, "no" if has == "yes" else "yes"]: (ill[name] > 0) != (has == "yes")
             for name, has in conditions(described).items()}  # fmt: skip
    return Judged(alive, {**wrong, **fails}, values)


def ill_of(people: People) -> dict[str, Floats]:
    """Return which of the conditions people have, 1 or 0 by name."""
    return {name: people.covariates[f"person.{name}"] for name in CONDITIONS}


def _near(described: Description, each: Likeness, value: Floats) -> Mask:
    return np.asarray(np.abs(value - getattr(described, each.name)) <= each.band)


def meet_like(
    model: Model,
    described: Description,
    count: int,
    *,
    have: int = 0,
    parameters: ParameterSet | None = None,
    settings: Settings = DEFAULT,
) -> Cohort:
    """Return up to ``count`` people like the described one, alive at day 0 with a life behind them.

    ``have`` of them are there already, and the others are met.

    A place in the cohort meets people of the described kind until one has come to the described
    values; a place's person does not depend on how many places there are. Where these people are
    rare, fewer are returned, but no less than 20 (or ``count``). Raises InputError for a count that
    cannot be, RunError, which says what to relax, where too few are met.
    """
    check_count(count)
    meeting = _Meeting(model, described, parameters, settings)
    places = Places(count - have, have)
    left: dict[str, int] = {}
    most = max(_MEET_AT_LEAST, _MEET_PER_PERSON * count)
    enough = min(count, ENOUGH) - have
    attempt, width = 0, _FIRST_TRIES if meeting.asked else 1
    while places.open.size and meeting.lived < most:
        people, judged = meeting.meet(places.open, attempt + np.arange(width, dtype=np.int64))
        met = places.fill(people, judged.suited)
        counts(judged.first_reasons(), met, left)
        attempt += width
        width = int(np.clip(_BATCH // max(1, places.open.size), 1, _BATCH))
        settings.tell("meeting people like this one", have + places.taken, count)
        if meeting.lived >= _MEET_AT_LEAST and places.taken * most < enough * meeting.lived:
            break
    if places.taken < enough:
        said, key = meeting.relax(places, left)
        raise RunError(said, key=key)
    return Cohort(places.people(), places.met, left)


class _Meeting:
    """People of the described kind as they are met, live to the day and are compared."""

    def __init__(
        self,
        model: Model,
        described: Description,
        parameters: ParameterSet | None,
        settings: Settings,
    ) -> None:
        self.model = model
        self.described = described
        self.parameters = parameters
        self.settings = replace(settings.silent(), seed=settings.key)
        self.asked = asked(described)
        self.lived = 0
        self._seen: dict[str, list[Floats]] = {each.name: [] for each in self.asked}

    def meet(self, places: Ints, tries: Ints) -> tuple[People, Judged]:
        """Meet a person at every try of every place; who is like the described is suited."""
        # Ids of neighbouring tries are neighbours, which the random streams like.
        ids = np.repeat(places, tries.size) * _TRIES + np.tile(tries, places.size)
        parts = []
        for first in range(0, ids.size, _BATCH):
            # Many are made for a while, in which somebody may want to stop.
            self.settings.check()
            some = ids[first : first + _BATCH]
            parts.append(of_the_kind(self.model, self.described, self.settings.key, some))
        people = joined(parts)
        lived = live(
            self.model, people, outputs=outputs_compared(self.described),
            draws=self.parameters, settings=self.settings,
        )  # fmt: skip
        self.lived += len(people)
        judged = compare(self.described, lived.alive, lived.now, ill_of(people))
        for name, value in judged.values.items():
            self._seen[name].append(value[lived.alive])
        return lived.people, judged

    def relax(self, places: Places, left: dict[str, int]) -> tuple[str, str]:
        """Return the sentence on too few people met, and the name of what to relax of the description."""
        who = (
            f"only {so_many(places.taken, 'person', 'people')} like this {were(places.taken)}"
            if places.taken
            else "nobody like this was"
        )
        said = f"{who} met among {places.met:,}"
        for name, has in conditions(self.described).items():
            other = _HAVING[name, "no" if has == "yes" else "yes"]
            if left.get(other, 0) > 0.9 * places.met:
                return f"{said}, of whom {left[other]:,} were {other}: relax '{name}'", name
        if not self.asked or left["died before"] > places.met / 2:
            age = self.described.age
            return f"{said}; most had died before {age:g}, so ask for a younger person", "age"
        ranges = {each.name: np.concatenate(self._seen[each.name]) for each in self.asked}
        worst = min(
            self.asked,
            key=lambda each: float(_near(self.described, each, ranges[each.name]).mean()),
        )
        low, high = np.quantile(ranges[worst.name], [0.05, 0.95])
        others = " or the others" if len(self.asked) > 1 else ""
        told = (
            f"{said}; their {worst.title} is mostly {low:.3g} to {high:.3g} {worst.unit} and "
            f"{getattr(self.described, worst.name):g} was asked for: relax '{worst.name}'{others}"
        )
        return told, worst.name


def of_the_kind(model: Model, described: Description, seed: int, ids: Ints) -> People:
    """Return people of the described kind, before anybody has lived: what a life leads to is not looked at."""
    n = ids.size
    height, weight = _sizes(described, seed, ids)

    def each(word: str) -> Labels:
        return np.full(n, word, dtype=object)

    started = people_at("smoking_start", normals(seed, "smoking start", ids)[:, 0])
    stopped = stopped_smoking(seed, ids, np.full(n, float(described.age)))
    if described.quit_age is not None:
        # Nobody starts after having stopped.
        stopped = np.full(n, described.quit_age)
        started = np.minimum(started, stopped - 1)
    who = Demographics(
        age=np.full(n, float(described.age)),
        male=np.full(n, float(described.sex == "male")),
        height=height,
        weight=weight,
        alleles=np.tile(np.array(GENOTYPES[described.genotype], float), (n, 1)),
        smoked=Smoked(
            each(described.smoking),
            packs=people_at("packs_per_day", normals(seed, "packs", ids)[:, 0]),
            started=started,
            stopped=stopped,
        ),
    )
    labels = {
        "genotype": each(described.genotype),
        "sex": each(described.sex),
        "smoking": each(described.smoking),
        "ascertainment": each("described"),
    }
    people = make_people(model, seed, ids, who, labels)
    if described.quit_age is None:
        return people
    # make_people keeps half a year between quitting and day 0; a stated age is kept as it is.
    course = people.courses["person.smoking"]
    times = course.times.copy()
    times[:, 1] = described.quit_age * YEAR
    return replace(
        people, courses={**people.courses, "person.smoking": replace(course, times=times)}
    )


def _sizes(described: Description, seed: int, ids: Ints) -> tuple[Floats, Floats]:
    """Return height and weight: as described, and else as they go with what is described."""
    name = "height_male" if described.sex == "male" else "height_female"
    tries = _SIZES if described.weight is not None and described.height is None else 1
    heights = people_at(name, normals(seed, "height", ids, tries))
    weights = (
        people_at("body_mass_index", normals(seed, "body mass index", ids, tries)) * heights**2
    )
    height, weight = heights[:, 0], weights[:, 0]
    if described.bmi is not None:
        if described.height is not None:
            height = np.full(ids.size, float(described.height))
        elif described.weight is not None:
            height = np.full(ids.size, float(np.sqrt(described.weight / described.bmi)))
        return height, described.bmi * height**2
    if described.height is not None:
        height = np.full(ids.size, float(described.height))
        weight = weights[:, 0] / heights[:, 0] ** 2 * height**2
    elif described.weight is not None:
        # A heavy person is likely a tall one: the height is that of the first of this weight.
        off = np.abs(weights - described.weight)
        near = off <= FIXED.like_weight.value
        pick = np.where(near.any(axis=1), near.argmax(axis=1), off.argmin(axis=1))
        height = heights[np.arange(ids.size), pick]
    if described.weight is not None:
        weight = np.full(ids.size, float(described.weight))
    return height, weight


_HAVING = {
    ("alcohol", "yes"): "with harmful drinking", ("alcohol", "no"): "without harmful drinking",
    ("metabolic", "yes"): "with metabolic liver disease",
    ("metabolic", "no"): "without metabolic liver disease",
    ("bronchiectasis", "yes"): "with bronchiectasis",
    ("bronchiectasis", "no"): "without bronchiectasis",
}  # fmt: skip

DESCRIBED = tuple(field.name for field in fields(Description))
"""The names of what may be said of a person."""


def description_of(said: Mapping[str, Any]) -> Description:
    """Return the person that is described by name; raise InputError for a name or value that cannot be."""
    for name in said:
        if name not in DESCRIBED:
            hint = nearest(name, DESCRIBED) or f"; use {', '.join(DESCRIBED)}"
            raise InputError(f"nothing called '{name}' describes a person{hint}")
    return Description(**said)
