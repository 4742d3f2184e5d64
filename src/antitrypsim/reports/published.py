"""Compute: what the real trial reported, beside what the virtual one gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from antitrypsim.endpoints import endpoint
from antitrypsim.foundations.errors import AntitrypsimError
from antitrypsim.protocols.check import unbased
from antitrypsim.protocols.resultrules import as_told, unit_of
from antitrypsim.reports.numbers import decimals_of, interval, number, p_value, unit_words
from antitrypsim.reports.results import (
    Line,
    Result,
    arm_labels,
    contrast_label,
    line,
    visit_labels,
)
from antitrypsim.statistics.analysis import ANALYSES

if TYPE_CHECKING:
    from antitrypsim.protocols.parts import Published
    from antitrypsim.trials.trial import Trial

PLANNED = "planned analysis"


@dataclass(frozen=True)
class Beside:
    """A published number and the simulated one, if there is one and it is comparable.

    A comparable number is in ``unit`` as simulated ones are, whatever unit it was published in; one
    that is not is as published, and ``own_unit`` names its unit where that is another. ``how`` says what the simulated number is, or why there is none; ``mark`` whether the number is
    of the registered primary endpoint.
    """

    endpoint: str
    title: str
    what: str
    of: str
    registered: bool
    arm: str
    when: str
    value: float
    se: float | None
    lower: float | None
    upper: float | None
    p: float | None
    unit: str
    own_unit: str
    decimals: int
    comparable: bool
    fact: str
    known: str
    mark: str
    note: str
    simulated: Line | None
    how: str


def published_words(one: Beside) -> str:
    """Return '-2.19 (SE 0.23)' or '0.74 (0.06 to 1.42), p = 0.03'."""
    limits = interval(one.lower, one.upper, one.decimals)
    if not limits and one.se is not None:
        limits = f"(SE {number(one.se, one.decimals)})"
    p = f", {p_value(one.p)}" if one.p is not None else ""
    return f"{number(one.value, one.decimals)} {limits}".rstrip() + p


def beside(trial: Trial, results: tuple[Result, ...]) -> tuple[Beside, ...]:
    """Return every published number of the protocol with its simulated one."""
    protocol = trial.protocol
    arms, visits = arm_labels(protocol), visit_labels(protocol)
    registered = [p for p in protocol.published if _registered(p)]
    found = []
    for one in protocol.published:
        simulated, how = _simulated(trial, one, results)
        unit = unit_of(one.endpoint, one.measure)
        told = _told(one)
        value, se, lower, upper = told
        note = one.note or ""
        if one.comparable and (told[0] != one.value):
            published = number(one.value, decimals_of(one.value))
            note = f"Published as {published} {one.unit}. {note}".rstrip()
        own_unit = "" if one.comparable else unit_words(one.unit)
        rivals = [r for r in registered if r.endpoint == one.endpoint and r.measure == one.measure]
        mark = ""
        if _registered(one):
            mark = "registered primary endpoint"
        elif rivals:
            mark = "not the registered primary endpoint"
        arm = arms[one.arm] if one.arm else ""
        if one.compare:
            scale = "ratio" if "ratio" in one.measure else "absolute"
            arm = contrast_label(*one.compare, arms, scale)
        found.append(
            Beside(
                endpoint=one.endpoint, title=endpoint(one.endpoint).title,
                what=f"{one.measure}, {one.of}" if one.of else one.measure, of=one.of or "",
                registered=_registered(one), arm=arm,
                when=visits.get(one.visit or "", ""), value=value, se=se, lower=lower,
                upper=upper, p=one.p, unit=unit_words(unit if one.comparable else one.unit),
                own_unit="" if own_unit == unit_words(unit) else own_unit,
                decimals=decimals_of(value, lower, upper, se),
                comparable=one.comparable, fact=one.fact, known=one.known, mark=mark,
                note=note, simulated=simulated, how=how,
            )
        )  # fmt: skip
    return tuple(found)


def _told(one: Published) -> tuple[float, float | None, float | None, float | None]:
    """Return value, se, lower and upper, in our unit where the number is comparable."""

    def told(value: float | None) -> float | None:
        return value if value is None or not one.comparable else as_told(value, one)

    return (
        as_told(one.value, one) if one.comparable else one.value,
        told(one.se),
        told(one.lower),
        told(one.upper),
    )


def _registered(one: Published) -> bool:
    return "registered primary" in (one.of or "").lower()


def _simulated(
    trial: Trial, one: Published, results: tuple[Result, ...]
) -> tuple[Line | None, str]:
    if not one.comparable:
        return None, "the model has no such quantity"
    arm, reference = one.compare if one.compare else (one.arm, None)
    for result in results:
        if result.endpoint != one.endpoint:
            continue
        program = ANALYSES[result.plan.analysis]
        if one.measure not in program.measures:
            continue
        if program.tells_values and one.measure == "mean" and reference:
            continue
        for found in result.lines:
            if (found.arm, found.contrast) == (arm, reference) and one.visit in (None, found.visit):
                return found, PLANNED
    try:
        row, how = _unplanned(trial, one, arm, reference)
    except AntitrypsimError as problem:
        return None, problem.message
    if row is None:
        return None, "no analysis of this kind is planned"
    arms, visits = arm_labels(trial.protocol), visit_labels(trial.protocol)
    value, se, lower, upper = _told(one)
    return line(row, arms, visits, decimals_of(value, lower, upper, se)), how


def _unplanned(
    trial: Trial, one: Published, arm: str | None, reference: str | None
) -> tuple[dict[str, Any] | None, str]:
    """Return a tidy row for a number that no plan gives, from the participants' measured values."""
    what = endpoint(one.endpoint)
    frame = trial.visits[trial.visits["ENDPOINT"] == one.endpoint]
    if what.kind != "measurement" or frame.empty or arm is None:
        return None, ""
    unit = {"endpoint": one.endpoint, "unit": what.unit, "visit": one.visit, "arm": arm}
    if one.measure == "difference" and reference is not None and one.visit is not None:
        got = ANALYSES["describe"].run(
            frame, reference=reference, arms=[reference, arm], visits=[one.visit],
            level=1 - trial.protocol.endpoints.alpha,
        )  # fmt: skip
        row = next((r for r in got.rows if r.contrast is not None), None)
        if row is None:
            return None, ""
        what_of = "values" if unbased(trial.protocol, one.endpoint) else "change"
        return {
            **unit, "contrast": reference, "n": row.n, "estimate": row.estimate, "se": row.se,
            "lower": row.lower, "upper": row.upper, "p": row.p, "scale": row.scale,
        }, f"difference in mean {what_of} at this visit, not a planned analysis"  # fmt: skip
    if reference is not None or one.measure not in ("mean", "median", "change"):
        return None, ""
    at = frame["AVISIT"] == one.visit if one.visit else frame["ADY"] > 0
    column = "CHG" if one.measure == "change" else "AVAL"
    values = frame.loc[(frame["ARM"] == arm) & at, column].dropna().to_numpy()
    if not values.size:
        return None, ""
    centre = np.median(values) if one.measure == "median" else np.mean(values)
    which = "at this visit" if one.visit else "over all visits after baseline"
    kind = f"{'mean ' if column == 'CHG' else ''}{one.measure}"
    return {
        **unit, "n": values.size, "estimate": float(centre), "se": None, "lower": None,
        "upper": None, "scale": "absolute",
    }, f"{kind} of measured values {which}"  # fmt: skip
