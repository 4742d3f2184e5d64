"""Liver progenitor cells: fewer stay, they mature slowly, they signal, and they clot blood."""

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

MODULE = GRAFT.module(
    "liver progenitor cells",
    tuple(
        GRAFT.dose(
            NAME,
            route,
            meaning=f"progenitor cells by {words}",
            limit=FIXED.most,
        )
        for route, words in _ROUTES.items()
    ),
    effects=(
        Term(
            LIVER_DRIVE,
            GRAFT.cells.potency * hill(GRAFT.landed + GRAFT.young, p.signal_half),
            "young cells signal to stellate cells",
            mechanism="cell signalling",
        ),
    ),
    refuses=refused_of(__file__, NAME),
)
