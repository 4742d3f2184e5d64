"""Infused AAT: the conventional arm."""

from antitrypsim.modelling import Dose, Module, dose_amount, parameters_of
from antitrypsim.organs.circulation.module import PLASMA, PLASMA_VOLUME
from antitrypsim.organs.circulation.module import p as circulation
from antitrypsim.organs.covariates import WEIGHT

NAME = "augmentation"
PARAMETERS, p = parameters_of(__file__, NAME)

_UNIT = "mg/kg"

MODULE = Module(
    name=NAME,
    title="intravenous AAT",
    parameters=PARAMETERS,
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
            limit=180.0,
            limit_source="BIO-B06",
        ),
    ),
)
