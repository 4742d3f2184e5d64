"""A published rival: the empirical model of lung density under augmentation, beside ours.

Tortorici and others 2017, Br J Clin Pharmacol 83:2386, doi:10.1111/bcp.13358, as a third party transcribed it. Serum AAT
is a line in the dose and the slope of lung density a line in serum AAT; it was fitted to people of RAPID, all
of whom were given none or 60 mg/kg a week, so that other doses are the line drawn on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from antitrypsim.calibration.scene import WEEK, YEAR, weekly
from antitrypsim.evidence import load_fixed
from antitrypsim.foundations.arrays import Floats
from antitrypsim.foundations.errors import RunError
from antitrypsim.foundations.plain import Plain
from antitrypsim.organs.covariates import WEIGHT
from antitrypsim.populations.enrol import enrol
from antitrypsim.protocols import load_protocol
from antitrypsim.simulation.regimen import Regimen
from antitrypsim.simulation.settings import DEFAULT, Settings
from antitrypsim.simulation.simulate import simulate_all
from antitrypsim.therapies import build_model

FIXED = load_fixed(Path(__file__).with_name("rival.toml"), "rival")

CITE = "Tortorici and others 2017, Br J Clin Pharmacol 83:2386, doi:10.1111/bcp.13358"
DOSES = (0.0, 30.0, 60.0, 90.0, 120.0)
"""Weekly doses of the picture, mg/kg."""

PEOPLE = 60
YEARS = 2.0
DOSE = "augmentation/intravenous"
_WHOSE = "rapid"


@dataclass(frozen=True)
class Rival:
    """Mean slopes of lung density by weekly dose, in the same virtual people of RAPID.

    ``doses`` in mg/kg a week; ``ours`` and ``published`` are slopes in g/L/year over two years, ``ours_people`` and
    ``published_people`` their 5th and 95th percentile between people (typical slopes: without the published model's
    own spread). ``people`` are those alive to the end under every dose.
    """

    doses: tuple[float, ...]
    ours: tuple[float, ...]
    published: tuple[float, ...]
    ours_people: tuple[tuple[float, float], ...]
    published_people: tuple[tuple[float, float], ...]
    people: int
    given: float
    fitted_to: int
    source: str = CITE

    def at(self, dose: float) -> tuple[float, float]:
        """Return our mean slope and the published one at one of the doses."""
        k = self.doses.index(dose)
        return self.ours[k], self.published[k]

    def to_dict(self) -> Plain:
        """Return plain data."""
        return asdict(self)


def published_exposure(baseline: Floats, weight: Floats, dose: float) -> Floats:
    """Return the published trough of serum AAT, µM.

    ``baseline`` in µM, ``weight`` in kg, ``dose`` in mg/kg a week (equation 6 of the source).
    """
    relative, per_day = baseline / FIXED.reference_baseline.value, dose * weight / WEEK
    gained = (
        FIXED.exposure_per_dose.value
        * (weight / FIXED.reference_weight.value) ** FIXED.weight_exponent.value
        * relative**FIXED.baseline_exponent_dose.value
    )
    untreated = FIXED.exposure_untreated.value * relative**FIXED.baseline_exponent.value
    return np.asarray(untreated + gained * per_day)


def published_slope(baseline: Floats, weight: Floats, fev1: Floats, dose: float) -> Floats:
    """Return the published typical slope of lung density over the first two years, g/L/year.

    As ``published_exposure``; ``fev1`` in L (equations 7 to 9 of the source).
    """
    exposure = published_exposure(baseline, weight, dose) - FIXED.exposure_untreated.value
    return np.asarray(
        FIXED.slope_untreated.value
        + FIXED.slope_per_exposure.value * exposure
        + FIXED.slope_per_fev1.value * (fev1 - FIXED.reference_fev1.value)
    )


def is_rivalled(regimen: Regimen) -> bool:
    """Return whether a regimen is AAT into a vein and nothing else, so that the rival speaks of it."""
    return regimen.names == (DOSE,)


def density_rival(
    people: int = PEOPLE, doses: Sequence[float] = DOSES, settings: Settings = DEFAULT
) -> Rival:
    """Return the slopes of density by dose, ours and the published ones, in virtual people of RAPID.

    Of ``settings`` the seed and tolerance count. Raises RunError where nobody lives to the end.
    """
    return _rival(people, tuple(map(float, doses)), settings.key, settings.tolerance)


@lru_cache(maxsize=8)
def _rival(people: int, doses: tuple[float, ...], seed: int, tolerance: float) -> Rival:
    settings = Settings(seed=seed, tolerance=tolerance)
    model = build_model(therapies=("augmentation",))
    cohort = enrol(model, load_protocol(_WHOSE).population, people, settings=settings).people
    weight = cohort.covariates[WEIGHT.name]
    outputs = ("lung.density", "lung.fev1", "circulation.serum_aat")
    slopes, theirs, first = [], [], None
    for dose in doses:
        regimen = weekly(dose, YEARS) if dose else Regimen()
        run = simulate_all(
            model, cohort, regimen, times=(0.0, YEARS * YEAR), outputs=outputs, settings=settings
        )
        # Day 0 is read before the first dose, so that it is everybody's own under any dose.
        first = run if first is None else first
        density = run["lung.density"][:, 0]
        slopes.append((density[:, 1] - density[:, 0]) / YEARS)
        fev1, baseline = (first[name][:, 0, 0] for name in outputs[1:])
        theirs.append(published_slope(baseline, weight, fev1, dose))
    alive = np.all(np.isfinite(slopes), axis=0)
    if not alive.any():
        raise RunError("none of these people lives two years under every dose; ask for more people")
    return Rival(
        doses,
        tuple(float(each[alive].mean()) for each in slopes),
        tuple(float(each[alive].mean()) for each in theirs),
        tuple(_band(each[alive]) for each in slopes),
        tuple(_band(each[alive]) for each in theirs),
        int(alive.sum()),
        float(FIXED.dose_given.value),
        int(FIXED.people.value),
    )


def _band(values: Floats) -> tuple[float, float]:
    low, high = np.quantile(values, [0.05, 0.95])
    return float(low), float(high)
