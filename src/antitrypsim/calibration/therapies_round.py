"""The physician's round with therapies: what each adds to the same people, for a clinician to judge.

Every product that says how it is given (``Dose.example``) is given so, alone, to ZZ people of middle
age; beside them the same people live without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from antitrypsim.calibration.physicians_round import LINES, alive_at, line_means
from antitrypsim.calibration.scene import SEED
from antitrypsim.foundations.arguments import whole
from antitrypsim.foundations.arrays import Mask
from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.plain import Plain
from antitrypsim.foundations.units import YEAR
from antitrypsim.modelling import Model
from antitrypsim.populations.enrol import enrol
from antitrypsim.populations.spec import AgeRange, Population
from antitrypsim.protocols.therapytext import parse_therapy
from antitrypsim.simulation.regimen import Regimen
from antitrypsim.simulation.results import Results
from antitrypsim.simulation.settings import DEFAULT, Settings, how
from antitrypsim.simulation.simulate import simulate_all
from antitrypsim.therapies import build_model
from antitrypsim.uncertainty.draws import ParameterSet

AGE = 45
YEARS = (1, 5, 20)
PEOPLE = 100
WHO = Population(
    age=AgeRange(mean=AGE, sd=0), smoking={"never": 0.4, "ex": 0.6},
    ascertainment={"lung": 0.4, "liver": 0.2, "screening": 0.4},
)  # fmt: skip
"""ZZ people as a centre for the deficiency sees them: lungs, livers and relatives of patients."""


@dataclass(frozen=True)
class Effect:
    """What a therapy has added to each line after so many years: means over who lives with and without.

    ``alive`` is the share alive with it, ``events`` what it adds of each kind of event, per 100 years
    lived since the first day; of no therapy (``therapy`` is '') values are the lines themselves.
    """

    therapy: str
    years: int
    alive: float
    values: Mapping[str, float]
    events: Mapping[str, float]


@dataclass(frozen=True)
class TherapiesRound:
    """The effects of all therapies, those of none first."""

    effects: tuple[Effect, ...]
    people: int
    seed: int

    def to_dict(self) -> Plain:
        """Return the round as plain data."""
        return {
            "people": self.people,
            "seed": self.seed,
            "age": AGE,
            "effects": [
                {"therapy": e.therapy, "years": e.years, "alive": e.alive}
                | dict(e.values)
                | {"events": dict(e.events)}
                for e in self.effects
            ],
            "units": {line.name: line.unit for line in LINES},
        }


def examples(model: Model) -> tuple[str, ...]:
    """Return how each product of a model is given, in the words of the command line."""
    return tuple(sorted({dose.example for dose in model.doses if dose.example}))


def go_therapies_round(
    *,
    model: Model | None = None,
    people: int = PEOPLE,
    parameters: ParameterSet | None = None,
    settings: Settings = DEFAULT,
) -> TherapiesRound:
    """Give every therapy as its example says to ``people`` ZZ people of 45, and read all lines.

    Raises InputError for fewer than 20 people.
    """
    how(settings)
    if whole(people, "people") < 20:
        raise InputError(f"{people} people are too few for a mean; ask for 20 or more")
    built = model or build_model()
    seed = SEED if settings.seed is None else settings.seed
    still = replace(settings, seed=seed).silent()
    cohort = enrol(built, WHO, people, parameters=parameters, settings=still)

    regimens = {text: parse_therapy(text, 1 + max(YEARS), model=built) for text in examples(built)}
    days = [
        0.0,
        *sorted({reading_day(r, y) for r in (Regimen(), *regimens.values()) for y in YEARS}),
    ]

    def lived(regimen: Regimen | None) -> Results:
        return simulate_all(
            built, cohort.people, regimen, times=days,
            outputs=sorted({line.output for line in LINES}), draws=parameters, settings=still,
        )  # fmt: skip

    without = lived(None)
    found = []
    for years in YEARS:
        n = days.index(reading_day(Regimen(), years))
        alive = alive_at(without, n)
        values, rates = _values(without, n, days[n], alive), _rates(without, days[n])
        found.append(Effect("", years, float(np.mean(alive)), values, rates))
    for k, text in enumerate(regimens):
        settings.tell(text, k, len(regimens))
        run = lived(regimens[text])
        for years in YEARS:
            n = days.index(reading_day(regimens[text], years))
            both = alive_at(run, n) & alive_at(without, n)
            own, other = _values(run, n, days[n], both), _values(without, n, days[n], both)
            added = {name: own[name] - other[name] for name in own}
            rates, before = _rates(run, days[n]), _rates(without, days[n])
            more = {name: rates[name] - before[name] for name in rates}
            found.append(Effect(text, years, float(np.mean(alive_at(run, n))), added, more))
    return TherapiesRound(tuple(found), people, seed)


def reading_day(regimen: Regimen, years: float) -> float:
    """Return the day of the last dose within so many years: before it people are read.

    Of what is given once or held, and of nothing, it is the last day of these years.
    """
    last = years * YEAR
    given = [max((t for t in record.times if t <= last), default=0.0) for record in regimen.doses]
    return max((day for day in given if day > 0), default=last)


def _values(run: Results, n: int, day: float, who: Mask) -> dict[str, float]:
    return line_means(run, n, (0, n), day / YEAR, who)


def _rates(run: Results, day: float) -> dict[str, float]:
    """Return the events of each kind per 100 years lived until a day."""
    until = np.fmin(run.events["death"][:, 0, 0], day)
    years = float(until.sum()) / YEAR
    return {
        name: 100 * float(np.sum((times[:, 0] > 0) & (times[:, 0] <= until[:, None]))) / years
        for name, times in run.events.items()
    }
