"""Liver and silencing: TGT-17 to TGT-20, TGT-36 to TGT-38, TGT-49 and TGT-50."""

from __future__ import annotations

import numpy as np

from antitrypsim.calibration.scene import SILENCING, Scene
from antitrypsim.calibration.statistic import (
    Statistic,
    fold_of,
    in_order,
    mean_of,
    odds_ratio_of,
    quantile_of,
    sd_of,
    share_of,
)
from antitrypsim.calibration.target import study
from antitrypsim.foundations.units import YEAR
from antitrypsim.simulation.regimen import repeated

STIFFNESS, STAGE = "liver.stiffness", "liver.fibrosis_stage"
ENZYMES = {"ALT": "liver.alt", "AST": "liver.ast", "GGT": "liver.ggt"}
SERUM = "circulation.serum_aat"
_LIVER = (STIFFNESS, STAGE, *ENZYMES.values())
# A biopsy of Ishak 2 or more is METAVIR 1 or more on the continuous scale.
ISHAK_2 = 1.0


@study("TGT-17", "adults ZZ", "adults MM")
def stiffness(scene: Scene) -> list[Statistic]:
    """TGT-17: stiffness of ZZ adults and of non-carriers."""
    zz = scene.run("adults ZZ", _LIVER, (0.0,))[STIFFNESS][:, 0, 0]
    mm = scene.run("adults MM", _LIVER, (0.0,))[STIFFNESS][:, 0, 0]
    return [
        mean_of("ZZ kPa", zz),
        mean_of("MM kPa", mm),
        share_of("ZZ at or above 7.1 kPa %", scene.measured("stiffness", zz) >= 7.1),
    ]


@study("TGT-18", "adults ZZ")
def biopsy(scene: Scene) -> list[Statistic]:
    """TGT-18: Ishak 2 or more on biopsy."""
    stage = scene.run("adults ZZ", _LIVER, (0.0,))[STAGE][:, 0, 0]
    return [share_of("Ishak >= 2 %", stage >= ISHAK_2)]


@study("TGT-19", "liver ZZ", therapies=("silencing",))
def silenced(scene: Scene) -> list[Statistic]:
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
        Statistic("liver Z %", float(weeks.mean()), error),
        mean_of("aggregate at 52 weeks %", polymer),
        mean_of("serum at 48 weeks %", serum),
    ]


def _largest_fall(scene: Scene, genotype: str, product: str, dose: float) -> float:
    days = tuple(np.arange(0.0, 140.0, 4.0))
    regimen = repeated(f"{product}/subcutaneous", dose, at=[0.0])
    run = scene.quiet(scene.typical(genotype, age=35.0), (SERUM,), days, regimen)[SERUM][0, 0]
    return float(100 * (1 - run.min() / run[0]))


@study("TGT-20", therapies=("silencing",))
def single_dose(scene: Scene) -> list[Statistic]:
    """TGT-20: largest fall of serum AAT after one dose in healthy volunteers."""
    return [
        Statistic(f"{dose:g} mg/kg %", _largest_fall(scene, "MM", "belcesiran", dose))
        for dose in (1.0, 3.0, 6.0)
    ]


@study("TGT-36", "adults ZZ", "adults MM")
def enzymes(scene: Scene) -> list[Statistic]:
    """TGT-36: each enzyme of ZZ adults over that of non-carriers."""
    zz, mm = (scene.run(f"adults {genotype}", _LIVER, (0.0,)) for genotype in ("ZZ", "MM"))
    return [
        fold_of(f"{name}, ZZ over MM", zz[output][:, 0, 0], mm[output][:, 0, 0])
        for name, output in ENZYMES.items()
    ]


@study("TGT-37", "ZZ and SZ")
def elastography(scene: Scene) -> list[Statistic]:
    """TGT-37: fibrosis by elastography in ZZ and SZ together, cut at 7.9 and 10.3 kPa (CELL-G24)."""
    truth = scene.run("ZZ and SZ", _LIVER, (0.0,))[STIFFNESS][:, 0, 0]
    seen = scene.measured("stiffness", truth)
    return [
        share_of("F2 or more %", seen >= 7.9),
        share_of("F3 or more %", seen >= 10.3),
    ]


@study("TGT-38", therapies=("silencing",))
def first_generation(scene: Scene) -> list[Statistic]:
    """TGT-38: the same dose of the first-generation agent in healthy and ZZ people."""
    healthy = _largest_fall(scene, "MM", "arc_aat", 4.0)
    zz = _largest_fall(scene, "ZZ", "arc_aat", 4.0)
    return [
        Statistic("healthy %", healthy),
        Statistic("ZZ %", zz),
        Statistic("apart, points", abs(healthy - zz)),
    ]


ALL_GENOTYPES = ("adults MM", "adults MZ", "adults SZ", "adults ZZ")


@study("TGT-49", *ALL_GENOTYPES)
def stiff_by_genotype(scene: Scene) -> list[Statistic]:
    """TGT-49: stiffness at or above 7.1 kPa by genotype."""
    flags = {
        name[-2:]: scene.measured("stiffness", scene.run(name, _LIVER, (0.0,))[STIFFNESS][:, 0, 0])
        >= 7.1
        for name in ALL_GENOTYPES
    }
    share = {g: share_of(f"{g} at or above 7.1 kPa %", flag) for g, flag in flags.items()}
    mm, mz, sz, zz = (one.value for one in share.values())
    return [
        share["MM"],
        share["MZ"],
        share["ZZ"],
        odds_ratio_of("odds, MZ over MM", flags["MZ"], flags["MM"]),
        in_order("MM below MZ below SZ below ZZ", mm < mz, mz < sz, sz < zz),
    ]


_F3_STAGE, _F4_STAGE, _F3_STIFF = 2.5, 3.5, 10.3


@study("TGT-50", "adults ZZ")
def second_hits(scene: Scene) -> list[Statistic]:
    """TGT-50: the upper tail of stiffness, cirrhosis late in life, men and women, stage and stiffness."""
    people, run = scene.cohort("adults ZZ").people, scene.run("adults ZZ", _LIVER, (0.0,))
    stage = run[STAGE][:, 0, 0]
    seen = scene.measured("stiffness", run[STIFFNESS][:, 0, 0])
    stiff = seen >= _F3_STIFF
    age, men = people.age / YEAR, people.labels["sex"] == "male"
    by_stage, by_stiffness = (float(np.sum(flag)) + 0.5 for flag in (stage >= _F3_STAGE, stiff))
    ratio = by_stage / by_stiffness
    return [
        sd_of("SD kPa", seen),
        quantile_of("99th percentile kPa", seen, 0.99),
        share_of("F4 at 60-75 %", stage[(age >= 60) & (age < 75)] >= _F4_STAGE),
        odds_ratio_of("men over women, odds of F3", stiff[men], stiff[~men]),
        Statistic(
            "F3 by stage over F3 by elastography",
            ratio,
            ratio * float(np.hypot(by_stage**-0.5, by_stiffness**-0.5)),
        ),
    ]
