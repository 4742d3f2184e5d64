"""Density, airflow and elastase: TGT-06 to TGT-13, TGT-21, TGT-28, TGT-33, TGT-34, TGT-39, TGT-40."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from antitrypsim.calibration.scene import UNTREATED, Scene, slopes, weekly
from antitrypsim.calibration.target import (
    Statistic,
    fold_of,
    mean_of,
    sd_of,
    share_of,
    study,
)
from antitrypsim.foundations.units import MONTH, YEAR

DENSITY, FEV1, SERUM = "lung.density", "lung.fev1", "circulation.serum_aat"
SCANS = tuple(MONTH * np.array([0.0, 3, 12, 21, 24]))
LONG = tuple(MONTH * np.array([0.0, 3, 12, 21, 24, 36, 48]))
_OUTPUTS = (DENSITY, FEV1, SERUM, "lung.desmosine")

Floats = NDArray[np.float64]


def _rapid(scene: Scene, *, treated: bool) -> tuple[Floats, Floats, Floats]:
    """Return density, FEV1 and trough of the RAPID people at the scans, over four years."""
    run = scene.run("rapid", _OUTPUTS, LONG, weekly(60, 4.1) if treated else UNTREATED)
    return run[DENSITY][:, 0], run[FEV1][:, 0], run[SERUM][:, 0]


def _true_slope(values: Floats) -> Floats:
    return np.asarray((values[:, 4] - values[:, 0]) / 2.0)


@study("TGT-06", "rapid")
def untreated_density(scene: Scene) -> list[Statistic]:
    """TGT-06: true and observed slopes without treatment."""
    density, _, _ = _rapid(scene, treated=False)
    alive = np.isfinite(density[:, 4])
    true = _true_slope(density[alive])
    seen = slopes(np.array(SCANS), scene.measured("density", density[alive][:, :5]))
    return [
        mean_of("mean g/L/year", true),
        sd_of("SD of true slopes", true),
        sd_of("SD of observed slopes", seen),
    ]


@study("TGT-07", "rapid")
def treated_density(scene: Scene) -> list[Statistic]:
    """TGT-07: the same people on 60 mg/kg a week."""
    untreated, _, _ = _rapid(scene, treated=False)
    treated, _, _ = _rapid(scene, treated=True)
    both = np.isfinite(untreated[:, 4]) & np.isfinite(treated[:, 4])
    slow, fast = _true_slope(treated[both]), _true_slope(untreated[both])
    return [
        mean_of("mean g/L/year", slow),
        mean_of("slower by", slow - fast),
    ]


@study("TGT-08", "rapid")
def exposure_response(scene: Scene) -> list[Statistic]:
    """TGT-08: mean decline against median trough from untreated to 25 µM, in the RAPID people."""
    troughs, declines = [], []
    for dose in (0.0, 15.0, 30.0, 45.0, 60.0, 80.0, 97.0):
        regimen = weekly(dose, 2.1) if dose else UNTREATED
        run = scene.run("rapid", (DENSITY, SERUM), (0.0, 364.0, 728.0), regimen)
        density = run[DENSITY][:, 0]
        troughs.append(float(np.nanmedian(run[SERUM][:, 0, 1])))
        declines.append(float(np.nanmean((density[:, 2] - density[:, 0]) / (728 / YEAR))))
    slope, intercept = np.polyfit(troughs, declines, 1)
    fitted = slope * np.array(troughs) + intercept
    r2 = 1 - np.sum((np.array(declines) - fitted) ** 2) / np.var(declines) / len(declines)
    return [
        Statistic("g/L/year per µM", float(slope)),
        Statistic("R2", float(r2)),
        Statistic("highest trough µM", troughs[-1]),
    ]


@study("TGT-09", "rapid")
def level(scene: Scene) -> list[Statistic]:
    """TGT-09: level of density, and decline by baseline FEV1."""
    density, fev1, _ = _rapid(scene, treated=False)
    alive = np.isfinite(density[:, 4])
    true, start = _true_slope(density[alive]), fev1[alive][:, 0]
    slope = float(np.atleast_2d(np.cov(true, start))[0, 1] / np.var(start))
    residual = true - slope * start
    error = float(residual.std() / start.std() / np.sqrt(start.size))
    return [
        mean_of("level g/L", density[:, 0]),
        Statistic("g/L/year per L of FEV1", float(slope), error),
    ]


@study("TGT-10", "MM ex men 50-70")
def without_aatd(scene: Scene) -> list[Statistic]:
    """TGT-10: ex-smoking men without AATD or obstruction."""
    density = scene.run("MM ex men 50-70", (DENSITY, FEV1), (0.0, 2 * YEAR))[DENSITY][:, 0]
    return [
        mean_of("level g/L", density[:, 0]),
        mean_of("slope g/L/year", (density[:, 1] - density[:, 0]) / 2),
    ]


_YEARLY = tuple(YEAR * np.arange(7.0))


def _observed_loss(scene: Scene, population: str) -> Floats:
    """Return observed yearly loss of FEV1 in mL, yearly visits over six years."""
    fev1 = scene.run(population, (FEV1, "lung.fev1_fvc"), _YEARLY)[FEV1][:, 0]
    return np.asarray(-1000 * slopes(np.array(_YEARLY), scene.measured("fev1", fev1)))


@study("TGT-11", "registry current", "registry ex", "registry never")
def by_smoking(scene: Scene) -> list[Statistic]:
    """TGT-11: the Swedish registry's losses of FEV1 by smoking."""
    found = []
    for smoking in ("current", "ex", "never"):
        loss = _observed_loss(scene, f"registry {smoking}")
        found.append(mean_of(f"{smoking} mL/year", loss))
        found.append(sd_of(f"{smoking} SD", loss))
    return found


@study("TGT-12", "MM never 40-60")
def healthy(scene: Scene) -> list[Statistic]:
    """TGT-12: MM never-smokers."""
    fev1 = scene.run("MM never 40-60", (FEV1,), (0.0, 5 * YEAR))[FEV1][:, 0]
    return [mean_of("mL/year", -1000 * (fev1[:, 1] - fev1[:, 0]) / 5)]


@study("TGT-13", "clinic")
def normal_ageing(scene: Scene) -> list[Statistic]:
    """TGT-13: the share that loses no more than 30 mL a year, with and without obstruction."""
    loss = _observed_loss(scene, "clinic")
    ratio = scene.run("clinic", (FEV1, "lung.fev1_fvc"), _YEARLY)["lung.fev1_fvc"][:, 0, 0]
    seen = np.isfinite(loss)
    slow = loss <= 30
    with_copd = share_of("with COPD %", slow[seen & (ratio < 0.7)])
    without = share_of("without COPD %", slow[seen & (ratio >= 0.7)])
    apart = Statistic(
        "points apart",
        without.value - with_copd.value,
        np.hypot(with_copd.error, without.error),
    )
    return [with_copd, without, apart]


@study("TGT-21", "rapid")
def desmosine(scene: Scene) -> list[Statistic]:
    """TGT-21: plasma desmosine, treated minus placebo, of the same people."""
    runs = [scene.run("rapid", _OUTPUTS, LONG, r) for r in (weekly(60, 4.1), UNTREATED)]
    difference = runs[0]["lung.desmosine"][:, 0] - runs[1]["lung.desmosine"][:, 0]
    return [
        mean_of(f"{month} months ng/mL", difference[:, k])
        for k, month in ((1, 3), (2, 12), (4, 24))
    ]


@study("TGT-28", "rapid", "general MM")
def footprint(scene: Scene) -> list[Statistic]:
    """TGT-28: footprint of typical people from ZZ to MM, untreated and on augmentation."""
    names = ("lung.footprint", SERUM)
    points = []
    for genotype in ("ZZ", "SZ", "MZ", "SS", "MS", "MM"):
        run = scene.quiet(scene.typical(genotype, age=40.0), names, [0.0])
        points.append((run[SERUM][0, 0, 0], run["lung.footprint"][0, 0, 0]))
    serum, prints = np.array(points).T
    r = np.corrcoef(serum, np.log(prints))[0, 1]
    zz = scene.run("rapid", names, (0.0,))["lung.footprint"][:, 0, 0]
    mm = scene.run("general MM", (SERUM, "lung.footprint"), (0.0,))["lung.footprint"][:, 0, 0]
    error = (
        (zz.mean() / mm.mean())
        * np.hypot(zz.std() / zz.mean(), mm.std() / mm.mean())
        / np.sqrt(zz.size)
    )
    return [
        Statistic("ratio of means", float(zz.mean() / mm.mean()), float(error)),
        Statistic("R2 of ln footprint", float(r * r)),
    ]


@study("TGT-33", "rapid")
def later_treated(scene: Scene) -> list[Statistic]:
    """TGT-33: the delayed-start arm before its treatment: completers, so those alive at four years."""
    density, _, _ = _rapid(scene, treated=False)
    completers = np.isfinite(density[:, 6])
    return [mean_of("g/L/year", _true_slope(density[completers]))]


@study("TGT-34", "registry middle", "registry young")
def by_age(scene: Scene) -> list[Statistic]:
    """TGT-34: loss of FEV1 in middle age and in youth."""
    return [
        mean_of("middle-aged mL/year", _observed_loss(scene, "registry middle")),
        mean_of("young mL/year", _observed_loss(scene, "registry young")),
    ]


@study("TGT-39", "ZZ normal spirometry", "adults MM")
def early_inflammation(scene: Scene) -> list[Statistic]:
    """TGT-39: lung neutrophils and proteases of ZZ people with normal spirometry, against MM."""
    names = ("lung.neutrophils", "lung.release")
    zz = scene.run("ZZ normal spirometry", names, (0.0,))
    mm = scene.run("adults MM", names, (0.0,))
    neutrophils, release = names
    return [
        fold_of("neutrophils fold", zz[neutrophils], mm[neutrophils]),
        fold_of("proteases fold", zz[release], mm[release]),
    ]


@study("TGT-40", "rapid")
def loose_coupling(scene: Scene) -> list[Statistic]:
    """TGT-40: correlation of observed four-year changes in density and FEV1, both arms together."""
    changes = []
    for treated in (False, True):
        density, fev1, _ = _rapid(scene, treated=treated)
        half = slice(0, None, 2) if treated else slice(1, None, 2)
        seen_density = scene.measured("density", density[half])
        seen_fev1 = scene.measured("fev1", fev1[half])
        changes.append(
            np.stack([seen_density[:, 6] - seen_density[:, 0], seen_fev1[:, 6] - seen_fev1[:, 0]])
        )
    both = np.concatenate(changes, axis=1)
    both = both[:, np.isfinite(both).all(axis=0)]
    r = float(np.atleast_2d(np.corrcoef(both))[0, 1])
    return [Statistic("r", r, (1 - r * r) / np.sqrt(both.shape[1]))]
