"""What becomes of a cirrhotic liver: decompensation, carcinoma, and death by either."""

import sympy

from antitrypsim.modelling import (
    AGE,
    DAYS_PER_YEAR,
    Hazard,
    Module,
    Quantity,
    State,
    logistic,
    parameters_of,
)
from antitrypsim.organs.covariates import MALE
from antitrypsim.organs.liver.module import OCCUPANCY, SEVERITY

NAME = "cirrhosis"
PARAMETERS, p = parameters_of(__file__, NAME)

DECOMPENSATED = State(f"{NAME}.decompensated", "1", "1 after ascites, bleeding or encephalopathy")
CARCINOMA = State(f"{NAME}.carcinoma", "1", "1 with hepatocellular carcinoma")

CIRRHOTIC = Quantity(
    f"{NAME}.cirrhotic", "1", "share of livers with such fibrosis that are cirrhotic"
)
DECOMPENSATION_RATE = Quantity(
    f"{NAME}.decompensation_rate", "1/day", "rate of first decompensation"
)
CARCINOMA_RATE = Quantity(f"{NAME}.carcinoma_rate", "1/day", "rate of hepatocellular carcinoma")
DEATH_LIVER = Quantity(
    f"{NAME}.death_liver",
    "1/day",
    "death rate by a decompensated liver, its carcinoma, or too few hepatocytes",
)

_BEYOND = SEVERITY - p.stage_cirrhosis

MODULE = Module(
    name=NAME,
    title="cirrhosis and its ends",
    parameters=PARAMETERS,
    changes={DECOMPENSATED: 0, CARCINOMA: 0},
    initial={DECOMPENSATED: 0, CARCINOMA: 0},
    quantities={
        CIRRHOTIC: logistic(p.steepness * _BEYOND),
        DECOMPENSATION_RATE: p.decompensation
        * CIRRHOTIC
        * sympy.exp(p.decompensation_growth * _BEYOND)
        / DAYS_PER_YEAR,
        CARCINOMA_RATE: p.carcinoma
        * CIRRHOTIC
        * sympy.exp(
            p.carcinoma_age * (AGE / DAYS_PER_YEAR - p.reference_age) + p.carcinoma_male * MALE
        )
        / DAYS_PER_YEAR,
        DEATH_LIVER: (
            p.death_decompensated * DECOMPENSATED
            + p.death_carcinoma * CARCINOMA
            + p.death_failure * logistic(p.failure_steepness * (p.failure_below - OCCUPANCY))
        )
        / DAYS_PER_YEAR,
    },
    hazards=(
        Hazard(
            "decompensation",
            DECOMPENSATION_RATE * (1 - DECOMPENSATED),
            "first decompensation of the liver",
            jumps={DECOMPENSATED: 1 - DECOMPENSATED},
        ),
        Hazard(
            "carcinoma",
            CARCINOMA_RATE * (1 - CARCINOMA),
            "hepatocellular carcinoma",
            jumps={CARCINOMA: 1 - CARCINOMA},
        ),
    ),
)
