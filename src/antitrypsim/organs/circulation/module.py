"""AAT in plasma and tissue: one set of equations for M, Z, S and infused protein."""

from math import log, sqrt

from antitrypsim.modelling import (
    GRAMS_PER_MILLIGRAM,
    Family,
    Indexed,
    Instance,
    Model,
    Module,
    Quantity,
    State,
    SumOver,
    logistic,
    parameters_of,
)
from antitrypsim.organs.covariates import WEIGHT

NAME = "circulation"
PARAMETERS, p = parameters_of(__file__, NAME)

AAT = Family(
    "aat",
    Instance("M", activity=1, rate=1, clearance=1),
    Instance("Z", activity=p.activity_Z, rate=p.rate_Z, clearance=p.elimination_ratio_Z),
    Instance("S", activity=p.activity_S, rate=p.rate_S, clearance=p.elimination_ratio_S),
    Instance("infused", activity=1, rate=1, clearance=1),
)
PLASMA = Indexed(AAT, State, f"{NAME}.plasma", "µM", "plasma AAT", scale=1.0)
TISSUE = Indexed(
    AAT, State, f"{NAME}.tissue", "µM", "extravascular AAT, per plasma volume", scale=1.0
)
ENTRY = Indexed(AAT, Quantity, f"{NAME}.entry", "µM/day", "AAT entering plasma, per plasma volume")

PLASMA_VOLUME = Quantity(f"{NAME}.plasma_volume", "L", "plasma volume")
SERUM = Quantity(f"{NAME}.serum_aat", "µM", "serum AAT, antigenic, all proteins")
SERUM_MASS = Quantity(
    f"{NAME}.serum_aat_mass", "g/L", "serum AAT, antigenic, as nephelometry reads it"
)
FUNCTIONAL = Quantity(f"{NAME}.functional_aat", "µM", "serum AAT that inhibits elastase")
SERUM_M = Quantity(f"{NAME}.serum_m", "µM", "M protein in serum, infused protein included")
SERUM_Z = Quantity(f"{NAME}.serum_z", "µM", "Z protein in serum")
SHARE_M = Quantity(f"{NAME}.share_m", "1", "M protein, share of serum AAT")
DAYS_ABOVE = State(
    f"{NAME}.days_above", "day", "days lived with serum AAT above the level taken to protect"
)
TRANSCRIPTION = Quantity(
    f"{NAME}.acute_phase", "1", "AAT gene output relative to a person at rest without inflammation"
)


def terminal_half_life(model: Model) -> float:
    """Return the terminal half-life (days) of protein in plasma and tissue, removed like M, at typical values.

    That of the slower rate of two pools.
    """
    elimination, tissue_return, tissue_ratio = (
        model.parameter(f"{NAME}.{name}").value
        for name in ("elimination", "tissue_return", "tissue_ratio")
    )
    half = (elimination + tissue_return * (1 + tissue_ratio)) / 2
    return log(2) / (half - sqrt(half**2 - elimination * tissue_return))


MODULE = Module(
    name=NAME,
    title="AAT in plasma and tissue",
    parameters=PARAMETERS,
    families=(AAT,),
    changes={
        PLASMA: lambda m: (
            ENTRY[m]
            - p.elimination * m.clearance * PLASMA[m]
            - p.tissue_return * p.tissue_ratio * PLASMA[m]
            + p.tissue_return * TISSUE[m]
        ),
        TISSUE: lambda m: (
            p.tissue_return * p.tissue_ratio * PLASMA[m] - p.tissue_return * TISSUE[m]
        ),
        DAYS_ABOVE: logistic(p.level_steepness * (SERUM - p.level)),
    },
    initial={PLASMA: 0, TISSUE: 0, DAYS_ABOVE: 0},
    quantities={
        ENTRY: 0,
        PLASMA_VOLUME: p.plasma_volume * (WEIGHT / p.reference_weight) ** p.weight_exponent,
        SERUM: SumOver(AAT, lambda m: PLASMA[m]),
        SERUM_MASS: SERUM * p.molar_mass * GRAMS_PER_MILLIGRAM,
        SERUM_M: PLASMA["M"] + PLASMA["infused"],
        SERUM_Z: PLASMA["Z"],
        SHARE_M: SERUM_M / (SERUM + p.least_serum),
        FUNCTIONAL: SumOver(AAT, lambda m: m.activity * PLASMA[m]),
        TRANSCRIPTION: 1,
    },
)
