"""What must hold between the parts of a protocol."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from pydantic_core import PydanticCustomError

from antitrypsim.protocols.amounts import check_amount, check_together, given_in
from antitrypsim.protocols.endpoints import ANALYSES, AT_VISIT, ENDPOINTS
from antitrypsim.protocols.faults import Where, fault, placed, unknown
from antitrypsim.protocols.times import LONGEST_DAYS, days, passes

if TYPE_CHECKING:
    from antitrypsim.protocols.delivery import AnyDose
    from antitrypsim.protocols.parts import Assessment, Claimed, EndpointPlan
    from antitrypsim.protocols.schema import Protocol

MOST_PARTICIPANTS = 1_000_000
"""The most participants of one protocol."""


def check(protocol: Protocol, doses: Mapping[str, AnyDose]) -> None:
    """Raise the fault of the first rule that the protocol breaks."""
    _unique((epoch.id for epoch in protocol.epochs), "epoch", "epochs")
    _unique((arm.id for arm in protocol.arms), "arm", "arms")
    _unique((visit.id for visit in protocol.visits), "visit", "visits")
    _participants(protocol)
    _allocation(protocol)
    _treatments(protocol, doses)
    _visits(protocol)
    _assessments(protocol)
    _endpoints(protocol)
    _published(protocol)
    _claimed(protocol)
    for arm in protocol.dropout.by_arm:
        _known_arm(protocol, arm, ("dropout", "by_arm", arm))


def epoch_days(protocol: Protocol) -> dict[str, tuple[float, float]]:
    """Return for each epoch id its first day and the day at which it has ended."""
    found, start = {}, 0.0
    for epoch in protocol.epochs:
        end = start + days(epoch.length)
        found[epoch.id] = (start, end)
        start = end
    return found


def assessed_at(protocol: Protocol, endpoint: str) -> tuple[str, ...]:
    """Return the visit ids at which an endpoint is measured, earliest first; none for events."""
    order = protocol.visit_days()
    for assessment in protocol.assessments:
        if assessment.endpoint == endpoint and assessment.visits is not None:
            asked = order if assessment.visits == "all" else assessment.visits
            return tuple(visit for visit in order if visit in asked)
    return ()


def arm_sizes(protocol: Protocol) -> dict[str, int]:
    """Return how many participants each arm has: largest remainders, earlier arms first."""
    parts = {arm.id: protocol.allocation[arm.id] for arm in protocol.arms}
    whole = sum(parts.values())
    sizes = {arm: protocol.participants * part // whole for arm, part in parts.items()}
    left = protocol.participants - sum(sizes.values())
    remainders = sorted(parts, key=lambda arm: -(protocol.participants * parts[arm] % whole))
    for arm in remainders[:left]:
        sizes[arm] += 1
    return sizes


def _unique(ids: Iterable[str], what: str, where: str) -> None:
    seen: set[str] = set()
    for k, name in enumerate(ids):
        if name in seen:
            raise fault(
                f"two of the {where} are named '{name}'; each {what} needs its own id", where, k
            )
        seen.add(name)


def _known_arm(protocol: Protocol, arm: str, where: Where) -> None:
    arms = [each.id for each in protocol.arms]
    if arm not in arms:
        raise fault(unknown("arm", arm, arms), *where)


def _known_visit(protocol: Protocol, visit: str, where: Where) -> None:
    visits = [each.id for each in protocol.visits]
    if visit not in visits:
        raise fault(unknown("visit", visit, visits), *where)


def _participants(protocol: Protocol) -> None:
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


def _allocation(protocol: Protocol) -> None:
    for name in protocol.allocation:
        _known_arm(protocol, name, ("allocation", name))
    for arm in protocol.arms:
        if arm.id not in protocol.allocation:
            raise fault(
                f"the arm '{arm.id}' has no allocation; add a line such as '{arm.id}: 1'",
                "allocation",
            )
    for name, size in arm_sizes(protocol).items():
        if size < 1:
            raise fault(
                f"{protocol.participants} participants leave nobody for the arm '{name}'",
                "participants",
            )


def _treatments(protocol: Protocol, doses: Mapping[str, AnyDose]) -> None:
    spans = epoch_days(protocol)
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
                    delivery.check_times(end - start, epoch)
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


def _visits(protocol: Protocol) -> None:
    seen: dict[float, str] = {}
    for k, visit in enumerate(protocol.visits):
        day = days(visit.time)
        if passes(day, protocol.length_days):
            raise fault(
                f"the visit '{visit.id}' at {visit.time} is after the end of the trial, which is "
                f"{protocol.length_days:g} days long",
                "visits", k, "time",
            )  # fmt: skip
        if day in seen:
            raise fault(
                f"the visits '{seen[day]}' and '{visit.id}' are on the same day", "visits", k
            )
        seen[day] = visit.id


def _assessments(protocol: Protocol) -> None:
    _unique((each.endpoint for each in protocol.assessments), "endpoint", "assessments")
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
                _known_visit(protocol, visit, ("assessments", k, "visits", j))
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


def _endpoints(protocol: Protocol) -> None:
    plans = protocol.endpoints.all
    places: Sequence[Where] = [("primary",), *(("secondary", k) for k in range(len(plans) - 1))]
    seen: set[str] = set()
    for plan, place in zip(plans, places, strict=True):
        where: Where = ("endpoints", *place)
        if plan.id in seen:
            raise fault(f"two endpoints are named '{plan.id}'; each needs its own id", *where, "id")
        seen.add(plan.id)
        try:
            check_plan(protocol, plan)
        except PydanticCustomError as problem:
            raise placed(problem, *where) from problem


def check_plan(protocol: Protocol, plan: EndpointPlan) -> None:
    """Raise the fault of a planned comparison that this protocol cannot give."""
    kind = ENDPOINTS[plan.endpoint].kind
    if plan.endpoint not in {each.endpoint for each in protocol.assessments}:
        raise fault(
            f"'{plan.endpoint}' is analysed and never assessed; add it under 'assessments'",
            "endpoint",
        )
    if kind not in ANALYSES[plan.analysis][1]:
        fitting = ", ".join(name for name, (_, kinds) in ANALYSES.items() if kind in kinds)
        raise fault(f"'{plan.analysis}' does not fit '{plan.endpoint}'; use {fitting}", "analysis")
    visits = assessed_at(protocol, plan.endpoint)
    if plan.analysis in AT_VISIT:
        _change(protocol, plan, visits)
    elif plan.visit is not None:
        raise fault(f"'visit' belongs to the analyses {', '.join(AT_VISIT)}; leave it out", "visit")
    if plan.analysis == "random-slope" and len(visits) < 2:
        raise fault(f"a slope needs two visits or more, and '{plan.endpoint}' has one", "analysis")
    if plan.times is not None and plan.analysis != "kaplan-meier":
        raise fault("'times' belongs to the analysis 'kaplan-meier'; leave it out", "times")
    if plan.analysis == "kaplan-meier" and not plan.times:
        raise fault("'kaplan-meier' needs times, such as 'times: [1 year, 2 years]'")
    for k, time in enumerate(plan.times or ()):
        if passes(days(time), protocol.length_days):
            raise fault(f"'{time}' is after the end of the trial", "times", k)
    compared = [arm.id for arm in protocol.arms] if plan.compare is None else list(plan.compare)
    for k, arm in enumerate(plan.compare or ()):
        _known_arm(protocol, arm, ("compare", k))
        if arm in compared[:k]:
            raise fault(f"the arm '{arm}' is compared with itself", "compare", k)
    if len(compared) < 2 and (plan.compare is not None or plan.analysis in ("log-rank", "cox")):
        raise fault("a comparison needs two arms or more, the reference last", "compare")


def _change(protocol: Protocol, plan: EndpointPlan, visits: tuple[str, ...]) -> None:
    if plan.visit is None:
        raise fault(f"'{plan.analysis}' needs the visit that is compared, such as 'visit: m12'")
    _known_visit(protocol, plan.visit, ("visit",))
    if plan.visit not in visits:
        raise fault(f"'{plan.endpoint}' is not assessed at the visit '{plan.visit}'", "visit")
    order = protocol.visit_days()
    if order[visits[0]] != 0:
        raise fault(
            f"a change needs a baseline, and '{plan.endpoint}' is not assessed at day 0", "endpoint"
        )
    if order[plan.visit] == 0:
        raise fault(f"the visit '{plan.visit}' is the baseline itself; name a later one", "visit")


def _published(protocol: Protocol) -> None:
    for k, result in enumerate(protocol.published):
        for j, arm in enumerate(result.compare or ()):
            _known_arm(protocol, arm, ("published", k, "compare", j))
        if result.arm is not None:
            _known_arm(protocol, result.arm, ("published", k, "arm"))
        if result.visit is not None:
            _known_visit(protocol, result.visit, ("published", k, "visit"))


def _claimed(protocol: Protocol) -> None:
    for k, one in enumerate(protocol.claimed):
        try:
            _claim(protocol, one)
        except PydanticCustomError as problem:
            raise placed(problem, "claimed", k) from problem


def _claim(protocol: Protocol, one: Claimed) -> None:
    info = ENDPOINTS[one.endpoint]
    _known_arm(protocol, one.arm, ("arm",))
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
        _known_visit(protocol, one.visit, ("visit",))
        if protocol.visit_days()[one.visit] == 0:
            raise fault(
                f"the visit '{one.visit}' is the baseline itself; name a later one", "visit"
            )
    unit = "percent" if one.measure == "relative change" else info.unit
    if one.unit != unit:
        raise fault(f"a {one.measure} of '{one.endpoint}' is in {unit}, not {one.unit}", "unit")
    if one.measure != "level" and one.value == 0:
        raise fault("a claimed change of 0 claims nothing", "value")
