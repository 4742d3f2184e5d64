"""Gene correction in the body: an infusion rewrites or cuts Z alleles of the person's own cells."""

from __future__ import annotations

from antitrypsim.evidence import Fixed
from antitrypsim.modelling import (
    Dose,
    Instance,
    Module,
    Quantity,
    State,
    Term,
    dose_amount,
    fixed_of,
    hill,
    parameters_of,
    refused_of,
    share_of,
)
from antitrypsim.modelling.handles import Param
from antitrypsim.modelling.words import Number
from antitrypsim.organs.covariates import ALLELES_M, ALLELES_S, ALLELES_Z
from antitrypsim.organs.harms.module import TUMOUR
from antitrypsim.organs.liver.module import (
    CELLS,
    CORRECTED_CELLS,
    DEATHS,
    HEPATOCYTES,
    POLYMER,
    SOLUBLE,
)
from antitrypsim.organs.rejection.module import SUPPRESSION
from antitrypsim.therapies.particles import MOST, UNIT, Particles

NAME = "editing"
PARAMETERS, p = parameters_of(__file__, NAME)
FIXED = fixed_of(__file__, NAME)
_MECHANISM = "gene correction"
_HOST = "host"

PARTICLES = Particles(NAME, p)
CORRECTED = Quantity(f"{NAME}.corrected", "1", "share of Z alleles rewritten in an edited cell")
KNOCKED = Quantity(f"{NAME}.knocked", "1", "share of Z alleles cut in a knocked-out cell")

EDITED = Instance(
    "edited",
    alleles_M=ALLELES_M + CORRECTED * p.output * ALLELES_Z,
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
# One in carriers of Z, one allele or two, and none in others: they have nothing to correct.
_CARRIERS = ALLELES_Z * (1 + (2 - ALLELES_Z)) / 2
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


def _dose(
    product: str, to: Instance, half: Param, meaning: str, limit: Fixed | None, given: str
) -> Dose:
    amount = dose_amount(UNIT)
    jumps = moved(to, p.reach * hill(amount, half, FIXED.steepness.value))
    moved_and_felt = {**jumps, PARTICLES.state: amount}
    return Dose(
        product,
        "intravenous",
        UNIT,
        moved_and_felt,
        meaning,
        limit,
        example=f"{product}:{given}",
        most=None if limit else MOST,
    )


# T cells find a cell while it still holds the editor, which is foreign; what it makes for good is not.
_KILLED = p.killed * PARTICLES.state * (1 - SUPPRESSION)


_PRODUCTS = ("base_editor", "nuclease_knockout")

MODULE = Module(
    name=NAME,
    title="gene correction in the body",
    parameters=PARAMETERS,
    fixed=(*FIXED, MOST),
    instances={HEPATOCYTES: (EDITED, KNOCKED_OUT)},
    changes=PARTICLES.changes,
    initial={PARTICLES.state: 0},
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
        Term(
            CORRECTED_CELLS,
            CORRECTED * _CARRIERS * CELLS[EDITED],
            "cells with Z alleles rewritten count as corrected",
        ),
        Term(DEATHS[EDITED], _KILLED, "T cells kill a few cells that hold an editor"),
        Term(DEATHS[KNOCKED_OUT], _KILLED, "T cells kill a few cells that hold a nuclease"),
        Term(TUMOUR, p.off_target * TREATED, "changes elsewhere in the genome can start a tumour"),
        *PARTICLES.effects,
    ),
    doses=(
        _dose(
            "base_editor",
            EDITED,
            p.half_base_editor,
            "a base editor in lipid particles by vein: Z alleles of hepatocytes turn into M",
            FIXED.most_base_editor,
            "60mg@75kg/once",
        ),
        _dose(
            "nuclease_knockout",
            KNOCKED_OUT,
            p.half_nuclease,
            "a nuclease in lipid particles by vein: Z alleles of hepatocytes are cut",
            None,
            "0.5mg/kg/once",
        ),
    ),
    refuses=refused_of(__file__, NAME, *_PRODUCTS),
)
