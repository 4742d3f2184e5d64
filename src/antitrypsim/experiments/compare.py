"""The same virtual people under several therapies and their combinations."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from antitrypsim.calibration.posterior.knowledge import Knowledge
from antitrypsim.calibration.rival import Rival, density_rival, is_rivalled
from antitrypsim.endpoints import Endpoint, endpoint
from antitrypsim.experiments.counterfactual import (
    MOST_YEARS,
    PER,
    Counterfactual,
    Experiment,
    band,
    check_size,
    mean_of_living,
    middle,
)
from antitrypsim.experiments.population import Whose, fewer, hash_of, title_of, whose
from antitrypsim.experiments.rhythm import Reading, reading_days
from antitrypsim.foundations.arguments import different, numbers, several, words
from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.plain import Plain
from antitrypsim.foundations.provenance import SCHEMA_VERSION, Provenance, content_hash
from antitrypsim.foundations.units import YEAR
from antitrypsim.modelling import Model
from antitrypsim.protocols import BANNER, amounts_told
from antitrypsim.protocols.therapytext import each_once, joined, parse_therapy
from antitrypsim.simulation.regimen import Regimen
from antitrypsim.simulation.settings import DEFAULT, Settings, how
from antitrypsim.therapies import switched_off
from antitrypsim.trials.harms import harm_events, not_modelled
from antitrypsim.uncertainty.variance_shares import Shares

if TYPE_CHECKING:
    import pandas as pd

YEARS = (1.0, 2.0, 5.0, 10.0)
PEOPLE = 100
DRAWS = 200
MOST_THERAPIES = 40
"""Enough for each product as its example says, and a few more."""
_NOBODY = "no treatment"
DRAWN_PEOPLE = 40
"""How many of the people, the first, live every draw: by how much a draw moves the mean over them
is taken for how much it moves the mean over all."""

OUTCOMES: Mapping[str, tuple[str, ...]] = {
    "liver": ("polymer", "alt", "stiffness"),
    "serum": ("serum_aat", "functional_aat"),
    "lung": ("density", "fev1", "free_elastase"),
    "wellbeing": ("sgrq", "walk", "fatigue"),
}
_MEASURED = tuple(id for ids in OUTCOMES.values() for id in ids)

Floats = NDArray[np.float64]
Lived = tuple[Counterfactual, Counterfactual | None]
"""What people lived at typical values, and some of them under draws of what is unknown."""


@dataclass(frozen=True)
class TherapyEffect:
    """What a therapy does to one outcome by one year, in the same people.

    ``without`` is their mean untreated, ``effect`` the mean of their own differences at typical
    values, read as ``experiments.rhythm`` says; ``people`` the 5th and 95th percentile of these
    differences (events: none), ``uncertainty`` those of the mean over the draws from what is unknown and ``middle``
    their median, None without draws, ``better`` the share of draws in which it is a benefit that can be told: by half of the last
    decimal shown, or by half an event; None where no draw tells an effect. Events are per 100
    person-years up to that year. A mean is NaN where nobody is alive.
    """

    therapy: str
    group: str
    outcome: str
    unit: str
    year: float
    without: float
    effect: float
    people: tuple[float, float] | None
    uncertainty: tuple[float, float] | None
    better: float | None
    middle: float | None = None

    @property
    def told(self) -> float:
        """The effect that is told: the median over the draws, that of typical values without any.

        Typical values were chosen one after the other; the draws are of all that is known together, and may lie elsewhere.
        """
        return self.effect if self.middle is None else self.middle


@dataclass(frozen=True)
class Comparison:
    """The therapies, their effects, and by (therapy, outcome) what the last year's effect rests on.

    ``drawn_people``, the first, lived every draw. ``harmless``: by therapy the harms that nothing
    in the model leads to from its doses, so that none can be attributed to it. ``rival``: a published
    model of lung density by dose beside ours, where a therapy is what it speaks of, else None.
    """

    title: str
    therapies: tuple[str, ...]
    regimens: Mapping[str, Regimen]
    population: str
    people: int
    draws: int
    drawn_people: int
    years: tuple[float, ...]
    effects: tuple[TherapyEffect, ...]
    shares: Mapping[tuple[str, str], Shares]
    harmless: Mapping[str, tuple[str, ...]]
    warnings: tuple[str, ...]
    provenance: Provenance
    notices: tuple[str, ...] = (BANNER,)
    rival: Rival | None = None

    def to_frame(self) -> pd.DataFrame:
        """Return one row a therapy, outcome and year."""
        import pandas as pd

        return pd.DataFrame([asdict(effect) for effect in self.effects])

    def of(self, therapy: str, outcome: str, year: float) -> TherapyEffect:
        """Return one effect; raise InputError for one that was not compared."""
        for effect in self.effects:
            if (effect.therapy, effect.outcome, effect.year) == (therapy, outcome, year):
                return effect
        raise InputError(f"'{outcome}' of '{therapy}' at {year:g} years was not compared")

    def to_dict(self) -> Plain:
        """Return plain data."""
        return {
            "schema": SCHEMA_VERSION,
            "kind": "comparison",
            "title": self.title,
            "notices": list(self.notices),
            "warnings": list(self.warnings),
            "therapies": {name: self.regimens[name].to_dict() for name in self.therapies},
            "population": self.population,
            "people": self.people,
            "draws": self.draws,
            "drawn_people": self.drawn_people,
            "effects": [asdict(effect) for effect in self.effects],
            "rests_on": [
                {"therapy": therapy, "outcome": outcome, **shares.to_dict()}
                for (therapy, outcome), shares in self.shares.items()
            ],
            "harms_not_in_the_model": {name: list(v) for name, v in self.harmless.items()},
            "rival": None if self.rival is None else self.rival.to_dict(),
            "provenance": self.provenance.to_dict(),
        }

    @property
    def content_hash(self) -> str:
        """Hash of everything that the comparison says."""
        return content_hash(self.to_dict())


def compare(
    therapies: Mapping[str, str] | Sequence[str] | str,
    *,
    title: str = "Comparison of therapies",
    population: str | Path | Whose = "natural-history",
    people: int = PEOPLE,
    years: Sequence[float] = YEARS,
    uncertainty: int = DRAWS,
    combine: bool = True,
    without: Sequence[str] = (),
    posterior: str | Path | None = None,
    settings: Settings = DEFAULT,
) -> Comparison:
    """Compare therapies in the same virtual people, each against no treatment.

    ``therapies`` are texts ('augmentation:60mg/kg/week'), one text, or texts by name; with ``combine`` up to
    three of them are also given in every combination. ``population`` is the protocol whose people
    take part, or a person ('person:age=48,sex=male', as ``parse_person`` reads it, or a Description) like whom they are; ``uncertainty`` how many draws from what is unknown, 0 for none; ``without`` names
    mechanisms that are switched off; ``posterior`` the file from which draws come, each parameter's own
    uncertainty if left out. Raises InputError for what cannot be.
    """
    how(settings)
    known = Knowledge.read(posterior, uncertainty)
    if not isinstance(therapies, Mapping):
        therapies = several(therapies, "therapies")
    years, without, title = (
        numbers(years, "years"),
        different(without, "without"),
        words(title, "title"),
    )
    check_comparison(therapies, people, years, uncertainty)
    horizon = max(years)
    regimens, left = _regimens(therapies, horizon, combine)
    asked = whose(population, horizon)
    here = Experiment.enrolled(
        asked, regimens.values(), people, without=without, settings=settings
    ).with_draws(uncertainty, DRAWN_PEOPLE, known)
    plans = {name: _plan(regimen, years) for name, regimen in regimens.items()}
    courses = _courses(here, regimens, plans)
    effects, shares = _effects(here, courses, plans, years)
    # With a mechanism switched off it would be another model of ours that stands beside it.
    rivalled = not without and any(map(is_rivalled, regimens.values()))
    return Comparison(
        title=title,
        therapies=tuple(regimens),
        regimens=regimens,
        population=title_of(asked),
        people=len(here.people),
        draws=uncertainty,
        drawn_people=here.drawn_people,
        years=tuple(float(y) for y in years),
        effects=tuple(effects),
        shares=shares,
        harmless={n: not_modelled(r, without=without) for n, r in regimens.items()},
        warnings=(
            *left,
            *fewer(len(here.people), people),
            *_warnings(here.model, regimens),
        ),
        provenance=Provenance(
            **here.provenance,
            regimens={name: regimen.content_hash for name, regimen in regimens.items()},
            population=hash_of(asked),
            switched_off=tuple(without),
        ),
        notices=(BANNER, *switched_off(without), *known.said(here.model, uncertainty)),
        rival=density_rival(settings=settings) if rivalled else None,
    )


def _effects(
    here: Experiment,
    courses: Mapping[str, Lived],
    plans: Mapping[str, Mapping[Any, Any]],
    years: Sequence[float],
) -> tuple[list[TherapyEffect], dict[tuple[str, str], Shares]]:
    """Return every effect against no treatment, and what those of the last year rest on."""
    effects: list[TherapyEffect] = []
    shares: dict[tuple[str, str], Shares] = {}
    events = {"lung": ("exacerbation",), "harms": harm_events(here.model)}
    for name, plan in plans.items():
        pairs = (courses[""], courses[name])
        for outcome, found, means in _differences(pairs, plan, events, years, name):
            effects += found
            rests = None if means is None else here.shares(means)
            if rests is not None:
                shares[name, outcome] = rests
    return effects, shares


def check_comparison(
    therapies: Collection[str], people: int, years: Sequence[float], uncertainty: int
) -> None:
    """Raise InputError for numbers that a comparison cannot have, before anybody lives."""
    if not therapies:
        raise InputError("nothing to compare; name a therapy such as augmentation:60mg/kg/week")
    if len(therapies) > MOST_THERAPIES:
        raise InputError(f"{len(therapies)} therapies are too many; up to {MOST_THERAPIES} can be")
    check_size(people, uncertainty, ())
    if not years or any(not 0 < y <= MOST_YEARS for y in years):
        raise InputError(f"years must lie above 0 and up to {MOST_YEARS:g}, such as 1,2,5,10")
    if list(years) != sorted(set(years)):
        raise InputError("years must rise, each once, such as 1,2,5,10")


def _regimens(
    therapies: Mapping[str, str] | Sequence[str], horizon: float, combine: bool
) -> tuple[dict[str, Regimen], tuple[str, ...]]:
    """Return what is compared, and a sentence for each combination that cannot be given."""
    named = therapies if isinstance(therapies, Mapping) else {text: text for text in therapies}
    for name, text in named.items():
        if " + " in words(name, "the name of a therapy") or name.strip().casefold() == _NOBODY:
            raise InputError(
                f"'{name}' cannot be the name of a therapy: ' + ' joins the names of those given "
                f"together, and '{_NOBODY}' is what each is held against"
            )
        words(text, name)
    if not isinstance(therapies, Mapping) and len(named) != len(therapies):
        raise InputError("the same therapy is named twice; name each once")
    single = {name: parse_therapy(text, horizon) for name, text in named.items()}
    each_once(single)
    found, left = dict(single), []
    if combine and len(single) <= 3:
        for size in range(2, len(single) + 1):
            for names in combinations(single, size):
                together = " + ".join(names)
                try:
                    found[together] = joined([single[name] for name in names], together)
                except InputError as problem:
                    # Own cells and a donor's are not both given to one person.
                    left.append(f"{problem}, and is left out")
    return found, tuple(left)


def _plan(regimen: Regimen, years: Sequence[float]) -> dict[tuple[str, float], Reading]:
    """Return when each endpoint is read, by endpoint and year."""
    return {
        (id, year): (id, reading_days(endpoint(id), regimen, year * YEAR))
        for id in _MEASURED
        for year in years
    }


def _courses(
    here: Experiment,
    regimens: Mapping[str, Regimen],
    plans: Mapping[str, Mapping[tuple[str, float], Reading]],
) -> dict[str, Lived]:
    """Let the people live each regimen, and none, named ''."""
    found: dict[str, Lived] = {}
    stages, quiet = len(regimens) + 1, replace(here, settings=here.settings.silent())
    for k, (name, regimen) in enumerate([("", Regimen()), *regimens.items()]):
        here.settings.tell("living under each therapy", k, stages)
        read = {pair for of, plan in plans.items() if name in ("", of) for pair in plan.values()}
        drawn = None if here.draws is None else quiet.read(regimen, read, drawn=True)
        found[name] = quiet.read(regimen, read), drawn
    here.settings.tell("living under each therapy", stages, stages)
    return found


def _differences(
    pairs: tuple[Lived, Lived],
    plan: Mapping[tuple[str, float], Reading],
    events: Mapping[str, Sequence[str]],
    years: Sequence[float],
    name: str,
) -> Iterator[tuple[str, list[TherapyEffect], Floats | None]]:
    """Yield each outcome, its effects by year, and the last year's mean effect of each draw."""
    (plain, plain_drawn), (treated, treated_drawn) = pairs
    for group, ids in OUTCOMES.items():
        for id in ids:
            what = endpoint(id)
            found, means = [], None
            for year in years:
                at = plan[id, year]
                before, after = (course.values[at][:, 0] for course in (plain, treated))
                own = after - before
                means = better = None
                if plain_drawn is not None and treated_drawn is not None:
                    gaps = treated_drawn.values[at] - plain_drawn.values[at]
                    means = (
                        mean_of_living(own)
                        + mean_of_living(gaps)
                        - mean_of_living(own[: len(gaps)])
                    )
                    better = _better(what, means)
                found.append(
                    TherapyEffect(
                        name, group, id, what.unit, float(year), float(mean_of_living(before)),
                        float(mean_of_living(own)), band(own), band(means), better, middle(means),
                    )
                )  # fmt: skip
            yield id, found, means
    for group, harms in events.items():
        for event in harms:
            found, means = [], None
            for year in years:
                day = year * YEAR
                before_rate, after_rate = (float(c.rate(event, day)[0]) for c in (plain, treated))
                effect = after_rate - before_rate
                means = better = None
                if plain_drawn is not None and treated_drawn is not None:
                    some = len(treated_drawn.events[event])
                    after, before = (c.first(some).rate(event, day)[0] for c in (treated, plain))
                    drawn = treated_drawn.rate(event, day) - plain_drawn.rate(event, day)
                    means = effect + drawn - (after - before)
                    # Rates differ a little where only the time at risk does: half an event counts.
                    spared = -means * treated_drawn.lived(day).sum(axis=0) / PER
                    better = _share(spared >= 0.5, np.abs(spared) >= 0.5)
                found.append(
                    TherapyEffect(
                        name, group, event, "per 100 person-years", float(year), before_rate,
                        effect, None, band(means), better, middle(means),
                    )
                )  # fmt: skip
            yield event, found, means


def _better(what: Endpoint, means: Floats) -> float | None:
    sign = 1.0 if what.better == "higher" else -1.0
    there = means[np.isfinite(means)]
    return _share(sign * there >= what.least, np.abs(there) >= what.least)


def _share(good: NDArray[np.bool_], told: NDArray[np.bool_]) -> float | None:
    """Return in what share of the draws it is good; None where no draw tells an effect."""
    return float(np.mean(good)) if np.any(told) else None


def _warnings(model: Model, regimens: Mapping[str, Regimen]) -> tuple[str, ...]:
    """Return a sentence for every dose beyond anything reported."""
    found = [
        sentence.removesuffix(".")
        for regimen in regimens.values()
        for sentence in amounts_told(regimen, model)
    ]
    return tuple(dict.fromkeys(found))
