"""Gene correction in the body: an infusion rewrites or cuts Z alleles of the person's own cells."""

from __future__ import annotations

from antitrypsim.modelling import (
    Dose,
    Instance,
    Module,
    Quantity,
    State,
    Term,
    dose_amount,
    hill,
    parameters_of,
    refused_of,
    share_of,
)
from antitrypsim.modelling.handles import Param
from antitrypsim.modelling.words import Number
from antitrypsim.organs.covariates import ALLELES_M, ALLELES_S, ALLELES_Z
from antitrypsim.organs.harms.module import FEVER, TUMOUR
from antitrypsim.organs.liver.module import ALT, CELLS, DEATHS, HEPATOCYTES, POLYMER, SOLUBLE
from antitrypsim.organs.rejection.module import KILLING, SEEN, noticed

NAME = "editing"
PARAMETERS, p = parameters_of(__file__, NAME)
_UNIT = "mg/kg"
_MECHANISM = "gene correction"
_HOST = "host"

PARTICLES = State(f"{NAME}.particles", _UNIT, "lipid particles just infused", scale=0.1)
CORRECTED = Quantity(f"{NAME}.corrected", "1", "share of Z alleles rewritten in an edited cell")
KNOCKED = Quantity(f"{NAME}.knocked", "1", "share of Z alleles cut in a knocked-out cell")

EDITED = Instance(
    "edited",
    alleles_M=ALLELES_M + CORRECTED * (1 - p.spoiled) * ALLELES_Z,
    alleles_Z=(1 - CORRECTED) * ALLELES_Z,
    alleles_S=ALLELES_S,
    at_birth=0,
)
KNOCKED_OUT = Instance(
    "knocked_out",
    alleles_M=ALLELES_M,
    alleles_Z=(1 - KNOCKED) * ALLELES_Z,
    alleles_S=ALLELES_S,
    at_birth=0,
)
TREATED = CELLS[EDITED] + CELLS[KNOCKED_OUT]


def moved(to: Instance, share: Number) -> dict[State, Number]:
    """Return the jumps that move a share, 0 to 1, of the host's cells into ``to``.

    The cells take their Z with them: a load of 'a whole liver of them' becomes the mean, weighted
    by cells, of what was there and what arrives.
    """
    arriving = share * CELLS[_HOST]
    weight = share_of(arriving, arriving + CELLS[to])
    loads: dict[State, Number] = {
        load[to]: weight * (load[_HOST] - load[to])  # type: ignore[misc]
        for load in (SOLUBLE, POLYMER)
    }
    return {CELLS[_HOST]: -arriving, CELLS[to]: arriving, **loads}  # type: ignore[dict-item]


def _dose(product: str, to: Instance, half: Param, meaning: str) -> Dose:
    amount = dose_amount(_UNIT)
    jumps = moved(to, p.reach * hill(amount, half))
    return Dose(product, "intravenous", _UNIT, {**jumps, PARTICLES: amount}, meaning)


_PRODUCTS = ("base_editor", "nuclease_knockout")

MODULE = Module(
    name=NAME,
    title="gene correction in the body",
    parameters=PARAMETERS,
    instances={HEPATOCYTES: (EDITED, KNOCKED_OUT)},
    changes={PARTICLES: -p.clearing * PARTICLES},
    initial={PARTICLES: 0},
    quantities={CORRECTED: 0, KNOCKED: 0},
    effects=(
        Term(
            CORRECTED,
            p.corrected,
            "a base editor turns Z alleles of a cell that it reaches into M",
            mechanism=_MECHANISM,
        ),
        Term(
            KNOCKED,
            p.knocked,
            "a nuclease cuts Z alleles of a cell that it reaches: they make nothing",
            mechanism=_MECHANISM,
        ),
        Term(SEEN, noticed(p.own, TREATED), "cells that an editor has changed are noticed"),
        Term(DEATHS[EDITED], p.own * KILLING, "a few edited cells are rejected"),
        Term(DEATHS[KNOCKED_OUT], p.own * KILLING, "a few knocked-out cells are rejected"),
        Term(TUMOUR, p.off_target * TREATED, "changes elsewhere in the genome can start a tumour"),
        Term(FEVER, p.fever * p.clearing * PARTICLES, "lipid particles cause fever"),
        Term(ALT, p.enzymes * PARTICLES, "hepatocytes that take up particles leak for days"),
    ),
    doses=(
        _dose(
            "base_editor",
            EDITED,
            p.half_base_editor,
            "a base editor in lipid particles by vein: Z alleles of hepatocytes turn into M",
        ),
        _dose(
            "nuclease_knockout",
            KNOCKED_OUT,
            p.half_nuclease,
            "a nuclease in lipid particles by vein: Z alleles of hepatocytes are cut",
        ),
    ),
    refuses=refused_of(__file__, NAME, *_PRODUCTS),
)
