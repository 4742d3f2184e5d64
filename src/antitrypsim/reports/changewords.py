"""Format: what an event changes in what people are given, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from antitrypsim.laboratory.design_file.conducting import Intercurrent
    from antitrypsim.laboratory.design_simulation import DesignSimulation


def change_words(lab: DesignSimulation, event: Intercurrent) -> str:
    """Say what an event changes in what people are given, and how well it is known what follows.

    Nothing for strategies other than treatment policy.
    """
    if event.strategy != "treatment-policy":
        return ""
    if event.then is None:
        return ", and what people are given does not change (there is no 'then')"
    arms = event.arms or lab.sampler.compared
    own = [c for c in lab.library.changes if c.after == event.then and c.before in arms]
    lived = " and ".join(f"{len(c.nodes)} (from {c.before})" for c in own) or "none"
    error = max((c.error for c in own), default=0.0)
    return (
        f"; on its day people change to what '{event.then}' is given; days of change that everybody "
        f"lived: {lived}; between them a mean is off by at most {100 * error:.1f} % of the "
        "difference that a change makes"
    )
