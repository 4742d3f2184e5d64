"""Log-rank test.

Whether times to an event differ between arms.
Mantel 1966, Cancer Chemother Rep 50:163.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from antitrypsim.foundations.errors import InputError
from antitrypsim.statistics.analysis.base import Analysis, AnalysisResult, Kind

if TYPE_CHECKING:
    import pandas as pd

    from antitrypsim.statistics.analysis._settings import Options
    from antitrypsim.statistics.block import Block, Estimates


class LogRank(Analysis):
    """Log-rank test of every arm against the reference, two arms at a time.

    Columns: AVAL (days to event or censoring), CNSR (1 censored, 0 event), one row a participant.
    Rows of the result: contrasts only, estimate the events observed in the arm less those expected
    if the two arms were alike (below 0 is fewer events), ``se`` the root of its hypergeometric
    variance, so that (estimate / se)^2 is the chi-squared of R's survdiff (Mantel 1966); with
    ``strata`` both are summed over them. Of a block: (R, arms - 1), NaN where an arm has fewer than
    two people or two arms have no event. Raises as ``Analysis.run``, and ``InputError`` when two
    arms have no event.
    """

    name: ClassVar[str] = "log-rank"
    title: ClassVar[str] = "Time to event (log-rank test)"
    estimates: ClassVar[str] = "time to event"
    kinds: ClassVar[tuple[Kind, ...]] = ("event",)
    unit: ClassVar[str] = "events"
    least_arms: ClassVar[int] = 2
    columns: ClassVar[tuple[str, ...]] = ("AVAL", "CNSR")
    keys: ClassVar[tuple[str, ...]] = ("AVAL", "CNSR")
    options: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"strata": "Columns within whose levels the arms are compared."}
    )
    refuses: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"covariates": "it compares within groups only: name them as strata, or use cox"}
    )

    def compute(
        self, frame: pd.DataFrame, arms: tuple[str, ...], level: float, options: Options
    ) -> AnalysisResult:
        """Test each arm against the first."""
        import numpy as np

        from antitrypsim.statistics.analysis import _checks, _events, _rows
        from antitrypsim.statistics.block import block_of

        strata = _checks.names(options.get("strata"), "strata")
        rows, people, warnings = _events.checked(frame, arms, strata)
        told = self.over(block_of(rows, arms), level, options)
        for k, arm in enumerate(arms[1:]):
            if np.isnan(told.se[0, k]):
                raise InputError(f"the arms '{arm}' and '{arms[0]}' have no event to compare")
        within = f" stratified by {', '.join(strata)}" if strata else ""
        method = (
            f"Log-rank test{within} of each arm against the reference, as events observed less "
            f"events expected in the arm with a normal interval at {level:.4g}, and p from "
            "chi-squared on one degree of freedom without correction for several arms."
        )
        return AnalysisResult(_rows.of_contrasts(told, arms, people), method, warnings)

    def over(self, block: Block, level: float, options: Options) -> Estimates:
        """Test each arm against the first in every replicate."""
        import numpy as np

        from antitrypsim.statistics.analysis import _cells, _checks, _many_events
        from antitrypsim.statistics.block import Estimates

        _cells.several(self.name, block.arms)
        strata = _checks.names(options.get("strata"), "strata")
        times = _many_events.event_times(block, self.name, strata)
        excess, variance = np.full((2, block.replicates, len(block.arms) - 1), np.nan)
        for k in range(1, len(block.arms)):
            more, spread = _many_events.log_rank(times, k)
            usable = (spread > 0) & (times.people[:, [0, k]] > 1).all(axis=1)
            excess[usable, k - 1], variance[usable, k - 1] = more[usable], spread[usable]
        # Chi-squared on one degree of freedom is the square of the normal.
        return Estimates.of(excess, np.sqrt(variance), np.inf, level)
