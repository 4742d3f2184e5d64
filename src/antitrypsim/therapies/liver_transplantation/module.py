"""A donor's liver: it makes M protein and keeps none, and its life begins without a scar."""

from antitrypsim.modelling import DAYS_PER_YEAR, Factor, Instance, Term, fixed_of, parameters_of
from antitrypsim.organs.cirrhosis.module import CARCINOMA, DEATH_LIVER, DECOMPENSATED
from antitrypsim.organs.liver.module import (
    CELLS,
    COLLAGEN,
    CORRECTED_CELLS,
    HEPATOCYTES,
    POLYMER,
    SOLUBLE,
    STELLATE,
)
from antitrypsim.organs.rejection.module import SUPPRESSION
from antitrypsim.organs.wellbeing.module import UTILITY
from antitrypsim.therapies.organ_graft import OrganGraft

NAME = "liver_transplantation"
PARAMETERS, p = parameters_of(__file__, NAME)
FIXED = fixed_of(__file__, NAME)
ORGAN = OrganGraft(NAME, "liver", PARAMETERS, p, FIXED.most)
GRAFT = ORGAN.graft

DONOR = Instance(NAME, alleles_M=2, alleles_Z=0, alleles_S=0, at_birth=0)

MODULE = ORGAN.module(
    "transplantation of the liver",
    new={
        # Every hepatocyte goes, whoever's it was: edited, grafted or the person's own.
        CELLS: lambda m: int(m.name == NAME),
        SOLUBLE: lambda m: 0,
        POLYMER: lambda m: 0,
        STELLATE: 0,
        COLLAGEN: 1,
        DECOMPENSATED: 0,
        CARCINOMA: 0,
    },
    need=DECOMPENSATED + (1 - DECOMPENSATED) * p.listed_carcinoma * CARCINOMA,
    late=1,
    instances={HEPATOCYTES: (DONOR,)},
    effects=(
        Term(CORRECTED_CELLS, CELLS[DONOR], "a donor's hepatocytes carry no Z allele"),
        Term(
            DEATH_LIVER,
            p.failure * (1 - SUPPRESSION) ** 2 * GRAFT / DAYS_PER_YEAR,
            "a liver that is rejected fails",
        ),
        Factor(
            UTILITY, 1 - p.utility * GRAFT, "life with a donor's liver is not quite a healthy one"
        ),
    ),
)
