"""Multi-arm design.

Several arms against one control, with control of the chance of any false claim.
"""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field

from antitrypsim.foundations.arrays import Reals
from antitrypsim.foundations.errors import ProtocolError
from antitrypsim.laboratory.design_file.in_force import compared_arms
from antitrypsim.laboratory.designs.kind import DesignKind
from antitrypsim.protocols.parts import Number

if TYPE_CHECKING:
    from antitrypsim.laboratory.design_file.trial_design import TrialDesign
    from antitrypsim.laboratory.design_simulation import DesignSimulation
    from antitrypsim.laboratory.outcome import Outcome
    from antitrypsim.laboratory.replicates import Replicates
    from antitrypsim.protocols.protocol import Protocol


class MultiArm(DesignKind):
    """Several arms against one control, with control of the chance of any false claim."""

    nested: ClassVar[bool] = True

    kind: Literal["multi-arm"]
    multiplicity: Literal["none", "bonferroni", "holm", "hochberg", "graphical"] = Field(
        default="holm", description="how the comparisons are protected"
    )
    weights: tuple[Number, ...] = Field(default=(), description="graphical: weight of each arm")
    transitions: tuple[tuple[Number, ...], ...] = Field(
        default=(), description="graphical: what a rejected arm hands on to each other"
    )

    @property
    def protection(self) -> str:
        """The rule by which p values are adjusted."""
        return "" if self.multiplicity == "none" else self.multiplicity

    def check(self, design: TrialDesign, protocol: Protocol) -> None:
        """Refuse a graph of another number of arms."""
        wanted = len(compared_arms(design, protocol)) - 1
        if self.multiplicity == "graphical" and (
            len(self.weights) != wanted or len(self.transitions) != wanted
        ):
            raise ProtocolError(
                f"a graph of {wanted} arms needs {wanted} weights and as many rows of transitions",
                key="design",
            )

    def check_before(self, design: TrialDesign, protocol: Protocol) -> None:
        """Raise InputError for weights and transitions that are no graph."""
        self._adjusted(np.ones((1, len(compared_arms(design, protocol)) - 1)))

    def conduct(self, lab: DesignSimulation, drawn: Replicates) -> Outcome:
        """Run the trials; p values are adjusted over the arms."""
        found = lab.analyse(lab.block(drawn))
        p = self._adjusted(np.nan_to_num(found.p, nan=1.0))
        return lab.outcome(drawn, replace(found, p=np.where(np.isnan(found.p), np.nan, p)))

    def _adjusted(self, p: Reals) -> Reals:
        """Return p values (R, comparisons) as the rule adjusts them."""
        if self.multiplicity == "none":
            return p
        rule = import_module(f"antitrypsim.statistics.multiplicity.{self.multiplicity}")
        graph = (self.weights, self.transitions) if self.multiplicity == "graphical" else ()
        found: Reals = rule.adjust(p, *graph)
        return found
