"""Who is eligible: each reason to leave a person judged by itself, and criteria that nobody meets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from antitrypsim.foundations.arrays import Floats, Mask
from antitrypsim.foundations.errors import InputError, RunError
from antitrypsim.foundations.plural import so_many
from antitrypsim.foundations.random import normals
from antitrypsim.foundations.units import YEAR
from antitrypsim.organs.wellbeing.module import p as wellbeing
from antitrypsim.populations.numbers import population_parameters
from antitrypsim.populations.possible import other_units, slip
from antitrypsim.populations.spec import ELIGIBILITY, Ascertainment, Criterion, Population
from antitrypsim.simulation.people import People
from antitrypsim.simulation.simulate import Lived

# Of 2,000 people nobody: less than one in 600 with a confidence of 95 %.
ENOUGH = 2_000
# Of so many nobody: places would ask for people as often as they may and mostly stay open.
IN_VAIN = 20_000
_FITS = 0.02
# A limit that was meant lies no further from what people have than by this factor.
_NEAR = 2.0


FAILED = "course not integrated"
"""The reason by which somebody is left whose life to day 0 could not be computed."""

WAYS: tuple[tuple[Ascertainment, str, int], ...] = (
    ("lung", "lung.fev1_usual_share", -1),
    ("liver", "liver.fibrosis_stage", 1),
)
"""Ways of being found by an organ, each with what is compared with a threshold, and on which side."""


def outputs_judged(population: Population) -> list[str]:
    """Return the outputs of the model that eligibility and ways of being found rest on."""
    asked = {
        ELIGIBILITY[c.quantity][0]
        for c in population.eligibility
        if c.quantity != "age" and not _of_person(c)
    }
    return sorted(asked | {output for _, output, _ in WAYS})


def every_output_judged() -> list[str]:
    """Return the outputs that eligibility of any population can ask for."""
    every = tuple(
        Criterion.model_construct(quantity=quantity, min=None, max=None) for quantity in ELIGIBILITY
    )
    return outputs_judged(Population.model_construct(eligibility=every))


@dataclass(frozen=True, eq=False)
class Judged:
    """Some people met: by reason who is left for it whatever else, and values by criterion quantity.

    ``failed``: whose course could not be integrated; they are not alive.
    """

    alive: Mask
    fails: Mapping[str, Mask]
    values: Mapping[str, Floats]
    failed: Mask | None = None

    @property
    def suited(self) -> Mask:
        """Who is left for no reason."""
        return np.asarray(self.alive & ~np.any(list(self.fails.values()), axis=0))

    def gone(self) -> dict[str, Mask]:
        """Return who is not there to be judged, by the reason."""
        if self.failed is None or not self.failed.any():
            return {"died before": ~self.alive}
        return {"died before": ~self.alive & ~self.failed, FAILED: self.failed}

    def first_reasons(self) -> dict[str, Mask]:
        """Return who is left by the first reason that holds: everybody is left once."""
        found, still = self.gone(), self.alive
        for reason, mask in self.fails.items():
            found[reason] = still & mask
            still = still & ~mask
        return found


def judge(population: Population, lived: Lived, seed: int) -> Judged:
    """Judge people by the way they were found and by every criterion, from what they are at day 0."""
    people, alive, now, failed = lived
    fails: dict[str, Mask] = {}
    ascertainment = people.labels["ascertainment"]
    for way, output, sign in WAYS:
        parameter = population_parameters()[f"{way}_threshold"]
        z = _mixed(way, normals(seed, f"{way} threshold", people.ids)[:, 0], people)
        threshold = parameter.between_patients.transform(parameter.value, z)
        fails[f"not found by {way} disease"] = (
            alive & (ascertainment == way) & (sign * (now[output] - threshold) < 0)
        )
    values = {}
    for criterion in population.eligibility:
        value = _value(criterion, people, now)
        values[criterion.quantity] = value
        for reason, mask in _missed(criterion, value).items():
            fails[reason] = alive & mask
    return Judged(alive, fails, values, failed)


def _mixed(way: str, z: Floats, people: People) -> Floats:
    """Return the normals of thresholds: who feels more is found by the lungs with better ones."""
    felt = people.effects.get(wellbeing.sgrq_person.name)
    if way != "lung" or felt is None:
        return z
    r = population_parameters()["threshold_symptoms"].value
    return np.asarray(r * felt + np.sqrt(1 - r * r) * z)


def _of_person(criterion: Criterion) -> bool:
    """Say whether a criterion asks for what a person is or has beside, and not for an output."""
    return ELIGIBILITY[criterion.quantity][0].startswith("person.")


def _value(criterion: Criterion, people: People, now: Mapping[str, Floats]) -> Floats:
    output, _, factor = ELIGIBILITY[criterion.quantity]
    if criterion.quantity == "age":
        return np.asarray(people.age / YEAR)
    if output == "person.bmi":
        return people.covariates["person.weight"] / people.covariates["person.height"] ** 2
    if _of_person(criterion):
        return people.covariates[output]
    return now[output] * factor


def _missed(criterion: Criterion, value: Floats) -> dict[str, Mask]:
    found = {}
    if criterion.min is not None:
        found[_reason(criterion, "below")] = value < criterion.min
    if criterion.max is not None:
        found[_reason(criterion, "above")] = value > criterion.max
    return found


def _reason(criterion: Criterion, side: str) -> str:
    limit = criterion.min if side == "below" else criterion.max
    return f"{criterion.quantity} {side} {limit:g} {ELIGIBILITY[criterion.quantity][1]}"


class Tally:
    """What was judged so far, to tell early when nobody can be met."""

    def __init__(self, population: Population) -> None:
        self.population = population
        self.people = 0
        self._parts: list[Judged] = []
        self._suited = False

    def add(self, judged: Judged) -> None:
        """Count people in; nothing more is kept once anybody was eligible and all is clear."""
        self.people += int(judged.alive.sum())
        self._suited |= bool(judged.suited.any())
        if not self._suited:
            self._parts.append(judged)
        else:
            self._parts.clear()

    def check(self) -> None:
        """Raise InputError for a criterion that nobody meets, RunError where nobody is eligible."""
        if self._suited or self.people < ENOUGH:
            return
        for criterion in self.population.eligibility:
            self._possible(criterion)
        if self.people >= IN_VAIN:
            raise RunError(
                f"none of {so_many(self.people, 'person', 'people')} met was eligible; {self.shares()}"
            )

    def shares(self) -> str:
        """Return what each reason took by itself, the largest first, and two that exclude each other."""
        alive = np.concatenate([part.alive for part in self._parts])
        fails = {
            reason: np.concatenate([part.fails[reason] for part in self._parts])[alive]
            for reason in self._parts[0].fails
        }
        taken = {reason: float(mask.mean()) for reason, mask in fails.items() if mask.any()}
        order = sorted(taken, key=lambda reason: -taken[reason])
        said = "each reason by itself: " + ", ".join(f"{_percent(taken[r])} {r}" for r in order)
        for one, other in combinations(order, 2):
            if np.all(fails[one] | fails[other]):
                return f"{said}; nobody is free of both '{one}' and '{other}'"
        return said

    def _possible(self, criterion: Criterion) -> None:
        value = np.concatenate(
            [part.values[criterion.quantity][part.alive] for part in self._parts]
        )
        if _share(criterion, value):
            return
        _, unit, _ = ELIGIBILITY[criterion.quantity]
        low, high = np.quantile(value, [0.05, 0.95])
        raise InputError(
            f"none of {value.size:,} people met has {criterion.quantity} {_range(criterion)} "
            f"{unit}; theirs is mostly {low:.3g} to {high:.3g} {unit} (all {value.min():.3g} to "
            f"{value.max():.3g}){_slip(criterion, value)}",
            key="population.eligibility",
        )


def _share(criterion: Criterion, value: Floats, factor: float = 1.0) -> float:
    """Return which share of people meets a criterion whose limits are multiplied by ``factor``."""
    low = -np.inf if criterion.min is None else criterion.min * factor
    high = np.inf if criterion.max is None else criterion.max * factor
    return float(((value >= low) & (value <= high)).mean())


def _slip(criterion: Criterion, value: Floats) -> str:
    """Return a guess at the unit that the limits were meant in, where one would let people in."""
    limits = {k: v for k in ("min", "max") if (v := getattr(criterion, k)) is not None}
    fits: dict[str, float] = {}
    for unit, factor in other_units(criterion.quantity).items():
        share = _share(criterion, value, factor)
        # A limit far from everybody was not meant either, whoever it lets in.
        low, high = value.min() / _NEAR, value.max() * _NEAR
        among = all(low < v * factor < high for v in limits.values())
        if share >= _FITS and among:
            fits[unit] = share
    if not fits:
        return ""
    meant = max(fits, key=lambda unit: fits[unit])
    return slip(meant, other_units(criterion.quantity)[meant], limits)


def _range(criterion: Criterion) -> str:
    if criterion.min is None:
        return f"of at most {criterion.max:g}"
    if criterion.max is None:
        return f"of at least {criterion.min:g}"
    return f"between {criterion.min:g} and {criterion.max:g}"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share > 0.005 else f"{100 * share:.2g} %"


def counts(masks: Mapping[str, Mask], counted: Mask, found: dict[str, int]) -> None:
    """Add to ``found`` how many of those counted each reason holds for."""
    for reason, mask in masks.items():
        found[reason] = found.get(reason, 0) + int((mask & counted).sum())
