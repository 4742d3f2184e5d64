"""Compute: the rows of every planned analysis, and labels for arms and visits."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from antitrypsim.endpoints import endpoint
from antitrypsim.foundations.units import parse_days
from antitrypsim.protocols.check import unbased
from antitrypsim.reports.numbers import (
    decimals_for,
    interval,
    length_words,
    number,
    small,
    unit_words,
)
from antitrypsim.statistics.analysis import ANALYSES

if TYPE_CHECKING:
    from antitrypsim.protocols import Protocol
    from antitrypsim.trials.plans import PlanResult
    from antitrypsim.trials.trial import Trial

_LONGEST_LABEL = 26


@dataclass(frozen=True)
class Line:
    """One number of a result: of an arm, or of an arm against ``contrast``."""

    label: str
    arm: str
    contrast: str | None
    visit: str | None
    when: str
    n: int
    estimate: float
    se: float | None
    lower: float | None
    upper: float | None
    p: float | None
    unit: str
    scale: str
    decimals: int


@dataclass(frozen=True)
class Result:
    """One planned analysis: what it is of, its lines, and how it was done or why it failed.

    ``better`` is 'higher' or 'lower': which way its estimates point where people fare better.
    ``favours`` says so of the arms, where the endpoint alone leaves it open; else it is empty.
    """

    plan: PlanResult
    title: str
    endpoint: str
    unit: str
    note: str
    lines: tuple[Line, ...]
    better: str
    favours: str = ""

    @property
    def notes(self) -> tuple[str, ...]:
        """What is said below its numbers: whom they favour, the plan's note, and its warnings."""
        return tuple(filter(None, (self.favours, self.note, *self.plan.warnings)))

    @property
    def quotient(self) -> str:
        """What its ratios are called, such as 'hazard ratio'."""
        return ANALYSES[self.plan.analysis].quotient

    @property
    def told_of(self) -> str:
        """What all its numbers are of, and their unit: 'up to 24 months, days'."""
        when = self.whens[0] if self.timed and len(self.whens) == 1 else ""
        return ", ".join(word for word in (when, self.unit) if word)

    @property
    def heading(self) -> str:
        """The title with what its numbers are of."""
        return f"{self.title}, {self.told_of}".removesuffix(", ")

    @property
    def timed(self) -> bool:
        """Whether its numbers are of times that the plan or the data choose, and of no visits."""
        return any(row.get("time") is not None for row in self.plan.rows)

    @property
    def arms(self) -> tuple[Line, ...]:
        """The lines of single arms."""
        return tuple(line for line in self.lines if line.contrast is None)

    @property
    def contrasts(self) -> tuple[Line, ...]:
        """The lines that compare two arms."""
        return tuple(line for line in self.lines if line.contrast is not None)

    @property
    def whens(self) -> tuple[str, ...]:
        """The visits or times of the lines, in their order."""
        return tuple(dict.fromkeys(line.when for line in self.lines))

    @property
    def last(self) -> str:
        """The last visit or time at which arms are compared, or the last where none are."""
        told = tuple(line.when for line in self.contrasts) or self.whens
        return told[-1] if told else ""


def arm_labels(protocol: Protocol) -> dict[str, str]:
    """Return a short name for each arm: its title, or its id where any title is long."""
    if all(len(arm.title) <= _LONGEST_LABEL for arm in protocol.arms):
        return {arm.id: arm.title for arm in protocol.arms}
    words = {arm.id: re.sub(r"[-_]+", " ", arm.id) for arm in protocol.arms}
    return {id: text[:1].upper() + text[1:] for id, text in words.items()}


def visit_labels(protocol: Protocol) -> dict[str, str]:
    """Return a name for people for each visit: its title, 'baseline', or such as 'week 52'."""
    days = protocol.visit_days()
    titles = {visit.id: (visit.title, visit.time) for visit in protocol.visits}
    found = {}
    for id, day in days.items():
        title, time = titles[id]
        amount, _, unit = time.partition(" ")
        found[id] = title or ("baseline" if day == 0 else f"{unit.removesuffix('s')} {amount}")
    return found


def contrast_label(arm: str, reference: str, labels: dict[str, str], scale: str) -> str:
    """Return 'A minus b', 'A over b' for a ratio, or 'A against b' for a scale that is neither."""
    word = {"ratio": "over", "absolute": "minus"}.get(scale, "against")
    return f"{labels[arm]} {word} {small(labels[reference])}"


def results(trial: Trial) -> tuple[Result, ...]:
    """Return every planned analysis, the primary one first."""
    arms, visits = arm_labels(trial.protocol), visit_labels(trial.protocol)
    plans = {plan.id: plan for plan in trial.protocol.endpoints.all}
    found = []
    for plan in trial.plans:
        what = endpoint(plan.endpoint)
        times = _times(plans[plan.id].times, plan)
        ses = sorted(r["se"] for r in plan.rows if r["scale"] == "absolute" and r["se"])
        how = ANALYSES[plan.analysis]
        least = 1 if how.unit in ("share", "days") else what.decimals
        factor = 100 if how.unit == "share" else 1
        decimals = decimals_for(least, ses[len(ses) // 2] * factor) if ses else least
        lines = _ordered(
            [line(r, arms, visits, decimals, time=times.get(k)) for k, r in enumerate(plan.rows)]
        )
        if changes(trial.protocol, plan):
            # The means beside them are of values.
            lines = tuple(
                replace(x, label=f"{x.label} (change from baseline)") if x.contrast else x
                for x in lines
            )
        # Of arms by themselves or, where none is told, of what they are compared by.
        unit = next((one.unit for one in sorted(lines, key=_compares)), "")
        better = how.better(what.better, plans[plan.id].options)
        found.append(
            Result(
                plan,
                plan.title,
                plan.endpoint,
                unit,
                plans[plan.id].note or "",
                lines,
                better,
                _favours(plan, lines, better, arms),
            )
        )
    return tuple(found)


def _compares(line: Line) -> bool:
    return line.contrast is not None


def _favours(plan: PlanResult, lines: tuple[Line, ...], better: str, labels: dict[str, str]) -> str:
    """Return which side of no effect favours whom, of events and of ratios; nothing of others.

    That less or more of an endpoint is better does not say it of a ratio, or of a time to an event.
    """
    told = {line.arm: line.scale for line in lines if line.contrast is not None}
    ratio = "ratio" in told.values()
    if not told or not (ratio or endpoint(plan.endpoint).kind != "measurement"):
        return ""
    what = ANALYSES[plan.analysis].quotient if ratio else "difference"
    side = "above" if better == "higher" else "below"
    arm = small(labels[next(iter(told))]) if len(told) == 1 else "the arm named first"
    return f"{'An' if what[0] in 'aeiou' else 'A'} {what} {side} {int(ratio)} favours {arm}."


def changes(protocol: Protocol, plan: PlanResult) -> bool:
    """Whether an analysis tells the values themselves and compares their changes from baseline."""
    return ANALYSES[plan.analysis].tells_values and not unbased(protocol, plan.endpoint)


def line(
    row: dict[str, Any], arms: dict[str, str], visits: dict[str, str], decimals: int,
    *, time: str | None = None,
) -> Line:  # fmt: skip
    """Return one tidy row as a line to show; ``time`` is that of survival, in words."""
    reference, scale = row.get("contrast"), row["scale"]
    how = ANALYSES.get(row.get("analysis") or "")
    excess = how is not None and how.unit == "events"
    kind = "excess" if excess else scale
    label = contrast_label(row["arm"], reference, arms, kind) if reference else arms[row["arm"]]
    factor, unit = 1.0, unit_words(row["unit"])
    if scale == "ratio":
        unit, decimals = "", max(decimals, 2)
    elif how is not None and how.unit == "share":
        who = f"% {how.counted}" if how.counted else spared(row["endpoint"])
        factor, unit = 100.0, "percentage points" if reference else who
    elif excess:
        events = "deaths" if row["endpoint"] == "death" else "events"
        unit, decimals = f"{events}, observed minus expected", max(decimals, 1)
    elif how is not None and "count" in how.kinds:
        unit = "per person and year"
    when = visits.get(row["visit"] or "", row["visit"] or "")
    if time is not None:
        when = time

    def scaled(key: str) -> float | None:
        value = row[key]
        return None if value is None else float(value) * factor

    return Line(
        label=label, arm=row["arm"], contrast=reference, visit=row["visit"], when=when, n=row["n"],
        estimate=float(row["estimate"]) * factor, se=scaled("se"), lower=scaled("lower"),
        upper=scaled("upper"), p=row.get("p"), unit=unit, scale=scale, decimals=decimals,
    )  # fmt: skip


def estimate_words(found: Line) -> str:
    """Return '0.51 (-0.34 to 1.37)'."""
    limits = interval(found.lower, found.upper, found.decimals)
    return f"{number(found.estimate, found.decimals)} {limits}".rstrip()


def spared(endpoint_id: str) -> str:
    """Return '% alive', or such as '% without donor-specific antibodies'."""
    if endpoint_id == "death":
        return "% alive"
    return f"% without {small(endpoint(endpoint_id).title)}"


def _ordered(lines: list[Line]) -> tuple[Line, ...]:
    """Return lines by visit or time: arms with the reference last, then what they differ by."""
    whens = list(dict.fromkeys(line.when for line in lines))
    arms = list(dict.fromkeys(line.arm for line in lines if line.contrast is None))
    arms = [*arms[1:], *arms[:1]]

    def place(line: Line) -> tuple[int, bool, int]:
        at = arms.index(line.arm) if line.arm in arms else 0
        return whens.index(line.when), line.contrast is not None, at

    return tuple(sorted(lines, key=place))


def _times(stated: tuple[str, ...] | None, plan: PlanResult) -> dict[int, str]:
    """Return the times that rows are of, by their place: in the words of the plan, or a horizon."""
    words = {parse_days(time): time for time in stated or ()}
    return {
        k: words.get(row["time"]) or f"up to {_day_words(row['time'])}"
        for k, row in enumerate(plan.rows)
        if row.get("time") is not None
    }


def _day_words(days: float) -> str:
    """Return '24 months' for a time that is as round as that to the day, or else '503 days'."""
    words = length_words(days)
    return (
        words if "." not in words and abs(parse_days(words) - days) < 0.5 else f"{days:,.0f} days"
    )
