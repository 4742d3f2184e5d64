"""Arms side by side and one analysis at the end; also where people were chosen or crossed over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antitrypsim.laboratory.outcome import Outcome

if TYPE_CHECKING:
    from antitrypsim.laboratory.design_simulation import DesignSimulation
    from antitrypsim.laboratory.replicates import Replicates

KINDS = ("parallel", "delayed-start", "run-in", "crossover", "n-of-1")


def conduct(lab: DesignSimulation, drawn: Replicates) -> Outcome:
    """Run the trials: the run-in was done in the screening, the sequences are arms."""
    return lab.outcome(drawn, lab.analyse(lab.block(drawn)))
