"""Writes the seeded data sets of this folder; after it, run ``Rscript reference.R``.

The numbers are invented: they only have to be awkward (dropout, jittered days, strata, ties).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).parent
VISITS = (0, 91, 182, 365, 546, 730)


def longitudinal(
    seed: int, people: int, arms: tuple[str, ...], slope_sd: float, noise: float, corr: float = -0.3
) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    covariance = np.array([[8.0**2, corr * 8.0 * slope_sd], [corr * 8.0 * slope_sd, slope_sd**2]])
    rows = []
    for number in range(people):
        arm = arms[number % len(arms)]
        region = ("AMER", "ASIA", "EMEA")[int(rng.integers(3))]
        age = float(rng.integers(35, 75))
        intercept, slope = rng.multivariate_normal([0.0, 0.0], covariance)
        slope += -1.5 + 0.8 * arms.index(arm)
        last = rng.exponential(900.0) if rng.random() < 0.5 else np.inf
        first_value = None
        for visit, day in enumerate(VISITS):
            ady = float(day if day == 0 else day + rng.integers(-14, 15))
            years = ady / 365.25
            value = 48 + intercept + slope * years - 0.1 * (age - 55) + (region == "ASIA") * 2
            value = round(float(value + rng.normal(0, noise)), 3)
            if day > 0 and (ady > last or rng.random() < 0.05):
                value = float("nan")
            first_value = value if first_value is None else first_value
            rows.append(
                {
                    "USUBJID": f"P{number:04d}",
                    "ARM": arm,
                    "PARAMCD": "FEV1PP",
                    "AVISIT": f"V{visit}",
                    "ADY": ady,
                    "AVAL": value,
                    "BASE": first_value,
                    "CHG": round(value - first_value, 3),
                    "REGION": region,
                    "AGE": age,
                }
            )
    return pd.DataFrame(rows)


def counts(seed: int, people: int, dispersion: float) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(people):
        arm = ("placebo", "high", "low")[number % 3]
        region = ("AMER", "ASIA", "EMEA")[int(rng.integers(3))]
        exposure = round(float(rng.uniform(0.3, 2.0)), 3)
        mean = {"placebo": 1.6, "low": 1.2, "high": 0.8}[arm] * exposure
        mean *= 1.3 if region == "ASIA" else 1.0
        rate = mean * rng.gamma(1 / dispersion, dispersion)
        rows.append(
            {
                "USUBJID": f"P{number:04d}",
                "ARM": arm,
                "COUNT": int(rng.poisson(rate)),
                "EXPOSURE": exposure,
                "REGION": region,
            }
        )
    return pd.DataFrame(rows)


def time_to_event(seed: int, people: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(people):
        arm = ("placebo", "high", "low")[number % 3]
        region = ("AMER", "ASIA", "EMEA")[int(rng.integers(3))]
        event = rng.exponential({"placebo": 500.0, "low": 700.0, "high": 1100.0}[arm])
        censor = min(730.0, rng.exponential(1500.0))
        days = float(np.ceil(min(event, censor) / 7) * 7)
        rows.append(
            {
                "USUBJID": f"P{number:04d}",
                "ARM": arm,
                "AVAL": days,
                "CNSR": int(event > censor),
                "REGION": region,
            }
        )
    return pd.DataFrame(rows)


if __name__ == "__main__":
    three = ("placebo", "low", "high")
    longitudinal(1, 180, three, 2.5, 2.0).to_csv(HERE / "slopes.csv", index=False)
    longitudinal(2, 24, three[:2], 2.5, 2.0).to_csv(HERE / "slopes_small.csv", index=False)
    longitudinal(3, 40, three[:2], 0.0, 3.0, 0.0).to_csv(HERE / "slopes_boundary.csv", index=False)
    counts(4, 150, 0.9).to_csv(HERE / "counts.csv", index=False)
    time_to_event(5, 120).to_csv(HERE / "survival.csv", index=False)
