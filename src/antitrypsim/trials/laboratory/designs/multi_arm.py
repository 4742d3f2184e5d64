"""Several arms against one control, with control of the chance of any false claim."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from antitrypsim.trials.laboratory.outcome import Outcome

if TYPE_CHECKING:
    from antitrypsim.trials.laboratory.laboratory import Laboratory
    from antitrypsim.trials.laboratory.sampler import Drawn

KINDS = ("multi-arm",)


def conduct(lab: Laboratory, drawn: Drawn) -> Outcome:
    """Run the trials; p values are adjusted over the arms."""
    from importlib import import_module

    found = lab.analyse(lab.block(drawn))
    said = lab.kind
    p = np.nan_to_num(found.p, nan=1.0)
    if said.multiplicity != "none":
        rule = import_module(f"antitrypsim.statistics.multiplicity.{said.multiplicity}")
        graph = (said.weights, said.transitions) if said.multiplicity == "graphical" else ()
        p = rule.adjust(p, *graph)
    return lab.outcome(drawn, replace(found, p=np.where(np.isnan(found.p), np.nan, p)))
