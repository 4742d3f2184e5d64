"""Hepatocytes, the Z protein that they keep, and what it does to the liver."""

import sympy

from antitrypsim.modelling import (
    AGE,
    DAYS_PER_YEAR,
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
from antitrypsim.modelling.words import Number
from antitrypsim.organs.circulation.module import ENTRY, TRANSCRIPTION
from antitrypsim.organs.covariates import (
    ALCOHOL,
    ALLELES_M,
    ALLELES_S,
    ALLELES_Z,
    HEIGHT,
    MALE,
    METABOLIC,
    WEIGHT,
)
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
MESSAGE_Z = Indexed(
    HEPATOCYTES,
    Quantity,
    f"{NAME}.message_Z",
    "µM/day",
    "message of Z alleles, as the protein that it can make, of a whole liver",
)
MADE_Z = Indexed(HEPATOCYTES, Quantity, f"{NAME}.made_Z", "µM/day", "Z made, of a whole liver")
M_OF_Z = Indexed(
    HEPATOCYTES,
    Quantity,
    f"{NAME}.M_of_message_Z",
    "µM/day",
    "M made of message of Z alleles, of a whole liver",
)
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
EXTRA_DEATHS = Quantity(
    f"{NAME}.extra_deaths", "1/day", "deaths by stress that a cell of this liver would have"
)
REPLACEABLE = Quantity(
    f"{NAME}.replaceable", "1", "share of those deaths that happen, for the liver must replace them"
)
BIRTHS = Indexed(HEPATOCYTES, Quantity, f"{NAME}.births", "1/day", "birth rate per cell")
DEATHS = Indexed(HEPATOCYTES, Quantity, f"{NAME}.deaths", "1/day", "death rate per cell")

NUMBER = Quantity(f"{NAME}.number", "cell", "hepatocytes of a normal liver of this body")
OCCUPANCY = Quantity(f"{NAME}.occupancy", "1", "hepatocytes of all kinds, share of a normal liver")
CORRECTED_CELLS = Quantity(
    f"{NAME}.corrected_cells",
    "1",
    "hepatocytes that a therapy has made or brought to make M, share of a normal liver",
)
CORRECTED_SHARE = Quantity(
    f"{NAME}.corrected_share", "1", "share of all hepatocytes that a therapy lets make M"
)
TOTAL_SOLUBLE = Quantity(
    f"{NAME}.soluble_Z_total", "µM", "soluble Z in the liver, per plasma volume"
)
TOTAL_POLYMER = Quantity(f"{NAME}.polymer_total", "µM", "Z polymer in the liver, per plasma volume")
TOTAL_Z = Quantity(
    f"{NAME}.liver_Z", "µM", "Z in the liver, soluble and polymer, per plasma volume"
)
STRESS_TOTAL = Quantity(f"{NAME}.stress_total", "1", "proteotoxic stress of the whole liver")
INJURY = Quantity(f"{NAME}.injury", "1", "drive of stellate cells by injured hepatocytes")
SECOND_HITS = Quantity(
    f"{NAME}.second_hits", "1", "what sex, weight, alcohol, metabolism and age make of an injury"
)
STIFFNESS = Quantity(f"{NAME}.stiffness", "kPa", "liver stiffness by elastography")
SEVERITY = Quantity(
    f"{NAME}.severity", "1", "fibrosis on METAVIR's scale, carried on beyond its end"
)
STAGE = Quantity(f"{NAME}.fibrosis_stage", "1", "fibrosis, continuous METAVIR 0 to 4")
ISHAK = Quantity(f"{NAME}.ishak_stage", "1", "fibrosis, continuous Ishak 0 to 6")
GLOBULES = Quantity(f"{NAME}.globule_score", "1", "PAS-D globules, score 0 to 9")
ALT = Quantity(f"{NAME}.alt", "1", "ALT over its upper limit of normal")
AST = Quantity(f"{NAME}.ast", "1", "AST over its upper limit of normal")
GGT = Quantity(f"{NAME}.ggt", "1", "GGT over its upper limit of normal")
RESERVE = Quantity(
    f"{NAME}.reserve", "1", "functional reserve: synthesis and detoxification, 1 normal"
)
ALBUMIN = Quantity(f"{NAME}.albumin", "g/L", "serum albumin")


def _ceiling(m: Instance) -> object:
    ratio = SOLUBLE[m] / p.export_ceiling
    sharpness = FIXED.ceiling_sharpness.value
    return (1 + ratio**sharpness) ** (1 / sharpness)


def _partners(m: Instance) -> Number:
    """Return the M and S protein of a cell that joins Z's polymer, as soluble Z that it is worth."""
    own = (p.partner_M * m.alleles_M + p.partner_S * m.alleles_S) * SYNTHESIS[m]
    return own + p.partner_M * M_OF_Z[m] / p.allele_output


def _ended(score: Number, last: Number) -> Number:
    """Return a score that nears the last step of its scale, and is itself well below it."""
    sharpness = FIXED.scale_sharpness.value
    return score / (1 + (score / last) ** sharpness) ** (1 / sharpness)


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
        MESSAGE_Z: lambda m: m.alleles_Z * p.allele_output * SYNTHESIS[m],
        MADE_Z: lambda m: MESSAGE_Z[m],
        M_OF_Z: 0,
        EXPORT_Z: lambda m: p.export_Z * SOLUBLE[m] / _ceiling(m),
        POLYMERISED: lambda m: (
            p.polymerisation * SOLUBLE[m] * (SOLUBLE[m] + _partners(m)) / p.reference_soluble
        ),
        STRESS: lambda m: hill(POLYMER[m], p.stress_half, 2),
        EXTRA_DEATHS: p.selection * STRESS_TOTAL / OCCUPANCY,
        REPLACEABLE: 1 / sympy.sqrt(1 + (EXTRA_DEATHS / p.replacement_most) ** 2),
        BIRTHS: p.turnover + EXTRA_DEATHS * REPLACEABLE + p.regrowth * (1 - OCCUPANCY),
        DEATHS: lambda m: p.turnover + p.selection * STRESS[m] * REPLACEABLE,
        NUMBER: p.number * (WEIGHT / p.reference_weight) ** p.weight_exponent,
        OCCUPANCY: SumOver(HEPATOCYTES, lambda m: CELLS[m]),
        CORRECTED_CELLS: 0,
        CORRECTED_SHARE: CORRECTED_CELLS / OCCUPANCY,
        TOTAL_SOLUBLE: SumOver(HEPATOCYTES, lambda m: CELLS[m] * SOLUBLE[m]),
        TOTAL_POLYMER: SumOver(HEPATOCYTES, lambda m: CELLS[m] * POLYMER[m]),
        TOTAL_Z: TOTAL_SOLUBLE + TOTAL_POLYMER,
        STRESS_TOTAL: SumOver(HEPATOCYTES, lambda m: CELLS[m] * STRESS[m]),
        SECOND_HITS: sympy.exp(
            p.hit_male * (MALE - FIXED.usual_male.value)
            + p.hit_weight * (WEIGHT / HEIGHT**2 / p.reference_bmi - 1)
            + p.hit_alcohol * ALCOHOL
            + p.hit_metabolic * METABOLIC
            + p.hit_age * (AGE / DAYS_PER_YEAR - p.reference_age)
        ),
        INJURY: SECOND_HITS * (p.injury_stress * STRESS_TOTAL + p.injury_other),
        STIFFNESS: p.stiffness_normal * COLLAGEN**p.stiffness_exponent,
        SEVERITY: p.stage_of_collagen * sympy.log(COLLAGEN),
        STAGE: _ended(SEVERITY, FIXED.last_metavir.value),
        ISHAK: _ended(FIXED.ishak_of_metavir.value * SEVERITY, FIXED.last_ishak.value),
        GLOBULES: FIXED.last_globules.value * hill(TOTAL_POLYMER, p.globules_half),
        ALT: p.alt_normal * (1 + p.alt_gain * STRESS_TOTAL),
        AST: p.ast_normal * (1 + p.ast_gain * STRESS_TOTAL + p.ast_fibrosis * SEVERITY),
        GGT: p.ggt_normal
        * (1 + p.ggt_gain * STRESS_TOTAL + p.ggt_fibrosis * SEVERITY + p.ggt_alcohol * ALCOHOL),
        RESERVE: OCCUPANCY / (1 + ((COLLAGEN - 1) / p.reserve_half) ** 2),
        ALBUMIN: p.albumin_normal * RESERVE**FIXED.albumin_exponent.value,
    },
    effects=(
        Term(
            ENTRY["M"],
            SumOver(
                HEPATOCYTES,
                lambda m: CELLS[m] * (m.alleles_M * p.allele_output * SYNTHESIS[m] + M_OF_Z[m]),
            ),
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
