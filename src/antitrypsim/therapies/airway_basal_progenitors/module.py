"""Basal progenitor cells of a person's own airways, given back by bronchoscope."""

from antitrypsim.modelling import (
    Attribute,
    Dose,
    Input,
    Module,
    State,
    Term,
    dose_amount,
    fixed_of,
    hill,
    parameters_of,
    refused_of,
)
from antitrypsim.organs.harms.module import FEVER, INFECTION, RISK, TUMOUR
from antitrypsim.organs.liver.module import NUMBER
from antitrypsim.organs.lung.module import ELASTIN
from antitrypsim.organs.rejection.module import SEEN, noticed
from antitrypsim.therapies.fate import early, if_given, landing, late, staying
from antitrypsim.therapies.product import FIXED as SHARED
from antitrypsim.therapies.product import CellProduct

NAME = "airway_basal_progenitors"
PARAMETERS, p = parameters_of(__file__, NAME)
FIXED = fixed_of(__file__, NAME)
CELLS = CellProduct(NAME, sources=("autologous",))
REGROWTH = Input(
    f"{NAME}.regrowth", "1", "1 to assume that alveoli regrow where the cells stay", default=0.0
)
_UNIT = "cell"
_ATTRIBUTES = {
    **CELLS.attributes,
    "regrowth": Attribute(REGROWTH, REGROWTH.meaning, words={"none": 0.0, "assumed": 1.0}),
}

LANDED = State(f"{NAME}.landed", _UNIT, "living cells just put into the airways", scale=1e6)
STAYING = State(f"{NAME}.staying", _UNIT, "cells that have settled in the lung", scale=1e6)
IRRITATION = State(f"{NAME}.irritation", "1", "1 just after a bronchoscopy", scale=0.1)

_AMOUNT = dose_amount(_UNIT)
_REJECTED = CELLS.rejected(0, p.own)

MODULE = Module(
    name=NAME,
    title="own basal progenitors of the airways",
    parameters=PARAMETERS,
    fixed=(*FIXED, *CELLS.fixed, SHARED.infusible),
    inputs=(*CELLS.inputs, REGROWTH),
    changes={
        LANDED: early(LANDED, loss=p.early_loss),
        STAYING: late(
            STAYING,
            inflow=staying(LANDED, loss=p.early_loss, kept=p.kept),
            loss=p.late_loss + _REJECTED,
        ),
        IRRITATION: early(IRRITATION, loss=p.calming),
    },
    initial={LANDED: 0, STAYING: 0, IRRITATION: 0},
    effects=(
        Term(
            ELASTIN,
            REGROWTH * p.regrowth * hill(CELLS.potency * STAYING, p.half_cells) * (1 - ELASTIN),
            "lost alveoli regrow where the cells stay: an assumption, off by default",
            mechanism="alveolar regrowth",
        ),
        Term(
            SEEN,
            noticed(CELLS.mismatch(0, p.own), (LANDED + STAYING) / NUMBER),
            "T cells notice what culture has changed",
        ),
        Term(FEVER, p.fever * p.calming * IRRITATION, "fever follows a bronchoscopy"),
        Term(
            INFECTION,
            p.infection * p.calming * IRRITATION,
            "what is washed into the lung brings pneumonia",
        ),
        Term(TUMOUR, p.tumour * STAYING, "cells that were driven to divide may go on dividing"),
    ),
    doses=(
        Dose(
            NAME,
            "bronchoscopy",
            _UNIT,
            {
                LANDED: landing(_AMOUNT, viability=CELLS.viability),
                IRRITATION: if_given(_AMOUNT, 1 - IRRITATION),
                # One bronchoscopy takes the cells, another gives them.
                RISK: 2 * p.bronchoscopy_risk,
            },
            "own basal cells, brushed from the airway, cultured and given back by bronchoscope",
            limit=FIXED.most,
            example="airway_basal_progenitors:1e8cells/once",
            most=SHARED.infusible,
            attributes=_ATTRIBUTES,
        ),
    ),
    refuses=refused_of(__file__, NAME),
)
