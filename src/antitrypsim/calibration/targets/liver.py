"""Liver and silencing: TGT-17 to TGT-20, TGT-36 to TGT-38."""

from __future__ import annotations

import numpy as np

from antitrypsim.calibration.scene import SILENCING, Scene
from antitrypsim.calibration.target import Check, Study, mean_check, share_check
from antitrypsim.simulation.regimen import repeated

STIFFNESS, STAGE, ALT = "liver.stiffness", "liver.fibrosis_stage", "liver.alt"
SERUM = "circulation.serum_aat"
_LIVER = (STIFFNESS, STAGE, ALT)
# A biopsy of Ishak 2 or more is METAVIR 1 or more on the continuous scale.
ISHAK_2 = 1.0


def stiffness(scene: Scene) -> list[Check]:
    """TGT-17: stiffness of ZZ adults and of non-carriers."""
    zz = scene.run("adults ZZ", _LIVER, (0.0,))[STIFFNESS][:, 0, 0]
    mm = scene.run("adults MM", _LIVER, (0.0,))[STIFFNESS][:, 0, 0]
    return [
        mean_check("ZZ kPa", zz, 6.0, 7.4),
        mean_check("MM kPa", mm, 3.9, 5.3),
        share_check("ZZ at or above 7.1 kPa %", scene.measured("stiffness", zz) >= 7.1, 20, 36),
    ]


def biopsy(scene: Scene) -> list[Check]:
    """TGT-18: Ishak 2 or more on biopsy."""
    stage = scene.run("adults ZZ", _LIVER, (0.0,))[STAGE][:, 0, 0]
    return [share_check("Ishak >= 2 %", stage >= ISHAK_2, 28, 42)]


def silenced(scene: Scene) -> list[Check]:
    """TGT-19: repeated silencing in ZZ people with fibrosis."""
    names = ("liver.liver_Z", "liver.polymer_total", SERUM)
    run = scene.run("liver ZZ", names, (0.0, 168.0, 336.0, 364.0), SILENCING)
    change = {name: 100 * (run[name][:, 0] / run[name][:, 0, :1] - 1) for name in names}
    total = change["liver.liver_Z"][:, 1:3]
    alive = np.isfinite(total).all(axis=1)
    weeks = np.nanmedian(total[alive], axis=0)
    error = 1.25 * float(total[alive].std()) / np.sqrt(alive.sum())
    polymer, serum = change["liver.polymer_total"][:, 3], change[SERUM][:, 2]
    return [
        Check("liver Z %", float(weeks.mean()), -93, -73, error),
        mean_check("aggregate at 52 weeks %", polymer, -77, -57),
        mean_check("serum at 48 weeks %", serum, -100, -80),
    ]


def _largest_fall(scene: Scene, genotype: str, product: str, dose: float) -> float:
    days = tuple(np.arange(0.0, 140.0, 4.0))
    regimen = repeated(f"{product}/subcutaneous", dose, at=[0.0])
    run = scene.quiet(scene.typical(genotype, age=35.0), (SERUM,), days, regimen)[SERUM][0, 0]
    return float(100 * (1 - run.min() / run[0]))


def single_dose(scene: Scene) -> list[Check]:
    """TGT-20: largest fall of serum AAT after one dose in healthy volunteers."""
    return [
        Check(
            f"{dose:g} mg/kg %", _largest_fall(scene, "MM", "belcesiran", dose), fall - 8, fall + 8
        )
        for dose, fall in ((1.0, 50.0), (3.0, 69.0), (6.0, 80.0))
    ]


def enzymes(scene: Scene) -> list[Check]:
    """TGT-36: ALT; AST and GGT are not in the model."""
    zz = scene.run("adults ZZ", _LIVER, (0.0,))[ALT][:, 0, 0]
    mm = scene.run("adults MM", _LIVER, (0.0,))[ALT][:, 0, 0]
    ratio = float(np.nanmean(zz) / np.nanmean(mm))
    return [Check("ALT, ZZ over MM", ratio, 80 / 66 * 0.75, 80 / 66 * 1.25)]


def elastography(scene: Scene) -> list[Check]:
    """TGT-37: fibrosis by elastography in ZZ and SZ together, cut at 7.9 and 10.3 kPa (CELL-G24)."""
    truth = scene.run("ZZ and SZ", _LIVER, (0.0,))[STIFFNESS][:, 0, 0]
    seen = scene.measured("stiffness", truth)
    return [
        share_check("F2 or more %", seen >= 7.9, 23 / 1.6, 23 * 1.6),
        share_check("F3 or more %", seen >= 10.3, 3 / 1.6, 3 * 1.6),
    ]


def first_generation(scene: Scene) -> list[Check]:
    """TGT-38: the same dose of the first-generation agent in healthy and ZZ people."""
    healthy = _largest_fall(scene, "MM", "arc_aat", 4.0)
    zz = _largest_fall(scene, "ZZ", "arc_aat", 4.0)
    return [
        Check("healthy %", healthy, -np.inf, np.inf),
        Check("ZZ %", zz, -np.inf, np.inf),
        Check("apart, points", abs(healthy - zz), 0.0, 8.0),
    ]


STUDIES = {
    "TGT-17": Study(stiffness, "adults ZZ", "adults MM"),
    "TGT-18": Study(biopsy, "adults ZZ"),
    "TGT-19": Study(silenced, "liver ZZ"),
    "TGT-20": Study(single_dose),
    "TGT-36": Study(enzymes, "adults ZZ", "adults MM"),
    "TGT-37": Study(elastography, "ZZ and SZ"),
    "TGT-38": Study(first_generation),
}
