"""Exacerbations, quality of life and measurement noise: TGT-14, TGT-15, TGT-29, TGT-30 and TGT-62."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from antitrypsim.calibration.register import REGISTER, lived
from antitrypsim.calibration.scene import Scene
from antitrypsim.calibration.statistic import (
    Statistic,
    correlation_of,
    fold_of,
    less,
    mean_of,
    quantile_of,
    sd_of,
    share_of,
)
from antitrypsim.calibration.target import study
from antitrypsim.foundations.random import generator
from antitrypsim.foundations.units import YEAR
from antitrypsim.simulation.people import People

Floats = NDArray[np.float64]
SGRQ, FEV1, SHARE = "wellbeing.sgrq", "lung.fev1", "lung.fev1_share"
RATE = "events.exacerbation_rate"
_YEARS = 10
_HEAVY = 30.0
"""Pack-years from which ex-smokers are heavy ones."""


@study(
    "TGT-14",
    REGISTER,
    beside=(
        "MM never of 35, good lungs",
        "MZ never of 35, good lungs",
        "MM ex COPD",
    ),
)
def exacerbations(scene: Scene) -> list[Statistic]:
    """TGT-14: severe exacerbations a year of people followed for 5 to 10 years, and whom they befall."""
    register = lived(scene)
    times = register.run.events["exacerbation"][:, 0]
    end = np.minimum(register.death, _YEARS)
    followed = end >= 5
    counts = ((times > 0) & (times <= _YEARS * YEAR)).sum(axis=1)[followed]
    rate = counts / end[followed]
    mm, mz = (
        scene.run(f"{genotype} never of 35, good lungs", (RATE,), (0.0,))[RATE][:, 0, 0] * YEAR
        for genotype in ("MM", "MZ")
    )
    return [
        quantile_of("median of those with any, per year", rate[counts > 0], 0.5),
        quantile_of("median of all, per year", rate, 0.5),
        Statistic(
            "interquartile range of all, per year",
            float(np.subtract(*np.percentile(rate, [75, 25]))),
        ),
        Statistic("variance over mean", float(counts.var() / counts.mean())),
        mean_of("MM with good lungs, per year", mm),
        mean_of("MZ with good lungs, per year", mz),
        fold_of("MZ over MM, good lungs", mz, mm),
        _of_the_same_airflow(scene),
    ]


def _of_the_same_airflow(scene: Scene) -> Statistic:
    """Return the true rate of MM people over that of ZZ people, brought to the same mean FEV1."""
    seen = []
    for name in ("MM ex COPD", REGISTER):
        run = scene.run(name, (RATE, SHARE), (0.0,))
        rate, share = run[RATE][:, 0, 0], run[SHARE][:, 0, 0]
        inside = (share >= 0.30) & (share <= 0.65)
        seen.append((rate[inside], share[inside]))
    (mm, mm_share), (zz, zz_share) = seen
    label = "COPD, MM over ZZ of the same FEV1"
    if zz.size < 3 or not mm.size:
        return fold_of(label, mm[:0], zz[:0])
    slope = np.polyfit(zz_share, zz, 1)[0]
    return fold_of(label, mm, zz + slope * (mm_share.mean() - zz_share))


@study("TGT-62", "MM COPD of any stage")
def exacerbations_of_usual_copd(scene: Scene) -> list[Statistic]:
    """TGT-62: who is admitted within three years with usual COPD, and how often; the dead count as far as they lived."""
    run = scene.run("MM COPD of any stage", (SHARE,), (0.0, 3 * YEAR))
    times = run.events["exacerbation"][:, 0]
    counts = ((times > 0) & (times <= 3 * YEAR)).sum(axis=1)
    return [
        share_of("with any in three years %", counts > 0),
        share_of("with more than one %", counts > 1),
        mean_of("per person and year", counts / 3),
    ]


def _pack_years(people: People) -> Floats:
    """Return the packs a day times years that people smoked up to today."""
    course = people.courses["person.smoking"]
    age = people.age[:, None]
    times = np.minimum(np.where(np.isfinite(course.times), course.times, age), age)
    lasted = np.diff(np.concatenate([times, age], axis=1), axis=1)
    return np.asarray((course.values * lasted).sum(axis=1) / YEAR)


@study("TGT-15", "clinic")
def quality_of_life(scene: Scene) -> list[Statistic]:
    """TGT-15: SGRQ of a lung clinic's registry, what it follows, and its drift over three years."""
    people = scene.cohort("clinic").people
    run = scene.run("clinic", (SGRQ, FEV1), (0.0, YEAR, 3 * YEAR))
    true, fev1 = run[SGRQ][:, 0], run[FEV1][:, 0]
    seen = scene.measured("sgrq", true)
    times = run.events["exacerbation"][:, 0]
    of_the_year = ((times > 0) & (times <= YEAR)).sum(axis=1).astype(float)
    never = mean_of("", seen[people.labels["smoking"] == "never", 0])
    ex = people.labels["smoking"] == "ex"
    heavy = mean_of("", seen[ex & (_pack_years(people) >= _HEAVY), 0])
    return [
        mean_of("level points", true[:, 0]),
        sd_of("SD points", seen[:, 0]),
        correlation_of("r with FEV1", seen[:, 0], scene.measured("fev1", fev1)[:, 0]),
        correlation_of("r with exacerbations", seen[:, 1], of_the_year),
        mean_of("drift points/year", (true[:, 2] - true[:, 0]) / 3),
        less("never-smokers lower than heavy ex-smokers by points", heavy, never),
    ]


@study("TGT-29")
def spirometry_noise(scene: Scene) -> list[Statistic]:
    """TGT-29: absolute difference of two measurements some weeks apart."""
    truth = np.full(200_000, 1.6)
    rng = generator(scene.seed, "TGT-29")
    first, second = (scene.measured_with("fev1", truth, rng) for _ in range(2))
    difference = np.abs(first - second)
    return [
        mean_of("mean L", difference),
        quantile_of("90th percentile L", difference, 0.9),
    ]


@study("TGT-30")
def other_noise(scene: Scene) -> list[Statistic]:
    """TGT-30: agreement of stiffness measurements, within-person CV of desmosine."""
    rng = generator(scene.seed, "TGT-30")
    # The published group: mean and SD of ZZ adults' stiffness, never below a healthy liver's.
    truth = np.maximum(2.5, 6.7 + 5.8 * rng.standard_normal(200_000))
    truth = 6.7 + 5.8 * (truth - truth.mean()) / truth.std()
    one, two = (scene.measured_with("stiffness", np.maximum(truth, 1.0), rng) for _ in range(2))
    icc = float(np.corrcoef(one, two)[0, 1])
    repeats = np.stack(
        [scene.measured_with("desmosine", np.full(200_000, 0.3), rng) for _ in range(2)]
    )
    within = np.sqrt(np.mean(np.diff(repeats, axis=0) ** 2) / 2) / repeats.mean()
    urine = scene.noise_parameter("desmosine_urine_cv")
    return [
        Statistic("stiffness ICC", icc, (1 - icc**2) / np.sqrt(truth.size)),
        Statistic("plasma desmosine CV %", 100 * float(within)),
        Statistic("urine desmosine CV %", 100 * urine),
    ]
