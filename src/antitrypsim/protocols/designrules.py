"""What must hold between a trial design and its protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic_core import PydanticCustomError

from antitrypsim.foundations.errors import ProtocolError
from antitrypsim.protocols import rules
from antitrypsim.protocols.changing import check_changes
from antitrypsim.protocols.endpoints import ENDPOINTS
from antitrypsim.protocols.faults import unknown
from antitrypsim.protocols.times import days

if TYPE_CHECKING:
    from antitrypsim.protocols.parts import EndpointPlan
    from antitrypsim.protocols.schema import Protocol
    from antitrypsim.protocols.trial_design import TrialDesign

_UNFIT = ("describe", "kaplan-meier")


def check(design: TrialDesign, protocol: Protocol) -> None:
    """Raise ProtocolError for the first rule that is broken."""
    plan = primary_of(design, protocol)
    _primary(plan, protocol, "primary")
    arms = compared_arms(design, protocol)
    searched = design.search.treatments if design.search else {}
    for place, wanted in (("allocation", design.allocation.ratio or {}),
                          ("leaving", design.leaving.by_arm), ("costs", design.costs.treatment)):  # fmt: skip
        for arm in wanted:
            if place != "costs" or arm not in searched:
                _arm(arm, protocol, place)
    for name in searched:
        if design.costs.treatment and name not in design.costs.treatment:
            raise ProtocolError(
                f"the treatment '{name}' has no cost; add a line such as '{name}: 0'", key="costs"
            )
    for arm in arms:
        if design.allocation.ratio is not None and arm not in design.allocation.ratio:
            raise ProtocolError(f"the arm '{arm}' has no part of the allocation", key="allocation")
    people = design.participants or protocol.participants
    if people < max(2, len(arms)):
        raise ProtocolError(f"{people} participants are too few", key="participants")
    for size in design.sizes:
        if size < max(2, len(arms)):
            raise ProtocolError(f"{size} participants are too few", key="sizes")
    if design.library.draws and design.library.per_draw > design.library.people:
        raise ProtocolError(
            f"{design.library.per_draw} people for each draw are more than the library's "
            f"{design.library.people}", key="library",
        )  # fmt: skip
    _between(design, plan)
    for event in design.intercurrent:
        for arm in (*event.arms, *((event.then,) if event.then else ())):
            _arm(arm, protocol, "intercurrent")
    check_changes(design, protocol, arms)
    _kept(design, protocol, plan)
    _kind(design, protocol, plan, arms)
    if design.search is not None:
        _search(design, protocol)


def primary_of(design: TrialDesign, protocol: Protocol) -> EndpointPlan:
    """Return what decides: the design's own primary endpoint or that of the protocol."""
    return design.primary or protocol.endpoints.primary


def compared_arms(design: TrialDesign, protocol: Protocol) -> tuple[str, ...]:
    """Return the arm ids that are compared, the reference last."""
    compare = primary_of(design, protocol).compare
    return compare or tuple(arm.id for arm in protocol.arms)


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
    adaptive = ("response-adaptive", "sample-size-reestimation")
    blinded = getattr(design.design, "by", "blinded") == "blinded"
    if counted and design.design.kind in adaptive and blinded:
        raise ProtocolError(
            f"a design '{design.design.kind}' needs a measured endpoint, not '{plan.endpoint}'",
            key="design",
        )


def _arm(arm: str, protocol: Protocol, key: str) -> None:
    known = [a.id for a in protocol.arms]
    if arm not in known:
        raise ProtocolError(unknown("arm", arm, known), key=key)


def _visit(visit: str, protocol: Protocol, key: str) -> None:
    known = list(protocol.visit_days())
    if visit not in known:
        raise ProtocolError(unknown("visit", visit, known), key=key)


def _primary(plan: EndpointPlan, protocol: Protocol, key: str) -> None:
    if plan.analysis in _UNFIT:
        raise ProtocolError(
            f"'{plan.analysis}' compares nothing; choose an analysis with a test", key=key
        )
    if plan.compare is not None and len(plan.compare) == 1:
        # A protocol compares arms; a design may look at one alone.
        _arm(plan.compare[0], protocol, key)
        plan = plan.model_copy(update={"compare": None})
    try:
        rules.check_plan(protocol, plan)
    except PydanticCustomError as problem:
        raise ProtocolError(str(problem), key=key) from problem


def _kept(design: TrialDesign, protocol: Protocol, plan: EndpointPlan) -> None:
    for visit in (*design.visits, *((design.until,) if design.until else ())):
        _visit(visit, protocol, "visits" if visit in design.visits else "until")
    used = visits_used(design, protocol)
    if ENDPOINTS[plan.endpoint].kind != "measurement":
        return
    if len(used) < 2 or next(iter(used.values())) != 0:
        raise ProtocolError(
            f"'{plan.endpoint}' needs a baseline at day 0 and a later visit among those kept",
            key="visits",
        )
    if plan.visit is not None and plan.visit not in used:
        raise ProtocolError(f"the visit '{plan.visit}' is not among those kept", key="visits")


def visits_used(design: TrialDesign, protocol: Protocol) -> dict[str, float]:
    """Return the visits at which the primary endpoint is measured in this design, and their days."""
    known = protocol.visit_days()
    assessed = protocol.assessment_visits(primary_of(design, protocol).endpoint)
    last = known[design.until] if design.until else float("inf")
    return {v: known[v] for v in assessed
            if known[v] <= last and (not design.visits or v in design.visits)}  # fmt: skip


def _kind(
    design: TrialDesign, protocol: Protocol, plan: EndpointPlan, arms: tuple[str, ...]
) -> None:
    what: Any = design.design
    kind = what.kind
    one_arm = kind in ("single-arm", "n-of-1", "dose-escalation")
    if len(arms) < 2 and not one_arm:
        raise ProtocolError(f"a design '{kind}' needs two arms or more", key="design")
    if kind in ("single-arm", "n-of-1") and len(arms) != 1:
        raise ProtocolError(
            f"a design '{kind}' has one arm; name it in 'compare' of the primary endpoint",
            key="design",
        )
    if kind in ("group-sequential", "sample-size-reestimation") and len(arms) != 2:
        raise ProtocolError(f"a design '{kind}' compares two arms", key="design")
    if kind == "multi-arm" and what.multiplicity == "graphical":
        wanted = len(arms) - 1
        if len(what.weights) != wanted or len(what.transitions) != wanted:
            raise ProtocolError(
                f"a graph of {wanted} arms needs {wanted} weights and as many rows of transitions",
                key="design",
            )
    if kind == "single-arm" and plan.analysis not in ("t-test", "responder", "bayesian"):
        raise ProtocolError(
            "a single arm is analysed by t-test, responder or bayesian", key="primary"
        )
    if kind == "single-arm" and what.against == "historical" and plan.analysis == "bayesian":
        raise ProtocolError("a stated history goes with t-test or responder", key="primary")
    if kind == "run-in" and ENDPOINTS[plan.endpoint].kind != "measurement":
        raise ProtocolError(f"a run-in needs a measured endpoint, not '{plan.endpoint}'",
                            key="design")  # fmt: skip
    if kind in ("crossover", "n-of-1"):
        if plan.analysis != "crossover":
            raise ProtocolError(f"a design '{kind}' is analysed by crossover", key="primary")
        used = visits_used(design, protocol)
        cycles = what.periods if kind == "crossover" else [v for pair in what.cycles for v in pair]
        for visit in cycles:
            _visit(visit, protocol, "design")
            if visit not in used:
                raise ProtocolError(
                    f"'{plan.endpoint}' is not measured at the visit '{visit}'", key="design"
                )
        pairs = [what.periods] if kind == "crossover" else what.cycles
        for pair in pairs:
            _crosses(protocol, arms, pair)
    if kind == "delayed-start":
        last = protocol.epochs[-1].id
        given = {a.id: a.treatment.get(last, ()) for a in protocol.arms if a.id in arms}
        if len({repr(each) for each in given.values()}) != 1 or not all(given.values()):
            raise ProtocolError(
                f"in a delayed start all arms get the same treatment in the last epoch, '{last}'",
                key="design",
            )
    if kind == "platform":
        for entering in what.arms:
            _arm(entering.arm, protocol, "design")
        if {e.arm for e in what.arms} != set(arms[:-1]):
            raise ProtocolError(
                "the arms of the platform must be those compared with the control", key="design"
            )
    if kind == "dose-escalation":
        for arm in what.background:
            _arm(arm, protocol, "design")
        if not what.target[0] < what.target[1]:
            raise ProtocolError("the target must rise, such as [0.16, 0.33]", key="design")
    looks = getattr(what, "looks", None)
    if looks is not None and ENDPOINTS[plan.endpoint].kind == "measurement":
        first = next((d for d in protocol.visit_days().values() if d > 0), None)
        people = design.participants or protocol.participants
        if first is None or round(looks[0] * people) < 2 * len(arms):
            raise ProtocolError(
                f"the first look, at {looks[0]:g} of {people} participants, comes before enough "
                "have a visit", key="design",
            )  # fmt: skip


def _crosses(protocol: Protocol, arms: tuple[str, ...], pair: tuple[str, str]) -> None:
    """Raise ProtocolError for an arm that gets the same at both visits of a pair."""
    known = protocol.visit_days()
    spans = protocol.epoch_days()

    def given(arm: Any, visit: str) -> str:
        # The reading at the end of an epoch is of what was given in it.
        day = known[visit]
        epoch = next(e for e, (start, end) in spans.items() if start <= day <= end)
        return repr(arm.treatment.get(epoch, ()))

    for arm in protocol.arms:
        if arm.id in arms and given(arm, pair[0]) == given(arm, pair[1]):
            raise ProtocolError(
                f"the arm '{arm.id}' gets the same at '{pair[0]}' and '{pair[1]}'; write the periods "
                "as epochs, with the treatment of each", key="design",
            )  # fmt: skip


def _search(design: TrialDesign, protocol: Protocol) -> None:
    search = design.search
    assert search is not None
    if not any(getattr(search, name) for name in type(search).model_fields):
        raise ProtocolError("the search lists nothing to try", key="search")
    for plan in search.endpoints:
        _primary(plan, protocol, "search")
    for name, visits in search.visits.items():
        for visit in visits:
            _visit(visit, protocol, "search")
        if not visits or protocol.visit_days()[visits[0]] != 0:
            raise ProtocolError(f"the visits '{name}' must begin at day 0", key="search")
    for visit in search.until:
        _visit(visit, protocol, "search")
        if protocol.visit_days()[visit] == 0:
            raise ProtocolError("a trial cannot end at its baseline", key="search")
    if search.treatments and len(compared_arms(design, protocol)) > 2:
        raise ProtocolError("treatments are searched for one treated arm", key="search")


def lookback(design: TrialDesign) -> tuple[float, ...]:
    """Return the days before randomisation at which values are needed, positive."""
    found = [days(s.change_over) for s in _screens(design) if s.change_over is not None]
    kind: Any = design.design
    if kind.kind == "run-in":
        found.append(days(kind.length))
    return tuple(sorted(set(found)))


def _screens(design: TrialDesign) -> list[Any]:
    searched = design.search.populations.values() if design.search else ()
    return [*design.screening, *(s for each in searched for s in each)]


def extra_endpoints(design: TrialDesign) -> tuple[str, ...]:
    """Return the endpoints that a design looks at besides the protocol's own."""
    found = {s.endpoint for s in _screens(design) if s.endpoint is not None}
    found |= {e.when.endpoint for e in design.intercurrent if e.when is not None}
    if design.leaving.depends_on is not None:
        found.add(design.leaving.depends_on.endpoint)
    return tuple(sorted(found))
