"""Harms as events: what happens to anybody, and what a therapy adds."""

from antitrypsim.modelling import (
    DAYS_PER_YEAR,
    Hazard,
    Module,
    Quantity,
    State,
    Term,
    parameters_of,
)
from antitrypsim.modelling.words import Number
from antitrypsim.organs.events.module import DEATH_OTHER
from antitrypsim.organs.immunity.module import INFLAMMATION

NAME = "harms"
PARAMETERS, p = parameters_of(__file__, NAME)


def _caused(what: str, meaning: str) -> Quantity:
    handle = Quantity(f"{NAME}.{what}_caused", "1/day", f"rate of {meaning} that therapies add")
    assert isinstance(handle, Quantity)
    return handle


FEVER = _caused("fever", "fever")
THROMBOSIS = _caused("thromboembolism", "thrombo-embolism")
PORTAL_THROMBOSIS = _caused("portal_thrombosis", "portal vein thrombosis")
INFECTION = _caused("infection", "serious infection")
TUMOUR = _caused("tumour", "tumours")
PROCEDURE = _caused("procedure", "complications of a procedure")

DANGER = State(
    f"{NAME}.danger", "1", "integrated hazard of death that a recent harm has left", scale=0.01
)
RISK = State(
    f"{NAME}.procedure_risk", "1", "complications expected of procedures just done", scale=0.01
)


def _event(
    name: str,
    meaning: str,
    caused: Number,
    background: Number,
    fatality: Number,
    inflammation: Number | None = None,
) -> Hazard:
    """Return the hazard; what follows an event is weighted by the share that a therapy caused."""
    rate = background / DAYS_PER_YEAR + caused
    share = caused / rate if background else 1
    jumps = {DANGER: fatality * share} if fatality else {}
    if inflammation is not None:
        jumps[INFLAMMATION] = inflammation * share
    return Hazard(name, rate, meaning, jumps=jumps)


MODULE = Module(
    name=NAME,
    title="harms",
    parameters=PARAMETERS,
    changes={DANGER: -p.danger_decay * DANGER, RISK: -p.procedure_window * RISK},
    initial={DANGER: 0, RISK: 0},
    quantities={
        FEVER: 0,
        THROMBOSIS: 0,
        PORTAL_THROMBOSIS: 0,
        INFECTION: 0,
        TUMOUR: 0,
        PROCEDURE: p.procedure_window * RISK,
    },
    effects=(Term(DEATH_OTHER, p.danger_decay * DANGER, "some harms are fatal"),),
    hazards=(
        _event("fever", "fever", FEVER, p.fever, 0),
        _event(
            "thromboembolism",
            "thrombo-embolism",
            THROMBOSIS,
            p.thromboembolism,
            p.thromboembolism_fatality,
        ),
        _event(
            "portal_thrombosis",
            "portal vein thrombosis",
            PORTAL_THROMBOSIS,
            p.portal_thrombosis,
            p.portal_thrombosis_fatality,
        ),
        _event(
            "infection",
            "serious infection",
            INFECTION,
            p.infection,
            p.infection_fatality,
            p.infection_inflammation,
        ),
        _event("tumour", "tumour", TUMOUR, p.tumour, p.tumour_fatality),
        _event("procedure", "complication of a procedure", PROCEDURE, 0, p.procedure_fatality),
    ),
)
