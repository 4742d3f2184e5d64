"""Given AAT may turn down the AAT gene: seen in cell cultures, off unless a user turns it on."""

from antitrypsim.modelling import Factor, Module, parameters_of
from antitrypsim.organs.circulation.module import PLASMA
from antitrypsim.organs.liver.module import SYNTHESIS

NAME = "augmentation_feedback"
PARAMETERS, p = parameters_of(__file__, NAME)

MODULE = Module(
    name=NAME,
    title="feedback of infused AAT on its synthesis",
    parameters=PARAMETERS,
    effects=(
        Factor(
            SYNTHESIS,
            1 / (1 + p.strength * PLASMA["infused"]),
            "added AAT turned down the message in cultured cells: an assumption, off by default",
            mechanism="synthesis feedback",
        ),
    ),
    needs=("augmentation",),
)
