"""Kaplan-Meier estimate of survival.

The share without an event at given times.
Kaplan and Meier 1958, J Am Stat Assoc 53:457.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
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
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from antitrypsim.statistics.analysis._settings import Options
    from antitrypsim.statistics.block import Floats


class KaplanMeier(Analysis):
    """Fraction without an event at given times in every arm, and differences from the reference.

    Columns: AVAL (days to event or censoring), CNSR (1 censored, 0 event), one row a participant.
    Rows of the result: ``time`` in days, estimate a fraction, ``n`` those at risk just before the
    time; Greenwood standard error, log-log interval (NaN where survival is 0 or 1, as R's survfit)
    (Kalbfleisch and Prentice 2002, section 1.4). Differences have Wald intervals and p at that one
    time, NaN where neither arm has a standard error above 0, as before the first event; the test of
    whole curves is ``log-rank``. What is known of an arm without an event is told in a warning, with
    the exact interval of those followed so long. Raises as ``Analysis.run``.
    """

    name: ClassVar[str] = "kaplan-meier"
    title: ClassVar[str] = "Survival at given times (Kaplan-Meier)"
    estimates: ClassVar[str] = "survival at given times"
    kinds: ClassVar[tuple[Kind, ...]] = ("event",)
    unit: ClassVar[str] = "share"
    decides: ClassVar[bool] = False
    told: ClassVar[str] = "At {when}, the share {spared} was {each}."
    columns: ClassVar[tuple[str, ...]] = ("AVAL", "CNSR")
    keys: ClassVar[tuple[str, ...]] = ("AVAL", "CNSR")
    options: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"times": "The times at which to report survival, in days, told in their order; required."}
    )
    refuses: ClassVar[Mapping[str, str]] = CURVES_ARE_PLAIN

    def better(self, endpoint: Direction, options: Options) -> Direction:
        """More people without the event are better."""
        return "higher"

    def _valid(self, options: Options) -> object:
        return read_times(options.get("times"))

    def compute(
        self, frame: pd.DataFrame, arms: tuple[str, ...], level: float, options: Options
    ) -> AnalysisResult:
        """Estimate each arm's curve and read it at the times."""
        import numpy as np
        from scipy.special import ndtr, ndtri

        from antitrypsim.statistics.analysis import _design, _events, _rows
        from antitrypsim.statistics.block import Estimates

        times = read_times(options.get("times"))
        rows, _, warnings = _events.checked(frame, arms)
        z = float(ndtri((1 + level) / 2))
        found = []
        read: dict[tuple[str, float], tuple[int, float, float]] = {}
        for arm, group in rows.groupby("ARM"):
            days = group["AVAL"].to_numpy(dtype=float)
            curve = Curve.of(days, 1 - group["CNSR"].to_numpy(dtype=float))
            read |= {(str(arm), time): curve.read(time) for time in times}
        for arm, contrast in _design.contrasts(arms):
            for time in times:
                n, estimate, se = read[arm, time]
                people = {arm: n}
                p = lower = upper = float("nan")
                if contrast:
                    people[contrast], other, other_se = read[contrast, time]
                    estimate, se = estimate - other, float(np.hypot(se, other_se))
                    # Two curves before their first event differ by nothing, known how well nobody says.
                    se = se if se > 0 else float("nan")
                    lower, upper = estimate - z * se, estimate + z * se
                    p = float(2 * ndtr(-abs(estimate) / se))
                elif 0 < estimate < 1:
                    log = np.log(estimate)
                    width = z * se / (estimate * abs(log))
                    lower, upper = (float(np.exp(log * np.exp(s * width))) for s in (1, -1))
                else:
                    warnings += (_untold(arm, time, n, estimate, level),)
                told = Estimates.single(estimate, se, np.inf, p, lower, upper)
                found.append(_rows.row(told, 0, arm, contrast, people, time=time))
        for time in times:
            # An arm whose error is unknown leaves none to a difference, and has its own sentence.
            known = tuple(arm for arm in arms if not np.isnan(read[arm, time][2]))
            still = [arm for arm in known if read[arm, time][1] == 1]
            if arms[0] in known:
                warnings += _events.one_sided(known, still, f"on day {time:g}")
        method = (
            "Kaplan-Meier survival per arm with Greenwood standard errors and log-log intervals at "
            f"{level:.4g}, and differences of survival at each time with Wald intervals and p."
        )
        return AnalysisResult(tuple(found), method, warnings)


def _untold(arm: str, time: float, n: int, estimate: float, level: float) -> str:
    """Say why an arm has no interval at a time, and what is known."""
    if estimate == 1:
        # Clopper and Pearson's lower limit of n of n.
        least = ((1 - level) / 2) ** (1 / n)
        return (
            f"No event in the arm '{arm}' up to day {time:g}, so there is no interval from its "
            f"events; for the {n} followed so long the exact interval is {least:.3f} to 1."
        )
    if estimate == 0:
        return (
            f"Nobody in the arm '{arm}' is without the event on day {time:g}, so there is no "
            "interval."
        )
    return f"Follow-up of arm '{arm}' ends before day {time:g}."


def read_times(times: object) -> tuple[float, ...]:
    """The option ``times`` as floats, the earliest first; ``InputError`` unless a list of days from 0."""
    if times is None:
        raise InputError("the analysis 'kaplan-meier' needs the option 'times'")
    if isinstance(times, str) or not isinstance(times, Iterable):
        raise InputError("the option 'times' must be a list of days")
    try:
        read = tuple(float(time) for time in times)
    except (TypeError, ValueError):
        raise InputError("the option 'times' must be a list of days") from None
    if not read or not all(0 <= time < float("inf") for time in read):
        raise InputError("the option 'times' must be a list of days from 0")
    return tuple(sorted(read))


@dataclass(frozen=True, slots=True)
class Curve:
    """Survival of some people: ``followed`` (N,) days each, and at each of the E days of events
    ``at`` the fraction ``alive`` from then on and its standard error ``se``, each (E,).
    """

    followed: NDArray[np.number]
    at: Floats
    alive: Floats
    se: Floats

    @classmethod
    def of(cls, days: NDArray[np.number], event: NDArray[np.number]) -> Curve:
        """The curve, with Greenwood's errors; ``days`` (N,) to event or censoring, ``event`` 1 or 0."""
        import numpy as np

        from antitrypsim.statistics.analysis import _many_events
        from antitrypsim.statistics.block import Block

        arm = np.zeros((1, len(days)), dtype=np.int8)
        block = Block(("all",), arm, time=days[None], event=np.asarray(event, dtype=bool)[None])
        times = _many_events.event_times(block, KaplanMeier.name)
        risk, events = times.risk[:, 0], times.events[:, 0]
        alive = np.cumprod(1 - events / risk).astype(np.float64)
        # Where nobody is left Greenwood's sum divides by zero; its standard error is then undefined.
        with np.errstate(divide="ignore", invalid="ignore"):
            se = alive * np.sqrt(np.cumsum(events / (risk * (risk - events)))).astype(np.float64)
        return cls(days, times.day, alive, se)

    def read(self, time: float) -> tuple[int, float, float]:
        """At risk, survival and its standard error at ``time``; NaN after the end of follow-up."""
        import numpy as np

        at_risk = int((self.followed >= time).sum())
        passed = int(np.searchsorted(self.at, time, side="right"))
        estimate, error = 1.0, 0.0
        if passed:
            estimate, error = float(self.alive[passed - 1]), float(self.se[passed - 1])
        if time > self.followed.max() and estimate > 0:
            return at_risk, float("nan"), float("nan")
        return at_risk, estimate, error
