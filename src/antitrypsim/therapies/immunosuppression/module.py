"""Tacrolimus held at a trough: foreign cells are spared, and infections come."""

from antitrypsim.modelling import DAYS_PER_YEAR, Dose, Module, Term, parameters_of
from antitrypsim.organs.harms.module import INFECTION
from antitrypsim.organs.rejection.module import SUPPRESSION, TACROLIMUS

NAME = "immunosuppression"
PARAMETERS, p = parameters_of(__file__, NAME)

MODULE = Module(
    name=NAME,
    title="immunosuppression by tacrolimus",
    parameters=PARAMETERS,
    effects=(
        Term(
            INFECTION,
            p.infections * SUPPRESSION / DAYS_PER_YEAR,
            "a suppressed defence lets infections in",
        ),
    ),
    doses=(
        Dose(
            "tacrolimus",
            "oral",
            "ng/mL",
            {},
            "tacrolimus, the trough level that is held",
            holds=TACROLIMUS,
        ),
    ),
)
