"""The virtual studies that targets are read from, each simulated once for all its targets."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from antitrypsim.endpoints import assessment_parameter
from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.random import generator
from antitrypsim.foundations.units import YEAR
from antitrypsim.modelling import Model
from antitrypsim.populations.enrol import Cohort, enrol
from antitrypsim.populations.people import Demographics, Smoked, make_people
from antitrypsim.populations.spec import GENOTYPES, AgeRange, Criterion, Population
from antitrypsim.protocols import load_protocol, measure
from antitrypsim.simulation.people import People
from antitrypsim.simulation.regimen import Regimen, repeated
from antitrypsim.simulation.results import Results
from antitrypsim.simulation.settings import Settings
from antitrypsim.simulation.simulate import simulate_all
from antitrypsim.uncertainty.draws import ParameterSet

SEED = 20261122
"""The seed of the published validation, another than that of everything else."""
HOW = Settings(seed=SEED)

Floats = NDArray[np.float64]


@cache
def rapid_population() -> Population:
    """Return the population of the bundled RAPID protocol: one statement of it, not two."""
    return load_protocol("rapid").population


MIXED: Any = {"lung": 0.45, "liver": 0.05, "family": 0.2, "screening": 0.3}
MIXED_NEVER: Any = {"lung": 0.25, "liver": 0.05, "family": 0.3, "screening": 0.4}
CLINIC: Any = {"lung": 0.8, "family": 0.2}


def _registry(smoking: str, low: float = 25, high: float = 75) -> Population:
    return Population(
        age=AgeRange(mean=(low + high) / 2, sd=12, min=low, max=high),
        smoking={smoking: 1.0},  # type: ignore[dict-item]
        ascertainment=MIXED_NEVER if smoking == "never" else MIXED,
    )


POPULATIONS: dict[str, Population] = {
    "clinic": Population(
        age=AgeRange(mean=51, sd=11, min=25, max=80),
        male=0.55,
        smoking={"never": 0.25, "ex": 0.65, "current": 0.10},
        ascertainment=CLINIC,
    ),
    "nhlbi": Population(
        age=AgeRange(mean=46, sd=11, min=18, max=80),
        male=0.55,
        smoking={"never": 0.2, "ex": 0.72, "current": 0.08},
        ascertainment={"lung": 1.0},
        eligibility=(
            Criterion(quantity="serum_aat", max=11),
            Criterion(quantity="fev1_percent", max=63),
        ),
    ),
    "registry never": _registry("never"),
    "registry ex": _registry("ex"),
    "registry current": _registry("current"),
    "registry young": _registry("never", 20, 40),
    "registry middle": _registry("never", 40, 60),
    "registry": Population(
        age=AgeRange(mean=50, sd=13, min=20, max=80),
        smoking={"never": 0.43, "ex": 0.48, "current": 0.09},
        ascertainment=MIXED,
    ),
    "screened never": Population(
        age=AgeRange(mean=45, sd=14, min=20, max=80),
        smoking={"never": 1.0},
        ascertainment={"screening": 1.0},
    ),
    "adults ZZ": Population(
        age=AgeRange(mean=50, sd=14, min=18, max=80),
        smoking={"never": 0.45, "ex": 0.5, "current": 0.05},
        ascertainment={"lung": 0.5, "family": 0.3, "screening": 0.2},
        eligibility=(Criterion(quantity="fibrosis_stage", max=3.6),),
    ),
    "adults MM": Population(
        genotype={"MM": 1.0},
        age=AgeRange(mean=50, sd=14, min=18, max=80),
        smoking={"never": 0.5, "ex": 0.4, "current": 0.1},
        ascertainment={"screening": 1.0},
    ),
    "MM never 40-60": Population(
        genotype={"MM": 1.0},
        age=AgeRange(mean=47, sd=6, min=40, max=55),
        smoking={"never": 1.0},
        ascertainment={"screening": 1.0},
    ),
    "MM ex men 50-70": Population(
        genotype={"MM": 1.0},
        age=AgeRange(mean=58, sd=5, min=50, max=68),
        male=1.0,
        smoking={"ex": 1.0},
        ascertainment={"screening": 1.0},
        eligibility=(Criterion(quantity="fev1_fvc", min=0.7),),
    ),
    "MM ex COPD": Population(
        genotype={"MM": 1.0},
        age=AgeRange(mean=63, sd=8, min=45, max=78),
        male=0.6,
        smoking={"ex": 1.0},
        ascertainment={"lung": 1.0},
        eligibility=(Criterion(quantity="fev1_percent", min=30, max=70),),
    ),
    "liver ZZ": Population(
        age=AgeRange(mean=52, sd=12, min=18, max=75),
        smoking={"never": 0.6, "ex": 0.4},
        ascertainment={"liver": 0.3, "lung": 0.4, "family": 0.3},
        eligibility=(Criterion(quantity="fibrosis_stage", min=0.5, max=3.5),),
    ),
    "ZZ and SZ": Population(
        genotype={"ZZ": 0.8, "SZ": 0.2},
        age=AgeRange(mean=52, sd=12, min=18, max=80),
        smoking={"never": 0.3, "ex": 0.6, "current": 0.1},
        ascertainment={"lung": 0.8, "family": 0.2},
    ),
    "ZZ normal spirometry": Population(
        age=AgeRange(mean=45, sd=12, min=20, max=70),
        smoking={"never": 0.6, "ex": 0.4},
        ascertainment={"family": 0.6, "screening": 0.4},
        eligibility=(
            Criterion(quantity="fev1_percent", min=80),
            Criterion(quantity="fev1_fvc", min=0.7),
        ),
    ),
} | {
    f"general {g}": Population(
        genotype={g: 1.0},
        age=AgeRange(mean=50, sd=12, min=18, max=75),  # type: ignore[dict-item]
        smoking={"never": 0.5, "ex": 0.3, "current": 0.2},
        ascertainment={"screening": 1.0},
    )
    for g in ("MM", "MS", "SS", "MZ", "SZ")
}
"""Populations of the targets. Shares that the source does not state are assumed and said in docs."""

_EVENT_RATES = (
    "events.exacerbation_rate",
    "events.mortality_50",
    "events.mortality_lung",
    "events.mortality_liver",
)
UNTREATED = Regimen()
SILENCING = repeated(
    "fazirsiran/subcutaneous", 200 / 75, at=[0, 28, 112, 196, 280, 364], name="fazirsiran 200 mg"
)


def weekly(dose: float, years: float, *, every: float = 7.0, start: float = 0.0) -> Regimen:
    """Return AAT ``dose`` mg/kg each ``every`` days for some years."""
    return repeated(
        "augmentation/intravenous",
        dose,
        every=every,
        start=start,
        until=start + years * YEAR,
        name=f"AAT {dose:g} mg/kg every {every:g} days",
    )


@dataclass
class Scene:
    """A model with one set of parameter values, and the studies simulated with it so far."""

    model: Model
    people: int = 20_000
    parameters: ParameterSet | None = None
    settings: Settings = HOW
    _cohorts: dict[str, Cohort] = field(default_factory=dict)
    _further: dict[str, Population] = field(default_factory=dict)
    _runs: dict[tuple[Any, ...], Results] = field(default_factory=dict)

    @property
    def seed(self) -> int:
        """The seed of its people and of all noise."""
        return self.settings.key

    def tell(self, stage: str) -> None:
        """Say what is being done."""
        self.settings.tell(stage, 0, 1)

    def cohort(self, name: str) -> Cohort:
        """Return the enrolled people of a named population."""
        if name not in self._cohorts:
            self.tell(f"enrolling {self.people:,} people: {name}")
            known = POPULATIONS | self._further
            population = rapid_population() if name == "rapid" else known[name]
            self._cohorts[name] = enrol(
                self.model,
                population,
                self.people,
                parameters=self.parameters,
                settings=self.settings.silent(),
            )
        return self._cohorts[name]

    def add(self, populations: Mapping[str, Population]) -> None:
        """Make further populations known by name; raise InputError for a name that is taken."""
        for name, population in populations.items():
            if name == "rapid" or POPULATIONS.get(name, population) != population:
                raise InputError(f"there is another population '{name}'; give it a name of its own")
            if self._further.setdefault(name, population) != population:
                raise InputError(f"two targets have a population '{name}'; give each its own name")

    def keep(self, names: Collection[str]) -> None:
        """Let go of every population but these, with what was simulated in it."""
        for name in [name for name in self._cohorts if name not in names]:
            del self._cohorts[name]
        for key in [key for key in self._runs if key[0] not in names]:
            del self._runs[key]

    def run(
        self,
        name: str,
        outputs: Sequence[str],
        times: Sequence[float],
        regimen: Regimen = UNTREATED,
    ) -> Results:
        """Return outputs of a population at times (days since day 0) under a regimen."""
        key = (name, tuple(outputs), tuple(times), regimen.content_hash)
        if key not in self._runs:
            people = self.cohort(name).people
            self.tell(f"simulating: {name}, {regimen.name}")
            self._runs[key] = self.simulate(people, outputs, times, regimen)
        return self._runs[key]

    def simulate(
        self,
        people: People,
        outputs: Sequence[str],
        times: Sequence[float],
        regimen: Regimen = UNTREATED,
    ) -> Results:
        """Simulate given people with this scene's model, parameters and seed."""
        return simulate_all(
            self.model,
            people,
            regimen,
            times=times,
            outputs=outputs,
            draws=self.parameters,
            settings=self.settings.silent(),
        )

    def quiet(
        self,
        people: People,
        outputs: Sequence[str],
        times: Sequence[float],
        regimen: Regimen = UNTREATED,
        replaced: Mapping[str, float] | None = None,
    ) -> Results:
        """Simulate people to whom nothing happens: no exacerbation, no death.

        ``replaced`` are further values by parameter id: another species, a loss left out.
        """
        values = dict(self.parameters.values) if self.parameters else {}
        values |= dict.fromkeys(_EVENT_RATES, 0.0) | dict(replaced or {})
        still = ParameterSet("quiet", values)
        return simulate_all(
            self.model, people, regimen, times=times, outputs=outputs, draws=still,
            settings=self.settings.silent(),
        )  # fmt: skip

    def measured(self, endpoint: str, truth: Floats) -> Floats:
        """Return measured values of true ones, with the noise of the endpoint's assessment."""
        z = generator(self.seed, f"noise {endpoint}").standard_normal(truth.shape)
        return measure(endpoint, truth, z)

    def measured_with(self, endpoint: str, truth: Floats, rng: np.random.Generator) -> Floats:
        """Return measured values with noise from a given generator, for repeated measurements."""
        return measure(endpoint, truth, rng.standard_normal(truth.shape))

    def noise_parameter(self, name: str) -> float:
        """Return the value of a parameter of the assessments."""
        return assessment_parameter(name).value

    def typical(
        self, genotype: str, *, age: float = 54.0, weight: float | Floats = 77.0, male: float = 1.0
    ) -> People:
        """Return typical people (no spread between patients) of a genotype, one for each weight."""
        weights = np.atleast_1d(np.asarray(weight, dtype=float))
        n = weights.size
        return make_people(
            self.model,
            self.seed,
            np.arange(n, dtype=np.int64),
            Demographics(
                age=np.full(n, age),
                male=np.full(n, male),
                height=np.full(n, 1.72),
                weight=weights,
                alleles=np.tile(np.array(GENOTYPES[genotype], dtype=float), (n, 1)),
                smoked=Smoked.never(n),
            ),
            {"genotype": np.full(n, genotype, dtype=object)},
            effects_of={},
            quiet=True,
        )


def slopes(times: Floats, values: Floats) -> Floats:
    """Return each row's least-squares slope per year; ``times`` in days, NaN values are left out."""
    years = np.broadcast_to(np.asarray(times) / YEAR, values.shape)
    seen = np.isfinite(values)
    count = seen.sum(axis=1)
    t = np.where(seen, years, 0.0)
    v = np.where(seen, values, 0.0)
    mean_t, mean_v = t.sum(1) / np.maximum(count, 1), v.sum(1) / np.maximum(count, 1)
    dt = np.where(seen, years - mean_t[:, None], 0.0)
    top = (dt * np.where(seen, values - mean_v[:, None], 0.0)).sum(1)
    bottom = (dt**2).sum(1)
    return np.where((count >= 2) & (bottom > 0), top / np.where(bottom > 0, bottom, 1.0), np.nan)
