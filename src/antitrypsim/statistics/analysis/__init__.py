"""Statistical analyses of a trial: one file an analysis, found by being in this folder."""

from __future__ import annotations

from collections.abc import Mapping

from antitrypsim.statistics.analysis.base import Analysis, AnalysisResult, EstimateRow
from antitrypsim.statistics.analysis.registry import discover

ANALYSES: Mapping[str, Analysis] = discover(__path__[0], __name__)

__all__ = ["ANALYSES", "Analysis", "AnalysisResult", "EstimateRow", "discover"]
