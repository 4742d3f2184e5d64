"""Given AAT: infused, the conventional arm, or inhaled."""

from antitrypsim.modelling import Dose, Module, State, Term, dose_amount, fixed_of, parameters_of
from antitrypsim.organs.circulation.module import ENTRY, PLASMA, PLASMA_VOLUME
from antitrypsim.organs.circulation.module import p as circulation
from antitrypsim.organs.covariates import WEIGHT
from antitrypsim.organs.lung.module import (
    ACTIVITY,
    CAPACITY,
    FAR_INHIBITION,
    INHIBITION,
    LINING_TOTAL,
)
from antitrypsim.organs.lung.module import p as lung
from antitrypsim.therapies.fate import early, landing, per_day

NAME = "augmentation"
PARAMETERS, p = parameters_of(__file__, NAME)
FIXED = fixed_of(__file__, NAME)

_UNIT = "mg/kg"
_INHALED_UNIT = "mg"

_LEAVING = per_day(p.inhaled_half_life)

INHALED = State(f"{NAME}.inhaled", "µM", "inhaled AAT in lining fluid")

_INHIBITING = lung.association * ACTIVITY * INHALED

MODULE = Module(
    name=NAME,
    title="given AAT, infused or inhaled",
    parameters=PARAMETERS,
    fixed=(*FIXED,),
    changes={INHALED: early(INHALED, loss=_LEAVING)},
    initial={INHALED: 0},
    effects=(
        Term(LINING_TOTAL, INHALED, "inhaled AAT lies in lining fluid"),
        Term(
            CAPACITY,
            INHALED,
            "inhaled AAT is as active as M",
            mechanism="elastase balance",
        ),
        Term(
            INHIBITION,
            p.reach * _INHIBITING,
            "inhaled AAT lies on airways and in what is still ventilated: a share is where cells release elastase",
            mechanism="elastase balance",
        ),
        Term(
            FAR_INHIBITION,
            (1 - p.reach) * _INHIBITING,
            "away from these cells all of it inhibits",
            mechanism="elastase balance",
        ),
        Term(
            ENTRY["infused"],
            p.absorbed_share * _LEAVING * INHALED * p.lining_volume / PLASMA_VOLUME,
            "what leaves lining fluid reaches plasma in part",
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
            example="augmentation:60mg/kg/week",
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
            limit=FIXED.most_inhaled,
            example="augmentation@inhaled:80mg/day",
        ),
    ),
)
