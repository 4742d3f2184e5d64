"""Base editing and RNA editing in people: TGT-54 to TGT-57."""

from __future__ import annotations

import numpy as np

from antitrypsim.calibration.scene import Floats, Scene
from antitrypsim.calibration.statistic import Statistic, mean_of
from antitrypsim.calibration.target import study
from antitrypsim.foundations.units import YEAR
from antitrypsim.simulation.regimen import Regimen, repeated

_SERUM, _M, _Z = "circulation.serum_aat", "circulation.serum_m", "circulation.serum_z"
_OUTPUTS = (_SERUM, _M, _Z)
_SHARED_OUT = 75.0
"""The body weight, kg, by which a fixed dose is shared out, as in the bundled protocols."""
EDITED = repeated("base_editor/intravenous", 60 / _SHARED_OUT, at=[0], name="base editor 60 mg")
_STEADY = 168.0
# Four weeks from a dose on: two rounds of one course, one of the other.
_ROUND = (0.0, *np.arange(_STEADY + 1, _STEADY + 29, 3.0))


def _rna(dose: float, every: float) -> Regimen:
    """Return ``dose`` mg of the GalNAc oligonucleotide each ``every`` days."""
    return repeated(
        "galnac_rna_editor/subcutaneous",
        dose / _SHARED_OUT,
        every=every,
        until=_STEADY + 29,
        name=f"RNA editor {dose:g} mg every {every:g} days",
    )


FORTNIGHTLY, MONTHLY = _rna(200.0, 14.0), _rna(400.0, 28.0)


def _read(scene: Scene, regimen: Regimen, days: tuple[float, ...]) -> dict[str, Floats]:
    """Return each person's total and M, µM, M share, %, and change of Z, %, over days but the first."""
    run = scene.run("adults ZZ", _OUTPUTS, days, regimen)
    total, m, z = (run[name][:, 0, 1:].mean(axis=1) for name in _OUTPUTS)
    before = run[_Z][:, 0, 0]
    return {"total": total, "M": m, "share": 100 * m / total, "Z": 100 * (z / before - 1)}


@study("TGT-54", "adults ZZ", therapies=("editing",))
def base_editing(scene: Scene) -> list[Statistic]:
    """TGT-54: serum four weeks after one infusion of 60 mg."""
    return _serum(_read(scene, EDITED, (0.0, 28.0)))


@study("TGT-55", "adults ZZ", therapies=("editing",))
def base_editing_later(scene: Scene) -> list[Statistic]:
    """TGT-55: serum of the same a year on."""
    return _serum(_read(scene, EDITED, (0.0, YEAR)))


def _serum(found: dict[str, Floats]) -> list[Statistic]:
    return [
        mean_of("total µM", found["total"]),
        mean_of("M share %", found["share"]),
        mean_of("Z %", found["Z"]),
    ]


@study("TGT-56", "adults ZZ", therapies=("rna_editing",))
def rna_editing(scene: Scene) -> list[Statistic]:
    """TGT-56: M share and fall of Z under two courses of the GalNAc oligonucleotide."""
    statistics = []
    for words, regimen in (("200 mg", FORTNIGHTLY), ("400 mg", MONTHLY)):
        found = _read(scene, regimen, _ROUND)
        statistics += [
            mean_of(f"{words} Z %", found["Z"]),
            mean_of(f"{words} M share %", found["share"]),
        ]
    return statistics


@study("TGT-57", "adults ZZ", therapies=("rna_editing",))
def rna_editing_total(scene: Scene) -> list[Statistic]:
    """TGT-57: total AAT and M under 200 mg every two weeks."""
    found = _read(scene, FORTNIGHTLY, _ROUND)
    return [mean_of("total µM", found["total"]), mean_of("M µM", found["M"])]
