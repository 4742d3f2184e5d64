"""Loss of FEV1: TGT-11 to TGT-13, TGT-34, TGT-46, TGT-47 and TGT-53."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from antitrypsim.calibration.register import REGISTER, lived
from antitrypsim.calibration.scene import Scene, slopes
from antitrypsim.calibration.statistic import (
    Statistic,
    correlation_of,
    in_order,
    less,
    mean_of,
    quantile_of,
    ratio_of,
    sd_of,
    share_of,
)
from antitrypsim.calibration.target import study
from antitrypsim.foundations.units import YEAR
from antitrypsim.populations.people import Demographics, Smoked, make_people
from antitrypsim.populations.spec import GENOTYPES
from antitrypsim.simulation.people import People

FEV1, SHARE, DENSITY = "lung.fev1", "lung.fev1_share", "lung.density"
Floats = NDArray[np.float64]

_YEARLY = tuple(YEAR * np.arange(7.0))


def _slope(scene: Scene, times: tuple[float, ...], fev1: Floats) -> Floats:
    """Return observed yearly loss of FEV1 in mL."""
    return np.asarray(-1000 * slopes(np.array(times), scene.measured("fev1", fev1)))


def _register_loss(scene: Scene) -> Floats:
    return _slope(scene, _YEARLY, lived(scene)[FEV1][:, : len(_YEARLY)])


@study("TGT-11", REGISTER)
def by_smoking(scene: Scene) -> list[Statistic]:
    """TGT-11: the Swedish register's losses of FEV1 by smoking."""
    loss, register = _register_loss(scene), lived(scene)
    found = []
    for smoking in ("current", "ex", "never"):
        some = loss[register.are("smoking", smoking)]
        found.append(mean_of(f"{smoking} mL/year", some))
        found.append(sd_of(f"{smoking} SD", some))
    return found


@study("TGT-12", "MM never 40-60")
def healthy(scene: Scene) -> list[Statistic]:
    """TGT-12: MM never-smokers."""
    fev1 = scene.run("MM never 40-60", (FEV1,), (0.0, 5 * YEAR))[FEV1][:, 0]
    return [mean_of("mL/year", -1000 * (fev1[:, 1] - fev1[:, 0]) / 5)]


_CLINIC = (FEV1, "lung.fev1_fvc", SHARE)


@study("TGT-13", "clinic")
def normal_ageing(scene: Scene) -> list[Statistic]:
    """TGT-13: the share that loses no more than 30 mL a year, with and without obstruction."""
    run = scene.run("clinic", _CLINIC, _YEARLY)
    loss, ratio = _slope(scene, _YEARLY, run[FEV1][:, 0]), run["lung.fev1_fvc"][:, 0, 0]
    seen = np.isfinite(loss)
    slow = loss <= 30
    with_copd = share_of("with COPD %", slow[seen & (ratio < 0.7)])
    without = share_of("without COPD %", slow[seen & (ratio >= 0.7)])
    apart = less("points apart", without, with_copd)
    return [with_copd, without, apart]


@study("TGT-34", REGISTER)
def by_age(scene: Scene) -> list[Statistic]:
    """TGT-34: loss of FEV1 of those of 40 to 60 and of 20 to 40 at inclusion."""
    loss, age = _register_loss(scene), lived(scene).age[:, 0]
    return [
        mean_of("middle-aged mL/year", loss[(age >= 40) & (age < 60)]),
        mean_of("young mL/year", loss[(age >= 20) & (age < 40)]),
    ]


def _smoking(scene: Scene, genotype: str, history: str, age: float) -> People:
    """Return people of a genotype and age, whoever found them, smoking a pack a day from 18 or never.

    The same ids are the same people in all else.
    """
    count = min(scene.people, 5000)
    ids = np.arange(count, dtype=np.int64)
    started = np.full(count, 18.0)
    packs = np.full(count, 0.0 if history == "never" else 1.0)
    who = Demographics(
        age=np.full(count, age),
        male=(ids % 2).astype(float),
        height=np.full(count, 1.72),
        weight=np.full(count, 77.0),
        alleles=np.tile(np.array(GENOTYPES[genotype], dtype=float), (count, 1)),
        smoked=Smoked(np.full(count, history, dtype=object), packs, started, started),
    )
    return make_people(scene.model, scene.seed, ids, who, {})


def _by_smoke(scene: Scene, genotype: str) -> tuple[Floats, Floats]:
    """Return what smoking adds to the yearly losses of FEV1 (mL) and density (g/L), by person.

    Nothing happens to them: the dead of one history would be missing in the other.
    """
    ends = []
    for history in ("current", "never"):
        scene.tell(f"simulating: {genotype}, {history} smokers of 40")
        run = scene.quiet(
            _smoking(scene, genotype, history, 40.0), (FEV1, DENSITY), (0.0, 5 * YEAR)
        )
        ends.append([-(run[name][:, 0, 1] - run[name][:, 0, 0]) / 5 for name in (FEV1, DENSITY)])
    (fev1, density), (fev1_never, density_never) = ends
    return 1000 * (fev1 - fev1_never), density - density_never


def _age_at_death(scene: Scene, history: str) -> Floats:
    """Return ages at death of ZZ people from 18 on; those who pass 100 are taken to die then."""
    scene.tell(f"simulating: ZZ, {history} smokers, all their lives")
    run = scene.simulate(_smoking(scene, "ZZ", history, 18.0), (), (82 * YEAR,))
    days = run.events["death"][:, 0, 0]
    return np.where(np.isfinite(days), 18 + days / YEAR, 100.0)


@study("TGT-46")
def smoke_multiplies(scene: Scene) -> list[Statistic]:
    """TGT-46: what smoking adds by genotype, and what it costs of a life."""
    added = {genotype: _by_smoke(scene, genotype) for genotype in ("MM", "MZ", "ZZ")}
    loss = {genotype: float(np.mean(density)) for genotype, (_, density) in added.items()}
    never, current = (
        quantile_of("", _age_at_death(scene, history), 0.5) for history in ("never", "current")
    )
    return [
        ratio_of("FEV1 loss by smoke, ZZ over MM", added["ZZ"][0], added["MM"][0]),
        in_order(
            "density loss by smoke in order", loss["ZZ"] > loss["MZ"], loss["MZ"] > loss["MM"]
        ),
        less("ZZ smokers die earlier by years", never, current),
    ]


_BANDS = {"above 80": (0.8, 9.0), "50-80": (0.5, 0.8), "30-50": (0.3, 0.5), "below 30": (0.0, 0.3)}


@study("TGT-47", "clinic")
def by_severity(scene: Scene) -> list[Statistic]:
    """TGT-47: loss of FEV1 over three years by FEV1 as measured at entry, and who is still alive."""
    run = scene.run("clinic", _CLINIC, _YEARLY)
    fev1, share = run[FEV1][:, 0], run[SHARE][:, 0]
    loss = _slope(scene, _YEARLY[:4], fev1[:, :4])
    entry = share[:, 0] * scene.measured("fev1", fev1[:, :4])[:, 0] / fev1[:, 0]
    found = {
        band: mean_of(f"{band} % mL/year", loss[(entry >= low) & (entry < high)])
        for band, (low, high) in _BANDS.items()
    }
    middle = [found["50-80"].value, found["30-50"].value]
    ends = [found["above 80"].value, found["below 30"].value]
    largest = np.nanmax([*middle, *ends])
    return [
        mean_of("all mL/year", loss),
        *found.values(),
        Statistic("largest of 30-80 % over the others", float(np.nanmax(middle) / np.nanmax(ends))),
        Statistic(
            "below 30 % over the largest", ends[1] / largest, found["below 30"].error / largest
        ),
        Statistic("lowest FEV1 of the living %", float(100 * np.nanmin(share))),
        share_of("below 15 % of predicted %", share[:, 0] < 0.15),
    ]


_QUARTERS = (0.0, 91.0, 182.0)


def _reverting(scene: Scene, label: str, name: str) -> Statistic:
    """Return the correlation of neighbouring changes beyond the slope of the life so far."""
    run = scene.run(name, (FEV1, "lung.fev1_young"), _QUARTERS)
    fev1, young = run[FEV1][:, 0], run["lung.fev1_young"][:, 0, 0]
    ageing = scene.cohort(name).people.age - YEAR * scene.model.parameter("lung.ageing_start").value
    slope = (fev1[:, 0] - young) / ageing
    changes = np.diff(fev1, axis=1) - slope[:, None] * np.diff(_QUARTERS)
    return correlation_of(label, changes[:, 0], changes[:, 1])


@study("TGT-53", "MM ex COPD", beside=("clinic",))
def falls_revert(scene: Scene) -> list[Statistic]:
    """TGT-53: whether a true fall of FEV1 over three months foretells another."""
    return [
        _reverting(scene, "r of changes, ZZ", "clinic"),
        _reverting(scene, "r of changes, COPD", "MM ex COPD"),
    ]
