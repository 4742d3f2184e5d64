"""The physician's round: people of every genotype through life, for a clinician to judge by eye.

No target stands here. Whoever knows the disease sees in a page what no target would have told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from antitrypsim.calibration.scene import SEED
from antitrypsim.foundations.arguments import whole
from antitrypsim.foundations.arrays import Floats, Mask
from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.plain import Plain
from antitrypsim.foundations.units import YEAR
from antitrypsim.modelling import Model
from antitrypsim.populations.enrol import enrol
from antitrypsim.populations.spec import AgeRange, Genotype, Population
from antitrypsim.simulation.results import Results
from antitrypsim.simulation.settings import DEFAULT, Settings, how
from antitrypsim.simulation.simulate import simulate_all
from antitrypsim.therapies import build_model
from antitrypsim.uncertainty.draws import ParameterSet

GENOTYPES: tuple[Genotype, ...] = ("MM", "MZ", "SZ", "ZZ", "Z0", "null")
SMOKING: tuple[Literal["never", "current"], ...] = ("never", "current")
AGES = (30, 50, 70, 85)
PEOPLE = 300
_FIRST, LAST = 18, 105
_LOST_OVER = 5
_PER_CENT = 100.0


@dataclass(frozen=True)
class Line:
    """One column of the round: what the model calls it, its factor, title, unit and decimals.

    ``since`` makes it the yearly loss, over the five years that follow: a year of passing falls and
    rises says little.
    """

    name: str
    output: str
    title: str
    unit: str
    factor: float = 1.0
    decimals: int = 0
    since: bool = False


LINES = (
    Line("serum", "circulation.serum_aat", "serum AAT", "µM", decimals=1),
    Line(
        "free_elastase", "lung.free_elastase", "free elastase", "healthy lung's release", decimals=2
    ),
    Line("neutrophils", "lung.neutrophils", "neutrophils", "times healthy", decimals=1),
    Line("density", "lung.density", "PD15", "g/L"),
    Line("density_loss", "lung.density", "PD15 lost", "g/L a year", decimals=2, since=True),
    Line("fev1", "lung.fev1_share", "FEV1", "% of predicted", _PER_CENT),
    Line("fev1_loss", "lung.fev1", "FEV1 lost", "mL a year", 1000.0, since=True),
    Line("kco", "lung.kco", "KCO", "mmol/min/kPa/L", decimals=2),
    Line("saturation", "lung.saturation", "SpO2", "%", decimals=1),
    Line("sgrq", "wellbeing.sgrq", "SGRQ", "points"),
    Line("walk", "wellbeing.walk", "walk", "m"),
    Line("exacerbations", "events.exacerbation_rate", "severe exacerbations", "a year", YEAR, 2),
    Line("stiffness", "liver.stiffness", "stiffness", "kPa", decimals=1),
    Line("stage", "liver.fibrosis_stage", "stage", "METAVIR", decimals=2),
    Line("cirrhosis", "cirrhosis.cirrhotic", "cirrhosis", "%", _PER_CENT, 1),
    Line("alt", "liver.alt", "ALT", "of upper limit", decimals=2),
    Line("ggt", "liver.ggt", "GGT", "of upper limit", decimals=2),
    Line("death_lung", "events.death_lung", "deaths by lung", "per 100 years", _PER_CENT * YEAR, 2),
    Line("death_liver", "cirrhosis.death_liver", "by liver", "per 100 years", _PER_CENT * YEAR, 2),
    Line("death_other", "events.death_other", "by other", "per 100 years", _PER_CENT * YEAR, 2),
)
"""The columns, in a physician's order: blood, lung, daily life, liver, death."""


@dataclass(frozen=True)
class Visit:
    """The people of one genotype and smoking history who are alive at an age: means of each line."""

    genotype: str
    smoking: str
    age: int
    alive: float
    values: Mapping[str, float]


@dataclass(frozen=True)
class Round:
    """All visits, and the median age at death of each kind of people who reach 18 years."""

    visits: tuple[Visit, ...]
    age_at_death: Mapping[tuple[str, str], float]
    people: int
    seed: int

    def to_dict(self) -> Plain:
        """Return the round as plain data."""
        return {
            "people": self.people,
            "seed": self.seed,
            "visits": [
                {"genotype": v.genotype, "smoking": v.smoking, "age": v.age, "alive": v.alive}
                | dict(v.values)
                for v in self.visits
            ],
            "age_at_death": [
                {"genotype": genotype, "smoking": smoking, "median": age}
                for (genotype, smoking), age in self.age_at_death.items()
            ],
            "units": {line.name: line.unit for line in LINES},
        }


def go_round(
    *,
    model: Model | None = None,
    people: int = PEOPLE,
    parameters: ParameterSet | None = None,
    settings: Settings = DEFAULT,
) -> Round:
    """Let ``people`` of each genotype and smoking history live from 18 years on and visit them.

    Half are men, and nobody is chosen for being ill. Raises InputError for fewer than 20 people.
    """
    how(settings)
    if whole(people, "people") < 20:
        raise InputError(f"{people} people of a kind are too few for a mean; ask for 20 or more")
    built = model or build_model(therapies=())
    seed = SEED if settings.seed is None else settings.seed
    still = replace(settings, seed=seed).silent()
    visits: list[Visit] = []
    deaths: dict[tuple[str, str], float] = {}
    kinds = [(genotype, smoking) for smoking in SMOKING for genotype in GENOTYPES]
    for k, (genotype, smoking) in enumerate(kinds):
        settings.tell(f"{genotype}, {smoking} smokers", k, len(kinds))
        population = Population(
            genotype={genotype: 1.0}, smoking={smoking: 1.0}, ascertainment={"screening": 1.0},
            age=AgeRange(mean=_FIRST, sd=0, min=_FIRST, max=_FIRST), eligibility=(),
        )  # fmt: skip
        cohort = enrol(built, population, people, parameters=parameters, settings=still)
        days = YEAR * np.array([age + more - _FIRST for age in AGES for more in (0, _LOST_OVER)])
        run = simulate_all(
            built, cohort.people, times=(*days, YEAR * (LAST - _FIRST)),
            outputs=sorted({line.output for line in LINES}), draws=parameters, settings=still,
        )  # fmt: skip
        visits += [_visit(run, genotype, smoking, n) for n in range(len(AGES))]
        died = run.events["death"][:, 0, 0]
        ages = np.where(np.isfinite(died), _FIRST + died / YEAR, np.inf)
        deaths[genotype, smoking] = float(np.median(ages))
    return Round(tuple(visits), deaths, people, seed)


def _visit(run: Results, genotype: str, smoking: str, n: int) -> Visit:
    now, later = 2 * n, 2 * n + 1
    values = line_means(run, now, (now, later), _LOST_OVER)
    return Visit(genotype, smoking, AGES[n], float(alive_at(run, now).mean()), values)


def alive_at(run: Results, now: int) -> Mask:
    """Return who lives at a time, by its place among those of the run."""
    return np.isfinite(run[LINES[0].output][:, 0, now])


def line_means(
    run: Results, now: int, between: tuple[int, int], years: float, who: Mask | None = None
) -> dict[str, float]:
    """Return the mean of each line at a time, over ``who`` lives; NaN where nobody does.

    Of a yearly loss, that of the ``years`` ``between`` two times.
    """
    first, last = between

    def mean(line: Line) -> float:
        values: Floats = run[line.output][:, 0]
        read = (values[:, first] - values[:, last]) / years if line.since else values[:, now]
        seen = np.isfinite(read) if who is None else np.isfinite(read) & who
        return float(line.factor * read[seen].mean()) if seen.any() else float("nan")

    return {line.name: mean(line) for line in LINES}
