"""What holds in a design: its own word, or that of its protocol where it says nothing."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from antitrypsim.foundations.plain import Plain
from antitrypsim.protocols.plannable import COVARIATES
from antitrypsim.protocols.planrules import plan_options
from antitrypsim.statistics.analysis import ANALYSES

if TYPE_CHECKING:
    from antitrypsim.laboratory.design_file.trial_design import TrialDesign
    from antitrypsim.protocols.parts import EndpointPlan
    from antitrypsim.protocols.protocol import Protocol


def primary_of(design: TrialDesign, protocol: Protocol) -> EndpointPlan:
    """Return what decides: the design's own primary endpoint or that of the protocol."""
    return design.primary or protocol.endpoints.primary


def compared_arms(design: TrialDesign, protocol: Protocol) -> tuple[str, ...]:
    """Return the arm ids that are compared, the reference last."""
    compare = primary_of(design, protocol).compare
    return compare or tuple(arm.id for arm in protocol.arms)


def alpha_of(design: TrialDesign, protocol: Protocol) -> float:
    """Return the two-sided type I error: the design's own or that of the protocol."""
    return protocol.endpoints.alpha if design.alpha is None else design.alpha


def strata_of(design: TrialDesign, protocol: Protocol) -> tuple[str, ...]:
    """Return within which groups arms are given: the design's own or those of the protocol."""
    if design.allocation.method == "simple":
        return ()
    within = design.allocation.within
    return protocol.stratify_by if within is None else within


def ratio_of(design: TrialDesign, protocol: Protocol, arms: tuple[str, ...]) -> tuple[int, ...]:
    """Return the parts of ``arms`` in lowest terms, by the design or else by the protocol."""
    said = design.allocation.ratio or protocol.allocation
    parts = [said[arm] for arm in arms]
    return tuple(part // math.gcd(*parts) for part in parts)


def options_of(design: TrialDesign, protocol: Protocol) -> Plain:
    """Return the options of the primary analysis, with what the design adds to them."""
    plan = primary_of(design, protocol)
    found = plan_options(plan)
    if ANALYSES[plan.analysis].at_visit:
        found["visit"] = plan.visit or list(visits_used(design, protocol))[-1]
    return {**design.design.options(plan.analysis), **found}


def columns_of(options: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the columns of people that the options of an analysis name, each once.

    The baseline is not among them: it is a value of the endpoint.
    """
    named = [*(options.get("covariates") or ()), *(options.get("strata") or ())]
    return tuple(dict.fromkeys(name for name in named if name != COVARIATES["baseline"]))


def visits_used(design: TrialDesign, protocol: Protocol) -> dict[str, float]:
    """Return the visits at which the primary endpoint is measured in this design, and their days."""
    known = protocol.visit_days()
    assessed = protocol.assessment_visits(primary_of(design, protocol).endpoint)
    last = known[design.until] if design.until else float("inf")
    return {v: known[v] for v in assessed
            if known[v] <= last and (not design.visits or v in design.visits)}  # fmt: skip
