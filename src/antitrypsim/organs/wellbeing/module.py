"""What a person notices: fatigue, strength, walking, quality of life."""

import sympy

from antitrypsim.modelling import (
    AGE,
    DAYS_PER_YEAR,
    Module,
    Quantity,
    State,
    log10,
    logistic,
    parameters_of,
    softplus,
)
from antitrypsim.organs.cirrhosis.module import DECOMPENSATED
from antitrypsim.organs.covariates import MALE
from antitrypsim.organs.immunity.module import CRP, INFLAMMATION
from antitrypsim.organs.liver.module import RESERVE
from antitrypsim.organs.lung.module import FEV1_SHARE, KCO
from antitrypsim.organs.lung.module import p as lung

NAME = "wellbeing"
PARAMETERS, p = parameters_of(__file__, NAME)

RECENT = State(
    f"{NAME}.recent_exacerbations", "1", "severe exacerbations of about the last year", scale=0.1
)
FATIGUE = State(f"{NAME}.fatigue", "1", "fatigue, 0 none to 10 worst")
STRENGTH = State(
    f"{NAME}.strength", "1", "muscle strength relative to the person's own healthy strength"
)

WALK = Quantity(f"{NAME}.walk", "m", "six-minute walk distance")
SGRQ = Quantity(f"{NAME}.sgrq", "point", "St George's Respiratory Questionnaire, total")

UTILITY = Quantity(f"{NAME}.utility", "1", "utility by EQ-5D, 1 for full health")
QALYS = State(f"{NAME}.qalys", "year", "quality-adjusted years lived")

AIRFLOW_LOSS = Quantity(f"{NAME}.airflow_loss", "1", "airflow that a person misses, 0 for none")

# Airflow above the predicted value is not missed: the corner is rounded.
_MISSED = softplus(1 - FEV1_SHARE, p.corner)
_CRP_TENFOLDS = log10(1 + CRP / p.crp_unit)

MODULE = Module(
    name=NAME,
    title="fatigue, strength, walking and quality of life",
    parameters=PARAMETERS,
    changes={
        RECENT: -p.memory * RECENT,
        FATIGUE: p.fatigue_turnover
        * (
            p.fatigue_airflow * AIRFLOW_LOSS
            + p.fatigue_inflammation * _CRP_TENFOLDS
            + p.fatigue_liver * (1 - RESERVE)
            - FATIGUE
        ),
        STRENGTH: p.muscle_turnover
        * (1 - p.muscle_airflow * AIRFLOW_LOSS - p.muscle_inflammation * INFLAMMATION - STRENGTH),
        QALYS: UTILITY / DAYS_PER_YEAR,
    },
    initial={RECENT: 0, FATIGUE: 0, STRENGTH: 1, QALYS: 0},
    quantities={
        AIRFLOW_LOSS: _MISSED,
        WALK: (
            p.walk_healthy
            - p.walk_age * (AGE / DAYS_PER_YEAR - p.reference_age)
            - p.walk_airflow * AIRFLOW_LOSS
        )
        * STRENGTH,
        SGRQ: p.sgrq_range
        * logistic(
            p.sgrq_rest
            + p.sgrq_person
            + p.sgrq_airflow * AIRFLOW_LOSS
            + p.sgrq_transfer * (1 - KCO / lung.kco_young)
            + p.sgrq_exacerbations * sympy.log(1 + RECENT)
            + p.sgrq_age * (AGE / DAYS_PER_YEAR - p.reference_age)
        ),
        UTILITY: (
            p.utility_rest
            - p.utility_sgrq * SGRQ
            - p.utility_sgrq_squared * SGRQ**2
            + p.utility_male * MALE
        )
        * (1 - p.utility_decompensated * DECOMPENSATED),
    },
)
