"""What must hold between a trial design and its protocol."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pydantic_core import PydanticCustomError

from antitrypsim.endpoints import ENDPOINTS
from antitrypsim.foundations.errors import InputError, ProtocolError
from antitrypsim.foundations.plural import so_many, verb
from antitrypsim.laboratory.design_file.changing import check_changes
from antitrypsim.laboratory.design_file.contradictions import check_contradictions
from antitrypsim.laboratory.design_file.in_force import (
    alpha_of,
    compared_arms,
    options_of,
    primary_of,
    visits_used,
)
from antitrypsim.laboratory.design_file.known import known_arm, known_visit
from antitrypsim.laboratory.design_file.limits import LIMITS, MOST_DRAWS, check_limits
from antitrypsim.laboratory.designs.kind import kind_of
from antitrypsim.protocols.planrules import asked, check_plan, check_response
from antitrypsim.statistics.analysis import ANALYSES
from antitrypsim.uncertainty.draws import check_number_of_draws

if TYPE_CHECKING:
    from antitrypsim.laboratory.design_file.trial_design import TrialDesign
    from antitrypsim.protocols.parts import EndpointPlan
    from antitrypsim.protocols.protocol import Protocol


def check_design(design: TrialDesign, protocol: Protocol) -> None:
    """Raise ProtocolError for the first rule that is broken."""
    check_limits(design)
    plan = primary_of(design, protocol)
    _primary(design, protocol, plan, "primary")
    arms = compared_arms(design, protocol)
    searched = design.search.treatments if design.search else {}
    for place, wanted in (("allocation", design.allocation.ratio or {}),
                          ("leaving", design.leaving.by_arm), ("costs", design.costs.treatment)):  # fmt: skip
        for arm in wanted:
            if place != "costs" or arm not in searched:
                known_arm(arm, protocol, place)
    for name in searched:
        if design.costs.treatment and name not in design.costs.treatment:
            raise ProtocolError(
                f"the treatment '{name}' has no cost; add a line such as '{name}: 0'", key="costs"
            )
    for arm in arms:
        if design.allocation.ratio is not None and arm not in design.allocation.ratio:
            raise ProtocolError(f"the arm '{arm}' has no part of the allocation", key="allocation")
    people = design.participants or protocol.participants
    alpha, limit = alpha_of(design, protocol), LIMITS["alpha"]
    if not limit.low <= alpha <= limit.high:
        raise ProtocolError(limit.sentence(alpha), key="alpha")
    if people > LIMITS["participants"].high:
        raise ProtocolError(LIMITS["participants"].sentence(people), key="participants")
    if people < max(2, len(arms)):
        raise ProtocolError(
            f"{so_many(people, 'participant')} {verb(people, 'is', 'are')} too few",
            key="participants",
        )
    for size in design.sizes:
        if size < max(2, len(arms)):
            raise ProtocolError(
                f"{so_many(size, 'participant')} {verb(size, 'is', 'are')} too few",
                key="sizes",
            )
    check_contradictions(design, protocol, arms)
    try:
        check_number_of_draws(design.library.draws, MOST_DRAWS)
    except InputError as problem:
        raise ProtocolError(str(problem), key="library.draws") from None
    if design.library.draws and design.library.per_draw > design.library.people:
        raise ProtocolError(
            f"{design.library.per_draw} people for each draw are more than the library's "
            f"{design.library.people}", key="library",
        )  # fmt: skip
    _between(design, plan)
    for event in design.intercurrent:
        for arm in (*event.arms, *((event.then,) if event.then else ())):
            known_arm(arm, protocol, "intercurrent")
    check_changes(design, protocol, arms)
    _kept(design, protocol, plan)
    _kind(design, protocol, plan, arms)
    _options(plan, options_of(design, protocol), "primary")
    if design.search is not None:
        _search(design, protocol)


def _options(plan: EndpointPlan, options: Mapping[str, object], key: str) -> None:
    try:
        ANALYSES[plan.analysis].check_options(options)
        check_response(plan)
    except InputError as problem:
        raise ProtocolError(problem.message, key=f"{key}.options") from problem
    except PydanticCustomError as problem:
        raise _of_plan(problem, key, 2) from problem


def _of_plan(problem: PydanticCustomError, key: str, deep: int = 1) -> ProtocolError:
    """Return the fault of a plan, told of its place, ``deep`` keys into the design's ``key``."""
    where = (problem.context or {}).get("where", ())
    return ProtocolError(str(problem), key=".".join([key, *map(str, where[:deep])]))


def _between(design: TrialDesign, plan: EndpointPlan) -> None:
    names = [event.event for event in design.intercurrent]
    for name in names:
        if names.count(name) > 1:
            raise ProtocolError(f"the event '{name}' is listed twice", key="intercurrent")
    counted = ENDPOINTS[plan.endpoint].kind != "measurement"
    for event in design.intercurrent:
        if event.when is not None and ENDPOINTS[event.when.endpoint].kind != "measurement":
            raise ProtocolError(
                f"'{event.when.endpoint}' is not measured, and nothing can wait for its value",
                key="intercurrent",
            )
        if counted and (event.then is not None or event.strategy == "composite"):
            raise ProtocolError(
                f"the event '{event.event}' cannot be '{event.strategy}'"
                f"{' with then' if event.then else ''} where '{plan.endpoint}' is counted; choose "
                "hypothetical or principal-stratum", key="intercurrent",
            )  # fmt: skip
    on = design.leaving.depends_on
    if on is not None and ENDPOINTS[on.endpoint].kind != "measurement":
        raise ProtocolError(f"'{on.endpoint}' is not measured at visits", key="leaving")


def _kind(
    design: TrialDesign, protocol: Protocol, plan: EndpointPlan, arms: tuple[str, ...]
) -> None:
    kind, count = kind_of(design), {1: "one arm", 2: "two arms"}
    least, most = kind.least_arms, kind.most_arms
    if len(arms) < least:
        told = f"needs {count.get(least, f'{least} arms')} or more"
    elif most is None or len(arms) <= most:
        told = ""
    elif most == 1:
        told = "has one arm; name it in 'compare' of the primary endpoint"
    else:
        told = f"compares {'up to ' if least < most else ''}{count.get(most, f'{most} arms')}"
    if told:
        raise ProtocolError(f"a design '{kind.kind}' {told}", key="design")
    if kind.measured_only and ENDPOINTS[plan.endpoint].kind != "measurement":
        raise ProtocolError(
            f"a design '{kind.kind}' needs a measured endpoint, not '{plan.endpoint}'",
            key="design",
        )
    kind.check(design, protocol)


def _primary(design: TrialDesign, protocol: Protocol, plan: EndpointPlan, key: str) -> None:
    how = ANALYSES[plan.analysis]
    if not how.decides:
        raise ProtocolError(
            f"'{plan.analysis}' compares nothing; choose an analysis with a test", key=key
        )
    if not how.replicated:
        raise ProtocolError(
            f"'{plan.analysis}' is for one trial and not made for the thousands of a design",
            key=key,
        )
    for words in (plan.covariates, plan.strata):
        if "site" in words and design.accrual.sites == 1:
            raise ProtocolError(
                "everybody is at one site, so 'site' tells nobody apart; write 'accrual: {sites: 10}' "
                "or leave it out", key=key,
            )  # fmt: skip
    try:
        # A protocol compares arms; a design may look at one alone.
        check_plan(protocol, plan, sites=True, alone=True)
    except PydanticCustomError as problem:
        raise _of_plan(problem, key) from problem


def _kept(design: TrialDesign, protocol: Protocol, plan: EndpointPlan) -> None:
    for visit in (*design.visits, *((design.until,) if design.until else ())):
        known_visit(visit, protocol, "visits" if visit in design.visits else "until")
    used = visits_used(design, protocol)
    if ENDPOINTS[plan.endpoint].kind != "measurement":
        return
    if len(used) < 2 or next(iter(used.values())) != 0:
        raise ProtocolError(
            f"'{plan.endpoint}' needs a baseline at day 0 and a later visit among those kept",
            key="visits",
        )
    least = ANALYSES[plan.analysis].least_visits
    if len(used) < least:
        raise ProtocolError(
            f"the analysis '{plan.analysis}' needs {least} visits or more, and {len(used)} are kept; "
            "keep more, or compare the change at one visit, as 'ancova' does", key="visits",
        )  # fmt: skip
    if plan.visit is not None and plan.visit not in used:
        raise ProtocolError(f"the visit '{plan.visit}' is not among those kept", key="visits")


def _search(design: TrialDesign, protocol: Protocol) -> None:
    search = design.search
    assert search is not None
    if not any(getattr(search, name) for name in type(search).model_fields):
        raise ProtocolError("the search lists nothing to try", key="search")
    done: list[tuple[object, str]] = []
    for plan in search.endpoints:
        _primary(design, protocol, plan, "search.endpoints")
        own = design.model_copy(update={"primary": plan})
        _options(plan, options_of(own, protocol), "search.endpoints")
        alike = asked(protocol, plan)
        for other, name in done:
            if alike == other:
                raise ProtocolError(
                    f"'{plan.id}' is the same analysis as '{name}'; delete one",
                    key="search.endpoints",
                )
        done.append((alike, plan.id))
    for name, visits in search.visits.items():
        for visit in visits:
            known_visit(visit, protocol, "search")
        if not visits or protocol.visit_days()[visits[0]] != 0:
            raise ProtocolError(f"the visits '{name}' must begin at day 0", key="search")
    for visit in search.until:
        known_visit(visit, protocol, "search")
        if protocol.visit_days()[visit] == 0:
            raise ProtocolError("a trial cannot end at its baseline", key="search")
    if search.treatments and len(compared_arms(design, protocol)) > 2:
        raise ProtocolError("treatments are searched for one treated arm", key="search")
