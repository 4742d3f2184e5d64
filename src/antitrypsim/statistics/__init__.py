"""Statistics of trials, usable on any data frame; nothing here knows the model.

    from antitrypsim.statistics import ANALYSES

    ANALYSES["mmrm"].run(frame, reference="placebo")

Everything is imported when it is first used. See ``docs/reference/statistics.md``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from antitrypsim.statistics import multiplicity, sequential
    from antitrypsim.statistics.allocation import ALLOCATIONS
    from antitrypsim.statistics.analysis import ANALYSES, Analysis, AnalysisResult, EstimateRow
    from antitrypsim.statistics.block import Block, Estimates
    from antitrypsim.statistics.escalation import RULES, OverdoseControl, RiskPrior

__all__ = [
    "ALLOCATIONS",
    "ANALYSES",
    "RULES",
    "Analysis",
    "AnalysisResult",
    "Block",
    "EstimateRow",
    "Estimates",
    "OverdoseControl",
    "RiskPrior",
    "multiplicity",
    "sequential",
]

_HOMES = {
    "ALLOCATIONS": "allocation",
    "ANALYSES": "analysis",
    "Analysis": "analysis",
    "AnalysisResult": "analysis",
    "Block": "block",
    "Estimates": "block",
    "RULES": "escalation",
    "OverdoseControl": "escalation",
    "RiskPrior": "escalation",
    "EstimateRow": "analysis",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    if name in ("multiplicity", "sequential"):
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted(__all__)
