"""Life and death: TGT-16, TGT-35 and TGT-42 to TGT-44."""

from __future__ import annotations

import numpy as np

from antitrypsim.calibration.register import (
    CAUSES,
    COUNTRY,
    REGISTER,
    expected,
    followed,
    lived,
    observed_over_expected,
    years_at_risk,
)
from antitrypsim.calibration.scene import Scene
from antitrypsim.calibration.target import Statistic, mean_of, ratio_of, study
from antitrypsim.foundations.units import YEAR

SHARE = "lung.fev1_share"
_ENROLLED = 1561


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


@study("TGT-35", REGISTER, COUNTRY)
def hazards(scene: Scene) -> list[Statistic]:
    """TGT-35: deaths within ten years over those of MM people of the same ages."""
    register = lived(scene)
    screened = register.are("ascertainment", "screening") & register.are("smoking", "never")
    return [
        observed_over_expected(scene, "registry, against MM", until=10.0),
        observed_over_expected(scene, "screened never, against MM", screened, until=10.0),
    ]


@study("TGT-42", REGISTER, COUNTRY)
def background(scene: Scene) -> list[Statistic]:
    """TGT-42: deaths of the register and those expected of its country, 1991 to 2014.

    Entry dates are not published. 1,339 people were known by 2008 and 1,561 by 2014, 37 more a year;
    the same before leaves 710 on the first day, who are followed for 23 years, and the others from
    days spread evenly over these.
    """
    register, country = lived(scene), lived(scene, COUNTRY)
    until = followed(scene, len(register.people))
    deaths = expected(country, register, years_at_risk(register, until))
    never = register.are("smoking", "never")
    by_smoking = [observed_over_expected(scene, "", some, until=until) for some in (~never, never)]
    ever, least = by_smoking
    ratio = ever.value / least.value if least.value > 0 else float("nan")
    per_enrolled = mean_of("expected deaths", _ENROLLED * deaths)
    return [
        per_enrolled,
        observed_over_expected(scene, "observed over expected", until=until),
        Statistic(
            "ever- over never-smokers",
            ratio,
            ratio * float(np.hypot(*(one.error / max(one.value, 1e-9) for one in by_smoking))),
        ),
    ]


_BANDS = {"2 years at FEV1 35-45 %": (0.35, 0.45), "2 years at FEV1 13-17 %": (0.13, 0.17)}
_CLINIC_YEARS = 12


@study("TGT-43", "clinic")
def by_airflow(scene: Scene) -> list[Statistic]:
    """TGT-43: death within two years of every yearly visit at which FEV1 lies in a band."""
    times = YEAR * np.arange(_CLINIC_YEARS + 1.0)
    run = scene.run("clinic", (SHARE,), tuple(times))
    share, death = run[SHARE][:, 0, :-2], run.events["death"][:, 0, 0]
    soon = death[:, None] <= times[None, :-2] + 2 * YEAR
    found = []
    for label, (low, high) in _BANDS.items():
        inside = (share >= low) & (share < high)
        found.append(ratio_of(label, (inside & soon).sum(axis=1), inside.sum(axis=1), 100.0))
    return found


@study("TGT-44", REGISTER)
def causes(scene: Scene) -> list[Statistic]:
    """TGT-44: shares of the causes in the hazards that never-smokers of the register lived through."""
    register = lived(scene)
    at_risk = years_at_risk(register, followed(scene, len(register.people)))
    never = register.are("smoking", "never")
    total = {
        cause: (np.nan_to_num(register[name]) * at_risk).sum(axis=1)[never]
        for cause, name in CAUSES.items()
    }
    everything = np.asarray(sum(total.values()))
    return [
        ratio_of(f"by the {cause} %", total[cause], everything, 100.0)
        for cause in ("lung", "liver")
    ]
