"""Administrations and deliveries: dose, route, rhythm and how long, in either direction."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from antitrypsim.foundations.errors import InputError, shown
from antitrypsim.foundations.plain import Plain
from antitrypsim.foundations.units import parse_quantity
from antitrypsim.interchange.usdm.codes import Numbers, own_code, word_of
from antitrypsim.interchange.usdm.durations import (
    day_words,
    plain_number,
    read_iso,
    said,
    write_iso,
)
from antitrypsim.interchange.usdm.model import (
    Administration,
    Duration,
    Quantity,
    Range,
    StudyIntervention,
)
from antitrypsim.interchange.usdm.reading import plain_text
from antitrypsim.protocols.therapywords import product_words

_LARGE = 1e6
_TIME = re.compile(r"^(\S+) (year|month|week|day|hour|minute)s?$")
_UNTIL_END = "to the end of the epoch"


def intervention_of(delivery: Mapping[str, Any], numbers: Numbers) -> StudyIntervention:
    """Return what is given, with its one administration, for a delivery as plain data."""
    amount, unit = parse_quantity(delivery["dose"])
    product, route = delivery["product"], delivery["route"]
    weighed = unit.startswith(("mg", "g", "ug", "ng"))
    name = f"{product} {delivery['dose']} {route}"
    administration = Administration(
        id=numbers.next("Administration"),
        name=f"{name} {rhythm_of(delivery)}",
        duration=_duration(delivery.get("for"), numbers),
        dose=Quantity(id=numbers.next("Quantity"), value=amount, unit=numbers.word(unit)),
        route=numbers.word(route),
        frequency=numbers.word(rhythm_of(delivery)),
    )
    return StudyIntervention(
        id=numbers.next("StudyIntervention"),
        name=name,
        label=f"{product_words(product)} {delivery['dose']}",
        role=numbers.term("experimental"),
        type=numbers.term("substance")
        if weighed
        else numbers.own("other", "Cells, particles, genes or a procedure"),
        codes=[numbers.own(product, product_words(product))],
        administrations=[administration],
    )


def rhythm_of(delivery: Mapping[str, Any]) -> str:
    """Return when a delivery is given, in one line: 'every 1 week', 'at 0 weeks, 4 weeks'."""
    if "at" in delivery:
        then = delivery.get("then_every")
        return "at " + ", ".join(delivery["at"]) + (f", then every {then}" if then else "")
    start = f" from {delivery['start']}" if "start" in delivery else ""
    return ("held" if delivery.get("held") else f"every {delivery['every']}") + start


def delivery_of(intervention: StudyIntervention, one: Administration) -> tuple[Plain, list[str]]:
    """Return the delivery that an administration says, as plain data, and what it leaves open."""
    who = f"administration '{shown(one.words)}' of '{shown(intervention.words)}'"
    found: Plain = {"product": plain_text(own_code(intervention.codes) or intervention.name)}
    gaps = []
    if one.route is None:
        gaps.append(f"{who} has no route; by which is it given?")
    else:
        found["route"] = plain_text(word_of(one.route))
    if one.dose is None:
        gaps.append(f"{who} has no dose; how much is given?")
    else:
        found["dose"] = plain_text(_amount(one.dose))
    if one.frequency is None:
        gaps.append(f"{who} has no frequency; write 'every: 1 week', or 'at: [0 weeks]'")
    elif rhythm := _rhythm(word_of(one.frequency)):
        found |= rhythm
    else:
        gaps.append(
            f"{who} is given '{shown(word_of(one.frequency))}'; how often is that? write 'every: 1 "
            "week', or 'at: [0 weeks]'"
        )
    length = None if one.duration is None else one.duration.quantity
    if isinstance(length, Range):
        gaps.append(f"{who} goes on for a range of times; how long? write 'for: 24 weeks'")
    elif length is not None and not _goes_on(found):
        pass
    elif length is not None:
        text = _words(length.value, word_of(length.unit))
        if _TIME.match(text):
            found["for"] = text
        else:
            gaps.append(f"{who} goes on for '{shown(text)}', which is no time; how long is it?")
    return found, gaps


def _goes_on(delivery: Plain) -> bool:
    return "at" not in delivery or "then_every" in delivery


def _amount(dose: Quantity) -> str:
    unit = word_of(dose.unit)
    if abs(dose.value) >= _LARGE:
        mantissa, _, power = f"{dose.value:.15e}".partition("e")
        number = f"{plain_number(float(mantissa))}e{int(power)}"
        number = number if float(number) == dose.value else repr(dose.value)
    else:
        number = plain_number(dose.value)
    return f"{number} {unit}".rstrip()


def _duration(text: str | None, numbers: Numbers) -> Duration:
    made = Duration(id=numbers.next("Duration"), text=text or _UNTIL_END)
    match = _TIME.match(" ".join((text or "").split()))
    if match is not None:
        number = float(match.group(1).replace("_", ""))
        made.quantity = Quantity(
            id=numbers.next("Quantity"), value=number, unit=numbers.word(match.group(2))
        )
    return made


def _words(value: float, unit: str) -> str:
    number = plain_number(value)
    return f"{number} {unit.lower()}" + ("" if number == "1" or not unit else "s")


def _rhythm(text: str) -> Plain:
    """Return the keys of a delivery that a line such as 'every 1 week from 2 weeks' says, or none."""
    text = " ".join(text.split())
    if text.startswith("at "):
        times, _, then = text[3:].partition(", then every ")
        at = times.split(", ")
        if all(_is_time(each) for each in [*at, *([then] if then else [])]):
            return {"at": at, **({"then_every": then} if then else {})}
        return {}
    what, _, start = text.partition(" from ")
    if start and not _is_time(start):
        return {}
    begins = {"start": start} if start else {}
    if what == "held":
        return {"held": True, **begins}
    if what.startswith("every ") and _is_time(what[6:]):
        return {"every": what[6:], **begins}
    return {}


def _is_time(text: str) -> bool:
    try:
        length, _ = read_iso(write_iso(text))
    except InputError:
        return False
    return bool(said(text, length) or day_words(length) == text)
