"""Gene-added blood stem cells: marrow is cleared, theirs grow in, their macrophages settle in the lung."""

from __future__ import annotations

from antitrypsim.modelling import (
    DAYS_PER_YEAR,
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
from antitrypsim.organs.covariates import WEIGHT
from antitrypsim.organs.harms.module import DANGER, INFECTION, LIVER_VEINS, TUMOUR
from antitrypsim.organs.lung.module import LINING, MACROPHAGES
from antitrypsim.organs.lung.module import p as lung
from antitrypsim.therapies.fate import if_given, landing, per_day
from antitrypsim.therapies.product import FIXED as SHARED
from antitrypsim.therapies.product import CellProduct

NAME = "haematopoietic_stem_cells"
PARAMETERS, p = parameters_of(__file__, NAME)
FIXED = fixed_of(__file__, NAME)
CELLS = CellProduct(NAME, sources=("autologous",))
TRANSDUCED = Input(
    f"{NAME}.transduced",
    "1",
    "share of the cells that carry the M gene",
    default=FIXED.transduced.value,
)
CONDITIONING = Input(
    f"{NAME}.conditioning", "1", "marrow cleared before the cells, 0 none to 1 all", default=1.0
)
_UNIT = "cell"
_ATTRIBUTES = {
    **CELLS.attributes,
    "transduced": Attribute(TRANSDUCED, TRANSDUCED.meaning),
    "conditioning": Attribute(CONDITIONING, CONDITIONING.meaning),
}

SEEDED = State(
    f"{NAME}.seeded", "1", "gene-added stem cells in the marrow, in half-effective amounts"
)
CHIMERISM = State(
    f"{NAME}.chimerism", "1", "share of blood formation that is gene-added", scale=0.1
)
PROGENY = State(f"{NAME}.progeny", "1", "share of lung macrophages that is gene-added", scale=0.1)
EXPOSED = State(f"{NAME}.exposed", "1", "chimerism of some years before", scale=0.1)
CONDITIONED = State(f"{NAME}.conditioned", "1", "full conditionings that a body has been through")
DAMAGED = State(f"{NAME}.damaged", "1", "full conditionings of some years before", scale=0.1)
NEUTROPENIA = State(f"{NAME}.neutropenia", "1", "want of neutrophils, 1 after full conditioning")

_AMOUNT = dose_amount(_UNIT)
_ROOM = p.unconditioned + (1 - p.unconditioned) * CONDITIONING
_IN_MAN = p.translation * CELLS.potency * PROGENY


MODULE = Module(
    name=NAME,
    title="gene-added blood stem cells",
    parameters=PARAMETERS,
    fixed=(*FIXED, *CELLS.fixed, SHARED.infusible),
    inputs=(*CELLS.inputs, TRANSDUCED, CONDITIONING),
    changes={
        SEEDED: -per_day(p.persistence) * SEEDED,
        CHIMERISM: p.growing_in * (p.largest * hill(SEEDED, 1) - CHIMERISM),
        PROGENY: p.replacement * (CHIMERISM - PROGENY),
        EXPOSED: (CHIMERISM - EXPOSED) / p.latency / DAYS_PER_YEAR,
        NEUTROPENIA: -p.recovery * NEUTROPENIA,
        CONDITIONED: 0,
        DAMAGED: (CONDITIONED - DAMAGED) / p.latency / DAYS_PER_YEAR,
    },
    initial={
        SEEDED: 0,
        CHIMERISM: 0,
        PROGENY: 0,
        EXPOSED: 0,
        NEUTROPENIA: 0,
        CONDITIONED: 0,
        DAMAGED: 0,
    },
    effects=(
        Term(
            LINING["M"],
            p.lining * _IN_MAN,
            "macrophages with the gene secrete M AAT where they live",
            mechanism="elastase balance",
        ),
        Term(
            MACROPHAGES,
            -lung.macrophage_turnover * p.calming * _IN_MAN * (MACROPHAGES - 1),
            "macrophages that are not short of AAT are less activated",
            mechanism="macrophages",
        ),
        Term(
            INFECTION,
            p.infections * p.recovery * NEUTROPENIA,
            "cleared marrow leaves the body open to infection for weeks",
        ),
        Term(
            LIVER_VEINS,
            p.veno_occlusion * p.recovery * NEUTROPENIA,
            "conditioning injures the small veins of the liver",
        ),
        Term(
            TUMOUR,
            p.conditioning_tumours * DAMAGED / DAYS_PER_YEAR,
            "conditioning damages the DNA of what it does not kill",
        ),
        Term(
            TUMOUR,
            p.tumours * EXPOSED / DAYS_PER_YEAR,
            "a gene inserted at the wrong place may drive a tumour years later",
        ),
    ),
    doses=(
        Dose(
            "gene_added_hsc",
            "intravenous",
            _UNIT,
            {
                SEEDED: landing(
                    _AMOUNT / (WEIGHT * p.half_dose),
                    viability=CELLS.viability,
                    share=TRANSDUCED * _ROOM,
                ),
                NEUTROPENIA: if_given(_AMOUNT, CONDITIONING),
                CONDITIONED: if_given(_AMOUNT, CONDITIONING),
                DANGER: if_given(_AMOUNT, p.conditioning_fatality * CONDITIONING),
            },
            "own blood stem cells with an added M gene, after conditioning that is part of the dose",
            example="gene_added_hsc:1e9cells/once",
            most=SHARED.infusible,
            attributes=_ATTRIBUTES,
        ),
    ),
    refuses=refused_of(__file__, NAME, "gene_added_hsc"),
)
