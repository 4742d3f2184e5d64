"""AAT in serum and lining fluid: TGT-01 to TGT-05, TGT-31 and TGT-32."""

from __future__ import annotations

import numpy as np

from antitrypsim.calibration.scene import Scene, weekly
from antitrypsim.calibration.target import Check, Study, mean_check, quantile_check, sd_check
from antitrypsim.evidence.aat import grams_per_micromole
from antitrypsim.foundations.units import convert

BOUNDS = {
    "MM": (1.05, 1.64),
    "MS": (0.88, 1.37),
    "SS": (0.73, 1.06),
    "MZ": (0.66, 1.00),
    "SZ": (0.49, 0.66),
}
SERUM = "circulation.serum_aat"
GRAMS = "circulation.serum_aat_mass"
_STEADY = 26 * 7.0


def genotypes(scene: Scene) -> list[Check]:
    """TGT-01: 5th and 95th percentile by genotype, assay noise included."""
    checks = []
    for genotype, (low, high) in BOUNDS.items():
        truth = scene.run(f"general {genotype}", [SERUM], [0.0])[SERUM][:, 0, 0]
        seen = scene.measured("serum_aat", truth) * grams_per_micromole()
        slack = 0.15 if genotype == "SZ" else 0.10
        for q, bound in ((0.05, low), (0.95, high)):
            label = f"{genotype} p{round(100 * q):02d} g/L"
            checks.append(quantile_check(label, seen, q, bound * (1 - slack), bound * (1 + slack)))
    return checks


def zz(scene: Scene) -> list[Check]:
    """TGT-02: untreated ZZ with emphysema."""
    run = scene.run("rapid", [SERUM, "circulation.functional_aat"], [0.0])
    serum, functional = run[SERUM][:, 0, 0], run["circulation.functional_aat"][:, 0, 0]
    return [
        quantile_check("antigenic median µM", serum, 0.5, 5.5 * 0.9, 5.5 * 1.1),
        mean_check("functional mean µM", functional, 3.4, 4.5),
        sd_check("antigenic SD µM", serum, 1.5, 3.0),
    ]


def trough(scene: Scene) -> list[Check]:
    """TGT-03: a typical person of 77 kg, baseline scaled to 5.5 µM, before a weekly dose."""
    baseline, value = _typical_trough(scene, 77.0, 60.0)
    return [Check("trough µM", value - baseline + 5.5, 16.0, 18.6)]


def _typical_trough(
    scene: Scene, weight: float, dose: float, every: float = 7.0
) -> tuple[float, float]:
    people = scene.typical("ZZ", weight=weight)
    last = every * np.floor(_STEADY / every)
    before = scene.quiet(people, [SERUM], [0.0])[SERUM][0, 0, 0]
    during = scene.quiet(people, [SERUM], [last], weekly(dose, 1.0, every=every))[SERUM][0, 0, 0]
    return float(before), float(during)


def exposure(scene: Scene) -> list[Check]:
    """TGT-04: troughs at five weights against the published exposure formula at baseline 5.5 µM."""
    checks = []
    for weight in (50.0, 65.0, 77.0, 95.0, 110.0):
        baseline, value = _typical_trough(scene, weight, 60.0)
        formula = 5.42 + 0.02 * (60 * weight / 7) * (weight / 77) ** -0.85
        checks.append(
            Check(f"{weight:g} kg µM", value - baseline + 5.42, 0.9 * formula, 1.1 * formula)
        )
    return checks


def lining(scene: Scene) -> list[Check]:
    """TGT-05: lining fluid over serum, and its gain on 60 mg/kg a week, a day before the next dose."""
    people = scene.typical("ZZ", age=50.0)
    names = [SERUM, "lung.lining_aat_total", "lung.capacity", "lung.capacity_total"]
    before = scene.quiet(people, names, [0.0])
    after = scene.quiet(people, names, [_STEADY - 0.5], weekly(60, 1))
    ratio = [
        float(r["lung.lining_aat_total"][0, 0, 0] / r[SERUM][0, 0, 0]) for r in (before, after)
    ]
    gain = [float(after[k][0, 0, 0] / before[k][0, 0, 0]) for k in names]
    return [
        Check("ratio before", ratio[0], 0.05, 0.14),
        Check("ratio after", ratio[1], 0.05, 0.14),
        Check("AAT gain", gain[1], 3.0, 5.0),
        Check("capacity gain", gain[3], 1.6, 2.6),
    ]


def japan(scene: Scene) -> list[Check]:
    """TGT-31: trough and peak in a second population; weights were not stated, 60 kg is assumed."""
    people = scene.typical("ZZ", weight=60.0)
    times = [_STEADY, _STEADY + 0.01, _STEADY + 3, _STEADY + 7]
    run = scene.quiet(people, [SERUM], times, weekly(60, 1))[SERUM][0, 0]
    run = run * convert(grams_per_micromole(), "g/L", "mg/dL")
    return [
        Check("trough mg/dL", float(run[0]), 55 * 0.75, 55 * 1.25),
        Check("peak mg/dL", float(run[1]), 174 * 0.75, 174 * 1.25),
    ]


def nadirs(scene: Scene) -> list[Check]:
    """TGT-32: the typical nadir at 50 mg/kg weekly; the other interval is reported."""
    _, week = _typical_trough(scene, 77.0, 50.0)
    _, fortnight = _typical_trough(scene, 77.0, 110.0, every=14.0)
    return [
        Check("50 mg/kg weekly g/L", week * grams_per_micromole(), 0.5 * 0.85, np.inf),
        Check("110 mg/kg fortnightly g/L", fortnight * grams_per_micromole(), -np.inf, np.inf),
    ]


STUDIES = {
    "TGT-01": Study(
        genotypes, "general MM", "general MS", "general SS", "general MZ", "general SZ"
    ),
    "TGT-02": Study(zz, "rapid"),
    "TGT-03": Study(trough),
    "TGT-04": Study(exposure),
    "TGT-05": Study(lining),
    "TGT-31": Study(japan),
    "TGT-32": Study(nadirs),
}
