"""What a design needs of its library: how far back people are known, and which endpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antitrypsim.documents.times import days

if TYPE_CHECKING:
    from antitrypsim.laboratory.design_file.conducting import Screen
    from antitrypsim.laboratory.design_file.trial_design import TrialDesign


def lookback(design: TrialDesign) -> tuple[float, ...]:
    """Return the days before randomisation at which values are needed, positive."""
    found = [days(s.change_over) for s in _screens(design) if s.change_over is not None]
    return tuple(sorted({*found, *design.design.lookback}))


def _screens(design: TrialDesign) -> list[Screen]:
    searched = design.search.populations.values() if design.search else ()
    return [*design.screening, *(s for each in searched for s in each)]


def extra_endpoints(design: TrialDesign) -> tuple[str, ...]:
    """Return the endpoints that a design looks at besides the protocol's own."""
    found = {s.endpoint for s in _screens(design) if s.endpoint is not None}
    found |= {e.when.endpoint for e in design.intercurrent if e.when is not None}
    if design.leaving.depends_on is not None:
        found.add(design.leaving.depends_on.endpoint)
    return tuple(sorted(found))
