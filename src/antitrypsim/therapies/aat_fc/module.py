"""AAT joined to an Fc: it inhibits as M does, stays longer, weighs more and passes less well into the lung."""

from antitrypsim.modelling import (
    DAYS_PER_YEAR,
    Dose,
    Hazard,
    Module,
    State,
    Term,
    dose_amount,
    fixed_of,
    hill,
    parameters_of,
)
from antitrypsim.organs.circulation.module import FUNCTIONAL, PLASMA_VOLUME, SERUM, SERUM_M
from antitrypsim.organs.circulation.module import p as circulation
from antitrypsim.organs.covariates import WEIGHT
from antitrypsim.organs.harms.module import FEVER
from antitrypsim.organs.lung.module import ACTIVITY, CAPACITY, INHIBITION, LINING_TOTAL
from antitrypsim.organs.lung.module import p as lung
from antitrypsim.therapies.fate import per_day

NAME = "aat_fc"
PARAMETERS, p = parameters_of(__file__, NAME)
FIXED = fixed_of(__file__, NAME)
_UNIT = "mg/kg"

PLASMA = State(f"{NAME}.plasma", "µM", "AAT joined to Fc in plasma, counted in AAT")
TISSUE = State(
    f"{NAME}.tissue", "µM", "AAT joined to Fc outside the vessels, per plasma volume, in AAT"
)
ANTIBODY = State(f"{NAME}.antibody", "1", "antibodies against the drug, 1 once they are there")
NEW = State(
    f"{NAME}.new", "1", "how new the drug is to the body: 1 before it is given, 0 when tolerated"
)

# With exchange between plasma and tissue much faster than removal this gives the half-life in the body.
_REMOVAL = per_day(p.half_life) * (1 + p.tissue_ratio) * (1 + p.antibody_clearing * ANTIBODY)
_OUTWARD = circulation.tissue_return * p.tissue_ratio * PLASMA
_INWARD = circulation.tissue_return * TISSUE
_LINING = p.penetration * lung.lining_ratio * PLASMA
# Antibodies form while there is something to see; a µM is as good as all of a dose.
_SEEN = hill(PLASMA, p.seen_half)

MODULE = Module(
    name=NAME,
    title="recombinant AAT joined to Fc",
    parameters=PARAMETERS,
    fixed=(*FIXED,),
    changes={
        PLASMA: -_REMOVAL * PLASMA - _OUTWARD + _INWARD,
        TISSUE: _OUTWARD - _INWARD,
        ANTIBODY: 0,
        NEW: -_SEEN * NEW / (p.tolerance * DAYS_PER_YEAR),
    },
    initial={PLASMA: 0, TISSUE: 0, ANTIBODY: 0, NEW: 1},
    effects=(
        Term(SERUM, PLASMA, "an assay of AAT reads it as AAT"),
        Term(SERUM_M, PLASMA, "its AAT is M protein"),
        Term(FUNCTIONAL, PLASMA, "it inhibits elastase as M does", mechanism="elastase balance"),
        Term(LINING_TOTAL, _LINING, "a part passes into lining fluid"),
        Term(CAPACITY, _LINING, "as active as M", mechanism="elastase balance"),
        Term(
            INHIBITION,
            lung.association * ACTIVITY * _LINING,
            "as fast as M",
            mechanism="elastase balance",
        ),
        Term(
            FEVER,
            p.fever * ANTIBODY * _SEEN,
            "infusions into a person with antibodies cause reactions",
        ),
    ),
    hazards=(
        Hazard(
            "drug_antibodies",
            p.antibody_forming * _SEEN * NEW * (1 - ANTIBODY) / DAYS_PER_YEAR,
            "antibodies against AAT joined to Fc",
            jumps={ANTIBODY: 1 - ANTIBODY},
        ),
    ),
    doses=(
        Dose(
            product=NAME,
            route="intravenous",
            unit=_UNIT,
            jumps={PLASMA: dose_amount(_UNIT) * WEIGHT / (p.mass * PLASMA_VOLUME)},
            meaning="recombinant AAT joined to Fc (efdoralprin alfa), infused within hours",
            limit=FIXED.most,
            example="aat_fc:120mg/kg/3weeks",
        ),
    ),
)
