"""Mesenchymal stromal cells: trapped where they land, gone in days, leaving a fading signal."""

from antitrypsim.modelling import (
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
from antitrypsim.organs.circulation.module import ENTRY, PLASMA_VOLUME
from antitrypsim.organs.circulation.module import p as circulation
from antitrypsim.organs.covariates import ALLELES_M, ALLELES_Z
from antitrypsim.organs.harms.module import FEVER, RISK, THROMBOSIS
from antitrypsim.organs.liver.module import NUMBER
from antitrypsim.organs.lung.module import LINING
from antitrypsim.organs.paracrine.module import LIVER_DRIVE, LUNG_DRIVE
from antitrypsim.organs.rejection.module import HLA_SEEN, SEEN, noticed
from antitrypsim.therapies.fate import early, landing, per_day
from antitrypsim.therapies.product import FIXED as SHARED
from antitrypsim.therapies.product import CellProduct, clotting, tissue_attribute

NAME = "msc"
PARAMETERS, p = parameters_of(__file__, NAME)
FIXED = fixed_of(__file__, NAME)
CELLS = CellProduct(NAME)
RICH = Input(
    f"{NAME}.rich_tissue",
    "1",
    "1 for cord or fat, rich in tissue factor; 0 for marrow",
    default=0.0,
)
_UNIT = "cell"
_ATTRIBUTES = {
    **CELLS.attributes,
    "tissue": tissue_attribute(
        RICH, "tissue that the cells are from; it sets how much they clot blood"
    ),
}

IN_LUNG = State(f"{NAME}.in_lung", "cell", "living cells in the lung", scale=1e6)
IN_LIVER = State(f"{NAME}.in_liver", "cell", "living cells in the liver", scale=1e6)

_AMOUNT = dose_amount(_UNIT)
_LOST = per_day(p.lung_half_life) * IN_LUNG
_OWN_AAT = p.secretion * (IN_LUNG + IN_LIVER) / (circulation.molar_mass * PLASMA_VOLUME)
_FOREIGN = CELLS.foreign
_PRESENT = (IN_LUNG + IN_LIVER) / NUMBER

MODULE = Module(
    name=NAME,
    title="mesenchymal stromal cells",
    parameters=PARAMETERS,
    fixed=(*FIXED, *CELLS.fixed, SHARED.infusible),
    inputs=(*CELLS.inputs, RICH),
    changes={
        IN_LUNG: early(IN_LUNG, loss=per_day(p.lung_half_life)),
        IN_LIVER: early(IN_LIVER, loss=per_day(p.liver_half_life)),
    },
    initial={IN_LUNG: 0, IN_LIVER: 0},
    effects=(
        Term(
            LUNG_DRIVE,
            CELLS.potency * hill(IN_LUNG, p.lung_half_dose),
            "living cells in the lung signal to host cells; the response to the dose saturates",
            mechanism="cell signalling",
        ),
        Term(
            LIVER_DRIVE,
            CELLS.potency * hill(IN_LIVER, p.liver_half_dose),
            "living cells in the liver signal to host cells; the response to the dose saturates",
            mechanism="cell signalling",
        ),
        Term(
            LINING["M"],
            p.local_aat * IN_LUNG * (_FOREIGN + (1 - _FOREIGN) * ALLELES_M / 2),
            "cells in the lung secrete a little AAT of their own",
            mechanism="elastase balance",
        ),
        Term(
            ENTRY["M"],
            _OWN_AAT * (_FOREIGN + (1 - _FOREIGN) * ALLELES_M / 2),
            "at most what as many hepatocytes would secrete",
            mechanism="own aat",
        ),
        Term(
            ENTRY["Z"],
            _OWN_AAT * p.secreted_share_Z * (1 - _FOREIGN) * ALLELES_Z / 2,
            "autologous cells carry the person's own alleles",
            mechanism="own aat",
        ),
        Term(SEEN, noticed(CELLS.mismatch(p.minor), _PRESENT), "T cells notice what differs"),
        Term(HLA_SEEN, noticed(CELLS.foreign_hla, _PRESENT), "foreign HLA is noticed"),
        Term(FEVER, p.fever * _LOST, "dying cells cause fever"),
        Term(
            THROMBOSIS, p.clots * clotting(RICH) * _LOST, "tissue factor on the cells clots blood"
        ),
    ),
    doses=(
        Dose(
            "msc",
            "intravenous",
            _UNIT,
            {IN_LUNG: landing(_AMOUNT, viability=CELLS.viability, share=p.lung_share)},
            "mesenchymal stromal cells by vein: they lodge in the lung",
            limit=FIXED.most_intravenous,
            example="msc@intravenous:1e8cells/3months",
            most=SHARED.infusible,
            attributes=_ATTRIBUTES,
        ),
        Dose(
            "msc",
            "hepatic_artery",
            _UNIT,
            {
                IN_LIVER: landing(_AMOUNT, viability=CELLS.viability, share=p.liver_share),
                RISK: p.catheter_risk,
            },
            "mesenchymal stromal cells by hepatic artery",
            limit=FIXED.most_hepatic_artery,
            example="msc@hepatic_artery:5e7cells/once",
            most=SHARED.infusible,
            attributes=_ATTRIBUTES,
        ),
    ),
    refuses=refused_of(__file__, NAME),
)
