"""Hepatocytes from elsewhere: one set of equations for every product, whichever its source.

Cells land, most are lost within days, some stay, mature, and join the liver as a population of
their own, which competes for room like any other, secretes what its alleles say, and is lost late
or rejected.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from antitrypsim.evidence import Fixed, Parameter
from antitrypsim.modelling import (
    Attribute,
    Dose,
    Factor,
    Input,
    Instance,
    Module,
    State,
    Term,
    dose_amount,
)
from antitrypsim.modelling.words import Number
from antitrypsim.organs.covariates import ALLELES_M, ALLELES_S, ALLELES_Z
from antitrypsim.organs.harms.module import RISK, THROMBOSIS
from antitrypsim.organs.liver.module import (
    CELLS,
    CORRECTED_CELLS,
    DEATHS,
    HEPATOCYTES,
    NUMBER,
    SYNTHESIS,
)
from antitrypsim.organs.portal.module import BLOCKED, CLOSED, STARVED, let_in, lodged
from antitrypsim.organs.portal.module import p as portal
from antitrypsim.organs.rejection.module import HLA_SEEN, SEEN, noticed
from antitrypsim.therapies.fate import early, landing, late, staying
from antitrypsim.therapies.product import FIXED, CellProduct

UNIT = "cell"


class Graft:
    """The states and inputs of one hepatocyte product, and the module that they make.

    ``parameters`` and ``p`` are the folder's own: ``early_loss``, ``kept`` and ``kept_lymph_node``,
    ``lung_passed``, ``maturation``, ``secretion``, ``late_loss``, ``minor``, ``own``,
    ``tissue_factor``, ``clots``, ``catheter_risk``, ``puncture_risk``.
    """

    def __init__(
        self,
        name: str,
        parameters: Mapping[str, Parameter],
        p: SimpleNamespace,
        *,
        fixed: tuple[Fixed, ...],
        cells: CellProduct,
        correctable: bool = False,
    ) -> None:
        self.name, self.parameters, self.p, self.cells = name, parameters, p, cells
        self.fixed = (*fixed, *cells.fixed, FIXED.infusible)
        self.landed = State(
            f"{name}.landed", "1", "cells just landed, share of a liver", scale=0.01
        )
        self.young = State(
            f"{name}.young", "1", "engrafted cells not yet mature, share of a liver", scale=0.01
        )
        self.in_lung = State(
            f"{name}.in_lung", "1", "cells caught in the lung, share of a liver", scale=0.01
        )
        self.corrected = Input(
            f"{name}.corrected", "1", "share of Z alleles corrected to M before the cells are given"
        )
        self.attributes = dict(cells.attributes)
        if correctable:
            self.attributes["corrected"] = Attribute(self.corrected, self.corrected.meaning)
        own, mended = 1 - cells.foreign, self.corrected if correctable else 0
        self.instance = Instance(
            name,
            alleles_M=2 * cells.foreign + own * (ALLELES_M + mended * ALLELES_Z),
            alleles_Z=own * (1 - mended) * ALLELES_Z,
            alleles_S=own * ALLELES_S,
            at_birth=0,
        )
        self.making_m = cells.foreign + own * mended
        self.inputs = (*cells.inputs, *((self.corrected,) if correctable else ()))
        own_change = p.own if "autologous" in cells.sources else 0
        self.mismatch = cells.mismatch(p.minor, own_change)
        self.rejected = cells.rejected(p.minor, own_change)

    def engrafted(self) -> Number:
        """Return the cells that have stayed, young and mature, share of a liver."""
        return self.young + CELLS[self.instance]

    def settling(self) -> Number:
        """Return the flow of landed cells into those that stay, share of a liver a day."""
        return staying(self.landed, loss=self.p.early_loss, kept=self.p.kept * (1 - BLOCKED))

    def lost(self) -> Number:
        """Return the rate, 1/day, at which cells that have settled are lost, but for their own deaths."""
        return self.p.late_loss + self.rejected + STARVED

    def dose(self, product: str, route: str, **options: Any) -> Dose:
        """Return the dose of ``product`` by ``route``; ``options`` are Dose's."""
        share = dose_amount(UNIT) / NUMBER
        alive, p = self.cells.viability, self.p
        jumps: dict[State, Number]
        if route == "portal_vein":
            jumps = {
                **lodged(share, tissue_factor=p.tissue_factor),
                self.landed: landing(let_in(share), viability=alive),
                RISK: (1 - CLOSED) * portal.access_risk,
            }
        elif route == "spleen":
            jumps = {
                **lodged(share, reaching=p.from_spleen, tissue_factor=p.tissue_factor),
                self.landed: landing(let_in(share), viability=alive, share=p.from_spleen),
                RISK: (1 - CLOSED) * p.catheter_risk,
            }
        elif route == "hepatic_artery":
            jumps = {
                self.landed: landing(share, viability=alive, share=p.from_artery),
                RISK: p.catheter_risk,
            }
        elif route == "percutaneous":
            jumps = {
                self.landed: landing(share, viability=alive, share=p.from_needle),
                RISK: p.puncture_risk,
            }
        elif route == "lymph_node":
            # What a node keeps is said relative to the liver, so that one early fate serves both.
            jumps = {self.landed: landing(share, viability=alive, share=p.node_ratio)}
        else:
            jumps = {
                self.in_lung: landing(share, viability=alive, share=1 - p.lung_passed),
                self.landed: landing(share, viability=alive, share=p.lung_passed),
            }
        return Dose(
            product,
            route,
            UNIT,
            jumps,
            attributes=self.attributes,
            most=FIXED.infusible,
            **options,
        )

    def module(self, title: str, doses: tuple[Dose, ...], **options: Any) -> Module:
        """Return the module with these doses; ``options`` are Module's, of which changes, initial
        values and effects are added to."""
        p, landed, young, member, cells = (
            self.p,
            self.landed,
            self.young,
            self.instance,
            self.cells,
        )
        present = landed + self.engrafted() + self.in_lung
        effects = (
            Term(
                CELLS[member],
                p.maturation * young,
                "engrafted cells mature and join the liver",
                mechanism="hepatocyte replacement",
            ),
            Factor(
                SYNTHESIS[member],
                p.secretion * cells.potency,
                "what a mature cell of this product makes, relative to a hepatocyte at home",
            ),
            Term(
                CORRECTED_CELLS,
                self.making_m * CELLS[member],
                "a donor's cells, and own cells whose Z alleles were corrected, make M",
            ),
            Term(DEATHS[member], p.late_loss, "grafts are lost late, for reasons unknown"),
            Term(DEATHS[member], self.rejected, "foreign cells are rejected"),
            Term(DEATHS[member], STARVED, "a graft lives off the blood of the portal vein"),
            Term(SEEN, noticed(self.mismatch, present), "T cells notice what differs"),
            Term(HLA_SEEN, noticed(cells.foreign_hla, present), "foreign HLA is noticed"),
            Term(THROMBOSIS, p.clots * self.in_lung, "cells caught in the lung are emboli"),
        )
        return Module(
            name=self.name,
            title=title,
            parameters=self.parameters,
            fixed=self.fixed,
            inputs=self.inputs,
            changes={
                landed: early(landed, loss=p.early_loss),
                young: late(young, inflow=self.settling(), loss=p.maturation + self.lost()),
                self.in_lung: early(self.in_lung, loss=p.lung_clearing),
                **options.pop("changes", {}),
            },
            initial={landed: 0, young: 0, self.in_lung: 0, **options.pop("initial", {})},
            instances={HEPATOCYTES: (member,)},
            effects=(*effects, *options.pop("effects", ())),
            doses=doses,
            **options,
        )
