"""Proteins and drugs for the lung: TGT-58 to TGT-60."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from antitrypsim.calibration.scene import Scene
from antitrypsim.calibration.statistic import Statistic, quotient, ratio_of
from antitrypsim.calibration.target import study
from antitrypsim.foundations.units import WEEK
from antitrypsim.simulation.regimen import repeated

_WEEKS_12 = 12 * WEEK
_LINING, _M = "lung.lining_aat_total", "circulation.serum_m"
_BLOOD, _FOOTPRINT = "lung.blood_elastase", "lung.footprint"
_DESMOSINE = "lung.desmosine"
_ROUND = tuple(_WEEKS_12 - 0.5 + 0.5 * (np.arange(8) + 0.5) / 8)
_LAST = _WEEKS_12 - 1e-6


def _inhaled(scene: Scene, dose: float) -> tuple[float, float]:
    """Return what lining fluid and M protein of plasma gain before a dose, in µM."""
    people = scene.typical("ZZ", age=50.0, weight=70.0)
    regimen = repeated("augmentation/inhaled", dose, every=1.0, until=_WEEKS_12 - 0.5)
    found = scene.quiet(people, (_LINING, _M), (0.0, _LAST), regimen)
    before = scene.quiet(people, (_LINING, _M), (0.0,))
    return tuple(float(found[x][0, 0, 1] - before[x][0, 0, 0]) for x in (_LINING, _M))  # type: ignore[return-value]


@study("TGT-59", therapies=("augmentation",))
def inhaled(scene: Scene) -> list[Statistic]:
    """TGT-59: 80 mg a day in a typical ZZ person."""
    lining, m = _inhaled(scene, 80.0)
    return [Statistic("lining fluid gain µM", lining), Statistic("plasma M µM", m)]


@study("TGT-60", therapies=("augmentation",))
def inhaled_twice(scene: Scene) -> list[Statistic]:
    """TGT-60: 160 mg a day in the same."""
    return [Statistic("lining fluid gain µM", _inhaled(scene, 160.0)[0])]


def _change(label: str, treated: NDArray[np.float64], before: NDArray[np.float64]) -> Statistic:
    """Return the change of a mean from baseline, in per cent, in those who live."""
    alive = np.isfinite(treated)
    fold = ratio_of(label, treated[alive], before[alive])
    return Statistic(label, 100 * (fold.value - 1), 100 * fold.error)


@study("TGT-58", "rapid", therapies=("elastase_inhibitor",))
def inhibitor(scene: Scene) -> list[Statistic]:
    """TGT-58: blood before a dose, footprint over a round, desmosine on the day, in people like RAPID's."""
    outputs = (_BLOOD, _FOOTPRINT, _DESMOSINE)
    changes: dict[str, dict[str, Statistic]] = {}
    for word, dose in (("low", 120.0), ("high", 240.0)):
        regimen = repeated("elastase_inhibitor/oral", dose, every=0.5, until=_WEEKS_12 - 0.25)
        run = scene.run("rapid", outputs, (*_ROUND, _LAST), regimen)
        before = scene.run("rapid", outputs, (0.0,))
        changes[word] = {
            name: _change(
                f"{label} {word} %",
                run[name][:, 0, :-1].mean(axis=1) if name == _FOOTPRINT else run[name][:, 0, -1],
                before[name][:, 0, 0],
            )
            for name, label in (
                (_BLOOD, "blood elastase"),
                (_FOOTPRINT, "footprint"),
                (_DESMOSINE, "desmosine"),
            )
        }
    low, high = changes["low"], changes["high"]
    return [
        low[_BLOOD],
        high[_BLOOD],
        high[_FOOTPRINT],
        Statistic(
            "footprint low over high", quotient(low[_FOOTPRINT].value, high[_FOOTPRINT].value)
        ),
        high[_DESMOSINE],
    ]
