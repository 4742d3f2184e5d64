"""Whether times to an event differ between arms."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from antitrypsim.foundations.errors import InputError
from antitrypsim.statistics.analysis.base import Analysis, AnalysisResult, Row

if TYPE_CHECKING:
    import pandas as pd

    from antitrypsim.statistics.block import Block, Estimates


class LogRank(Analysis):
    """Log-rank test of every arm against the reference, two arms at a time.

    Columns: AVAL (days to event or censoring), CNSR (1 censored, 0 event), one row a participant.
    Rows of the result: contrasts only, estimate the events observed in the arm less those expected
    if the two arms were alike (below 0 is fewer events), ``se`` the root of its hypergeometric
    variance, so that (estimate / se)^2 is the chi-squared of R's survdiff (Mantel 1966). Of a
    block: (R, arms - 1), without strata, NaN where an arm has fewer than two people or two arms
    have no event. Raises as ``Analysis.run``, and ``InputError`` when two arms have no event.
    """

    name: ClassVar[str] = "log-rank"
    title: ClassVar[str] = "Time to event (log-rank test)"
    columns: ClassVar[tuple[str, ...]] = ("AVAL", "CNSR")
    keys: ClassVar[tuple[str, ...]] = ("AVAL", "CNSR")
    options: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"strata": "Columns within whose levels the arms are compared."}
    )

    def compute(
        self, frame: pd.DataFrame, arms: tuple[str, ...], level: float, options: dict[str, Any]
    ) -> AnalysisResult:
        """Test each arm against the first."""
        import numpy as np
        from scipy.stats import chi2, norm
        from statsmodels.duration.survfunc import survdiff

        from antitrypsim.statistics.analysis import _checks, _events

        strata = _checks.names(options.get("strata"), "strata")
        rows, people, warnings = _events.checked(frame, arms, strata)
        z = float(norm.ppf((1 + level) / 2))
        reference, found = arms[0], []
        for arm in arms[1:]:
            pair = rows[rows["ARM"].isin((arm, reference))]
            days = pair["AVAL"].to_numpy(dtype=float)
            event = 1 - pair["CNSR"].to_numpy(dtype=float)
            inside = (pair["ARM"] == arm).to_numpy()
            group = (
                pair.groupby(list(strata)).ngroup().to_numpy() if strata else np.zeros(len(pair))
            )
            excess = variance = 0.0
            for each in np.unique(group):
                here = group == each
                more, spread = excess_events(days[here], event[here], inside[here])
                excess, variance = excess + more, variance + spread
            if variance == 0:
                raise InputError(f"the arms '{arm}' and '{reference}' have no event to compare")
            chisq = survdiff(days, event, inside, strata=group if strata else None)[0]
            se = float(np.sqrt(variance))
            found.append(
                Row(
                    arm=arm,
                    contrast=reference,
                    visit=None,
                    n=people[arm] + people[reference],
                    estimate=excess,
                    se=se,
                    lower=excess - z * se,
                    upper=excess + z * se,
                    # statsmodels' own p is 1 - cdf, which is 0 below 1e-16.
                    p=float(chi2.sf(chisq, 1)),
                    unit_per=None,
                    scale="absolute",
                )
            )
        within = f" stratified by {', '.join(strata)}" if strata else ""
        method = (
            f"Log-rank test{within} of each arm against the reference, as events observed less "
            f"events expected in the arm with a normal interval at {level:.4g}, and p from "
            "chi-squared on one degree of freedom without correction for several arms."
        )
        return AnalysisResult(tuple(found), method, warnings)

    def over(self, block: Block, level: float, options: dict[str, Any]) -> Estimates:
        """Test each arm against the first in every replicate."""
        import numpy as np

        from antitrypsim.statistics.analysis import _cells, _checks, _many_events
        from antitrypsim.statistics.block import Estimates

        if _checks.names(options.get("strata"), "strata"):
            raise InputError("the analysis 'log-rank' has no strata in many replicates")
        _cells.several(self.name, block.arms)
        times = _many_events.event_times(block, self.name)
        excess, variance = np.full((2, block.replicates, len(block.arms) - 1), np.nan)
        for k in range(1, len(block.arms)):
            more, spread = _many_events.log_rank(times, k)
            usable = (spread > 0) & (times.people[:, [0, k]] > 1).all(axis=1)
            excess[usable, k - 1], variance[usable, k - 1] = more[usable], spread[usable]
        # Chi-squared on one degree of freedom is the square of the normal.
        return Estimates.of(excess, np.sqrt(variance), np.inf, level)


def excess_events(days: Any, event: Any, inside: Any) -> tuple[float, float]:
    """Events observed less expected among ``inside``, and the hypergeometric variance."""
    import numpy as np

    times = np.unique(days[event == 1])
    risk = days[None, :] >= times[:, None]
    now = (days[None, :] == times[:, None]) & (event[None, :] == 1)
    n, n_in = risk.sum(axis=1), (risk & inside).sum(axis=1)
    d, d_in = now.sum(axis=1), (now & inside).sum(axis=1)
    share = n_in / n
    variance = d * share * (1 - share) * (n - d) / np.maximum(n - 1, 1)
    return float((d_in - d * share).sum()), float(variance.sum())
