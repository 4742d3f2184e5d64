"""What happens at a moment: severe exacerbations, and death."""

import sympy

from antitrypsim.modelling import AGE, DAYS_PER_YEAR, Hazard, Module, Quantity, parameters_of
from antitrypsim.organs.covariates import MALE, SMOKING
from antitrypsim.organs.immunity.module import INFLAMMATION
from antitrypsim.organs.liver.module import RESERVE
from antitrypsim.organs.lung.module import AIRFLOW, AIRWAY_DAMAGE, FEV1_SHARE, POLYMER_DRIVE
from antitrypsim.organs.wellbeing.module import RECENT

NAME = "events"
PARAMETERS, p = parameters_of(__file__, NAME)

EXACERBATION_RATE = Quantity(f"{NAME}.exacerbation_rate", "1/day", "rate of severe exacerbations")
EXACERBATION_DRIVE = Quantity(
    f"{NAME}.exacerbation_drive",
    "1/day",
    "what the rate of severe exacerbations would be without limit",
)
DEATH_OTHER = Quantity(
    f"{NAME}.death_other", "1/day", "death rate from causes other than lung and liver"
)
DEATH_LUNG = Quantity(f"{NAME}.death_lung", "1/day", "death rate by loss of airflow")
DEATH_LIVER = Quantity(f"{NAME}.death_liver", "1/day", "death rate by loss of liver reserve")

MODULE = Module(
    name=NAME,
    title="severe exacerbations and death",
    parameters=PARAMETERS,
    quantities={
        EXACERBATION_DRIVE: p.exacerbation_rate
        * (p.exacerbation_healthy + (1 - p.exacerbation_healthy) * POLYMER_DRIVE)
        * sympy.exp(p.exacerbation_airflow * (1 - FEV1_SHARE)),
        EXACERBATION_RATE: EXACERBATION_DRIVE / (1 + EXACERBATION_DRIVE / p.exacerbation_most),
        DEATH_OTHER: p.mortality_50
        * sympy.exp(
            p.mortality_growth * (AGE / DAYS_PER_YEAR - p.reference_age)
            + p.mortality_male * MALE
            + p.mortality_smoking * SMOKING
        )
        / DAYS_PER_YEAR,
        DEATH_LUNG: p.mortality_lung
        * sympy.exp(-p.mortality_lung_steepness * FEV1_SHARE)
        / DAYS_PER_YEAR,
        DEATH_LIVER: p.mortality_liver * (1 - RESERVE) ** 2 / DAYS_PER_YEAR,
    },
    hazards=(
        Hazard(
            "exacerbation",
            EXACERBATION_RATE,
            "severe exacerbation",
            jumps={
                INFLAMMATION: p.exacerbation_inflammation,
                AIRWAY_DAMAGE: p.exacerbation_airflow_loss * AIRFLOW,
                RECENT: 1,
            },
        ),
        Hazard("death", DEATH_OTHER + DEATH_LUNG + DEATH_LIVER, "death", ends=True),
    ),
)
