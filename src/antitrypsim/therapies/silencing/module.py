"""RNA interference: synthesis of AAT in hepatocytes is silenced, whichever its allele."""

from antitrypsim.modelling import (
    Dose,
    Factor,
    Module,
    Quantity,
    State,
    dose_amount,
    fixed_of,
    hill,
    parameters_of,
)
from antitrypsim.organs.liver.module import SYNTHESIS

NAME = "silencing"
PARAMETERS, p = parameters_of(__file__, NAME)
FIXED = fixed_of(__file__, NAME)

_PRODUCTS = {
    "fazirsiran": (p.half_fazirsiran, FIXED.most_fazirsiran, "200mg@75kg/12weeks"),
    "belcesiran": (p.half_belcesiran, FIXED.most_belcesiran, "3mg/kg/4weeks"),
    "arc_aat": (p.half_arc_aat, FIXED.most_arc_aat, "4mg/kg/4weeks"),
}
"""Of each product the amount at work that is half-effective, the largest dose on record, an example."""
_UNIT = "mg/kg"

DEPOT = State(
    f"{NAME}.depot", "1", "silencing RNA on its way, in half-effective amounts", scale=0.1
)
WORKING = State(
    f"{NAME}.working", "1", "silencing RNA at work, in half-effective amounts", scale=0.1
)
SILENCED = Quantity(f"{NAME}.silenced", "1", "share of AAT synthesis that is silenced")

MODULE = Module(
    name=NAME,
    title="RNA interference",
    parameters=PARAMETERS,
    fixed=(*FIXED,),
    changes={
        DEPOT: -p.uptake * DEPOT,
        WORKING: p.uptake * DEPOT - p.persistence * WORKING,
    },
    initial={DEPOT: 0, WORKING: 0},
    quantities={SILENCED: p.largest_effect * hill(WORKING, 1)},
    effects=(
        Factor(SYNTHESIS, 1 - SILENCED, "silencing RNA destroys the message of every allele"),
    ),
    doses=tuple(
        Dose(
            product=product,
            route="subcutaneous",
            unit=_UNIT,
            jumps={DEPOT: dose_amount(_UNIT) / half},
            meaning=f"{product}, injected under the skin; products differ in potency alone",
            limit=most,
            example=f"{product}:{example}",
        )
        for product, (half, most, example) in _PRODUCTS.items()
    ),
)
