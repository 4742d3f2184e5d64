"""Pressure in the portal vein: what cells may be infused against it, and what they add."""

import sympy

from antitrypsim.modelling import Module, Quantity, State, parameters_of
from antitrypsim.organs.liver.module import COLLAGEN

NAME = "portal"
PARAMETERS, p = parameters_of(__file__, NAME)

LODGED = State(
    f"{NAME}.lodged", "1", "cells lodged in portal branches, share of a liver's number", scale=0.01
)
WITHHELD = State(
    f"{NAME}.withheld", "1", "cells not infused because of pressure, share of a liver's number"
)
PRESSURE = Quantity(f"{NAME}.pressure", "mmHg", "portal pressure")
ROOM = Quantity(
    f"{NAME}.room", "1", "what the limit of pressure lets in at once, share of a liver's number"
)


def let_in(share: object) -> object:
    """Return what of an infusion is given before the pressure reaches its limit; in a jump only."""
    return sympy.Min(share, sympy.Max(0, ROOM))


MODULE = Module(
    name=NAME,
    title="portal pressure",
    parameters=PARAMETERS,
    changes={LODGED: -p.clearing * LODGED, WITHHELD: 0},
    initial={LODGED: 0, WITHHELD: 0},
    quantities={
        PRESSURE: p.normal + p.fibrosis * (COLLAGEN - 1) + p.lodged * LODGED,
        ROOM: (p.limit - PRESSURE) / p.lodged,
    },
)
