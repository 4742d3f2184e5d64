"""What each kind of design needs of its protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from antitrypsim.documents.faults import unknown
from antitrypsim.endpoints import ENDPOINTS
from antitrypsim.foundations.errors import ProtocolError
from antitrypsim.laboratory.design_file.in_force import visits_used

if TYPE_CHECKING:
    from antitrypsim.laboratory.design_file.trial_design import TrialDesign
    from antitrypsim.protocols.parts import EndpointPlan
    from antitrypsim.protocols.protocol import Protocol


def known_arm(arm: str, protocol: Protocol, key: str) -> None:
    """Raise ProtocolError for an arm that the protocol does not have."""
    known = [a.id for a in protocol.arms]
    if arm not in known:
        raise ProtocolError(unknown("arm", arm, known), key=key)


def known_visit(visit: str, protocol: Protocol, key: str) -> None:
    """Raise ProtocolError for a visit that the protocol does not have."""
    known = list(protocol.visit_days())
    if visit not in known:
        raise ProtocolError(unknown("visit", visit, known), key=key)


def check_kind(
    design: TrialDesign, protocol: Protocol, plan: EndpointPlan, arms: tuple[str, ...]
) -> None:
    """Raise ProtocolError for a kind of design that this protocol, plan or number of arms cannot be."""
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
            known_visit(visit, protocol, "design")
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
            known_arm(entering.arm, protocol, "design")
        if {e.arm for e in what.arms} != set(arms[:-1]):
            raise ProtocolError(
                "the arms of the platform must be those compared with the control", key="design"
            )
    if kind == "dose-escalation":
        for arm in what.background:
            known_arm(arm, protocol, "design")
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
