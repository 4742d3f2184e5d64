"""Life and death: TGT-16, TGT-35 and TGT-42 to TGT-44."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from antitrypsim.calibration.register import (
    COUNTRY,
    REGISTER,
    expected,
    followed,
    lived,
    observed_over_expected,
    years_at_risk,
)
from antitrypsim.calibration.scene import Scene
from antitrypsim.calibration.statistic import Statistic, mean_of, over, ratio_of, share_of
from antitrypsim.calibration.target import study
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

    Dates of inclusion are not published: people are followed from days spread evenly over the 23
    years, so for 11.5 years or until they die.
    """
    register, country = lived(scene), lived(scene, COUNTRY)
    until = followed(scene, len(register.people))
    deaths = expected(country, register, years_at_risk(register, until))
    never = register.are("smoking", "never")
    ever, never_smoked = (
        observed_over_expected(scene, "", some, until=until) for some in (~never, never)
    )
    return [
        mean_of("expected deaths", _ENROLLED * deaths),
        observed_over_expected(scene, "observed over expected", until=until),
        over("ever- over never-smokers", ever, never_smoked),
    ]


_BANDS = {"2 years at FEV1 35-45 %": (0.35, 0.45), "2 years at FEV1 13-17 %": (0.13, 0.17)}
_CLINIC_YEARS = 12


@study("TGT-43", "clinic")
def by_airflow(scene: Scene) -> list[Statistic]:
    """TGT-43: death within two years of every yearly visit at which FEV1 lies in a band."""
    times = YEAR * np.arange(_CLINIC_YEARS + 1.0)
    run = scene.run("clinic", (SHARE,), tuple(times))
    level, death = run[SHARE][:, 0, :-2], run.events["death"][:, 0, 0]
    soon = death[:, None] <= times[None, :-2] + 2 * YEAR
    found = []
    for label, (low, high) in _BANDS.items():
        inside = (level >= low) & (level < high)
        share = ratio_of(label, (inside & soon).sum(axis=1), inside.sum(axis=1), 100.0)
        if share.error == 0:
            # All or none of few: as uncertain as a share of the people who were ever in the band.
            people = np.any(inside & soon, axis=1)[np.any(inside, axis=1)]
            share = replace(share, error=share_of(label, people).error)
        found.append(share)
    return found


@study("TGT-44", REGISTER)
def causes(scene: Scene) -> list[Statistic]:
    """TGT-44: causes of the deaths of never-smokers of the register, and carcinoma among those by the liver."""
    register = lived(scene)
    events = {name: times[:, 0, 0] / YEAR for name, times in register.run.events.items()}
    until = followed(scene, len(register.people))
    died = register.are("smoking", "never") & (register.death <= until)
    by_liver = died & np.isfinite(events["death_liver"])
    return [
        share_of("by the lung %", np.isfinite(events["death_lung"][died])),
        share_of("by the liver %", np.isfinite(events["death_liver"][died])),
        share_of("of these with carcinoma %", np.isfinite(events["carcinoma"][by_liver])),
    ]
