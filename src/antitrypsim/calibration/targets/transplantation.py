"""Transplantation: TGT-61."""

from __future__ import annotations

import numpy as np

from antitrypsim.calibration.scene import Scene
from antitrypsim.calibration.statistic import Statistic, mean_of, share_of
from antitrypsim.calibration.target import study
from antitrypsim.foundations.units import YEAR
from antitrypsim.populations.spec import AgeRange, Criterion, Population
from antitrypsim.simulation.regimen import repeated

_AIRFLOW = "lung.fev1_share"
RECIPIENTS = Population(
    age=AgeRange(mean=52, sd=7, min=35, max=65),
    smoking={"never": 0.15, "ex": 0.85},
    ascertainment={"lung": 1.0},
    eligibility=(Criterion(quantity="fev1_percent", max=30),),
)
"""People as are given lungs; their ages are assumed, airflow is where listing begins (BIO-C47o)."""
TRANSPLANTED = repeated("lung_transplantation/surgery", 1.0, at=[0.0], name="a donor's lungs")


@study("TGT-61", own={"lung recipients": RECIPIENTS}, therapies=("lung_transplantation",))
def survival(scene: Scene) -> list[Statistic]:
    """TGT-61: who lives at 1, 5 and 10 years, with airflow and chronic rejection on the way."""
    run = scene.run("lung recipients", (_AIRFLOW,), (YEAR, 5 * YEAR, 10 * YEAR), TRANSPLANTED)
    death = run.events["death"][:, 0, 0]
    rejected = run.events["chronic_lung_rejection"][:, 0, 0]
    # Who dies before cannot be told: of those who live at five years or were rejected by then.
    had = (rejected <= 5 * YEAR) | ~(death <= 5 * YEAR)
    airflow = 100 * run[_AIRFLOW][:, 0]
    return [
        *(
            share_of(f"survival at {words} %", ~(death <= years * YEAR))
            for years, words in ((1, "1 year"), (5, "5 years"), (10, "10 years"))
        ),
        share_of("chronic rejection at 5 years, reported %", rejected[had] <= 5 * YEAR),
        mean_of("FEV1 % predicted at 1 year, reported", airflow[np.isfinite(airflow[:, 0]), 0]),
        mean_of("FEV1 % predicted at 5 years, reported", airflow[np.isfinite(airflow[:, 1]), 1]),
    ]
