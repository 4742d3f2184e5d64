"""Trials with looks on the way: bounds, futility, chances, sizes, and sizes chosen anew.

Scale: Z_k, the standardised statistic at information fraction t_k, is normal with mean drift
sqrt(t_k), variance 1 and covariance sqrt(t_j / t_k), j <= k (Jennison & Turnbull 2000, Group
Sequential Methods with Applications to Clinical Trials). ``drift`` is the mean of Z at the last
look; large Z speaks for the treated arm.
"""

from antitrypsim.statistics.sequential.bounds import Bounds, boundaries
from antitrypsim.statistics.sequential.chances import (
    Chances,
    chances,
    drift_for,
    inflation,
)
from antitrypsim.statistics.sequential.combination import (
    inverse_normal,
    stagewise,
    z_of_p,
)
from antitrypsim.statistics.sequential.futility import (
    BetaSpending,
    ConditionalPower,
    FixedFutility,
    conditional_power,
)
from antitrypsim.statistics.sequential.reestimation import (
    SizeRange,
    blinded_variance,
    pooled_variance,
    reestimated_size,
    second_stage_size,
)
from antitrypsim.statistics.sequential.sizes import (
    SequentialSize,
    Size,
    drift_of_means,
    events_hazard_ratio,
    sequential_size,
    size_means,
    size_rates,
)
from antitrypsim.statistics.sequential.spending import FAMILIES, spent

__all__ = [
    "FAMILIES",
    "BetaSpending",
    "Bounds",
    "Chances",
    "ConditionalPower",
    "FixedFutility",
    "SequentialSize",
    "Size",
    "SizeRange",
    "blinded_variance",
    "boundaries",
    "chances",
    "conditional_power",
    "drift_for",
    "drift_of_means",
    "events_hazard_ratio",
    "inflation",
    "inverse_normal",
    "pooled_variance",
    "reestimated_size",
    "second_stage_size",
    "sequential_size",
    "size_means",
    "size_rates",
    "spent",
    "stagewise",
    "z_of_p",
]
