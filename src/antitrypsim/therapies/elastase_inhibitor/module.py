"""An elastase inhibitor by mouth: it must exceed what AAT leaves near a cell before it spares elastin."""

import sympy

from antitrypsim.modelling import (
    Dose,
    Factor,
    Hazard,
    Module,
    Quantity,
    State,
    Term,
    dose_amount,
    fixed_of,
    parameters_of,
)
from antitrypsim.organs.liver.module import ALT
from antitrypsim.organs.lung.module import BLOOD_ELASTASE, FREE_ELASTASE, INHIBITION
from antitrypsim.organs.lung.module import p as lung
from antitrypsim.therapies.fate import early, per_day

NAME = "elastase_inhibitor"
PARAMETERS, p = parameters_of(__file__, NAME)
FIXED = fixed_of(__file__, NAME)
_UNIT = "mg"

LEVEL = State(
    f"{NAME}.level", "1", "inhibitor in the body, in amounts that halve elastase in blood"
)
EXCEEDS = Quantity(
    f"{NAME}.exceeds", "1", "inhibitor in the lung over what AAT leaves of a typical release"
)
ENZYMES = State(
    f"{NAME}.enzymes",
    "1",
    "rise of liver enzymes by the drug that has not yet passed, 1 just after it",
)

MODULE = Module(
    name=NAME,
    title="elastase inhibitor",
    parameters=PARAMETERS,
    fixed=(*FIXED,),
    changes={
        LEVEL: early(LEVEL, loss=per_day(p.half_life)),
        ENZYMES: early(ENZYMES, loss=per_day(p.enzymes_half_life)),
    },
    initial={LEVEL: 0, ENZYMES: 0},
    quantities={
        # AAT takes its part first: the more of it, the less is left for the drug to exceed.
        EXCEEDS: p.lung_share * LEVEL / (p.threshold * sympy.exp(-INHIBITION * lung.near_delay)),
    },
    effects=(
        Factor(
            FREE_ELASTASE,
            1 / (1 + EXCEEDS**FIXED.steepness.value),
            "releases differ in size, and the drug silences those that it exceeds",
            mechanism="elastase balance",
        ),
        Factor(
            BLOOD_ELASTASE,
            1 / (1 + LEVEL),
            "in stimulated blood the drug occupies elastase in proportion: a level of drug, told in another way",
            mechanism="elastase balance",
        ),
        Term(ALT, p.enzymes_size * ENZYMES, "liver enzymes rise in some, and pass"),
    ),
    hazards=(
        Hazard(
            "enzyme_rise",
            p.enzymes_rate * LEVEL,
            "rise of liver enzymes by a drug",
            jumps={ENZYMES: 1 - ENZYMES},
        ),
    ),
    doses=(
        Dose(
            "elastase_inhibitor",
            "oral",
            _UNIT,
            {LEVEL: dose_amount(_UNIT) / p.half_inhibiting},
            "a reversible elastase inhibitor, swallowed; absorbed at once on a scale of days",
            limit=FIXED.most,
            example="elastase_inhibitor:240mg/12hours",
        ),
    ),
)
