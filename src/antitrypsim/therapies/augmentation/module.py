"""Given AAT: infused, the conventional arm, or inhaled."""

from antitrypsim.modelling import Dose, Module, State, Term, dose_amount, fixed_of, parameters_of
from antitrypsim.organs.circulation.module import PLASMA, PLASMA_VOLUME
from antitrypsim.organs.circulation.module import p as circulation
from antitrypsim.organs.covariates import WEIGHT
from antitrypsim.organs.lung.module import LINING
from antitrypsim.therapies.fate import early, landing, per_day

NAME = "augmentation"
PARAMETERS, p = parameters_of(__file__, NAME)
FIXED = fixed_of(__file__, NAME)

_UNIT = "mg/kg"
_INHALED_UNIT = "mg"

INHALED = State(f"{NAME}.inhaled", "µM", "inhaled AAT in lining fluid")

MODULE = Module(
    name=NAME,
    title="given AAT, infused or inhaled",
    parameters=PARAMETERS,
    fixed=(*FIXED,),
    changes={INHALED: early(INHALED, loss=per_day(p.inhaled_half_life))},
    initial={INHALED: 0},
    effects=(
        Term(
            LINING["infused"],
            INHALED,
            "inhaled AAT inhibits elastase where it lies",
            mechanism="elastase balance",
        ),
    ),
    doses=(
        Dose(
            product="augmentation",
            route="intravenous",
            unit=_UNIT,
            jumps={
                PLASMA["infused"]: dose_amount(_UNIT)
                * WEIGHT
                * p.active_share
                / (circulation.molar_mass * PLASMA_VOLUME)
            },
            meaning="AAT concentrate, infused in an hour or less, so that it is a jump on a scale of days",
            limit=FIXED.most_intravenous,
            usual=True,
        ),
        Dose(
            product="augmentation",
            route="inhaled",
            unit=_INHALED_UNIT,
            jumps={
                INHALED: landing(dose_amount(_INHALED_UNIT), share=p.deposited_share)
                / (circulation.molar_mass * p.lining_volume)
            },
            meaning="AAT by nebuliser: a part reaches lining fluid, active, within the hour",
        ),
    ),
)
