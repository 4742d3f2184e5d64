"""How much of a therapy brings people to a stated value, when, how surely, and what decides.

Under a draw from what is unknown people also drift untreated, from the states that they were enrolled
in. So what a draw says of the therapy is its gain on the same people untreated under that draw,
added to their untreated mean at typical values.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from antitrypsim.calibration.posterior.knowledge import Knowledge
from antitrypsim.endpoints import Endpoint, endpoint
from antitrypsim.experiments.counterfactual import Experiment, band, check_size, mean_of_living
from antitrypsim.experiments.population import Whose, fewer, hash_of, title_of, whose
from antitrypsim.experiments.rhythm import Reading, reading_days
from antitrypsim.foundations.arguments import number, numbers, several, words
from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.plain import Plain
from antitrypsim.foundations.provenance import SCHEMA_VERSION, Provenance
from antitrypsim.foundations.units import YEAR
from antitrypsim.protocols import BANNER, beyond_record
from antitrypsim.protocols.plannable import bounds_of
from antitrypsim.protocols.therapytext import each_once, parse_therapy
from antitrypsim.simulation.given import not_givable
from antitrypsim.simulation.regimen import Regimen
from antitrypsim.simulation.settings import DEFAULT, Settings, how
from antitrypsim.therapies import build_model, therapies_in
from antitrypsim.uncertainty.variance_shares import Shares

LADDER = (0.1, 0.3, 1.0, 3.0, 10.0)
PEOPLE, DRAWS, DRAWN_PEOPLE = 60, 200, 12
_READS = 24
_LIKELY = 0.5
_CORRECTED = "corrected_hepatocytes"

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Rung:
    """One multiple of the therapy's doses.

    ``amounts`` by dose, without levels that are held; ``mean`` the people's mean at the horizon at typical values, ``reach`` the
    share of them at the value by then, ``time`` the years until half of them are, and stay so (None: never);
    ``corrected`` the percent of all hepatocytes that the therapy lets make M at the horizon, their mean;
    ``uncertainty`` the 5th and 95th percentile of the mean over the draws, ``chance`` the share of
    draws whose mean is at the value, ``beyond`` whether a dose lies above the largest on record.
    """

    factor: float
    amounts: Mapping[str, float]
    mean: float
    reach: float
    time: float | None
    corrected: float
    uncertainty: tuple[float, float] | None
    chance: float | None
    beyond: bool


@dataclass(frozen=True)
class Ladder:
    """One therapy: its rungs, and what its mean at the stated doses rests on.

    ``needed`` is, over the draws, the 5th, 50th and 95th percentile of the factor on the doses that
    brings the mean to the value, infinite where no rung does; ``shares`` are of the draws' ranks.
    ``corrected`` is the percent of hepatocytes that makes M where the mean comes to the value, at
    typical values, on a straight line between rungs; None where it does not, or no cell is corrected.
    ``as_stated``: it cannot be multiplied (an organ, a level that is held).
    """

    therapy: str
    rungs: tuple[Rung, ...]
    corrected: float | None
    needed: tuple[float, float, float] | None
    shares: Shares | None
    as_stated: bool = False


@dataclass(frozen=True)
class DoseFinding:
    """The ladders of all therapies for one outcome, value and horizon; ``untreated`` is the mean."""

    outcome: str
    unit: str
    value: float
    years: float
    rises: bool
    population: str
    people: int
    draws: int
    untreated: float
    ladders: tuple[Ladder, ...]
    provenance: Provenance
    notices: tuple[str, ...] = (BANNER,)

    def best(self, one: Ladder) -> Rung | None:
        """Return the rung whose mean comes nearest to the value, where no higher one does; else None."""
        sign = 1 if self.rises else -1
        near = [sign * rung.mean if math.isfinite(rung.mean) else -math.inf for rung in one.rungs]
        k = near.index(max(near))
        return None if k == len(near) - 1 else one.rungs[k]

    def to_dict(self) -> Plain:
        """Return plain data."""
        return {
            "schema": SCHEMA_VERSION,
            "kind": "reach",
            **{
                key: getattr(self, key)
                for key in ("outcome", "unit", "value", "years", "population", "people", "draws")
            },
            "notices": list(self.notices),
            "untreated": self.untreated,
            "ladders": [
                {
                    "therapy": ladder.therapy,
                    "rungs": [asdict(rung) for rung in ladder.rungs],
                    "corrected_hepatocytes": ladder.corrected,
                    "needed": None
                    if ladder.needed is None
                    else [x if np.isfinite(x) else None for x in ladder.needed],
                    "rests_on": None if ladder.shares is None else ladder.shares.to_dict(),
                }
                for ladder in self.ladders
            ],
            "provenance": self.provenance.to_dict(),
        }


def dose(
    therapies: Sequence[str] | str,
    *,
    value: float,
    outcome: str = "serum_aat",
    years: float = 5.0,
    population: str | Path | Whose = "natural-history",
    people: int = PEOPLE,
    uncertainty: int = DRAWS,
    factors: Sequence[float] = LADDER,
    posterior: str | Path | None = None,
    settings: Settings = DEFAULT,
) -> DoseFinding:
    """Give each therapy in multiples of its doses and see who comes to ``value``, and when.

    Levels that are held (tacrolimus) stay as stated, and an organ is given whole: what is nothing else
    is given as stated only.

    ``value`` is in the unit of the endpoint ``outcome``; whether it must be risen or fallen to
    follows from the untreated mean. ``years`` is the horizon, ``uncertainty`` how many draws from
    what is unknown (0 for none), from the ``posterior`` of a file if one is given. Raises InputError for what
    cannot be.
    """
    how(settings)
    known = Knowledge.read(posterior, uncertainty)
    therapies, factors = several(therapies, "therapies"), numbers(factors, "factors")
    value, years = number(value, "value"), number(years, "years")
    what = endpoint(words(outcome, "outcome"))
    _check(therapies, outcome, value, factors)
    check_size(people, uncertainty, (years,))
    regimens = {text: parse_therapy(text, years) for text in therapies}
    each_once(regimens)
    asked = whose(population, years)
    _possible(regimens, factors)
    here = Experiment.enrolled(asked, regimens.values(), people, settings=settings).with_draws(
        uncertainty, DRAWN_PEOPLE, known
    )
    run = _Run(replace(here, settings=settings.silent()), what, value, years)
    plain, _ = run.typical(Regimen())
    untreated = float(mean_of_living(plain[:, -1:])[0])
    run.rises = untreated < value
    run.untreated = untreated
    ladders = []
    for k, (text, regimen) in enumerate(regimens.items()):
        settings.tell("climbing", k, len(regimens))
        ladders.append(run.ladder(text, regimen, factors))
    settings.tell("climbing", len(regimens), len(regimens))
    return DoseFinding(
        outcome,
        what.unit,
        value,
        years,
        run.rises,
        title_of(asked),
        len(here.people),
        uncertainty,
        untreated,
        tuple(ladders),
        Provenance(
            **here.provenance,
            regimens={text: regimen.content_hash for text, regimen in regimens.items()},
            population=hash_of(asked),
        ),
        notices=(
            BANNER,
            *fewer(len(here.people), people),
            *_worse(what, value, untreated),
            *known.said(here.model, uncertainty),
        ),
    )


def _worse(what: Endpoint, value: float, untreated: float) -> tuple[str, ...]:
    """Return a warning where people are better than the value without any treatment."""
    if (untreated < value) == (what.better == "higher"):
        return ()
    unit = "" if what.unit == "1" else f" {what.unit}"
    gain = "above" if what.better == "higher" else "below"
    return (
        f"Untreated these people are better than {value:g}{unit} already, {untreated:.4g} in the mean: this is what it takes "
        f"to become worse. For a gain name a value {gain} {untreated:.4g}.",
    )


def _check(therapies: Sequence[str], outcome: str, value: float, factors: Sequence[float]) -> None:
    if not therapies:
        raise InputError("no therapy is named; write for example augmentation:60mg/kg/week")
    if len(set(therapies)) < len(therapies):
        raise InputError("the same therapy is named twice; name each once")
    if endpoint(outcome).kind != "measurement":
        raise InputError(f"'{outcome}' is an event and has no value; choose a measured endpoint")
    if not np.isfinite(value):
        raise InputError(f"a value of {value:g} cannot be reached; name a number in the unit")
    low, high = bounds_of(outcome)
    if not low <= value <= high:
        raise InputError(
            f"nobody has '{outcome}' of {value:g}; name a value between {low:g} and {high:g}"
        )
    if not factors or any(not 0 < f < np.inf for f in factors):
        raise InputError("factors on the doses must lie above 0, such as 0.1,1,10")
    if len(set(factors)) < len(factors):
        twice = next(f for f in factors if list(factors).count(f) > 1)
        raise InputError(f"the factor {twice:g} is listed twice; keep one")


def _possible(regimens: Mapping[str, Regimen], factors: Sequence[float]) -> None:
    """Refuse factors that lead to more than a body would hold."""
    model = build_model(
        therapies=therapies_in(name for regimen in regimens.values() for name in regimen.names)
    )
    for text, regimen in regimens.items():
        for name, amount in regimen.within_a_day.items():
            factor = max(multiples(regimen, factors))
            if said := not_givable(amount * factor, model.dose(name).unit):
                raise InputError(f"{factor:g} times '{text}' is {said}")


def multiples(regimen: Regimen, factors: Sequence[float]) -> Sequence[float]:
    """Return the factors on the doses, rising, by which a regimen can be multiplied.

    Levels that are held are not, and no part of an organ can be given.
    """
    model = build_model(therapies=therapies_in(regimen.names))
    whole = any(model.dose(record.dose).unit == "organ" for record in regimen.doses)
    return (1.0,) if whole or not regimen.doses else sorted(factors)


@dataclass
class _Run:
    here: Experiment
    what: Endpoint
    value: float
    years: float
    rises: bool = True
    untreated: float = float("nan")

    def _days(self) -> list[float]:
        """Return the days at which the people are looked at, the last the horizon."""
        return [float(day) for day in np.linspace(0, self.years * YEAR, _READS + 1)[1:]]

    def typical(self, regimen: Regimen) -> tuple[Floats, float]:
        """Return each person's value at each day, and their mean of corrected hepatocytes at the last."""
        days = self._days()
        read = self._readings(regimen, days)
        last = (_CORRECTED, (days[-1],))
        found = self.here.read(regimen, [*read, last]).values
        values = np.stack([found[at] for at in read], axis=2)[:, 0]
        return values, float(mean_of_living(found[last][:, :1])[0])

    def _readings(self, rhythm: Regimen, days: list[float]) -> list[Reading]:
        return [(self.what.id, reading_days(self.what, rhythm, day)) for day in days]

    def _there(self, values: Floats) -> NDArray[np.bool_]:
        return values >= self.value if self.rises else values <= self.value

    def ladder(self, text: str, regimen: Regimen, factors: Sequence[float]) -> Ladder:
        rungs, means, shares = [], [], None
        unknown = self.here.draws is not None
        drift = self._drawn_means(Regimen(), regimen) if unknown else 0.0
        factors = multiples(regimen, factors)
        for factor in factors:
            scaled = self._scaled(regimen, factor)
            values, corrected = self.typical(scaled)
            alive = np.isfinite(values[:, -1])
            drawn = None
            if unknown:
                drawn = self.untreated + self._drawn_means(scaled, regimen) - drift
                means.append(drawn)
                if factor == 1.0:
                    # A cell that takes over makes a few draws so large that they would be all.
                    shares = self.here.shares(drawn, ranks=True)
            rungs.append(
                Rung(
                    factor,
                    scaled.within_a_day,
                    float(mean_of_living(values[:, -1:])[0]),
                    float(np.mean(self._there(values[alive, -1]))) if alive.any() else math.nan,
                    self._time(values),
                    corrected,
                    None if drawn is None else band(drawn),
                    None if drawn is None else float(np.mean(self._there(drawn))),
                    bool(beyond_record(scaled, self.here.model)),
                )
            )
        needed = self._needed(np.array(factors), np.stack(means)) if means else None
        stated = len(multiples(regimen, (1.0, 2.0))) == 1
        return Ladder(text, tuple(rungs), self._corrected(rungs), needed, shares, stated)

    def _corrected(self, rungs: Sequence[Rung]) -> float | None:
        """Return the percent of corrected hepatocytes at which the mean comes to the value."""
        low_mean, low = self.untreated, 0.0
        for rung in rungs:
            if self._there(np.array(rung.mean)) and rung.corrected > 0:
                weight = (self.value - low_mean) / (rung.mean - low_mean)
                return low + weight * (rung.corrected - low)
            low_mean, low = rung.mean, rung.corrected
        return None

    @staticmethod
    def _scaled(regimen: Regimen, factor: float) -> Regimen:
        doses = tuple(replace(record, amount=record.amount * factor) for record in regimen.doses)
        return replace(regimen, doses=doses)

    def _drawn_means(self, given: Regimen, rhythm: Regimen) -> Floats:
        """Return the drawn people's mean at the horizon under each draw, read as for ``rhythm``."""
        (last,) = self._readings(rhythm, self._days()[-1:])
        return mean_of_living(self.here.read(given, [last], drawn=True).values[last])

    def _time(self, values: Floats) -> float | None:
        """Return the years from which on, to the horizon, half of those alive are at the value."""
        with np.errstate(invalid="ignore"):
            there = np.where(np.isfinite(values), self._there(values), np.nan)
        share = mean_of_living(there)
        short = np.flatnonzero(~(share >= _LIKELY))
        first = int(short[-1]) + 1 if short.size else 0
        return float(self._days()[first] / YEAR) if first < len(share) else None

    def _needed(self, factors: Floats, means: Floats) -> tuple[float, float, float]:
        """Return percentiles over draws of the factor whose mean is at the value."""
        found = np.full(means.shape[1], np.inf)
        for draw, column in enumerate(means.T):
            there = np.flatnonzero(self._there(column))
            if not there.size:
                continue
            k = int(there[0])
            if k == 0:
                found[draw] = factors[0]
                continue
            low, high = column[k - 1], column[k]
            weight = (self.value - low) / (high - low)
            logs = np.log(factors[k - 1 : k + 1])
            found[draw] = float(np.exp(logs[0] + weight * (logs[1] - logs[0])))
        ordered = np.sort(found)
        picks = [ordered[int(q * (ordered.size - 1))] for q in (0.05, 0.5, 0.95)]
        return float(picks[0]), float(picks[1]), float(picks[2])
