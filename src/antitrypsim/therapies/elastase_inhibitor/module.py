"""An elastase inhibitor by mouth: free elastase falls, and AAT stays as it is."""

from antitrypsim.modelling import Dose, Factor, Module, State, dose_amount, parameters_of
from antitrypsim.organs.lung.module import FREE_ELASTASE
from antitrypsim.therapies.fate import early, per_day

NAME = "elastase_inhibitor"
PARAMETERS, p = parameters_of(__file__, NAME)
_UNIT = "mg"

LEVEL = State(f"{NAME}.level", "1", "inhibitor in plasma and lung, in half-inhibiting amounts")

MODULE = Module(
    name=NAME,
    title="elastase inhibitor",
    parameters=PARAMETERS,
    changes={LEVEL: early(LEVEL, loss=per_day(p.half_life))},
    initial={LEVEL: 0},
    effects=(
        Factor(
            FREE_ELASTASE,
            1 / (1 + LEVEL),
            "the drug occupies elastase that AAT has not bound; release stays as it is",
            mechanism="elastase balance",
        ),
    ),
    doses=(
        Dose(
            "elastase_inhibitor",
            "oral",
            _UNIT,
            {LEVEL: dose_amount(_UNIT) / p.half_inhibiting},
            "a reversible elastase inhibitor, swallowed; absorbed at once on a scale of days",
        ),
    ),
)
