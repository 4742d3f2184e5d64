"""Harms as events: what happens to anybody, what a therapy adds, and what follows."""

from collections.abc import Mapping
from types import MappingProxyType

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
from antitrypsim.organs.events.module import p as events
from antitrypsim.organs.immunity.module import INFLAMMATION
from antitrypsim.organs.liver.module import ALT
from antitrypsim.organs.lung.module import AIRWAYS
from antitrypsim.organs.portal.module import TISSUE_FACTOR, clotted
from antitrypsim.organs.portal.module import p as portal

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
LIVER_INJURY = _caused("liver_injury", "serious liver injury")
PROCEDURE = _caused("procedure", "complications of a procedure")

LIVER_VEINS = _caused("veno_occlusion", "veno-occlusive disease of the liver")

DANGER = State(
    f"{NAME}.danger", "1", "integrated hazard of death that a recent harm has left", scale=0.01
)
GROWTH = State(
    f"{NAME}.growth",
    "1",
    "integrated hazard of death that a tumour by therapy has left",
    scale=0.01,
)
INFECTED = State(f"{NAME}.infected", "1", "1 just after a serious infection, until it is over")
RISK = State(
    f"{NAME}.procedure_risk", "1", "complications expected of procedures just done", scale=0.01
)
INJURED = State(
    f"{NAME}.liver_injured", "1", "serious liver injury that has not yet passed, 1 just after it"
)


def _event(
    name: str,
    meaning: str,
    caused: Number,
    background: Number,
    caused_jumps: Mapping[State, Number],
    jumps: Mapping[State, Number] = MappingProxyType({}),
) -> Hazard:
    """Return the hazard of an event.

    ``caused_jumps`` are weighted by the share of the event that a therapy caused: what ordinary
    ones do is among all deaths and in every life already. ``jumps`` follow each event alike.
    """
    rate = background / DAYS_PER_YEAR + caused
    share = caused / rate if background else 1
    weighted = {state: jump * share for state, jump in caused_jumps.items()}
    return Hazard(name, rate, meaning, jumps={**weighted, **jumps})


_GROWING = p.tumour_growing / DAYS_PER_YEAR

MODULE = Module(
    name=NAME,
    title="harms",
    parameters=PARAMETERS,
    changes={
        DANGER: -p.danger_decay * DANGER,
        GROWTH: -_GROWING * GROWTH,
        INFECTED: -p.infection_over * INFECTED,
        RISK: -p.procedure_window * RISK,
        INJURED: -p.liver_injury_passing * INJURED,
    },
    initial={DANGER: 0, GROWTH: 0, INFECTED: 0, RISK: 0, INJURED: 0},
    quantities={
        FEVER: 0,
        THROMBOSIS: 0,
        PORTAL_THROMBOSIS: portal.thrombosis * TISSUE_FACTOR,
        INFECTION: 0,
        TUMOUR: 0,
        LIVER_INJURY: 0,
        LIVER_VEINS: 0,
        PROCEDURE: p.procedure_window * RISK,
    },
    effects=(
        Term(DEATH_OTHER, p.danger_decay * DANGER, "some harms are fatal within weeks"),
        Term(DEATH_OTHER, _GROWING * GROWTH, "some tumours are fatal within years"),
        Term(ALT, p.liver_injury_alt * INJURED, "enzymes leave an injured liver for weeks"),
    ),
    hazards=(
        _event("fever", "fever", FEVER, p.fever, {}),
        _event(
            "thromboembolism",
            "thrombo-embolism",
            THROMBOSIS,
            p.thromboembolism,
            {DANGER: p.thromboembolism_fatality},
        ),
        _event(
            "portal_thrombosis",
            "portal vein thrombosis",
            PORTAL_THROMBOSIS,
            p.portal_thrombosis,
            {DANGER: p.portal_thrombosis_fatality},
            clotted(),
        ),
        _event(
            "infection",
            "serious infection",
            INFECTION,
            p.infection,
            {
                DANGER: p.infection_fatality,
                INFLAMMATION: p.infection_inflammation,
                AIRWAYS: -p.infection_chest * events.exacerbation_airflow_loss * AIRWAYS,
            },
            {INFECTED: 1 - INFECTED},
        ),
        _event("tumour", "tumour", TUMOUR, p.tumour, {GROWTH: p.tumour_fatality}),
        _event(
            "procedure",
            "complication of a procedure",
            PROCEDURE,
            0,
            {DANGER: p.procedure_fatality},
        ),
        _event(
            "veno_occlusion",
            "veno-occlusive disease of the liver",
            LIVER_VEINS,
            0,
            {DANGER: p.veno_occlusion_fatality},
        ),
        _event(
            "liver_injury",
            "serious liver injury by a therapy",
            LIVER_INJURY,
            0,
            {DANGER: p.liver_injury_fatality},
            {INJURED: 1 - INJURED},
        ),
    ),
)
