"""Rules that find a dose by entering people in cohorts, each on many replicates at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from antitrypsim.statistics.escalation import logistic, three_plus_three
from antitrypsim.statistics.escalation.base import Escalated, Stopped
from antitrypsim.statistics.escalation.logistic import OverdoseControl, RiskPrior

RULES: Mapping[str, Callable[..., Escalated]] = MappingProxyType(
    {"three_plus_three": three_plus_three.escalate, "logistic": logistic.escalate}
)
"""The rules by id; each is called as ``escalate(toxic, *, cohort=3, start=0, **options)``."""

__all__ = ["RULES", "Escalated", "OverdoseControl", "RiskPrior", "Stopped"]
