"""What must hold between the parts of a protocol."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pydantic_core import PydanticCustomError

from antitrypsim.documents.faults import Where, fault, placed, unknown
from antitrypsim.documents.times import LONGEST_DAYS, days, passes
from antitrypsim.endpoints import ENDPOINTS
from antitrypsim.foundations.plural import so_many, verb
from antitrypsim.populations.spec import MOST_PARTICIPANTS
from antitrypsim.protocols.amounts import check_amount, check_together, given_in
from antitrypsim.protocols.named import known_arm, known_visit, once, own_ids, own_titles
from antitrypsim.protocols.persons import check_persons, own_regimens
from antitrypsim.protocols.plannable import bounds_of
from antitrypsim.protocols.planrules import asked, check_plan
from antitrypsim.protocols.resultrules import check_results
from antitrypsim.protocols.strata import check_bands, check_stratified

if TYPE_CHECKING:
    from antitrypsim.protocols.delivery import AnyDose
    from antitrypsim.protocols.document import ProtocolDocument
    from antitrypsim.protocols.parts import Assessment, EndpointPlan

SHORTEST_DAYS = 1 / 24
"""Visits are not nearer to one another, and epochs not shorter, than an hour."""
LARGEST_PART = 1_000_000_000
"""The largest part of an allocation."""


def check(protocol: ProtocolDocument, doses: Mapping[str, AnyDose]) -> None:
    """Raise the fault of the first rule that the protocol breaks."""
    own_ids((epoch.id for epoch in protocol.epochs), "epoch", "epochs")
    own_titles((epoch.title for epoch in protocol.epochs), "epochs")
    own_ids((arm.id for arm in protocol.arms), "arm", "arms")
    own_titles((arm.title for arm in protocol.arms), "arms")
    own_ids((visit.id for visit in protocol.visits), "visit", "visits")
    own_titles((visit.title for visit in protocol.visits), "visits")
    for key in ("references", "facts", "stratify_by", "notes"):
        once(getattr(protocol, key), key, said="this reference" if key == "references" else "")
    _participants(protocol)
    _allocation(protocol)
    _treatments(protocol, doses)
    _persons(protocol, doses)
    _visits(protocol)
    _assessments(protocol)
    check_bands(protocol)
    check_stratified(protocol)
    _endpoints(protocol)
    check_results(protocol)
    for arm in protocol.dropout.by_arm:
        known_arm(protocol, arm, "dropout", "by_arm", arm)


def _participants(protocol: ProtocolDocument) -> None:
    if protocol.participants < 1:
        raise fault(
            f"{protocol.participants} participants cannot be; there must be 1 or more",
            "participants",
        )
    if protocol.participants > MOST_PARTICIPANTS:
        raise fault(
            f"{protocol.participants:,} participants are too many; the limit is "
            f"{MOST_PARTICIPANTS:,}",
            "participants",
        )


def _allocation(protocol: ProtocolDocument) -> None:
    for name in protocol.allocation:
        known_arm(protocol, name, "allocation", name)
    for arm in protocol.arms:
        if arm.id not in protocol.allocation:
            raise fault(
                f"the arm '{arm.id}' has no allocation; add a line such as '{arm.id}: 1'",
                "allocation",
            )
    for name, part in protocol.allocation.items():
        if part > LARGEST_PART:
            raise fault(
                f"{part:,} is too large a part; parts up to {LARGEST_PART:,} can be",
                "allocation", name,
            )  # fmt: skip
    for name, size in protocol.arm_sizes().items():
        if size < 1:
            raise fault(
                f"{so_many(protocol.participants, 'participant')} {verb(protocol.participants, 'leaves', 'leave')} nobody for the arm '{name}'",
                "participants",
            )


def _treatments(protocol: ProtocolDocument, doses: Mapping[str, AnyDose]) -> None:
    spans = protocol.epoch_days()
    if passes(protocol.length_days, LONGEST_DAYS):
        raise fault("the epochs add up to more than 100 years", "epochs")
    for k, arm in enumerate(protocol.arms):
        said: dict[str, dict[str, float | str]] = {}
        for epoch, deliveries in arm.treatment.items():
            where: Where = ("arms", k, "treatment", epoch)
            if epoch not in spans:
                raise fault(unknown("epoch", epoch, spans), *where)
            start, end = spans[epoch]
            for j, delivery in enumerate(deliveries):
                try:
                    dose = delivery.dose_of(doses)
                    check_amount(delivery, dose)
                    delivery.check_details(dose)
                    for key, word in delivery.details.items():
                        if isinstance(word, str):
                            _readable(word, "details", key)
                    delivery.check_times(end - start, epoch, start)
                    if said.setdefault(delivery.product, delivery.details) != delivery.details:
                        raise fault(
                            f"'{delivery.product}' has other details than in the delivery before; "
                            "an arm has one product of a kind",
                            "details",
                        )
                except PydanticCustomError as problem:
                    raise placed(problem, *where, j) from problem
        lines = [(d, *spans[e]) for e, deliveries in arm.treatment.items() for d in deliveries]
        try:
            check_together(given_in(lines, doses), doses)
        except PydanticCustomError as problem:
            most = max(lines.count(line) for line in lines)
            again = f"; the same line stands there {most} times" if most > 1 else ""
            told = (problem.context or {})["sentence"] + again
            raise fault(told, "arms", k, "treatment") from problem


def _persons(protocol: ProtocolDocument, doses: Mapping[str, AnyDose]) -> None:
    spans = protocol.epoch_days()
    known = sorted(
        {d.name for arm in protocol.arms for each in arm.treatment.values() for d in each}
    )
    for k, arm in enumerate(protocol.arms):
        if not protocol.by_person(arm.id):
            continue
        lines = [(d, *spans[e]) for e, deliveries in arm.treatment.items() for d in deliveries]
        plan = given_in(lines, doses)
        try:
            check_persons(arm, plan, protocol.participants, protocol.length_days, known)
            for own in own_regimens(arm, plan).values():
                check_together(own, doses)
        except PydanticCustomError as problem:
            raise placed(problem, "arms", k) from problem
        if any(one.arm == arm.id for one in protocol.claimed):
            raise fault(
                f"a claim is worked backwards for what everybody in '{arm.id}' is given, and single "
                "participants are given otherwise; leave 'persons' and 'records' out",
                "claimed",
            )


def _readable(text: str, *where: str) -> None:
    from antitrypsim.protocols.parts import printable

    try:
        printable(text)
    except PydanticCustomError as problem:
        raise placed(problem, *where) from problem


def _visits(protocol: ProtocolDocument) -> None:
    for k, epoch in enumerate(protocol.epochs):
        if days(epoch.length) < SHORTEST_DAYS:
            raise fault(
                f"an epoch of {epoch.length} is shorter than an hour", "epochs", k, "length"
            )
    seen: list[tuple[float, str]] = []
    for k, visit in enumerate(protocol.visits):
        day = days(visit.time)
        if passes(day, protocol.length_days):
            raise fault(
                f"the visit '{visit.id}' at {visit.time} is after the end of the trial, which is "
                f"{protocol.length_days:g} days long",
                "visits", k, "time",
            )  # fmt: skip
        for other, name in seen:
            if abs(day - other) < SHORTEST_DAYS:
                apart = "on the same day" if day == other else "less than an hour apart"
                raise fault(f"the visits '{name}' and '{visit.id}' are {apart}", "visits", k)
        seen.append((day, visit.id))


def _assessments(protocol: ProtocolDocument) -> None:
    own_ids((each.endpoint for each in protocol.assessments), "endpoint", "assessments")
    for k, assessment in enumerate(protocol.assessments):
        info = ENDPOINTS[assessment.endpoint]
        if info.kind != "measurement":
            if assessment.visits is not None:
                raise fault(
                    f"'{assessment.endpoint}' is watched throughout; leave out 'visits'",
                    "assessments", k, "visits",
                )  # fmt: skip
        elif not assessment.visits:
            raise fault(
                f"'{assessment.endpoint}' is measured at visits; write 'visits: all' or a list",
                "assessments", k, "visits",
            )  # fmt: skip
        elif assessment.visits != "all":
            for j, visit in enumerate(assessment.visits):
                known_visit(protocol, visit, "assessments", k, "visits", j)
                if visit in assessment.visits[:j]:
                    raise fault(
                        f"the visit '{visit}' is listed twice", "assessments", k, "visits", j
                    )
        _noise_fits(assessment, k)


def _noise_fits(assessment: Assessment, k: int) -> None:
    if assessment.noise is None:
        return
    kind = ENDPOINTS[assessment.endpoint].noise
    key = {"additive": "sd", "relative": "cv", "staging": "misread"}.get(kind)
    for given in assessment.noise.model_dump(exclude_none=True):
        if key is None:
            raise fault(
                f"'{assessment.endpoint}' is counted without noise", "assessments", k, "noise"
            )
        if given not in (key, "limit") or (given == "limit" and kind == "staging"):
            raise fault(
                f"the noise of '{assessment.endpoint}' is given as '{key}', not as '{given}'",
                "assessments", k, "noise", given,
            )  # fmt: skip
    _noise_can_be(assessment, k)


def _noise_can_be(assessment: Assessment, k: int) -> None:
    """Raise the fault of a noise in which no value of the endpoint could be told from another."""
    assert assessment.noise is not None
    low, high = bounds_of(assessment.endpoint)
    told = f"everything that '{assessment.endpoint}' can be, {low:g} to {high:g}"
    unit = ENDPOINTS[assessment.endpoint].formal_unit.removesuffix("1")
    for key, most in (("sd", high - low), ("limit", high)):
        value = getattr(assessment.noise, key)
        if value is not None and value > most:
            what = "a noise larger" if key == "sd" else "a limit higher"
            raise fault(
                f"'{value:g} {unit}".rstrip() + f"' is {what} than {told}; write a number in that unit",
                "assessments", k, "noise", key,
            )  # fmt: skip


def _endpoints(protocol: ProtocolDocument) -> None:
    plans = protocol.endpoints.all
    places: Sequence[Where] = [("primary",), *(("secondary", k) for k in range(len(plans) - 1))]
    seen: set[str] = set()
    done: list[tuple[object, str]] = []
    for plan, place in zip(plans, places, strict=True):
        where: Where = ("endpoints", *place)
        if plan.id in seen:
            raise fault(f"two endpoints are named '{plan.id}'; each needs its own id", *where, "id")
        seen.add(plan.id)
        try:
            check_plan(protocol, plan)
        except PydanticCustomError as problem:
            raise placed(problem, *where) from problem
        alike = asked(protocol, plan)
        for other, name in done:
            if alike == other:
                raise fault(
                    f"it is the same analysis as '{name}'{_turned(plan, protocol, name)}; delete one",
                    *where,
                )
        done.append((alike, plan.id))


def _turned(plan: EndpointPlan, protocol: ProtocolDocument, name: str) -> str:
    other = next(each for each in protocol.endpoints.all if each.id == name)
    every = tuple(arm.id for arm in protocol.arms)
    same = (plan.compare or every) == (other.compare or every)
    return "" if same else " with its arms exchanged"
