"""What must hold of a planned analysis: that it can be run on what the protocol measures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antitrypsim.documents.faults import fault, unknown
from antitrypsim.documents.times import days, passes
from antitrypsim.endpoints import ENDPOINTS
from antitrypsim.foundations.errors import InputError
from antitrypsim.foundations.plain import Plain
from antitrypsim.foundations.units import parse_days
from antitrypsim.protocols.named import known_arm, known_visit, once
from antitrypsim.protocols.plannable import (
    ANALYSES,
    AT_VISIT,
    COVARIATES,
    FACTORS,
    bounds_of,
)
from antitrypsim.protocols.strata import check_read, check_stratum, one_kind
from antitrypsim.statistics.analysis import ANALYSES as PROGRAMS

if TYPE_CHECKING:
    from antitrypsim.protocols.document import ProtocolDocument
    from antitrypsim.protocols.parts import EndpointPlan

_BESIDE = ("covariates", "strata", "visit", "times")


def plan_options(plan: EndpointPlan) -> Plain:
    """Return the options that the plan's analysis is run with: covariates and strata as columns."""
    found = dict(plan.options)
    if plan.visit is not None:
        found["visit"] = plan.visit
    if plan.times is not None:
        found["times"] = [parse_days(time) for time in plan.times]
    adjusted = [COVARIATES[word] for word in plan.covariates]
    if adjusted:
        found["covariates"] = adjusted
    if plan.strata:
        found["strata"] = [FACTORS[word] for word in plan.strata]
    return found


def asked(protocol: ProtocolDocument, plan: EndpointPlan) -> tuple[object, ...]:
    """Return what a plan that can be asks for: equal for two that are one analysis in other words."""
    how, options = PROGRAMS[plan.analysis], plan_options(plan)
    if "visits" in how.options and options.get("visits") is None:
        options["visits"] = list(protocol.assessment_visits(plan.endpoint))
    arms = plan.compare or tuple(arm.id for arm in protocol.arms)
    # Of two arms the same comparison has two directions.
    compared = tuple(sorted(arms)) if len(arms) == 2 else arms
    return plan.endpoint, plan.analysis, compared, how.meaning(options)


def check_plan(
    protocol: ProtocolDocument, plan: EndpointPlan, *, sites: bool = False, alone: bool = False
) -> None:
    """Raise the fault of a planned comparison that this protocol cannot give.

    ``sites``: people are found at sites, as in a design. ``alone``: one arm by itself may be named.
    """
    kind = ENDPOINTS[plan.endpoint].kind
    if plan.endpoint not in {each.endpoint for each in protocol.assessments}:
        raise fault(
            f"'{plan.endpoint}' is analysed and never assessed; add it under 'assessments'",
            "endpoint",
        )
    if kind not in ANALYSES[plan.analysis][1]:
        fitting = ", ".join(name for name, (_, kinds) in ANALYSES.items() if kind in kinds)
        raise fault(f"'{plan.analysis}' does not fit '{plan.endpoint}'; use {fitting}", "analysis")
    visits, how = protocol.assessment_visits(plan.endpoint), PROGRAMS[plan.analysis]
    if plan.analysis in AT_VISIT:
        _change(protocol, plan, visits)
    elif plan.visit is not None:
        raise fault(f"'visit' belongs to the analyses {', '.join(AT_VISIT)}; leave it out", "visit")
    if kind == "measurement" and len(visits) < how.least_visits:
        raise fault(
            f"the analysis '{plan.analysis}' needs {how.least_visits} visits or more, and "
            f"'{plan.endpoint}' has {len(visits)}; "
            "assess it more often, or compare the change at one visit, as 'ancova' does",
            "analysis",
        )
    _times(protocol, plan)
    compared = [arm.id for arm in protocol.arms] if plan.compare is None else list(plan.compare)
    for k, arm in enumerate(plan.compare or ()):
        known_arm(protocol, arm, "compare", k)
        if arm in compared[:k]:
            raise fault(f"the arm '{arm}' is compared with itself", "compare", k)
    single = len(compared) < 2
    if single and not alone and (plan.compare is not None or how.least_arms > 1):
        raise fault("a comparison needs two arms or more, the reference last", "compare")
    _adjusted(protocol, plan, sites=sites)
    _options(protocol, plan, visits, arms=len(compared), free=alone)


def _times(protocol: ProtocolDocument, plan: EndpointPlan) -> None:
    timed = [name for name, one in PROGRAMS.items() if "times" in one.options]
    if plan.times is not None and plan.analysis not in timed:
        raise fault(f"'times' belongs to the analysis '{', '.join(timed)}'; leave it out", "times")
    if plan.analysis in timed and not plan.times:
        raise fault(f"'{plan.analysis}' needs times, such as 'times: [1 year, 2 years]'")
    for k, time in enumerate(plan.times or ()):
        if passes(days(time), protocol.length_days):
            raise fault(f"'{time}' is after the end of the trial", "times", k)
        if days(time) == 0:
            raise fault(
                "at time 0, the randomisation, everybody is alive; leave it out", "times", k
            )
    once((days(time) for time in plan.times or ()), "times", said="this time")


def _change(protocol: ProtocolDocument, plan: EndpointPlan, visits: tuple[str, ...]) -> None:
    if plan.visit is None:
        raise fault(f"'{plan.analysis}' needs the visit that is compared, such as 'visit: m12'")
    known_visit(protocol, plan.visit, "visit")
    if plan.visit not in visits:
        raise fault(f"'{plan.endpoint}' is not assessed at the visit '{plan.visit}'", "visit")
    order = protocol.visit_days()
    if order[visits[0]] != 0:
        raise fault(
            f"a change needs a baseline, and '{plan.endpoint}' is not assessed at day 0", "endpoint"
        )
    if order[plan.visit] == 0:
        raise fault(f"the visit '{plan.visit}' is the baseline itself; name a later one", "visit")


def _adjusted(protocol: ProtocolDocument, plan: EndpointPlan, *, sites: bool) -> None:
    for key, words in (("covariates", plan.covariates), ("strata", plan.strata)):
        once(words, key)
        for k, word in enumerate(words):
            _known_at_start(protocol, plan, word, key, k, sites=sites)
    for k, word in enumerate(plan.strata):
        if word in plan.covariates:
            raise fault(f"'{word}' is a covariate already; keep one of the two", "strata", k)


def _known_at_start(
    protocol: ProtocolDocument, plan: EndpointPlan, word: str, key: str, k: int, *, sites: bool
) -> None:
    if word == "site":
        if not sites:
            raise fault(
                "a protocol has no sites, so nothing can be adjusted for them; sites belong to a "
                "design file",
                key, k,
            )  # fmt: skip
        return
    if word == "baseline":
        if plan.analysis not in AT_VISIT:
            raise fault(
                f"'baseline' belongs to the analyses of change, {', '.join(AT_VISIT)}; leave it out",
                key, k,
            )  # fmt: skip
        return
    if key == "strata":
        check_stratum(protocol, word, key, k)
    else:
        check_read(protocol, word, key, k)
        if word == plan.endpoint:
            raise fault(f"'{word}' on day 0 is the baseline itself; write 'baseline'", key, k)
    if kind := one_kind(protocol, word):
        raise fault(f"everybody is {kind}, so '{word}' tells nobody apart; leave it out", key, k)


def _options(
    protocol: ProtocolDocument,
    plan: EndpointPlan,
    visits: tuple[str, ...],
    *,
    arms: int,
    free: bool,
) -> None:
    from antitrypsim.statistics.analysis import ANALYSES as PROGRAMS

    for key in _BESIDE:
        if key in plan.options:
            raise fault(f"'{key}' stands beside 'options', not in it", "options", key)
    program = PROGRAMS[plan.analysis]
    for key, words in (("covariates", plan.covariates), ("strata", plan.strata)):
        if words and key not in program.options:
            why = program.refuses.get(key)
            others = ", ".join(name for name in PROGRAMS if key in PROGRAMS[name].options)
            reason = f", because {why}" if why else f"; these do: {others}"
            raise fault(f"the analysis '{plan.analysis}' takes no {key}{reason}", key)
    if not free:
        # A design adds options of its own, and judges them with those.
        try:
            program.check_options(plan_options(plan))
        except InputError as problem:
            raise fault(problem.message, "options") from problem
        check_response(plan)
    for option in ("visits", "periods", "cycles"):
        for visit in _flat(plan.options.get(option)):
            if visit not in visits:
                raise fault(unknown("visit at which it is assessed", visit, visits), "options",
                            option)  # fmt: skip
    horizon = plan.options.get("horizon")
    if horizon is not None and passes(float(horizon), protocol.length_days):
        raise fault(
            f"the horizon of {horizon:g} days is after the end of the trial, which is "
            f"{protocol.length_days:g} days long",
            "options", "horizon",
        )  # fmt: skip
    if free:
        return
    needed = program.one_arm_option
    if arms > 1:
        for option in ("null_value", "cycles"):
            if plan.options.get(option) is not None:
                raise fault(
                    f"'{option}' is for one arm by itself, and {arms} are compared",
                    "options",
                    option,
                )
    elif needed and plan.options.get(needed) is None:
        raise fault(f"one arm by itself needs the option '{needed}'", "options")


def check_response(plan: EndpointPlan) -> None:
    """Raise the fault of a response that counts those who fare worse unasked, or that nobody can have."""
    said, what = plan.options, ENDPOINTS[plan.endpoint]
    if "direction" not in PROGRAMS[plan.analysis].options:
        return
    if what.better == "lower" and said.get("direction") is None:
        raise fault(
            f"less of '{plan.endpoint}' is better, so say whom it counts: 'direction: at most' those "
            "who change by so much or to less, 'direction: at least' those who change by so much or to "
            "more",
            "options",
        )  # fmt: skip
    low, high = bounds_of(plan.endpoint)
    change, percent = said.get("change"), said.get("percent")
    if change is not None and abs(change) > high - low:
        raise fault(
            f"a change of {change:g} cannot be: '{plan.endpoint}' lies between {low:g} and {high:g} "
            f"{what.unit}",
            "options", "change",
        )  # fmt: skip
    if percent is not None and percent < -100:
        raise fault(
            f"nothing falls by {-percent:g} % of itself; above -100 can be", "options", "percent"
        )


def _flat(value: object) -> list[str]:
    if isinstance(value, list | tuple):
        return [each for part in value for each in _flat(part)]
    return [] if value is None else [str(value)]
