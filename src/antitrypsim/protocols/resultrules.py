"""What must hold of results that a protocol reports or claims: whom, when, and in which unit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pydantic_core import PydanticCustomError

from antitrypsim.documents.faults import fault, placed
from antitrypsim.documents.times import days, reaches
from antitrypsim.endpoints import ENDPOINTS
from antitrypsim.evidence.aat import grams_per_micromole
from antitrypsim.foundations.errors import UnitError, shown
from antitrypsim.foundations.units import YEAR, convert, parse_quantity
from antitrypsim.protocols.named import known_arm, known_visit, once
from antitrypsim.protocols.plannable import MEASURE_KINDS, MEASURE_UNITS, MEASURES, bounds_of

if TYPE_CHECKING:
    from antitrypsim.protocols.document import ProtocolDocument
    from antitrypsim.protocols.parts import Arm, Claimed, Published


def check_results(protocol: ProtocolDocument) -> None:
    """Raise the fault of the first reported or claimed result that cannot be."""
    _distinct(protocol)
    for k, result in enumerate(protocol.published):
        try:
            _published(protocol, result)
        except PydanticCustomError as problem:
            raise placed(problem, "published", k) from problem
    for k, one in enumerate(protocol.claimed):
        try:
            _claim(protocol, one)
        except PydanticCustomError as problem:
            raise placed(problem, "claimed", k) from problem


def unit_of(endpoint: str, measure: str) -> str:
    """Return the unit in which a measure of an endpoint is told here, such as 'g/L/year'."""
    told = MEASURE_UNITS.get(measure)
    if told is not None:
        return told
    unit = ENDPOINTS[endpoint].formal_unit
    return f"{unit}/year" if "slope" in measure else unit


def as_told(value: float, result: Published) -> float:
    """Return a number of a published result in ``unit_of``; raise UnitError where none fits."""
    told = unit_of(result.endpoint, result.measure)
    if result.unit == told:
        return value
    if result.measure == "rate":
        return value * YEAR / _time_of(result.unit)
    given = "1" if result.unit == "ratio" else result.unit
    try:
        return convert(value, given, told)
    except UnitError:
        if not result.endpoint.endswith("_aat"):
            raise
    # AAT is told in moles here and weighed in many papers.
    per_year = "/year" if told.endswith("/year") else ""
    return convert(value, given, f"g/L{per_year}") / grams_per_micromole()


def _time_of(unit: str) -> float:
    """Return the days for which a rate counts events; papers name the events in their own words."""
    found = set(re.findall(r"year|month|week|day", unit.casefold()))
    if len(found) != 1 or re.search(r"\d", unit):
        raise UnitError(f"'{unit}' is no rate of events such as 'events/year'")
    return days(f"1 {found.pop()}")


def _distinct(protocol: ProtocolDocument) -> None:
    once(
        ((r.endpoint, r.measure, r.of, r.arm, r.compare, r.visit) for r in protocol.published),
        "published", said="this number of this arm and visit",
    )  # fmt: skip
    once(
        ((c.claim, c.endpoint, c.measure, c.arm, c.visit) for c in protocol.claimed),
        "claimed", said="this claim of this arm and visit",
    )  # fmt: skip


def _published(protocol: ProtocolDocument, result: Published) -> None:
    for j, arm in enumerate(result.compare or ()):
        known_arm(protocol, arm, "compare", j)
    if result.compare is not None and result.compare[0] == result.compare[1]:
        raise fault(f"the arm '{result.compare[0]}' is compared with itself", "compare", 1)
    if result.arm is not None:
        known_arm(protocol, result.arm, "arm")
    if result.visit is not None:
        known_visit(protocol, result.visit, "visit")
    if not result.comparable:
        return
    kind, kinds = ENDPOINTS[result.endpoint].kind, MEASURE_KINDS.get(result.measure)
    if kinds is not None and kind not in kinds:
        fitting = [m for m in MEASURES if kind in MEASURE_KINDS.get(m, (kind,))]
        raise fault(
            f"there is no {result.measure} of '{result.endpoint}'; use {', '.join(fitting)}",
            "measure",
        )
    try:
        as_told(result.value, result)
    except UnitError as problem:
        told = unit_of(result.endpoint, result.measure)
        raise fault(
            f"a {result.measure} of '{result.endpoint}' is in {told}, and '{shown(result.unit)}' "
            "cannot be turned into it; give the number in that unit, or write 'comparable: false'",
            "unit",
        ) from problem


def _claim(protocol: ProtocolDocument, one: Claimed) -> None:
    info = ENDPOINTS[one.endpoint]
    known_arm(protocol, one.arm, "arm")
    # Of all events, only the rate of exacerbations is followed without chance.
    if info.kind == "event" or (info.kind == "count" and one.endpoint != "exacerbations"):
        raise fault(f"a claim on '{one.endpoint}' cannot be worked backwards", "endpoint")
    if info.kind == "count":
        if one.visit is not None:
            raise fault(f"'{one.endpoint}' is counted to the end; leave out 'visit'", "visit")
        if one.measure != "relative change":
            raise fault(
                f"a claim on '{one.endpoint}' is a 'relative change' of the rate", "measure"
            )
    elif one.visit is None:
        raise fault(f"a claim on '{one.endpoint}' needs the visit, such as 'visit: m12'")
    else:
        known_visit(protocol, one.visit, "visit")
        if protocol.visit_days()[one.visit] == 0:
            raise fault(
                f"the visit '{one.visit}' is the baseline itself; name a later one", "visit"
            )
    _treated(protocol, one)
    unit = "percent" if one.measure == "relative change" else info.formal_unit
    if one.unit != unit:
        raise fault(f"a {one.measure} of '{one.endpoint}' is in {unit}, not {one.unit}", "unit")
    low, high = bounds_of(one.endpoint)
    if one.measure == "relative change" and one.value < -100 and low >= 0:
        raise fault(
            f"a change of {one.value:g} % would leave less than nothing of '{one.endpoint}'; -100 % "
            "leaves nothing", "value",
        )  # fmt: skip
    if one.measure == "level" and not low <= one.value <= high:
        raise fault(
            f"nobody has '{one.endpoint}' of {one.value:g} {info.formal_unit}; it lies between {low:g} and "
            f"{high:g}", "value",
        )  # fmt: skip
    if one.measure != "level" and one.value == 0:
        raise fault("a claimed change of 0 claims nothing", "value")


def _treated(protocol: ProtocolDocument, one: Claimed) -> None:
    arm = next(each for each in protocol.arms if each.id == one.arm)
    first = first_dose(protocol, arm)
    if first is None:
        raise fault(f"a claim is about an arm that is treated, and '{one.arm}' is given nothing",
                    "arm")  # fmt: skip
    if one.visit is not None and reaches(first, protocol.visit_days()[one.visit]):
        raise fault(
            f"the visit '{one.visit}' is before anything is given to the arm '{one.arm}'", "visit"
        )


def first_dose(protocol: ProtocolDocument, arm: Arm) -> float | None:
    """Return the day since randomisation on which an arm is first given something; None for never."""
    spans = protocol.epoch_days()
    found = [
        spans[epoch][0] + delivery.times(spans[epoch][1] - spans[epoch][0])[0]
        for epoch, deliveries in arm.treatment.items()
        for delivery in deliveries
        if parse_quantity(delivery.dose)[0] > 0
    ]
    return min(found, default=None)
