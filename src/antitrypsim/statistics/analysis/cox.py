"""By how much arms differ in the rate of an event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from antitrypsim.foundations.errors import InputError
from antitrypsim.statistics.analysis.base import Analysis, AnalysisResult

if TYPE_CHECKING:
    import pandas as pd

    from antitrypsim.statistics.block import Block, Estimates


class Cox(Analysis):
    """Hazard ratio of every arm against the reference, by one proportional hazards model.

    Columns: AVAL (days to event or censoring), CNSR (1 censored, 0 event), one row a participant.
    Rows of the result: contrasts only, on the ratio scale (below 1 is a lower hazard), with Wald
    interval and p, ``se`` that of the log ratio. Method: Cox's partial likelihood over all arms,
    tied events by Efron's approximation, as R's survival::coxph does by default. Of a block:
    (R, arms - 1), NaN for an arm of fewer than two people or without an event, or where the
    likelihood has no finite maximum; such a likelihood, of one trial, raises ``InputError``. Raises
    as ``Analysis.run``.
    """

    name: ClassVar[str] = "cox"
    title: ClassVar[str] = "Time to event (Cox regression)"
    columns: ClassVar[tuple[str, ...]] = ("AVAL", "CNSR")
    keys: ClassVar[tuple[str, ...]] = ("AVAL", "CNSR")

    def compute(
        self, frame: pd.DataFrame, arms: tuple[str, ...], level: float, options: dict[str, Any]
    ) -> AnalysisResult:
        """Fit the model and read the ratios from it."""
        import numpy as np

        from antitrypsim.statistics.analysis import _events, _rows
        from antitrypsim.statistics.block import block_of

        rows, people, warnings = _events.checked(frame, arms)
        for arm in arms:
            if not (rows.loc[rows["ARM"] == arm, "CNSR"] == 0).any():
                raise InputError(f"the arm '{arm}' has no event, so its hazard cannot be compared")
        told = self.over(block_of(rows, arms), level, options)
        if np.isnan(told.se).any():
            raise InputError(
                "the events of the arms lie so far apart that no hazard ratio is finite"
            )
        found = tuple(
            _rows.row(told, k, arm, arms[0], people[arm] + people[arms[0]])
            for k, arm in enumerate(arms[1:])
        )
        method = (
            "Cox proportional hazards regression on arm, tied events by Efron's approximation, with "
            f"Wald intervals at {level:.4g} on the log scale."
        )
        return AnalysisResult(found, method, warnings)

    def over(self, block: Block, level: float, options: dict[str, Any]) -> Estimates:
        """Fit the model to every replicate."""
        import numpy as np

        from antitrypsim.statistics.analysis import _cells, _many_events
        from antitrypsim.statistics.block import Estimates

        _cells.several(self.name, block.arms)
        times = _many_events.event_times(block, self.name)
        log_ratio, se = _many_events.hazard_ratios(times)
        return Estimates.of(log_ratio, se, np.inf, level, ratio=True)
