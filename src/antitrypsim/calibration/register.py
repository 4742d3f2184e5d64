"""The Swedish register and its country, lived once for every target that was measured in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from antitrypsim.calibration.scene import Scene
from antitrypsim.calibration.statistic import Statistic, ratio_of
from antitrypsim.foundations.random import generator
from antitrypsim.foundations.units import YEAR
from antitrypsim.simulation.people import People
from antitrypsim.simulation.results import Results

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

REGISTER, COUNTRY = "register", "register MM"
LONGEST = 23
"""Years from 1991 to 2014."""
TIMES = tuple(YEAR * np.arange(LONGEST + 1.0))
FEV1, SHARE, RATIO = "lung.fev1", "lung.fev1_share", "lung.fev1_fvc"
HAZARDS = ("events.death_other", "events.death_lung", "cirrhosis.death_liver")
_OUTPUTS = (FEV1, SHARE, RATIO, *HAZARDS)
_BAND = 3.0


@dataclass(frozen=True)
class Register:
    """The register's people and their years from inclusion on: arrays (people, years).

    ``age`` in years at each; ``death`` (people,) in years from inclusion, infinite for who lives.
    """

    people: People
    run: Results
    age: Floats
    death: Floats

    def __getitem__(self, output: str) -> Floats:
        """Return an output by person and year, NaN after death."""
        return self.run[output][:, 0]

    def are(self, label: str, *values: str) -> Flags:
        """Return who has one of the values of a label: smoking, ascertainment."""
        return np.isin(self.people.labels[label].astype(str), values)

    def hazard(self) -> Floats:
        """Return the hazard of death from any cause, 1/year, by person and year."""
        return np.asarray(sum(self[name] for name in HAZARDS) * YEAR)


def lived(scene: Scene, name: str = REGISTER) -> Register:
    """Return the register's people, or those of its country, over the longest follow-up."""
    people = scene.cohort(name).people
    run = scene.run(name, _OUTPUTS, TIMES)
    death = run.events["death"][:, 0, 0] / YEAR
    age = people.age[:, None] / YEAR + np.arange(LONGEST + 1.0)
    return Register(people, run, age, np.where(np.isfinite(death), death, np.inf))


def followed(scene: Scene, count: int) -> Floats:
    """Return for how many years each of so many people is followed, from inclusion to the end of 2014.

    Dates of inclusion are not published: they are taken as spread evenly over the 23 years.
    """
    u = generator(scene.seed, "entry into the register").uniform(size=count)
    return np.asarray(LONGEST * u)


def years_at_risk(one: Register, until: Floats) -> Floats:
    """Return the part of each year that was lived and followed, (people, years)."""
    end = np.minimum(one.death, until)[:, None]
    return np.clip(end - np.arange(LONGEST + 1.0), 0.0, 1.0)


def expected(country: Register, one: Register, at_risk: Floats) -> Floats:
    """Return the deaths that a country's hazards at the same ages would bring, by person."""
    hazard, age = country.hazard(), country.age
    seen = np.isfinite(hazard)
    band = np.floor(age / _BAND).astype(int)
    counts = np.bincount(band[seen], minlength=64)
    sums = np.bincount(band[seen], weights=hazard[seen], minlength=64)
    known = np.flatnonzero(counts)
    rate = np.interp(one.age + 0.5, _BAND * (known + 0.5), np.log(sums[known] / counts[known]))
    return np.asarray((np.exp(rate) * at_risk).sum(axis=1))


def observed_over_expected(
    scene: Scene, label: str, who: Flags | None = None, until: Floats | float = np.inf
) -> Statistic:
    """Return the deaths of the register, or of some of it, over those of its country."""
    one, country = lived(scene), lived(scene, COUNTRY)
    ends = np.minimum(np.broadcast_to(until, one.death.shape), LONGEST)
    at_risk = years_at_risk(one, ends)
    some = np.ones(ends.size, dtype=bool) if who is None else who
    died = (one.death <= ends).astype(float)
    return ratio_of(label, died[some], expected(country, one, at_risk)[some])
