"""The same virtual people under several therapies and their combinations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.provenance import SCHEMA_VERSION, versions
from antitrypsim.foundations.seed import SEED
from antitrypsim.modelling import Model
from antitrypsim.populations.enrol import enrol
from antitrypsim.protocols import BANNER, Protocol, beyond_record, load_protocol
from antitrypsim.protocols.endpoints import ENDPOINTS
from antitrypsim.protocols.therapytext import joined, parse_therapy
from antitrypsim.simulation.draws import draw_uncertainty
from antitrypsim.simulation.regimen import Regimen
from antitrypsim.simulation.results import Results
from antitrypsim.simulation.shares import LEAST_DRAWS, Shares, scores, variance_shares
from antitrypsim.simulation.simulate import TOLERANCE, simulate_all
from antitrypsim.therapies import build_model, switched_off, therapies_in
from antitrypsim.trials.endpoint import Endpoint, endpoint

if TYPE_CHECKING:
    import pandas as pd

YEAR = 365.25
YEARS = (1.0, 2.0, 5.0, 10.0)
PEOPLE = 100
DRAWS = 200
MOST_PEOPLE, MOST_DRAWS, MOST_THERAPIES, MOST_YEARS = 2000, 2000, 8, 30.0
DRAWN_PEOPLE = 40
"""How many of the people live every draw; the mean over them is the answer that is uncertain."""

OUTCOMES: Mapping[str, tuple[str, ...]] = {
    "liver": ("polymer", "alt", "stiffness"),
    "serum": ("serum_aat", "functional_aat"),
    "lung": ("density", "fev1", "free_elastase"),
    "wellbeing": ("sgrq", "walk", "fatigue"),
}
EVENTS: Mapping[str, tuple[str, ...]] = {
    "lung": ("exacerbation",),
    "harms": (
        "fever",
        "thromboembolism",
        "portal_thrombosis",
        "infection",
        "tumour",
        "procedure",
        "donor_antibodies",
        "death",
    ),
}
_READINGS = 6
_TROUGH = frozenset({"serum_aat", "functional_aat"})

Floats = NDArray[np.float64]
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Effect:
    """What a therapy does to one outcome by one year, in the same people.

    ``without`` is their mean untreated, ``effect`` the mean of their own differences at typical
    values, averaged over one round of the slowest rhythm up to that year (serum: before the dose); ``people`` the 5th and 95th percentile of these differences (events: none),
    ``ignorance`` those of the mean over the draws from what is unknown, ``better`` the share of
    draws in which it is a benefit. Events are per 100 person-years up to that year.
    """

    therapy: str
    group: str
    outcome: str
    unit: str
    year: float
    without: float
    effect: float
    people: tuple[float, float] | None
    ignorance: tuple[float, float] | None
    better: float | None


@dataclass(frozen=True)
class Comparison:
    """The therapies, their effects, and by (therapy, outcome) what the last year's effect rests on.

    ``sources`` says where the therapies, the people and the draws are from.
    """

    title: str
    therapies: tuple[str, ...]
    regimens: Mapping[str, Regimen]
    population: str
    people: int
    draws: int
    years: tuple[float, ...]
    effects: tuple[Effect, ...]
    shares: Mapping[tuple[str, str], Shares]
    warnings: tuple[str, ...]
    provenance: Mapping[str, Any]
    notices: tuple[str, ...] = (BANNER,)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a therapy, outcome and year."""
        import pandas as pd

        return pd.DataFrame([asdict(effect) for effect in self.effects])

    def of(self, therapy: str, outcome: str, year: float) -> Effect:
        """Return one effect; raise InputError for one that was not compared."""
        for effect in self.effects:
            if (effect.therapy, effect.outcome, effect.year) == (therapy, outcome, year):
                return effect
        raise InputError(f"'{outcome}' of '{therapy}' at {year:g} years was not compared")

    def to_dict(self) -> dict[str, Any]:
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
            "effects": [asdict(effect) for effect in self.effects],
            "rests_on": [
                {"therapy": therapy, "outcome": outcome, **shares.to_dict()}
                for (therapy, outcome), shares in self.shares.items()
            ],
            "provenance": dict(self.provenance),
        }


def compare(
    therapies: Mapping[str, str] | Sequence[str],
    *,
    title: str = "Comparison of therapies",
    population: str | Protocol = "natural-history",
    people: int = PEOPLE,
    years: Sequence[float] = YEARS,
    uncertainty: int = DRAWS,
    combine: bool = True,
    without: Sequence[str] = (),
    seed: int = SEED,
    tolerance: float = TOLERANCE,
    threads: int = 2,
    progress: Progress | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Comparison:
    """Compare therapies in the same virtual people, each against no treatment.

    ``therapies`` are texts ('augmentation:60mg/kg/week'), or texts by name; with ``combine`` up to
    three of them are also given in every combination. ``population`` is the protocol whose people
    take part; ``uncertainty`` how many draws from what is unknown, 0 for none; ``without`` names
    mechanisms that are switched off. Raises InputError for what cannot be.
    """
    _check(therapies, people, years, uncertainty)
    tell = progress or (lambda *_: None)
    horizon = max(years)
    regimens, left = _regimens(therapies, horizon, combine)
    protocol = population if isinstance(population, Protocol) else load_protocol(population)
    used = therapies_in(name for regimen in regimens.values() for name in regimen.names)
    model = build_model(therapies=used, without=without)
    cohort = enrol(
        model,
        protocol.population,
        people,
        seed=seed,
        tolerance=tolerance,
        threads=threads,
        cancel=cancel,
        progress=lambda done, total: tell("enrolling", done, total),
    )
    marks = [year * YEAR for year in years]
    window = _window(regimens.values())
    spreads = [_spread(mark, window) for mark in marks]
    reads = {
        name: [(days, _trough(regimen, mark)) for days, mark in zip(spreads, marks, strict=True)]
        for name, regimen in regimens.items()
    }
    days = {day for read in reads.values() for spread, trough in read for day in (*spread, trough)}
    times = sorted({0.0, *days})
    options: dict[str, Any] = {
        "times": times,
        "outputs": [endpoint(id).output for ids in OUTCOMES.values() for id in ids],
        "seed": seed,
        "tolerance": tolerance,
        "threads": threads,
        "cancel": cancel,
    }
    draws = draw_uncertainty(model, uncertainty, seed=seed) if uncertainty else None
    some = cohort.people.take(np.arange(min(people, DRAWN_PEOPLE)))
    stages = len(regimens) + 1
    courses: dict[str, tuple[Results, Results | None]] = {}
    for k, (name, regimen) in enumerate([("", Regimen()), *regimens.items()]):
        tell("living under each therapy", k, stages)
        typical = simulate_all(model, cohort.people, regimen, **options)
        drawn = None
        if draws is not None:
            drawn = simulate_all(model, some, regimen, draws=draws, as_enrolled=True, **options)
        courses[name] = typical, drawn
    tell("living under each therapy", stages, stages)
    known = scores(model, uncertainty, seed) if uncertainty >= LEAST_DRAWS else None
    effects: list[Effect] = []
    shares: dict[tuple[str, str], Shares] = {}
    for name in regimens:
        pairs = (courses[""], courses[name])
        for outcome, found, means in _differences(pairs, reads[name], times, years, name):
            effects += found
            rests = None if means is None or known is None else _shares(model, known, means)
            if rests is not None:
                shares[name, outcome] = rests
    return Comparison(
        title=title,
        therapies=tuple(regimens),
        regimens=regimens,
        population=f"{protocol.title} ({protocol.id})",
        people=people,
        draws=uncertainty,
        years=tuple(float(y) for y in years),
        effects=tuple(effects),
        shares=shares,
        warnings=(*left, *_warnings(model, regimens)),
        provenance={
            "model": model.content_hash,
            "people": cohort.people.content_hash,
            "regimens": {name: regimen.content_hash for name, regimen in regimens.items()},
            "population": protocol.content_hash,
            "seed": seed,
            "tolerance": tolerance,
            "draws": uncertainty,
            "drawn_people": len(some),
            "switched_off": list(without),
            "versions": versions(),
        },
        notices=(BANNER, *switched_off(without)),
    )


def _check(therapies: Any, people: int, years: Sequence[float], uncertainty: int) -> None:
    if not therapies:
        raise InputError("nothing to compare; name a therapy such as augmentation:60mg/kg/week")
    if len(therapies) > MOST_THERAPIES:
        raise InputError(f"{len(therapies)} therapies are too many; up to {MOST_THERAPIES} can be")
    if not 2 <= people <= MOST_PEOPLE:
        raise InputError(f"{people} people cannot be; between 2 and {MOST_PEOPLE:,} can")
    if not 0 <= uncertainty <= MOST_DRAWS or uncertainty == 1:
        raise InputError(f"{uncertainty} draws cannot be; 0, or between 2 and {MOST_DRAWS:,} can")
    if not years or any(not 0 < y <= MOST_YEARS for y in years):
        raise InputError(f"years must lie above 0 and up to {MOST_YEARS:g}, such as 1,2,5,10")
    if list(years) != sorted(set(years)):
        raise InputError("years must rise, each once, such as 1,2,5,10")


def _regimens(
    therapies: Mapping[str, str] | Sequence[str], horizon: float, combine: bool
) -> tuple[dict[str, Regimen], tuple[str, ...]]:
    """Return what is compared, and a sentence for each combination that cannot be given."""
    named = therapies if isinstance(therapies, Mapping) else {text: text for text in therapies}
    if not isinstance(therapies, Mapping) and len(named) != len(therapies):
        raise InputError("the same therapy is named twice; name each once")
    single = {name: parse_therapy(text, horizon) for name, text in named.items()}
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


def _window(regimens: Iterable[Regimen]) -> float:
    """Return the longest interval, in days, at which any of the doses is repeated; 0 for none."""
    gaps = [
        float(np.diff(record.times)[-1])
        for regimen in regimens
        for record in regimen.doses
        if len(record.times) > 1
    ]
    return max(gaps, default=0.0)


def _spread(mark: float, window: float) -> tuple[float, ...]:
    """Return the days over which all is averaged: one round of the slowest rhythm, up to ``mark``.

    They are the same for every therapy; neither peaks nor troughs are picked.
    """
    if not 0 < window <= mark:
        return (mark,)
    steps = (np.arange(_READINGS) + 0.5) / _READINGS
    return tuple(float(day) for day in mark - window + steps * window)


def _trough(regimen: Regimen, mark: float) -> float:
    """Return the day on which serum is drawn: before the last dose of a rhythm that goes on."""
    doses = np.array(sorted({t for record in regimen.doses for t in record.times}))
    k = int(np.searchsorted(doses, mark, side="right")) - 1
    gap = doses[k] - doses[k - 1] if k > 0 else 0.0
    return float(doses[k]) if k > 0 and mark - doses[k] <= gap else mark


def _differences(
    pairs: tuple[tuple[Results, Results | None], tuple[Results, Results | None]],
    reads: list[tuple[tuple[float, ...], float]],
    times: list[float],
    years: Sequence[float],
    name: str,
) -> Any:
    """Yield each outcome, its effects by year, and the last year's mean effect of each draw."""
    (plain, plain_drawn), (treated, treated_drawn) = pairs
    for group, ids in OUTCOMES.items():
        for id in ids:
            what = endpoint(id)
            found, means = [], None
            for year, (spread, trough) in zip(years, reads, strict=True):
                at = [times.index(day) for day in ((trough,) if id in _TROUGH else spread)]
                before, after = (_values(r, what, at)[:, 0] for r in (plain, treated))
                own = after - before
                own = own[np.isfinite(own)]
                means = None
                if plain_drawn is not None and treated_drawn is not None:
                    gap = _values(treated_drawn, what, at) - _values(plain_drawn, what, at)
                    alive = np.isfinite(gap)
                    with np.errstate(invalid="ignore"):
                        means = np.where(alive, gap, 0.0).sum(axis=0) / alive.sum(axis=0)
                sign = 1.0 if what.better == "higher" else -1.0
                found.append(
                    Effect(
                        name, group, id, what.unit, float(year), float(np.nanmean(before)),
                        float(np.mean(own)) if own.size else float("nan"),
                        _band(own), None if means is None else _band(means),
                        None if means is None else float(np.mean(sign * means > 0)),
                    )
                )  # fmt: skip
            yield id, found, means
    for group, events in EVENTS.items():
        for event in events:
            found, means = [], None
            for year in years:
                before_rate, after_rate = (_rate(r, event, year)[0] for r in (plain, treated))
                means = better = None
                if plain_drawn is not None and treated_drawn is not None:
                    means = _rate(treated_drawn, event, year) - _rate(plain_drawn, event, year)
                    # Rates differ a little where only the time at risk does: half an event counts.
                    spared = -means * _exposure(treated_drawn, year).sum(axis=0) / 100
                    better = float(np.mean(spared >= 0.5))
                found.append(
                    Effect(
                        name, group, event, "per 100 person-years", float(year), before_rate,
                        after_rate - before_rate, None, None if means is None else _band(means),
                        better,
                    )
                )  # fmt: skip
            yield event, found, means


def _shares(model: Model, known: Floats, means: Floats) -> Shares | None:
    """Return what the variance of the draws' means comes from, or None where nothing can be said."""
    alive = np.isfinite(means)
    if alive.sum() < LEAST_DRAWS or not float(np.std(means[alive])) > 0:
        return None
    try:
        return variance_shares(model, known[alive], means[alive])
    except InputError:
        return None


def _values(results: Results, what: Endpoint, at: list[int]) -> Floats:
    """Return the mean over the readings ``at``, shape (people, draws); NaN for the dead."""
    scale = ENDPOINTS[what.id]
    values = np.clip(results[what.output][:, :, at] * what.factor, scale.lowest, scale.highest)
    return np.asarray(values.mean(axis=2))


def _rate(results: Results, event: str, year: float) -> Floats:
    """Return events per 100 person-years up to a year, for each draw."""
    lived = _exposure(results, year)
    days = results.events[event]
    count = np.sum((days > 0) & (days <= YEAR * lived[..., None]), axis=(0, 2))
    return np.asarray(100.0 * count / np.sum(lived, axis=0))


def _exposure(results: Results, year: float) -> Floats:
    """Return the years that each person lives up to a year, shape (people, draws)."""
    return np.fmin(results.events["death"][:, :, 0], year * YEAR) / YEAR


def _band(values: Floats) -> tuple[float, float] | None:
    if not values.size:
        return None
    # In some draws nobody is left alive to be read.
    low, high = np.nanquantile(values, [0.05, 0.95])
    return float(low), float(high)


def _warnings(model: Model, regimens: Mapping[str, Regimen]) -> tuple[str, ...]:
    """Return a sentence for every dose beyond anything reported."""
    found = [
        sentence.removesuffix(".")
        for regimen in regimens.values()
        for sentence in beyond_record(regimen, model)
    ]
    return tuple(dict.fromkeys(found))
