"""Restricted mean survival time (RMST).

The mean time without an event, up to a horizon.
Royston and Parmar 2013, BMC Med Res Methodol 13:152, doi:10.1186/1471-2288-13-152.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from antitrypsim.foundations.errors import InputError
from antitrypsim.statistics.analysis._events import CURVES_ARE_PLAIN
from antitrypsim.statistics.analysis.base import (
    Analysis,
    AnalysisResult,
    Direction,
    Kind,
)

if TYPE_CHECKING:
    import pandas as pd

    from antitrypsim.statistics.analysis._many_events import EventTimes
    from antitrypsim.statistics.analysis._settings import Options
    from antitrypsim.statistics.block import Block, Estimates, Floats


# Sizes and numbers of validation/laboratory/small-counts.txt.
FEW = 100
LIBERAL = (
    "The test is liberal in so few people: at a level of 5 % it rejected 7 to 12 % of trials of 12 "
    "to 20 people without any effect, and 6 to 7 % of those of 40 to 60."
)


class RestrictedMean(Analysis):
    """Restricted mean survival time of every arm, and differences from the reference, in days.

    Columns: AVAL (days to event or censoring), CNSR (1 censored, 0 event), one row a participant.
    Rows of the result: ``time`` the horizon; the area under the arm's Kaplan-Meier curve up to it,
    then the differences (above 0 is later events), with Wald intervals and p. Variance: the sum
    over event times of d / (n (n - d)) times the squared area still to come, without a factor for
    small samples, which is that of R's survfit (its se(rmean)) and of the package survRM2. Of a
    block: (R, arms - 1), NaN for an arm of fewer than two people, or whose follow-up ends before
    the horizon. Raises as ``Analysis.run``, and ``InputError`` for a horizon after the follow-up.
    """

    name: ClassVar[str] = "rmst"
    title: ClassVar[str] = "Time to event (restricted mean survival time)"
    estimates: ClassVar[str] = "mean time without the event up to a horizon"
    kinds: ClassVar[tuple[Kind, ...]] = ("event",)
    unit: ClassVar[str] = "days"
    told: ClassVar[str] = "The mean time {spared}, {when}, was {each}."
    columns: ClassVar[tuple[str, ...]] = ("AVAL", "CNSR")
    keys: ClassVar[tuple[str, ...]] = ("AVAL", "CNSR")
    options: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "horizon": "The day up to which the mean is taken; by default the smallest of the "
            "arms' largest times, of a block in each replicate."
        }
    )
    refuses: ClassVar[Mapping[str, str]] = CURVES_ARE_PLAIN

    def better(self, endpoint: Direction, options: Options) -> Direction:
        """More time without the event is better."""
        return "higher"

    def _valid(self, options: Options) -> None:
        from antitrypsim.statistics.analysis import _settings

        if options.get("horizon") is not None:
            _settings.positive(options, "horizon")

    def compute(
        self, frame: pd.DataFrame, arms: tuple[str, ...], level: float, options: Options
    ) -> AnalysisResult:
        """Measure the areas and compare them."""
        import numpy as np

        from antitrypsim.statistics.analysis import _events, _many_events, _rows
        from antitrypsim.statistics.block import Estimates, block_of

        rows, people, warnings = _events.checked(frame, arms)
        times = _many_events.event_times(block_of(rows, arms), self.name)
        horizon = _horizon(times, options)
        mean, se = _many_events.restricted_means(times, horizon)
        day = float(horizon[0])
        for k, arm in enumerate(arms):
            if np.isnan(mean[0, k]):
                raise InputError(
                    f"the follow-up of the arm '{arm}' ends on day {times.last[0, k]:g}, before "
                    f"the horizon of {day:g}"
                )
        if len(rows) < FEW:
            warnings += (LIBERAL,)
        each = Estimates.of(mean, np.where(se > 0, se, np.nan), np.inf, level)
        still = [arm for k, arm in enumerate(arms) if not se[0, k] > 0]
        if still:
            named = " or ".join(f"'{arm}'" for arm in still)
            warnings += (
                f"Up to day {day:g} nothing varies in the arm {named} (no event, or all at once), so "
                "there is no interval of its mean.",
            )
            warnings += _events.one_sided(arms, still, f"up to day {day:g}")
        told = _differences(mean, se, level)
        found = _rows.of_arms(each, arms, people, time=day)
        found += _rows.of_contrasts(told, arms, people, time=day)
        method = (
            f"Restricted mean survival time up to day {day:g} as the area under the Kaplan-Meier "
            f"curve, with Greenwood-type standard errors and Wald intervals at {level:.4g}."
        )
        return AnalysisResult(found, method, warnings)

    def over(self, block: Block, level: float, options: Options) -> Estimates:
        """Compare the areas in every replicate."""
        from antitrypsim.statistics.analysis import _cells, _many_events

        _cells.several(self.name, block.arms)
        times = _many_events.event_times(block, self.name)
        mean, se = _many_events.restricted_means(times, _horizon(times, options))
        return _differences(mean, se, level)


def _horizon(times: EventTimes, options: Options) -> Floats:
    """Return the horizon of each replicate, NaN where an arm has nobody."""
    import numpy as np

    if options.get("horizon") is not None:
        return np.full(len(times.last), float(options["horizon"]))
    least = times.last.min(axis=1)
    return np.where(np.isfinite(least), least, np.nan)


def _differences(mean: Floats, se: Floats, level: float) -> Estimates:
    import numpy as np

    from antitrypsim.statistics.block import Estimates

    spread = np.hypot(se[:, 1:], se[:, :1])
    known = np.where(spread > 0, spread, np.nan)
    return Estimates.of(mean[:, 1:] - mean[:, :1], known, np.inf, level)
