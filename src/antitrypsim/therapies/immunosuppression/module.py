"""Tacrolimus held at a trough: foreign cells are spared, and infections come."""

from antitrypsim.modelling import (
    DAYS_PER_YEAR,
    Dose,
    Factor,
    Module,
    Term,
    fixed_of,
    parameters_of,
)
from antitrypsim.organs.harms.module import INFECTED, INFECTION, TUMOUR
from antitrypsim.organs.rejection.module import BY_TACROLIMUS, TACROLIMUS

NAME = "immunosuppression"
PARAMETERS, p = parameters_of(__file__, NAME)
FIXED = fixed_of(__file__, NAME)

MODULE = Module(
    name=NAME,
    title="immunosuppression by tacrolimus",
    parameters=PARAMETERS,
    fixed=(*FIXED,),
    effects=(
        Term(
            INFECTION,
            p.infections * BY_TACROLIMUS / DAYS_PER_YEAR,
            "a suppressed defence lets infections in",
        ),
        Term(
            TUMOUR,
            p.tumours * BY_TACROLIMUS / DAYS_PER_YEAR,
            "a suppressed defence lets tumours grow",
        ),
        Factor(
            BY_TACROLIMUS,
            1 - p.lowered * INFECTED,
            "tacrolimus is lowered while a serious infection lasts, and the graft pays",
        ),
    ),
    doses=(
        Dose(
            "tacrolimus",
            "oral",
            "ng/mL",
            {},
            "tacrolimus, the trough level that is held",
            example="tacrolimus:8ng/mL/held",
            holds=TACROLIMUS,
            most=FIXED.most,
        ),
    ),
)
