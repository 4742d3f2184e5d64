"""Hepatocytes, the Z protein that they keep, and what it does to the liver."""

from antitrypsim.modelling import (
    Family,
    Indexed,
    Instance,
    Module,
    Quantity,
    State,
    SumOver,
    Term,
    fixed_of,
    hill,
    parameters_of,
)
from antitrypsim.organs.circulation.module import ENTRY, TRANSCRIPTION
from antitrypsim.organs.covariates import ALLELES_M, ALLELES_S, ALLELES_Z, WEIGHT
from antitrypsim.organs.immunity.module import TGFB

NAME = "liver"
PARAMETERS, p = parameters_of(__file__, NAME)
FIXED = fixed_of(__file__, NAME)

HEPATOCYTES = Family(
    "hepatocytes",
    Instance("host", alleles_M=ALLELES_M, alleles_Z=ALLELES_Z, alleles_S=ALLELES_S, at_birth=1),
)
CELLS = Indexed(
    HEPATOCYTES, State, f"{NAME}.hepatocytes", "1", "hepatocytes, share of a normal liver"
)
SOLUBLE = Indexed(
    HEPATOCYTES,
    State,
    f"{NAME}.soluble_Z",
    "µM",
    "soluble Z inside the cells, of a whole liver of them, per plasma volume",
    scale=1.0,
)
POLYMER = Indexed(
    HEPATOCYTES,
    State,
    f"{NAME}.polymer",
    "µM",
    "Z polymer inside the cells, of a whole liver of them, per plasma volume",
    scale=1.0,
)
STELLATE = State(f"{NAME}.stellate", "1", "share of stellate cells that is active", scale=0.1)
COLLAGEN = State(f"{NAME}.collagen", "1", "liver collagen relative to normal")

SYNTHESIS = Indexed(
    HEPATOCYTES, Quantity, f"{NAME}.synthesis", "1", "AAT gene output relative to rest"
)
MADE_Z = Indexed(HEPATOCYTES, Quantity, f"{NAME}.made_Z", "µM/day", "Z made, of a whole liver")
EXPORT_Z = Indexed(
    HEPATOCYTES, Quantity, f"{NAME}.export_Z", "µM/day", "Z exported, of a whole liver"
)
POLYMERISED = Indexed(
    HEPATOCYTES,
    Quantity,
    f"{NAME}.polymerised",
    "µM/day",
    "Z that turns into polymer, of a whole liver",
)
STRESS = Indexed(HEPATOCYTES, Quantity, f"{NAME}.stress", "1", "proteotoxic stress, 0 to 1")
BIRTHS = Indexed(HEPATOCYTES, Quantity, f"{NAME}.births", "1/day", "birth rate per cell")
DEATHS = Indexed(HEPATOCYTES, Quantity, f"{NAME}.deaths", "1/day", "death rate per cell")

NUMBER = Quantity(f"{NAME}.number", "cell", "hepatocytes of a normal liver of this body")
OCCUPANCY = Quantity(f"{NAME}.occupancy", "1", "hepatocytes of all kinds, share of a normal liver")
TOTAL_SOLUBLE = Quantity(
    f"{NAME}.soluble_Z_total", "µM", "soluble Z in the liver, per plasma volume"
)
TOTAL_POLYMER = Quantity(f"{NAME}.polymer_total", "µM", "Z polymer in the liver, per plasma volume")
TOTAL_Z = Quantity(
    f"{NAME}.liver_Z", "µM", "Z in the liver, soluble and polymer, per plasma volume"
)
STRESS_TOTAL = Quantity(f"{NAME}.stress_total", "1", "proteotoxic stress of the whole liver")
INJURY = Quantity(f"{NAME}.injury", "1", "drive of stellate cells by injured hepatocytes")
STIFFNESS = Quantity(f"{NAME}.stiffness", "kPa", "liver stiffness by elastography")
STAGE = Quantity(f"{NAME}.fibrosis_stage", "1", "fibrosis, continuous METAVIR 0 to 4")
ALT = Quantity(f"{NAME}.alt", "1", "ALT over its upper limit of normal")
RESERVE = Quantity(
    f"{NAME}.reserve", "1", "functional reserve: synthesis and detoxification, 1 normal"
)
ALBUMIN = Quantity(f"{NAME}.albumin", "g/L", "serum albumin")


def _ceiling(m: Instance) -> object:
    ratio = SOLUBLE[m] / p.export_ceiling
    sharpness = FIXED.ceiling_sharpness.value
    return (1 + ratio**sharpness) ** (1 / sharpness)


MODULE = Module(
    name=NAME,
    title="hepatocytes, retained Z protein, injury and fibrosis",
    parameters=PARAMETERS,
    fixed=(*FIXED,),
    families=(HEPATOCYTES,),
    changes={
        CELLS: lambda m: (BIRTHS[m] - DEATHS[m]) * CELLS[m],
        SOLUBLE: lambda m: MADE_Z[m] - EXPORT_Z[m] - POLYMERISED[m] - p.degradation_Z * SOLUBLE[m],
        POLYMER: lambda m: POLYMERISED[m] - p.polymer_clearance * POLYMER[m],
        STELLATE: p.stellate_on * INJURY * TGFB * (1 - STELLATE) - p.stellate_off * STELLATE,
        COLLAGEN: p.collagen_turnover * (1 + p.collagen_gain * STELLATE - COLLAGEN),
    },
    initial={CELLS: lambda m: m.at_birth, SOLUBLE: 0, POLYMER: 0, STELLATE: 0, COLLAGEN: 1},
    quantities={
        SYNTHESIS: TRANSCRIPTION,
        MADE_Z: lambda m: m.alleles_Z * p.allele_output * SYNTHESIS[m],
        EXPORT_Z: lambda m: p.export_Z * SOLUBLE[m] / _ceiling(m),
        POLYMERISED: lambda m: p.polymerisation * SOLUBLE[m] ** 2 / p.reference_soluble,
        STRESS: lambda m: hill(POLYMER[m], p.stress_half, 2),
        BIRTHS: p.turnover + p.regrowth * (1 - OCCUPANCY),
        DEATHS: lambda m: p.turnover + p.selection * STRESS[m],
        NUMBER: p.number * (WEIGHT / p.reference_weight) ** p.weight_exponent,
        OCCUPANCY: SumOver(HEPATOCYTES, lambda m: CELLS[m]),
        TOTAL_SOLUBLE: SumOver(HEPATOCYTES, lambda m: CELLS[m] * SOLUBLE[m]),
        TOTAL_POLYMER: SumOver(HEPATOCYTES, lambda m: CELLS[m] * POLYMER[m]),
        TOTAL_Z: TOTAL_SOLUBLE + TOTAL_POLYMER,
        STRESS_TOTAL: SumOver(HEPATOCYTES, lambda m: CELLS[m] * STRESS[m]),
        INJURY: p.injury_stress * STRESS_TOTAL + p.injury_other,
        STIFFNESS: p.stiffness_normal * COLLAGEN**p.stiffness_exponent,
        STAGE: FIXED.last_stage.value * (COLLAGEN - 1) / (COLLAGEN - 1 + p.stage_half),
        ALT: p.alt_normal * (1 + p.alt_gain * STRESS_TOTAL),
        RESERVE: OCCUPANCY / (1 + ((COLLAGEN - 1) / p.reserve_half) ** 2),
        ALBUMIN: p.albumin_normal * RESERVE**FIXED.albumin_exponent.value,
    },
    effects=(
        Term(
            ENTRY["M"],
            SumOver(HEPATOCYTES, lambda m: CELLS[m] * m.alleles_M * p.allele_output * SYNTHESIS[m]),
            "M protein is secreted as it is made",
        ),
        Term(
            ENTRY["S"],
            SumOver(
                HEPATOCYTES,
                lambda m: (
                    CELLS[m] * m.alleles_S * p.allele_output * p.secreted_share_S * SYNTHESIS[m]
                ),
            ),
            "S protein is secreted but for a share that the cell degrades",
        ),
        Term(
            ENTRY["Z"],
            SumOver(HEPATOCYTES, lambda m: CELLS[m] * EXPORT_Z[m]),
            "a part of Z protein leaves the cell",
        ),
    ),
)
