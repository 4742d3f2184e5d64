"""RNA editing: a share of the message of Z alleles is turned into that of M, for as long as it is given."""

from antitrypsim.modelling import (
    Dose,
    Factor,
    Module,
    Quantity,
    State,
    Term,
    dose_amount,
    fixed_of,
    hill,
    parameters_of,
    refused_of,
)
from antitrypsim.organs.liver.module import M_OF_Z, MADE_Z, MESSAGE_Z
from antitrypsim.therapies.particles import UNIT, Particles
from antitrypsim.therapies.product import FIXED as SHARED

NAME = "rna_editing"
PARAMETERS, p = parameters_of(__file__, NAME)
FIXED = fixed_of(__file__, NAME)
_MECHANISM = "message correction"
_GALNAC, _LIPID = "galnac_rna_editor", "lipid_rna_editor"

DEPOT = State(f"{NAME}.depot", UNIT, "GalNAc oligonucleotide on its way to hepatocytes", scale=0.1)
GALNAC = State(f"{NAME}.galnac", UNIT, "GalNAc oligonucleotide in hepatocytes", scale=0.1)
LIPID = State(
    f"{NAME}.lipid", UNIT, "oligonucleotide that particles left in hepatocytes", scale=0.1
)
PARTICLES = Particles(NAME, p)
RATIO = Quantity(
    f"{NAME}.editing", "1", "rate at which message is edited over the rate at which it is lost"
)
EDITED = Quantity(f"{NAME}.edited", "1", "share of the message of Z alleles that reads as M's")

MODULE = Module(
    name=NAME,
    title="RNA editing",
    parameters=PARAMETERS,
    fixed=(*FIXED, SHARED.particles),
    changes={
        DEPOT: -p.uptake * DEPOT,
        GALNAC: p.uptake * DEPOT - p.loss_galnac * GALNAC,
        LIPID: -p.loss_lipid * LIPID,
        **PARTICLES.changes,
    },
    initial={DEPOT: 0, GALNAC: 0, LIPID: 0, PARTICLES.state: 0},
    quantities={
        RATIO: GALNAC / p.half_galnac + LIPID / p.half_lipid,
        EDITED: p.editable * hill(RATIO, 1),
    },
    effects=(
        Factor(
            MADE_Z,
            1 - EDITED,
            "edited message makes no Z",
            mechanism=_MECHANISM,
        ),
        Term(
            M_OF_Z,
            lambda m: p.output * EDITED * MESSAGE_Z[m],
            "edited message makes M, in every hepatocyte that has Z alleles",
            mechanism=_MECHANISM,
        ),
        *PARTICLES.effects,
    ),
    doses=(
        Dose(
            _GALNAC,
            "subcutaneous",
            UNIT,
            {DEPOT: dose_amount(UNIT)},
            "an editing oligonucleotide with GalNAc, injected under the skin",
            FIXED.most_galnac,
            example=f"{_GALNAC}:200mg@75kg/2weeks",
        ),
        Dose(
            _LIPID,
            "intravenous",
            UNIT,
            {LIPID: dose_amount(UNIT), PARTICLES.state: dose_amount(UNIT)},
            "an editing oligonucleotide in lipid particles by vein",
            example=f"{_LIPID}:0.5mg/kg/2weeks",
            most=SHARED.particles,
        ),
    ),
    refuses=refused_of(__file__, NAME, _GALNAC, _LIPID),
)
