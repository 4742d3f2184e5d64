"""Several arms against one control, with control of the chance of any false claim."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from antitrypsim.laboratory.design_file.in_force import compared_arms
from antitrypsim.laboratory.outcome import Outcome

if TYPE_CHECKING:
    from antitrypsim.laboratory.design_file.trial_design import TrialDesign
    from antitrypsim.laboratory.design_simulation import DesignSimulation
    from antitrypsim.laboratory.replicates import Replicates
    from antitrypsim.protocols import Protocol

KINDS = ("multi-arm",)


def conduct(lab: DesignSimulation, drawn: Replicates) -> Outcome:
    """Run the trials; p values are adjusted over the arms."""
    found = lab.analyse(lab.block(drawn))
    p = _adjusted(lab.kind, np.nan_to_num(found.p, nan=1.0))
    return lab.outcome(drawn, replace(found, p=np.where(np.isnan(found.p), np.nan, p)))


def check(design: TrialDesign, protocol: Protocol) -> None:
    """Raise InputError for weights and transitions that are no graph."""
    _adjusted(design.design, np.ones((1, len(compared_arms(design, protocol)) - 1)))


def _adjusted(said: Any, p: NDArray[Any]) -> NDArray[Any]:
    """Return p values (R, comparisons) as the rule adjusts them."""
    if said.multiplicity == "none":
        return p
    rule = import_module(f"antitrypsim.statistics.multiplicity.{said.multiplicity}")
    graph = (said.weights, said.transitions) if said.multiplicity == "graphical" else ()
    found: NDArray[Any] = rule.adjust(p, *graph)
    return found
