"""A donor's lungs: density and airflow of another, chronic rejection, and a price in years of life."""

import sympy

from antitrypsim.modelling import (
    DAYS_PER_YEAR,
    Factor,
    Hazard,
    State,
    Term,
    fixed_of,
    logistic,
    parameters_of,
)
from antitrypsim.organs.covariates import ALLELES_Z
from antitrypsim.organs.lung.module import (
    AIRWAY_LOSS,
    AIRWAYS,
    ELASTIN,
    FEV1,
    FEV1_SHARE,
    HEALTHY_ELASTIN,
    MACROPHAGES,
    NEUTROPHILS,
    PATENCY,
    POLYMER_DRIVE,
    TONE,
)
from antitrypsim.organs.lung.module import p as lung
from antitrypsim.organs.rejection.module import SUPPRESSION
from antitrypsim.therapies.organ_graft import OrganGraft

NAME = "lung_transplantation"
PARAMETERS, p = parameters_of(__file__, NAME)
FIXED = fixed_of(__file__, NAME)
ORGAN = OrganGraft(NAME, "lung", PARAMETERS, p, FIXED.most)
GRAFT = ORGAN.graft

REJECTED = State(f"{NAME}.rejected", "1", "1 once rejection of the lung is chronic", scale=0.1)

MODULE = ORGAN.module(
    "transplantation of the lungs",
    new={
        ELASTIN: p.donor_elastin * HEALTHY_ELASTIN,
        AIRWAYS: 1,
        TONE: 0,
        NEUTROPHILS: 1,
        MACROPHAGES: 1,
        REJECTED: 0,
    },
    need=logistic((p.listed_below - FEV1_SHARE) / p.listed_width),
    late=sympy.exp(p.death_airflow * (1 - PATENCY)),
    changes={REJECTED: 0},
    initial={REJECTED: 0},
    effects=(
        Factor(
            FEV1,
            1 - (1 - p.airflow) * GRAFT,
            "a donor's lungs in another's chest blow less than predicted",
        ),
        Term(
            POLYMER_DRIVE,
            -(1 - lung.polymer_follows_serum) * ALLELES_Z / 2 * GRAFT,
            "a donor's lung makes no Z protein of its own",
        ),
        Term(
            AIRWAY_LOSS,
            (p.rejected_loss * REJECTED + p.acute_loss * (1 - SUPPRESSION) ** 2)
            * GRAFT
            / DAYS_PER_YEAR,
            "rejection closes the airways of the graft",
        ),
    ),
    hazards=(
        Hazard(
            "chronic_lung_rejection",
            p.chronic / DAYS_PER_YEAR * GRAFT * (1 - REJECTED),
            "chronic rejection of a donor's lung",
            jumps={REJECTED: 1 - REJECTED},
        ),
    ),
)
