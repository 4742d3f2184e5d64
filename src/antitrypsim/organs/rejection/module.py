"""The host against foreign cells: effector cells, memory, donor-specific antibodies, suppression.

T cells notice whatever differs from the host: HLA, minor antigens, what culture or an editor has
changed. Antibodies against a donor follow foreign HLA alone, so that a person's own cells, edited
or not, raise none and meet none.
"""

from antitrypsim.modelling import Hazard, Input, Module, Quantity, State, hill, parameters_of
from antitrypsim.modelling.words import Number

NAME = "rejection"
PARAMETERS, p = parameters_of(__file__, NAME)

TACROLIMUS = Input(f"{NAME}.tacrolimus", "ng/mL", "trough level of tacrolimus that is held")

EFFECTOR = State(f"{NAME}.effector", "1", "alloreactive cells at work, 0 to 1", scale=0.1)
MEMORY = State(f"{NAME}.memory", "1", "memory of foreign cells, 0 to 1", scale=0.1)
ANTIBODY = State(f"{NAME}.antibody", "1", "donor-specific antibodies, 1 once they are there")

SEEN = Quantity(
    f"{NAME}.seen", "1", "how far T cells notice cells; 1 for many that are wholly mismatched"
)
HLA_SEEN = Quantity(
    f"{NAME}.hla_seen", "1", "how far foreign HLA is noticed; 1 for many cells, all of it foreign"
)
UNSUPPRESSED = Quantity(
    f"{NAME}.unsuppressed", "1", "share that drugs leave of what can be suppressed"
)
SUPPRESSION = Quantity(f"{NAME}.suppression", "1", "share of the response that is suppressed")
BY_TACROLIMUS = Quantity(
    f"{NAME}.by_tacrolimus", "1", "share of the response that tacrolimus alone would suppress"
)
KILLING = Quantity(
    f"{NAME}.killing", "1/day", "loss rate by T cells of cells that are wholly mismatched"
)
ANTIBODY_KILLING = Quantity(
    f"{NAME}.antibody_killing", "1/day", "loss rate by antibodies of cells whose HLA is all foreign"
)
ANTIBODY_RATE = Quantity(f"{NAME}.antibody_rate", "1/day", "rate at which antibodies first appear")


def noticed(mismatch: Number, cells: Number) -> Number:
    """Return what ``cells``, a share of a liver's number, add to SEEN, or to HLA_SEEN.

    ``mismatch``, 0 to 1, is how foreign they are to T cells, or the share of HLA that is foreign.
    """
    return mismatch * hill(cells, p.noticed_half)


MODULE = Module(
    name=NAME,
    title="rejection of foreign cells",
    parameters=PARAMETERS,
    inputs=(TACROLIMUS,),
    changes={
        EFFECTOR: p.priming
        * SEEN
        * (1 + p.memory_gain * MEMORY)
        * (1 - SUPPRESSION)
        * (1 - EFFECTOR)
        - p.effector_loss * EFFECTOR,
        MEMORY: p.memory_forming * EFFECTOR * (1 - MEMORY) - p.memory_loss * MEMORY,
        ANTIBODY: 0,
    },
    initial={EFFECTOR: 0, MEMORY: 0, ANTIBODY: 0},
    quantities={
        SEEN: 0,
        HLA_SEEN: 0,
        BY_TACROLIMUS: p.suppression_most * hill(TACROLIMUS, p.tacrolimus_half, 2),
        UNSUPPRESSED: 1 - BY_TACROLIMUS / p.suppression_most,
        SUPPRESSION: p.suppression_most * (1 - UNSUPPRESSED),
        KILLING: p.killing * EFFECTOR * (1 - SUPPRESSION),
        ANTIBODY_KILLING: p.antibody_killing * ANTIBODY,
        ANTIBODY_RATE: p.antibody_forming * HLA_SEEN * (1 - SUPPRESSION) * (1 - ANTIBODY),
    },
    hazards=(
        Hazard(
            "donor_antibodies",
            ANTIBODY_RATE,
            "donor-specific antibodies",
            jumps={ANTIBODY: 1 - ANTIBODY},
        ),
    ),
)
