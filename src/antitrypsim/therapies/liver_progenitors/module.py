"""Liver progenitor cells: they signal as they land, few stay, they mature slowly, and clot blood."""

from antitrypsim.modelling import Term, fixed_of, hill, parameters_of, refused_of
from antitrypsim.organs.paracrine.module import LIVER_DRIVE
from antitrypsim.therapies.graft import Graft
from antitrypsim.therapies.product import CellProduct

NAME = "liver_progenitors"
PARAMETERS, p = parameters_of(__file__, NAME)
FIXED = fixed_of(__file__, NAME)
GRAFT = Graft(
    NAME,
    PARAMETERS,
    p,
    fixed=(*FIXED,),
    cells=CellProduct(
        NAME,
        sources=("allogeneic",),
        needs_match="a donor's cells are rejected by their mismatch",
    ),
)

_ROUTES = {
    "portal_vein": "portal vein",
    "hepatic_artery": "hepatic artery",
    "percutaneous": "a needle through the skin",
    "intravenous": "peripheral vein",
}

_EXAMPLES = {"portal_vein": f"{NAME}@portal_vein[hla_mismatches=3]:5e8cells/3months"}

MODULE = GRAFT.module(
    "liver progenitor cells",
    tuple(
        GRAFT.dose(
            NAME,
            route,
            meaning=f"progenitor cells by {words}",
            limit=FIXED.most,
            example=_EXAMPLES.get(route, ""),
        )
        for route, words in _ROUTES.items()
    ),
    effects=(
        Term(
            LIVER_DRIVE,
            GRAFT.cells.potency * hill(GRAFT.landed, p.signal_half),
            "cells that have just landed signal to stellate cells; those that stay no longer do",
            mechanism="cell signalling",
        ),
    ),
    refuses=refused_of(__file__, NAME),
)
