"""A living drug: it expands, peaks, and falls in two phases, in the words of a cell's fate."""

import sympy

from antitrypsim.modelling import Dose, Input, Module, Quantity, State, dose_amount, parameters_of
from antitrypsim.therapies.fate import early, landing, late, staying

NAME = "living_drug"
PARAMETERS, p = parameters_of(__file__, NAME)

EXPANDING = Input(f"{NAME}.expanding", "1", "1 from the infusion to the peak, 0 after it")
EFFECTOR = State(f"{NAME}.effector", "1/µg", "transgene copies of the cells that fall fast")
LASTING = State(f"{NAME}.lasting", "1/µg", "transgene copies of the cells that stay")
COPIES = Quantity(f"{NAME}.copies", "1/µg", "transgene copies per microgram of DNA in blood")

_GROWTH = EXPANDING * sympy.log(p.fold) / p.peak_time
_LOSS = (1 - EXPANDING) * p.fast_loss
# Stated is the share of the peak that the slow line starts from; of the cells that leave the fast
# phase slightly less stay, because the slow loss takes some of them meanwhile.
_KEPT = p.slow_share * (p.fast_loss - p.slow_loss) / p.fast_loss

MODULE = Module(
    name=NAME,
    title="tisagenlecleucel as a living drug",
    parameters=PARAMETERS,
    inputs=(EXPANDING,),
    changes={
        EFFECTOR: early(EFFECTOR, loss=_LOSS, growth=_GROWTH),
        LASTING: late(LASTING, inflow=staying(EFFECTOR, loss=_LOSS, kept=_KEPT), loss=p.slow_loss),
    },
    initial={EFFECTOR: 0, LASTING: 0},
    quantities={COPIES: EFFECTOR + LASTING},
    doses=(
        Dose(
            "tisagenlecleucel",
            "intravenous",
            "1",
            {EFFECTOR: landing(dose_amount("1"), share=p.peak / p.fold)},
            "an infusion, relative to that of the typical patient",
        ),
    ),
)
