"""A gene for M protein in muscle: a vector makes a site secrete AAT, whatever the liver does."""

from antitrypsim.modelling import (
    Dose,
    Module,
    Quantity,
    State,
    Term,
    dose_amount,
    hill,
    parameters_of,
    refused_of,
)
from antitrypsim.organs.circulation.module import ENTRY
from antitrypsim.organs.harms.module import FEVER, TUMOUR
from antitrypsim.organs.rejection.module import SUPPRESSION

NAME = "secretion_gene"
PARAMETERS, p = parameters_of(__file__, NAME)
_UNIT = "vg/kg"

ENTERED = State(
    f"{NAME}.entered", "1", "share of the site that has the gene, not yet at work", scale=0.01
)
EXPRESSING = State(f"{NAME}.expressing", "1", "share of the site that secretes M", scale=0.01)
RESPONSE = State(f"{NAME}.response", "1", "immune response to the capsid, 0 to 1", scale=0.1)
ANTIBODIES = State(
    f"{NAME}.antibodies", "1", "antibodies that neutralise the vector, 0 to 1", scale=0.1
)
CLEARED = Quantity(
    f"{NAME}.cleared", "1/day", "rate at which the response clears cells that show the capsid"
)

_AMOUNT = dose_amount(_UNIT)
_ARRIVING = _AMOUNT * (1 - p.blocked * ANTIBODIES)

MODULE = Module(
    name=NAME,
    title="a gene for M protein in muscle",
    parameters=PARAMETERS,
    quantities={CLEARED: p.clearing * RESPONSE * (1 - SUPPRESSION)},
    changes={
        ENTERED: -(p.onset + CLEARED) * ENTERED,
        # By the time the gene works its capsid is gone: a response to a later dose spares it.
        EXPRESSING: p.onset * ENTERED - p.loss * EXPRESSING,
        RESPONSE: -p.fading * RESPONSE,
        ANTIBODIES: p.antibody_forming * RESPONSE * (1 - ANTIBODIES) - p.antibody_loss * ANTIBODIES,
    },
    initial={ENTERED: 0, EXPRESSING: 0, RESPONSE: 0, ANTIBODIES: 0},
    effects=(
        Term(
            ENTRY["M"],
            p.output * EXPRESSING,
            "muscle that has the gene secretes M",
            mechanism="gene secretion",
        ),
        Term(FEVER, p.fever * p.fading * RESPONSE, "the response to the capsid causes fever"),
        Term(TUMOUR, p.tumour * EXPRESSING, "a vector that integrates can start a tumour"),
    ),
    doses=(
        Dose(
            NAME,
            "intramuscular",
            _UNIT,
            {
                ENTERED: (1 - ENTERED - EXPRESSING) * hill(_ARRIVING, p.half_dose),
                RESPONSE: (1 - RESPONSE) * hill(_AMOUNT, p.response_half),
            },
            "a vector with the gene for M protein, injected into muscle",
            example="secretion_gene:6e12vg/kg/once",
        ),
    ),
    refuses=refused_of(__file__, NAME),
)
