"""AAT in serum and lining fluid: TGT-01 to TGT-05, TGT-31 and TGT-32."""

from __future__ import annotations

import numpy as np

from antitrypsim.calibration.scene import Scene, weekly
from antitrypsim.calibration.statistic import Statistic, mean_of, quantile_of, sd_of
from antitrypsim.calibration.target import study
from antitrypsim.evidence.aat import grams_per_micromole
from antitrypsim.foundations.units import WEEK, convert
from antitrypsim.simulation.regimen import repeated

SERUM = "circulation.serum_aat"
GRAMS = "circulation.serum_aat_mass"
_STEADY = 26 * WEEK


@study("TGT-01", "general MM", "general MS", "general SS", "general MZ", "general SZ")
def genotypes(scene: Scene) -> list[Statistic]:
    """TGT-01: 5th and 95th percentile by genotype, assay noise included."""
    found = []
    for genotype in ("MM", "MS", "SS", "MZ", "SZ"):
        truth = scene.run(f"general {genotype}", [SERUM], [0.0])[SERUM][:, 0, 0]
        seen = scene.measured("serum_aat", truth) * grams_per_micromole()
        for q in (0.05, 0.95):
            found.append(quantile_of(f"{genotype} p{round(100 * q):02d} g/L", seen, q))
    return found


@study("TGT-02", "rapid")
def zz(scene: Scene) -> list[Statistic]:
    """TGT-02: untreated ZZ with emphysema."""
    run = scene.run("rapid", [SERUM, "circulation.functional_aat"], [0.0])
    serum, functional = run[SERUM][:, 0, 0], run["circulation.functional_aat"][:, 0, 0]
    return [
        quantile_of("antigenic median µM", serum, 0.5),
        mean_of("functional mean µM", functional),
        sd_of("antigenic SD µM", serum),
    ]


_AFTER = (14.0, 28.0)


@study("TGT-03", therapies=("augmentation",))
def trough(scene: Scene) -> list[Statistic]:
    """TGT-03: a typical person of 77 kg, baseline scaled to 5.5 µM, before a weekly dose.

    The half-life is that of the infused AAT, from two weeks after a dose to four.
    """
    baseline, value = _typical_trough(scene, 77.0, 60.0)
    early, late = _AFTER
    dose = repeated("augmentation/intravenous", 60.0, at=[0.0])
    left = (
        scene.quiet(scene.typical("ZZ", weight=77.0), [SERUM], _AFTER, dose)[SERUM][0, 0] - baseline
    )
    half_life = (late - early) * np.log(2) / np.log(left[0] / left[1])
    return [
        Statistic("trough µM", value - baseline + 5.5),
        Statistic("terminal half-life d", float(half_life)),
    ]


def _typical_trough(
    scene: Scene, weight: float, dose: float, every: float = WEEK
) -> tuple[float, float]:
    people = scene.typical("ZZ", weight=weight)
    last = every * np.floor(_STEADY / every)
    before = scene.quiet(people, [SERUM], [0.0])[SERUM][0, 0, 0]
    during = scene.quiet(people, [SERUM], [last], weekly(dose, 1.0, every=every))[SERUM][0, 0, 0]
    return float(before), float(during)


@study("TGT-04", therapies=("augmentation",))
def exposure(scene: Scene) -> list[Statistic]:
    """TGT-04: troughs at five weights, for the published exposure formula and its baseline."""
    found = []
    for weight in (50.0, 65.0, 77.0, 95.0, 110.0):
        baseline, value = _typical_trough(scene, weight, 60.0)
        found.append(Statistic(f"{weight:g} kg µM", value - baseline + 5.42))
    return found


@study("TGT-05", therapies=("augmentation",))
def lining(scene: Scene) -> list[Statistic]:
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
        Statistic("ratio before", ratio[0]),
        Statistic("ratio after", ratio[1]),
        Statistic("AAT gain", gain[1]),
        Statistic("capacity gain", gain[3]),
    ]


@study("TGT-31", therapies=("augmentation",))
def japan(scene: Scene) -> list[Statistic]:
    """TGT-31: a second population, of rare alleles with 10 to 15 mg/dL of their own, here Z and null.

    Weights were not stated, 52 kg is assumed. The half-life is that of what was infused.
    """
    people = scene.typical("Z0", weight=52.0)
    own = scene.quiet(people, [SERUM], [0.0])[SERUM][0, 0, 0]
    times = [_STEADY, _STEADY + 0.01, _STEADY + 3, _STEADY + 7]
    run = scene.quiet(people, [SERUM], times, weekly(60, 1))[SERUM][0, 0]
    in_grams = convert(grams_per_micromole(), "g/L", "mg/dL")
    return [
        Statistic(
            "half-life h",
            float(96 * np.log(2) / np.log((run[2] - own) / (run[3] - own))),
            detail=f"own serum AAT {own * in_grams:.3g} mg/dL",
        ),
        Statistic("trough mg/dL", float(run[0] * in_grams)),
        Statistic("peak mg/dL", float(run[1] * in_grams)),
    ]


@study("TGT-32", therapies=("augmentation",))
def nadirs(scene: Scene) -> list[Statistic]:
    """TGT-32: the typical nadir at 50 mg/kg weekly; the other interval is reported."""
    _, week = _typical_trough(scene, 77.0, 50.0)
    _, fortnight = _typical_trough(scene, 77.0, 110.0, every=14.0)
    return [
        Statistic("50 mg/kg weekly g/L", week * grams_per_micromole()),
        Statistic("110 mg/kg fortnightly g/L", fortnight * grams_per_micromole()),
    ]
