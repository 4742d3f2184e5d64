"""What happens at a moment: severe exacerbations, and death."""

import sympy

from antitrypsim.modelling import AGE, DAYS_PER_YEAR, Hazard, Module, Quantity, parameters_of
from antitrypsim.organs.cirrhosis.module import DEATH_LIVER
from antitrypsim.organs.covariates import ALLELES_M, ALLELES_S, BRONCHIECTASIS, MALE, SMOKING
from antitrypsim.organs.immunity.module import INFLAMMATION
from antitrypsim.organs.lung.module import AIRWAYS, FEV1_SHARE
from antitrypsim.organs.wellbeing.module import AIRFLOW_LOSS, RECENT

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

MODULE = Module(
    name=NAME,
    title="severe exacerbations and death",
    parameters=PARAMETERS,
    quantities={
        EXACERBATION_DRIVE: p.exacerbation_rate
        * (1 + p.exacerbation_genotype * (1 - (ALLELES_M + ALLELES_S) / 2))
        * (1 + RECENT) ** p.exacerbation_recent
        * (1 + p.exacerbation_airflow * AIRFLOW_LOSS)
        * sympy.exp(
            p.exacerbation_smoking * SMOKING + p.exacerbation_bronchiectasis * BRONCHIECTASIS
        ),
        EXACERBATION_RATE: EXACERBATION_DRIVE / (1 + EXACERBATION_DRIVE / p.exacerbation_most),
        DEATH_OTHER: p.mortality_50
        * sympy.exp(
            p.mortality_growth * (AGE / DAYS_PER_YEAR - p.reference_age)
            + p.mortality_male * MALE
            + p.mortality_smoking * SMOKING
        )
        / DAYS_PER_YEAR,
        DEATH_LUNG: p.mortality_lung
        * sympy.exp(-p.mortality_lung_steepness * FEV1_SHARE**2)
        / DAYS_PER_YEAR,
    },
    hazards=(
        Hazard(
            "exacerbation",
            EXACERBATION_RATE,
            "severe exacerbation",
            jumps={
                INFLAMMATION: p.exacerbation_inflammation,
                AIRWAYS: -p.exacerbation_airflow_loss * AIRWAYS,
                RECENT: 1,
            },
        ),
        Hazard("death_other", DEATH_OTHER, "death by other causes", ends=True),
        Hazard("death_lung", DEATH_LUNG, "death by loss of airflow", ends=True),
        Hazard("death_liver", DEATH_LIVER, "death by the liver", ends=True),
    ),
)
