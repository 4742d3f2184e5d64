"""One person's serum AAT while doses are being moved: a course an arm, to be drawn as it stands."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.units import YEAR, parse_days
from antitrypsim.web.rooms import serum_units
from antitrypsim.web.shapes import Mark, Scale, Serum, SerumCourse, SerumTold

if TYPE_CHECKING:
    from antitrypsim.protocols import Protocol
    from antitrypsim.simulation.people import People
    from antitrypsim.simulation.regimen import Regimen

LONGEST_YEARS = 30.0
_POINTS = 500
_MOST_DOSES = 200
_AFTER = 0.02
"""Days after a dose at which it is all in the blood, and is read again."""

_MARKS = 5
_ROOM = 1.05
"""How far above its highest point an axis goes."""


def serum(asked: Serum) -> SerumTold:
    """Return one person's serum AAT under a therapy, or under each arm of a protocol.

    The person has the stated genotype, age, sex and smoking and is in everything else the typical
    one; of a protocol they are of its commonest genotype and its mean age. Raises InputError for
    what cannot be given, or to nobody.
    """
    if asked.protocol is not None:
        return _of_protocol(asked.protocol)
    days = asked.days
    if not 0 < days <= LONGEST_YEARS * YEAR:
        raise InputError(f"{days:g} days cannot be; above 0 and up to {LONGEST_YEARS:g} years can")
    regimen = _regimen(asked.lines, days)
    who = {"genotype": asked.genotype, "age": asked.age, "sex": asked.sex, "smoking": asked.smoking}
    return _told({"": regimen}, who, days)


def _regimen(lines: tuple[dict[str, Any], ...], days: float) -> Regimen:
    from pydantic import ValidationError
    from pydantic_core import PydanticCustomError

    from antitrypsim.protocols.delivery import Delivery, known_doses
    from antitrypsim.protocols.therapytext import joined
    from antitrypsim.simulation.regimen import Regimen

    try:
        given = [Delivery.model_validate(line) for line in lines]
        doses = known_doses()
        found = [one.given(one.dose_of(doses), 0.0, days) for one in given]
    except ValidationError as problem:
        raise InputError(str(problem.errors()[0]["msg"])) from problem
    except PydanticCustomError as problem:
        raise InputError(problem.message()) from problem
    return joined(found, " + ".join(one.name for one in given)) if found else Regimen()


def _of_protocol(data: Mapping[str, Any]) -> SerumTold:
    from antitrypsim.protocols.load import read_protocol
    from antitrypsim.web.drafts import draft_text

    protocol = read_protocol(draft_text(data))
    arms = {
        arm: own if not isinstance(own, list) else own[0]
        for arm, own in protocol.regimens_of([0]).items()
    }
    return _told(arms, _common(protocol), protocol.length_days)


def _common(protocol: Protocol) -> dict[str, Any]:
    """Return whom a protocol mostly takes."""
    people = protocol.population
    share = people.smoking or {"never": 1.0}
    return {
        "genotype": max(people.genotype, key=lambda one: people.genotype[one]),
        "age": float(people.age.mean), "sex": "male" if people.male > 1 / 2 else "female",
        "smoking": max(share, key=lambda one: share[one]),
    }  # fmt: skip


def _told(regimens: Mapping[str, Regimen], who: Mapping[str, Any], days: float) -> SerumTold:
    from antitrypsim.endpoints import endpoint
    from antitrypsim.simulation.simulate import simulate_all
    from antitrypsim.therapies import build_model, therapies_in

    what = endpoint("serum_aat")
    person = _person(**who)
    courses: dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]] = {}
    for name, regimen in regimens.items():
        model = build_model(therapies=therapies_in(regimen.names))
        regimen.check(model)
        at = _days(regimen, days)
        found = simulate_all(model, person, regimen, times=at, outputs=[what.output])
        courses[name] = (at, found[what.output][0, 0] * what.factor)
    highest = max(float(np.nanmax(v, initial=0.0)) for _, v in courses.values())
    top = _ROOM * (highest or 1.0)
    return SerumTold(
        who=_words(**who, weight=float(person.covariates["person.weight"][0])), scales=tuple(_scale(unit, per, top) for unit, (per, _) in serum_units().items()),
        times=_times(days),
        courses=tuple(
            SerumCourse(name=name, points=_points(at, values, days, top), words=_range(at, values))
            for name, (at, values) in courses.items()
        ),
    )  # fmt: skip


@cache
def _person(genotype: str, age: float, sex: str, smoking: str) -> People:
    """Return the first who is met of a kind, typical in everything that sets people apart."""
    from dataclasses import replace

    from antitrypsim.interchange.who import described

    one = described(None, 1.0, genotype=genotype, age=age, sex=sex, smoking=smoking).person
    return replace(one, effects={}, snapshot=None)


def _days(regimen: Regimen, days: float) -> NDArray[np.float64]:
    """Return the days that are read: even ones, and just before and after each of the first doses."""
    doses = np.unique([t for d in regimen.doses for t in d.times if 0 <= t < days])[:_MOST_DOSES]
    found = np.concatenate([np.linspace(0.0, days, _POINTS), doses, doses + _AFTER])
    return np.unique(found[found <= days])


def _scale(unit: str, per: float, top: float) -> Scale:
    from matplotlib.ticker import MaxNLocator

    values = MaxNLocator(_MARKS).tick_values(0.0, top * per)
    marks = tuple(
        Mark(at=round(float(v) / per / top, 4), text=f"{v:g}")
        for v in values
        if 0 <= v <= top * per
    )
    return Scale(unit=unit, marks=marks)


def _times(days: float) -> tuple[Mark, ...]:
    from matplotlib.ticker import MaxNLocator

    unit, length = ("years", YEAR) if days > 3 * YEAR else ("weeks", parse_days("1 week"))
    values = [v for v in MaxNLocator(_MARKS).tick_values(0.0, days / length) if v * length <= days]
    return tuple(
        Mark(at=round(v * length / days, 4), text=f"{v:g}{f' {unit}' if v == values[-1] else ''}")
        for v in values
        if v >= 0
    )


def _points(
    at: NDArray[np.float64], values: NDArray[np.float64], days: float, top: float
) -> tuple[tuple[float, float], ...]:
    there = np.isfinite(values)
    return tuple(
        (round(float(x), 4), round(float(y), 4))
        for x, y in zip(at[there] / days, values[there] / top, strict=True)
    )


def _range(at: NDArray[np.float64], values: NDArray[np.float64]) -> dict[str, str]:
    """Return by unit what the course is at first, and between what it moves in its last quarter."""
    there = np.isfinite(values)
    at, values = at[there], values[there]
    late = values[at >= at[-1] * 0.75]

    def said(unit: str, per: float, d: int) -> str:
        first, low, high = (f"{per * v:.{d}f}" for v in (values[0], late.min(), late.max()))
        if first == low == high:
            return f"{first} {unit} throughout"
        return f"{first} {unit} at first, {low} to {high} {unit} in the last quarter"

    return {unit: said(unit, *found) for unit, found in serum_units().items()}


def _words(*, genotype: str, age: float, sex: str, smoking: str, weight: float) -> str:
    who = "woman" if sex == "female" else "man"
    name = genotype if genotype == "null" else f"Pi*{genotype}"
    how = {"never": "who never smoked", "ex": "who stopped smoking", "current": "who smokes"}
    return f"A typical {who} of {age:.0f}, {name}, {weight:.0f} kg, {how[smoking]}"
