"""Exosomes: particles that signal as cells do, for as long as they stay, and then are gone."""

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
from antitrypsim.organs.harms.module import FEVER, THROMBOSIS
from antitrypsim.organs.paracrine.module import LIVER_DRIVE, LUNG_DRIVE
from antitrypsim.therapies.fate import early, landing, per_day
from antitrypsim.therapies.product import FIXED as SHARED
from antitrypsim.therapies.product import clotting, potency_attribute, tissue_attribute

NAME = "exosomes"
PARAMETERS, p = parameters_of(__file__, NAME)
FIXED = fixed_of(__file__, NAME)
POTENCY = Input(f"{NAME}.potency", "1", "potency relative to particles of a good lot", default=1.0)
RICH = Input(
    f"{NAME}.rich_tissue",
    "1",
    "1 for cord or fat, rich in tissue factor; 0 for marrow",
    default=0.0,
)
_UNIT = "particle"
_ATTRIBUTES = {
    "potency": potency_attribute(POTENCY),
    "tissue": tissue_attribute(
        RICH, "tissue of the cells that made the particles; it sets how much they clot blood"
    ),
}

DEPOSITED = State(f"{NAME}.deposited", _UNIT, "inhaled particles in the lung", scale=1e6)
IN_LUNG = State(f"{NAME}.in_lung", _UNIT, "particles in the lung out of the blood", scale=1e6)
IN_LIVER = State(f"{NAME}.in_liver", _UNIT, "particles in the liver out of the blood", scale=1e6)

_AMOUNT = dose_amount(_UNIT)
_LEAVING_DEPOSIT = per_day(p.deposit_half_life)
_LEAVING_ORGAN = per_day(p.organ_half_life)
_OUT_OF_BLOOD = _LEAVING_ORGAN * (IN_LUNG + IN_LIVER)
# Particles that stand in for one cell where it lives: what it makes in a day, for some days.
_FOR_ONE_CELL = p.particles_per_cell_day * p.cell_days

MODULE = Module(
    name=NAME,
    title="exosomes of mesenchymal stromal cells",
    parameters=PARAMETERS,
    fixed=(*FIXED, SHARED.most_potency),
    inputs=(POTENCY, RICH),
    changes={
        DEPOSITED: early(DEPOSITED, loss=_LEAVING_DEPOSIT),
        IN_LUNG: early(IN_LUNG, loss=_LEAVING_ORGAN),
        IN_LIVER: early(IN_LIVER, loss=_LEAVING_ORGAN),
    },
    initial={DEPOSITED: 0, IN_LUNG: 0, IN_LIVER: 0},
    effects=(
        Term(
            LUNG_DRIVE,
            POTENCY * hill(DEPOSITED + IN_LUNG, p.lung_half_cells * _FOR_ONE_CELL),
            "particles in the lung signal as the cells do that they stand in for",
            mechanism="exosome signalling",
        ),
        Term(
            LIVER_DRIVE,
            POTENCY * hill(IN_LIVER, p.liver_half_cells * _FOR_ONE_CELL),
            "particles in the liver signal as the cells do that they stand in for",
            mechanism="exosome signalling",
        ),
        Term(
            FEVER,
            p.fever * (_OUT_OF_BLOOD + _LEAVING_DEPOSIT * DEPOSITED),
            "foreign particles may cause fever",
        ),
        Term(
            THROMBOSIS,
            p.clots * clotting(RICH) * _OUT_OF_BLOOD,
            "tissue factor on particles in the blood clots it; they are too small for emboli",
        ),
    ),
    doses=(
        Dose(
            "exosomes",
            "inhaled",
            _UNIT,
            {DEPOSITED: landing(_AMOUNT, share=p.deposited_share)},
            "particles by nebuliser: a part is deposited in the lung",
            limit=FIXED.most_inhaled,
            example="exosomes@inhaled:1.6e9particles/week",
            most=FIXED.nebulised,
            attributes=_ATTRIBUTES,
        ),
        Dose(
            "exosomes",
            "intravenous",
            _UNIT,
            {
                IN_LIVER: landing(_AMOUNT, share=p.liver_share),
                IN_LUNG: landing(_AMOUNT, share=(1 - p.liver_share) * p.lung_share),
            },
            "particles by vein: gone from plasma in minutes, so that organs share them at once",
            example="exosomes@intravenous:1e10particles/3months",
            attributes=_ATTRIBUTES,
        ),
    ),
    refuses=refused_of(__file__, NAME),
)
