"""Hepatocytes from induced pluripotent cells: the person's own, corrected or not, or a donor's."""

from antitrypsim.modelling import State, Term, fixed_of, parameters_of, refused_of
from antitrypsim.organs.harms.module import TUMOUR
from antitrypsim.therapies.fate import late
from antitrypsim.therapies.graft import Graft
from antitrypsim.therapies.product import CellProduct

NAME = "ipsc_hepatocytes"
PARAMETERS, p = parameters_of(__file__, NAME)
FIXED = fixed_of(__file__, NAME)
GRAFT = Graft(
    NAME,
    PARAMETERS,
    p,
    fixed=(*FIXED,),
    cells=CellProduct(
        NAME,
        sources=("autologous", "allogeneic"),
        needs_match="a donor's cells are rejected by their mismatch",
    ),
    correctable=True,
)

# Hepatocytes gain ground and multiply; what came undifferentiated with them does not do so by that.
SETTLED = State(
    f"{NAME}.settled", "1", "cells given that have stayed, without those they became", scale=0.01
)

_ROUTES = {
    "portal_vein": "portal vein",
    "spleen": "splenic artery",
    "hepatic_artery": "hepatic artery",
    "percutaneous": "a needle through the skin",
    "lymph_node": "lymph node",
    "intravenous": "peripheral vein: caught in the lung and cleared in a day",
}

_EXAMPLES = {
    "portal_vein": f"{NAME}@portal_vein[source=autologous,corrected=1]:1e9cells/once",
    "percutaneous": f"{NAME}@percutaneous[source=allogeneic,hla_mismatches=3]:1e9cells/once+tacrolimus:8ng/mL/held",
}

MODULE = GRAFT.module(
    "hepatocytes from induced pluripotent cells",
    tuple(
        GRAFT.dose(
            NAME,
            route,
            meaning=f"hepatocyte-like cells by {words}",
            limit=FIXED.most,
            example=_EXAMPLES.get(route, ""),
        )
        for route, words in _ROUTES.items()
    ),
    effects=(
        Term(
            TUMOUR,
            p.residual * p.tumour_of_residual * SETTLED,
            "undifferentiated cells among them can grow into tumours",
        ),
    ),
    changes={SETTLED: late(SETTLED, inflow=GRAFT.settling(), loss=GRAFT.lost())},
    initial={SETTLED: 0},
    refuses=refused_of(__file__, NAME),
)
