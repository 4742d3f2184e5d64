"""The portal vein: its pressure, clots in it, and what cells may be infused against both."""

import sympy

from antitrypsim.modelling import Factor, Module, Quantity, State, parameters_of
from antitrypsim.modelling.words import Number
from antitrypsim.organs.cirrhosis.module import DECOMPENSATION_RATE
from antitrypsim.organs.liver.module import COLLAGEN, RESERVE

NAME = "portal"
PARAMETERS, p = parameters_of(__file__, NAME)

LODGED = State(
    f"{NAME}.lodged", "1", "cells lodged in portal branches, share of a liver's number", scale=0.01
)
TISSUE_FACTOR = State(
    f"{NAME}.tissue_factor", "1", "lodged cells, each weighted by how much it clots", scale=0.01
)
WITHHELD = State(
    f"{NAME}.withheld",
    "1",
    "cells not infused because of pressure or a clot, share of a liver's number",
)
CLOSED = State(f"{NAME}.closed", "1", "1 after a clot: no more cells are infused by this vein")
CLOT = State(f"{NAME}.clot", "1", "share of portal flow held up by clots that dissolve", scale=0.1)
SCAR = State(f"{NAME}.scar", "1", "share of portal flow that clots have blocked for good")

BLOCKED = Quantity(f"{NAME}.blocked", "1", "share of portal flow that is blocked")
PRESSURE = Quantity(f"{NAME}.pressure", "mmHg", "portal pressure")
ROOM = Quantity(
    f"{NAME}.room", "1", "what the limit of pressure lets in at once, share of a liver's number"
)
STARVED = Quantity(
    f"{NAME}.starved", "1/day", "loss rate of grafted cells that lack the blood of the portal vein"
)


def let_in(share: Number) -> Number:
    """Return what of an infusion is given before the pressure reaches its limit; in a jump only.

    After a clot that is nothing.
    """
    return sympy.Min(share, (1 - CLOSED) * sympy.Max(0, ROOM))


def lodged(share: Number, *, reaching: Number = 1, tissue_factor: Number) -> dict[State, Number]:
    """Return the jumps of an infusion of ``share`` of a liver's cells; ``reaching`` of it lodges.

    ``tissue_factor`` is how much one of these cells clots, relative to a liver progenitor.
    """
    here = reaching * let_in(share)
    return {LODGED: here, TISSUE_FACTOR: tissue_factor * here, WITHHELD: share - let_in(share)}


def clotted() -> dict[State, Number]:
    """Return the jumps of a clot: the route is closed, and flow is lost, in part for good."""
    lost = p.clot_size * (1 - BLOCKED)
    return {CLOSED: 1 - CLOSED, CLOT: (1 - p.lasting) * lost, SCAR: p.lasting * lost}


MODULE = Module(
    name=NAME,
    title="the portal vein: pressure and clots",
    parameters=PARAMETERS,
    changes={
        LODGED: -p.clearing * LODGED,
        TISSUE_FACTOR: -p.clearing * TISSUE_FACTOR,
        WITHHELD: 0,
        CLOSED: 0,
        CLOT: -p.dissolving * CLOT,
        SCAR: 0,
    },
    initial={LODGED: 0, TISSUE_FACTOR: 0, WITHHELD: 0, CLOSED: 0, CLOT: 0, SCAR: 0},
    quantities={
        BLOCKED: CLOT + SCAR,
        # A square: partial clots in people raised no lasting pressure and took no graft's function.
        PRESSURE: p.normal
        + p.fibrosis * (COLLAGEN - 1)
        + p.lodged * LODGED
        + p.clot_pressure * BLOCKED**2,
        ROOM: (p.limit - PRESSURE) / p.lodged,
        STARVED: p.starving * BLOCKED**2,
    },
    effects=(
        Factor(RESERVE, 1 - p.clot_reserve * BLOCKED, "a liver without portal blood does less"),
        Factor(
            DECOMPENSATION_RATE,
            1 + p.clot_decompensation * BLOCKED,
            "a clot brings ascites and bleeding to a cirrhotic liver",
        ),
    ),
)
