"""Cox regression (proportional hazards).

By how much arms differ in the rate of an event.
Cox 1972, J R Stat Soc B 34:187, doi:10.1111/j.2517-6161.1972.tb00899.x.
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


# Numbers of events and shares of validation/laboratory/small-counts.txt.
FEW = 13
CONSERVATIVE = (
    "The test is conservative with so few events: at a level of 5 % it rejected 0 to 3 % of trials "
    "with 4 to 8 events and without any effect, and 3 to 6 % of those with 13 or more."
)


class Cox(Analysis):
    """Hazard ratio of every arm against the reference, by one proportional hazards model.

    Columns: AVAL (days to event or censoring), CNSR (1 censored, 0 event), one row a participant.
    Rows of the result: contrasts only, on the ratio scale (below 1 is a lower hazard), with Wald
    interval and p, ``se`` that of the log ratio. Method: Cox's partial likelihood over all arms,
    tied events by Efron's approximation, as R's survival::coxph does by default; with covariates,
    and with ``strata`` that have each its own baseline hazard. People of a level of a covariate in
    which nobody has the event say nothing on the arms and are left out. Of a block:
    (R, arms - 1), NaN for an arm of fewer than two people or without an event, or where the
    likelihood has no finite maximum; such a likelihood, of one trial, raises ``InputError``, unless
    another arm of it has a ratio. Raises as ``Analysis.run``.
    """

    name: ClassVar[str] = "cox"
    quotient: ClassVar[str] = "hazard ratio"
    title: ClassVar[str] = "Time to event (Cox regression)"
    estimates: ClassVar[str] = "hazard ratio"
    kinds: ClassVar[tuple[Kind, ...]] = ("event",)
    least_arms: ClassVar[int] = 2
    measures: ClassVar[tuple[str, ...]] = ("hazard ratio",)
    columns: ClassVar[tuple[str, ...]] = ("AVAL", "CNSR")
    keys: ClassVar[tuple[str, ...]] = ("AVAL", "CNSR")
    options: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "covariates": "Columns whose effects on the log hazard are adjusted for.",
            "strata": "Columns whose levels have each a baseline hazard of its own.",
        }
    )

    def ratio(self, options: Options) -> bool:
        """Hazards are compared by their quotient."""
        return True

    def _valid(self, options: Options) -> None:
        both = set(options.get("covariates") or ()) & set(options.get("strata") or ())
        if both:
            raise InputError(
                f"'{min(both)}' stands among the covariates and the strata: name it once"
            )

    def compute(
        self, frame: pd.DataFrame, arms: tuple[str, ...], level: float, options: Options
    ) -> AnalysisResult:
        """Fit the model and read the ratios from it."""
        import numpy as np

        from antitrypsim.statistics.analysis import _checks, _events, _rows
        from antitrypsim.statistics.block import block_of

        covariates, strata = (_checks.names(options.get(k), k) for k in ("covariates", "strata"))
        rows, people, warnings = _events.checked(frame, arms, strata, covariates)
        without = [arm for arm in arms if not (rows.loc[rows["ARM"] == arm, "CNSR"] == 0).any()]
        if len(without) == len(arms):
            raise InputError("no arm has an event, so there is nothing to compare")
        if arms[0] in without or len(without) == len(arms) - 1:
            raise InputError(
                f"the arm '{without[0]}' has no event, so its hazard cannot be compared by a ratio: "
                "the analysis 'log-rank' still can"
            )
        told = self.over(block_of(rows, arms), level, options)
        finite = np.isfinite(told.se[0])
        if not finite.any():
            also = " or covariates" if covariates else ""
            raise InputError(
                f"the events of the arms{also} lie so far apart that no hazard ratio is finite"
            )
        if (rows["CNSR"] == 0).sum() < FEW:
            warnings += (CONSERVATIVE,)
        lost = " and ".join(
            f"'{arm}'" for arm, fit in zip(arms[1:], finite, strict=True) if not fit
        )
        if lost:
            warnings += (f"The hazard ratio of {lost} has no finite estimate.",)
        also = "".join(f" + {name}" for name in covariates)
        within = f", stratified by {', '.join(strata)}" if strata else ""
        method = (
            f"Cox proportional hazards regression on arm{also}{within}, tied events by Efron's "
            f"approximation, with Wald intervals at {level:.4g} on the log scale."
        )
        return AnalysisResult(
            _rows.of_contrasts(told, arms, people),
            method,
            warnings + _events.eventless(rows, covariates),
        )

    def over(self, block: Block, level: float, options: Options) -> Estimates:
        """Fit the model to every replicate."""
        import numpy as np

        from antitrypsim.statistics.analysis import (
            _adjusted_hazards,
            _cells,
            _checks,
            _many_events,
        )
        from antitrypsim.statistics.block import Estimates

        _cells.several(self.name, block.arms)
        covariates, strata = (_checks.names(options.get(k), k) for k in ("covariates", "strata"))
        if covariates:
            log_ratio, se = _adjusted_hazards.hazard_ratios(block, self.name, covariates, strata)
        else:
            times = _many_events.event_times(block, self.name, strata)
            log_ratio, se = _many_events.hazard_ratios(times)
        return Estimates.of(log_ratio, se, np.inf, level, ratio=True)
