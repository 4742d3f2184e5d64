"""Levels in the lung, by genotype and age: TGT-28, TGT-39, TGT-41, TGT-45 and TGT-52."""

from __future__ import annotations

import numpy as np

from antitrypsim.calibration.register import RATIO, REGISTER, SHARE, lived
from antitrypsim.calibration.scene import UNTREATED, Scene, weekly
from antitrypsim.calibration.statistic import Statistic, fold_of, in_order, mean_of, quotient, sd_of
from antitrypsim.calibration.target import study
from antitrypsim.foundations.units import WEEK, YEAR

SERUM, FOOTPRINT = "circulation.serum_aat", "lung.footprint"
NEUTROPHILS, RELEASE = "lung.neutrophils", "lung.release"
_STEADY = 26 * WEEK


@study("TGT-28", "adults ZZ", "adults MZ", "adults MM", therapies=("augmentation",))
def footprint(scene: Scene) -> list[Statistic]:
    """TGT-28: footprint by genotype, and inside one typical person from none to much augmentation."""
    groups = {
        genotype: scene.run(f"adults {genotype}", (FOOTPRINT,), (0.0,))[FOOTPRINT][:, 0, 0]
        for genotype in ("ZZ", "MZ", "MM")
    }
    person = scene.typical("ZZ", age=40.0)
    points = []
    for dose in (0.0, 15.0, 30.0, 45.0, 60.0, 80.0, 97.0):
        regimen = weekly(dose, 1.0) if dose else UNTREATED
        run = scene.quiet(person, (SERUM, FOOTPRINT), (_STEADY,), regimen)
        points.append((run[SERUM][0, 0, 0], run[FOOTPRINT][0, 0, 0]))
    serum, prints = np.array(points).T
    r = float(np.corrcoef(serum, np.log(prints))[0, 1])
    zz, mz, mm = (mean_of(f"{genotype} nM", values) for genotype, values in groups.items())
    return [
        zz,
        mz,
        mm,
        in_order("ZZ above MZ above MM", zz.value > mz.value, mz.value > mm.value),
        fold_of("ZZ over MM", groups["ZZ"], groups["MM"]),
        Statistic("R2 of ln footprint", r * r),
    ]


@study("TGT-39", "ZZ never 25-45, normal lungs", "MM never 25-45")
def early_inflammation(scene: Scene) -> list[Statistic]:
    """TGT-39: lung neutrophils and proteases of ZZ people with normal spirometry, against MM."""
    zz, mm = (
        scene.run(name, (NEUTROPHILS, RELEASE), (0.0,))
        for name in ("ZZ never 25-45, normal lungs", "MM never 25-45")
    )
    young, old = (
        float(
            scene.quiet(scene.typical("MM", age=age), (NEUTROPHILS,), (0.0,))[NEUTROPHILS][0, 0, 0]
        )
        for age in (30.0, 60.0)
    )
    return [
        fold_of("neutrophils fold", zz[NEUTROPHILS], mm[NEUTROPHILS]),
        fold_of("proteases fold", zz[RELEASE], mm[RELEASE]),
        Statistic("MM at 60 over MM at 30", quotient(old, young)),
    ]


@study("TGT-41", REGISTER)
def register(scene: Scene) -> list[Statistic]:
    """TGT-41: airflow of the Swedish register at inclusion."""
    one = lived(scene)
    seen = scene.measured("fev1_percent", 100 * one[SHARE][:, 0])
    return [
        mean_of("FEV1 %", seen),
        sd_of("SD of FEV1 %", seen),
        mean_of("FEV1/FVC", one[RATIO][:, 0]),
    ]


@study("TGT-45")
def by_genotype(scene: Scene) -> list[Statistic]:
    """TGT-45: typical men of 50 who never smoked, by genotype."""
    names = ("lung.free_elastase", "lung.density", "lung.fev1")
    elastase, loss, fev1 = {}, {}, {}
    for genotype in ("null", "Z0", "ZZ", "SZ", "MZ", "MM"):
        run = scene.quiet(scene.typical(genotype, age=50.0), names, (0.0, 5 * YEAR))
        elastase[genotype], density, fev1[genotype] = (run[name][0, 0] for name in names)
        loss[genotype] = float(density[0] - density[1]) / 5

    def order(label: str, of: dict[str, float]) -> Statistic:
        return in_order(
            label, of["null"] >= of["Z0"], of["Z0"] >= of["ZZ"], of["ZZ"] > of["SZ"],
            of["SZ"] > of["MZ"],
        )  # fmt: skip

    return [
        order("free elastase in order", {g: float(values[0]) for g, values in elastase.items()}),
        order("density loss in order", loss),
        Statistic("MZ over MM, density loss", quotient(loss["MZ"], loss["MM"])),
        Statistic("MZ against MM, FEV1 mL", float(1000 * (fev1["MZ"][0] - fev1["MM"][0]))),
    ]


@study("TGT-52", "MM never of 30")
def healthy_lives(scene: Scene) -> list[Statistic]:
    """TGT-52: healthy never-smokers from 30 on, those who are alive at each age."""
    ages = (30, 50, 70, 85)
    times = tuple(YEAR * (age - 30.0) for age in ages)
    run = scene.run("MM never of 30", (SHARE, NEUTROPHILS), times)
    neutrophils = run[NEUTROPHILS][:, 0]
    return [
        *(mean_of(f"FEV1 at {age} %", 100 * run[SHARE][:, 0, k]) for k, age in enumerate(ages)),
        fold_of("neutrophils at 85 over 30", neutrophils[:, 3], neutrophils[:, 0]),
    ]
