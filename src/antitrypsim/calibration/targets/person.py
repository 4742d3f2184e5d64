"""Exacerbations, quality of life, survival and measurement noise: TGT-14 to 16, 29, 30 and 35."""

from __future__ import annotations

import numpy as np

from antitrypsim.calibration.scene import Scene
from antitrypsim.calibration.target import Statistic, mean_of, quantile_of, sd_of, study
from antitrypsim.foundations.random import generator
from antitrypsim.foundations.units import YEAR

SGRQ = "wellbeing.sgrq"
_YEARS = 10


@study("TGT-14", "registry")
def exacerbations(scene: Scene) -> list[Statistic]:
    """TGT-14: severe exacerbations a year of people followed for at least five years."""
    run = scene.run("registry", ("lung.fev1",), tuple(YEAR * np.arange(_YEARS + 1.0)))
    times = run.events["exacerbation"][:, 0]
    end = np.where(
        np.isfinite(run.events["death"][:, 0, 0]), run.events["death"][:, 0, 0], _YEARS * YEAR
    )
    followed = end >= 5 * YEAR
    counts = ((times > 0) & (times <= _YEARS * YEAR)).sum(axis=1)[followed]
    rate = counts / (end[followed] / YEAR)
    dispersion = float(counts.var() / counts.mean())
    return [
        quantile_of("median per year", rate, 0.5),
        Statistic("variance over mean", dispersion),
        Statistic(
            "interquartile range, reported",
            float(np.subtract(*np.percentile(rate, [75, 25]))),
        ),
    ]


@study("TGT-15", "clinic")
def quality_of_life(scene: Scene) -> list[Statistic]:
    """TGT-15: SGRQ of a lung clinic's registry, and its drift over three years."""
    run = scene.run("clinic", (SGRQ,), (0.0, 3 * YEAR))[SGRQ][:, 0]
    drift = (run[:, 1] - run[:, 0]) / 3
    return [
        mean_of("level points", run[:, 0]),
        mean_of("drift points/year", drift),
        sd_of("SD of level, reported", run[:, 0]),
    ]


@study("TGT-16", "nhlbi")
def mortality(scene: Scene) -> list[Statistic]:
    """TGT-16: five-year mortality, with the level of FEV1 that it was reported at."""
    run = scene.run("nhlbi", ("lung.fev1_share",), (0.0, 5 * YEAR))
    death = run.events["death"][:, 0, 0]
    died = np.isfinite(death) & (death <= 5 * YEAR)
    p = float(died.mean())
    return [
        Statistic("5-year mortality %", 100 * p, 100 * float(np.sqrt(p * (1 - p) / died.size))),
        mean_of("FEV1 % predicted, reported", 100 * run["lung.fev1_share"][:, 0, 0]),
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


@study("TGT-35", "adults MM", "registry", "screened never")
def hazards(scene: Scene) -> list[Statistic]:
    """TGT-35: hazard of death against MM people of the same age, by crude rates over ten years."""

    def rate(name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        run = scene.run(name, ("lung.fev1",), (0.0, 10 * YEAR))
        death = run.events["death"][:, 0, 0]
        died = np.isfinite(death) & (death <= 10 * YEAR)
        return scene.cohort(name).people.age / YEAR, died, np.where(died, death, 10 * YEAR) / YEAR

    age, died, years = rate("adults MM")
    bands = np.arange(18, 95, 4)
    control = {}
    for low in bands:
        inside = (age >= low) & (age < low + 4)
        if inside.any():
            control[low] = died[inside].sum() / years[inside].sum()

    def ratio(name: str) -> Statistic:
        a, d, y = rate(name)
        band = bands[np.clip(np.searchsorted(bands, a, side="right") - 1, 0, len(bands) - 1)]
        expected = float(np.sum([control.get(b, 0.0) * t for b, t in zip(band, y, strict=True)]))
        value = float(d.sum()) / expected
        return Statistic(f"{name}, against MM", value, value / np.sqrt(d.sum()))

    return [ratio("registry"), ratio("screened never")]
