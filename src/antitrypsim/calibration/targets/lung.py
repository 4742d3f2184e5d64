"""Density, and RAPID: TGT-06 to TGT-10, TGT-21, TGT-33, TGT-40, TGT-48 and TGT-51."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from antitrypsim.calibration.scene import UNTREATED, Scene, slopes, weekly
from antitrypsim.calibration.statistic import (
    Ints,
    Statistic,
    correlation_of,
    jackknifed,
    mean_of,
    quantile_of,
    sd_of,
    slope_of,
)
from antitrypsim.calibration.target import study
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


@study("TGT-06", "rapid", therapies=("augmentation",))
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


@study("TGT-07", "rapid", therapies=("augmentation",))
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


@study("TGT-08", "rapid", therapies=("augmentation",))
def exposure_response(scene: Scene) -> list[Statistic]:
    """TGT-08: mean decline against median trough from untreated to 25 µM, in the RAPID people."""
    serum, loss = [], []
    for dose in (0.0, 15.0, 30.0, 45.0, 60.0, 80.0, 97.0):
        regimen = weekly(dose, 2.1) if dose else UNTREATED
        run = scene.run("rapid", (DENSITY, SERUM), (0.0, 364.0, 728.0), regimen)
        density = run[DENSITY][:, 0]
        serum.append(run[SERUM][:, 0, 1])
        loss.append((density[:, 2] - density[:, 0]) / (728 / YEAR))
    of_all = np.array([serum, loss])

    def line(people: Ints) -> Floats:
        troughs = np.nanmedian(of_all[0][:, people], axis=1)
        declines = np.nanmean(of_all[1][:, people], axis=1)
        slope, intercept = np.polyfit(troughs, declines, 1)
        missed = declines - (slope * troughs + intercept)
        return np.array([slope, 1 - np.mean(missed**2) / np.var(declines), troughs[-1]])

    people = of_all.shape[2]
    found = zip(line(np.arange(people)), jackknifed(people, line), strict=True)
    names = ("g/L/year per µM", "R2", "highest trough µM")
    return [
        Statistic(name, float(value), float(error))
        for name, (value, error) in zip(names, found, strict=True)
    ]


@study("TGT-09", "rapid", therapies=("augmentation",))
def level(scene: Scene) -> list[Statistic]:
    """TGT-09: level of density, and decline by baseline FEV1."""
    density, fev1, _ = _rapid(scene, treated=False)
    alive = np.isfinite(density[:, 4])
    true, start = _true_slope(density[alive]), fev1[alive][:, 0]
    return [
        mean_of("level g/L", density[:, 0]),
        slope_of("g/L/year per L of FEV1", true, start),
    ]


@study("TGT-10", "MM ex men 50-70")
def without_aatd(scene: Scene) -> list[Statistic]:
    """TGT-10: ex-smoking men without AATD or obstruction."""
    density = scene.run("MM ex men 50-70", (DENSITY, FEV1), (0.0, 2 * YEAR))[DENSITY][:, 0]
    return [
        mean_of("level g/L", density[:, 0]),
        mean_of("slope g/L/year", (density[:, 1] - density[:, 0]) / 2),
    ]


@study("TGT-21", "rapid", therapies=("augmentation",))
def desmosine(scene: Scene) -> list[Statistic]:
    """TGT-21: plasma desmosine, treated minus placebo, of the same people."""
    runs = [scene.run("rapid", _OUTPUTS, LONG, r) for r in (weekly(60, 4.1), UNTREATED)]
    difference = runs[0]["lung.desmosine"][:, 0] - runs[1]["lung.desmosine"][:, 0]
    return [
        mean_of(f"{month} months ng/mL", difference[:, k])
        for k, month in ((1, 3), (2, 12), (4, 24))
    ]


@study("TGT-33", "rapid", therapies=("augmentation",))
def later_treated(scene: Scene) -> list[Statistic]:
    """TGT-33: the delayed-start arm before its treatment: completers, so those alive at four years."""
    density, _, _ = _rapid(scene, treated=False)
    completers = np.isfinite(density[:, 6])
    return [mean_of("g/L/year", _true_slope(density[completers]))]


@study("TGT-40", "rapid", therapies=("augmentation",))
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
    return [correlation_of("r", *np.concatenate(changes, axis=1))]


@study("TGT-48", "rapid", therapies=("augmentation",))
def airflow_on_treatment(scene: Scene) -> list[Statistic]:
    """TGT-48: what 60 mg/kg a week saves of true FEV1 in the same people."""
    loss = [
        -500 * (fev1[:, 4] - fev1[:, 0])
        for _, fev1, _ in (_rapid(scene, treated=False), _rapid(scene, treated=True))
    ]
    untreated, treated = (np.where(np.isfinite(loss[0] + loss[1]), one, np.nan) for one in loss)
    return [
        mean_of("saved mL/year", untreated - treated),
        mean_of("untreated mL/year", untreated),
        mean_of("treated mL/year", treated),
    ]


@study("TGT-51", "rapid", therapies=("augmentation",))
def lowest_density(scene: Scene) -> list[Statistic]:
    """TGT-51: the lower end of density at entry, and over four years without treatment."""
    density, _, _ = _rapid(scene, treated=False)
    return [
        quantile_of("1st percentile g/L", density[:, 0], 0.01),
        Statistic("lowest of the living g/L", float(np.nanmin(density))),
    ]
