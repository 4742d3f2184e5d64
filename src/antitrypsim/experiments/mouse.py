"""Two mice and the way from them to people: what was found in animals, simulated, and its species factor.

Cells of a healthy donor in the liver of a PiZ mouse, and mesenchymal cells and vesicles in the lung of
an elastase mouse, each beside what was published and beside the same in people.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from antitrypsim.calibration.targets.cells import DONOR, HOST, SETTLED, seeded
from antitrypsim.evidence import Parameter, load_registry
from antitrypsim.foundations.plain import Plain
from antitrypsim.foundations.plural import so_many
from antitrypsim.foundations.provenance import SCHEMA_VERSION
from antitrypsim.foundations.units import MONTH, WEEK, YEAR
from antitrypsim.modelling import Model
from antitrypsim.populations.mouse import (
    elastase_mouse,
    elastase_parameters,
    mouse,
    mouse_parameters,
)
from antitrypsim.protocols import BANNER
from antitrypsim.simulation.regimen import Regimen, repeated
from antitrypsim.simulation.settings import DEFAULT, Settings, how
from antitrypsim.therapies import build_model

if TYPE_CHECKING:
    from antitrypsim.calibration.scene import Floats, Scene

THERAPIES = ("exosomes", "msc", "primary_hepatocytes")
SEEDS = (0.001, 0.0045, 0.02, 0.05)
"""Shares of healthy hepatocytes to begin with: the range of the seeds given to PiZ mice and its middle
(TGT-26), and the share that an editor repaired (CELL-E01)."""
MONTHS = (1, 3, 6)
YEARS = (1, 5, 20)
_ROUNDS = [28.0 * k for k in range(4)]
SIGNALS: Mapping[str, Regimen] = {
    "mesenchymal cells by vein, 200 million every four weeks": repeated(
        "msc/intravenous", 2e8, at=_ROUNDS
    ),
    "inhaled vesicles, 1.6 billion a week": repeated(
        "exosomes/inhaled", 1.6e9, every=WEEK, until=16 * WEEK
    ),
}
"""What is given to mouse and person alike: a person's doses, the largest on record of vesicles."""
_READ = _ROUNDS[-1] + 2.0
_LUNG: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "lung.fev1": ("airflow", ("CELL-B22",)),
    "lung.neutrophils": ("neutrophils", ("CELL-B57", "CELL-D09")),
    "lung.macrophages": ("macrophage activation", ("CELL-B21", "CELL-B56")),
    "immunity.il10": ("IL-10", ("CELL-B56",)),
    "immunity.oxidative_stress": ("oxidative stress", ("CELL-B21",)),
}
_STAY = (1.0, 3.0)
_TAIL = 1.645
"""Standard normal of the 95th percentile."""


@dataclass(frozen=True)
class Repopulated:
    """Healthy hepatocytes, per cent of all, that begin as ``seed`` of a liver, by ``after`` and in whom."""

    species: str
    seed: float
    after: str
    share: float


@dataclass(frozen=True)
class Signalled:
    """The change by a therapy of one quantity, per cent of the same body without it, two days after a dose."""

    therapy: str
    what: str
    mouse: float
    people: float
    facts: tuple[str, ...]


@dataclass(frozen=True)
class SpeciesFactor:
    """A number that stands between animal and person; ``low`` and ``high`` are its 5th and 95th percentile."""

    what: str
    animal: float
    people: float
    unit: str
    low: float
    high: float
    grade: str
    rests_on: tuple[str, ...]

    @property
    def factor(self) -> float:
        """People over animal."""
        return self.people / self.animal


@dataclass(frozen=True)
class Mice:
    """What came out. ``staying`` is the share of mesenchymal cells in a lung after days; ``lost`` the
    elastin that the elastase took; ``deviations`` the effect on lung function in SDs, mouse and people."""

    liver: tuple[Repopulated, ...]
    lung: tuple[Signalled, ...]
    staying: Mapping[float, float]
    lost: float
    deviations: Mapping[str, tuple[float, float]]
    factors: tuple[SpeciesFactor, ...]
    facts: Mapping[str, str]
    model: str
    notices: tuple[str, ...] = (BANNER,)

    def to_dict(self) -> Plain:
        """Return plain data."""
        return {
            "schema": SCHEMA_VERSION,
            "kind": "mouse",
            "notices": list(self.notices),
            "liver": [asdict(one) for one in self.liver],
            "lung": [asdict(one) | {"facts": list(one.facts)} for one in self.lung],
            "cells_in_the_lung": {f"{day:g} days": share for day, share in self.staying.items()},
            "elastin_lost": self.lost,
            "lung_function_sd": {
                name: {"mouse": pair[0], "people": pair[1]}
                for name, pair in self.deviations.items()
            },
            "species_factors": [
                asdict(one) | {"rests_on": list(one.rests_on), "factor": one.factor}
                for one in self.factors
            ],
            "published": dict(self.facts),
            "provenance": {"model": self.model},
        }


def mice(*, settings: Settings = DEFAULT) -> Mice:
    """Let the two mice, and people beside them, live: a typical body each, to which nothing
    happens but its own active and quiet years."""
    from antitrypsim.calibration.scene import Scene

    how(settings)
    model = build_model(therapies=THERAPIES)
    scene = Scene(model, people=1, settings=settings)
    lung, deviations, staying, lost = _lungs(scene)
    return Mice(
        liver=_livers(scene),
        lung=lung,
        staying=staying,
        lost=lost,
        deviations=deviations,
        factors=_factors(model),
        facts=_facts(),
        model=model.content_hash,
    )


def _livers(scene: Scene) -> tuple[Repopulated, ...]:
    found = []
    for species, values, days in (
        ("PiZ mouse", mouse().values, {so_many(m, "month"): m * MONTH for m in MONTHS}),
        ("people with ZZ", {}, {so_many(y, "year"): y * YEAR for y in YEARS}),
    ):
        replaced = {**values, **SETTLED}
        for seed in SEEDS:
            scene.tell(f"simulating: {species}, {100 * seed:g} % healthy cells")
            run = seeded(scene, seed / (1 - seed), tuple(days.values()), (HOST, DONOR), replaced)
            donor, host = run[DONOR][0, 0], run[HOST][0, 0]
            shares = 100 * donor / (donor + host)
            found += [
                Repopulated(species, seed, after, float(share))
                for after, share in zip(days, shares, strict=True)
            ]
    return tuple(found)


def _lungs(
    scene: Scene,
) -> tuple[tuple[Signalled, ...], dict[str, tuple[float, float]], dict[float, float], float]:
    outputs = (*_LUNG, "lung.kept_elastin", "msc.in_lung")
    bodies = {
        "mouse": (scene.typical("MM", age=40.0), elastase_mouse().values),
        "people": (scene.typical("ZZ", age=50.0), {}),
    }

    def lived(body: str, regimen: Regimen, days: tuple[float, ...]) -> dict[str, Floats]:
        person, values = bodies[body]
        run = scene.quiet(person, outputs, days, regimen, values)
        return {name: run[name][0, 0] for name in outputs}

    without = {body: lived(body, Regimen(), (_READ,)) for body in bodies}
    rows, deviations = [], {}
    per_deviation = scene.model.parameter("paracrine.airflow_of_effect").value
    for therapy, regimen in SIGNALS.items():
        scene.tell(f"simulating: {therapy}")
        treated = {body: lived(body, regimen, (_READ,)) for body in bodies}

        def change(body: str, name: str, by: Mapping[str, dict[str, Floats]] = treated) -> float:
            return float(by[body][name][0] / without[body][name][0])

        for name, (what, facts) in _LUNG.items():
            animal, person = (100 * (change(body, name) - 1) for body in ("mouse", "people"))
            rows.append(Signalled(therapy, what, animal, person, facts))
        deviations[therapy] = (
            float(np.log(change("mouse", "lung.fev1")) / per_deviation),
            float(np.log(change("people", "lung.fev1")) / per_deviation),
        )
    once = repeated("msc/intravenous", 2e8, at=[0.0])
    cells = lived("mouse", once, (1e-3, *_STAY))["msc.in_lung"]
    staying = {day: float(cells[k + 1] / cells[0]) for k, day in enumerate(_STAY)}
    lost = 1 - float(without["mouse"]["lung.kept_elastin"][0])
    return tuple(rows), deviations, staying, lost


def _factors(model: Model) -> tuple[SpeciesFactor, ...]:
    liver, lung = mouse_parameters(), elastase_parameters()
    pairs = (
        ("selection against stressed hepatocytes", liver["selection"], "liver.selection"),
        ("regrowth of hepatocytes", liver["regrowth"], "liver.regrowth"),
        ("effect of a signal in the lung", lung["lung_translation"], "paracrine.lung_translation"),
    )
    return tuple(_factor(what, animal, model.parameter(id)) for what, animal, id in pairs)


def _factor(what: str, animal: Parameter, people: Parameter) -> SpeciesFactor:
    ends = people.uncertainty.transform(people.value, np.array([-_TAIL, _TAIL]))
    low, high = (float(end) for end in ends)
    return SpeciesFactor(
        what, animal.value, people.value, people.unit, low, high, people.grade, people.rests_on
    )


PUBLISHED = (
    "BIO-D11", "BIO-D12", "BIO-D13", "BIO-D14", "CELL-C33", "CELL-C34", "CELL-E01", "CELL-B21", "CELL-B22",
    "CELL-B30", "CELL-B31", "CELL-B56", "CELL-B57", "CELL-D09", "CELL-D13",
)  # fmt: skip
"""The findings in animals that stand beside what is simulated."""


def _facts() -> dict[str, str]:
    registry = load_registry()
    found = {id: registry.fact(id) for id in PUBLISHED}
    return {id: f"{f.quantity}: {f.value} {f.unit} ({f.population})" for id, f in found.items()}
