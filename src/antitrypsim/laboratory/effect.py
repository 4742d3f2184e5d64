"""What the effect of a primary analysis is: its unit, which way is better, and what is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antitrypsim.endpoints import endpoint
from antitrypsim.foundations.errors import ProtocolError
from antitrypsim.laboratory.design_file.in_force import primary_of
from antitrypsim.protocols.planrules import plan_options
from antitrypsim.statistics.analysis import ANALYSES

if TYPE_CHECKING:
    from antitrypsim.laboratory.design_file.trial_design import TrialDesign
    from antitrypsim.protocols import Protocol
    from antitrypsim.protocols.parts import EndpointPlan


def is_ratio(plan: EndpointPlan) -> bool:
    """Return whether the effect is a quotient."""
    return ANALYSES[plan.analysis].ratio(plan_options(plan))


def better_sign(plan: EndpointPlan) -> float:
    """Return 1 where a larger effect is better, -1 where a smaller one is."""
    better = ANALYSES[plan.analysis].better(endpoint(plan.endpoint).better, plan_options(plan))
    return 1.0 if better == "higher" else -1.0


def no_effect(plan: EndpointPlan) -> float:
    """Return the effect of a treatment without effect."""
    return 1.0 if is_ratio(plan) else 0.0


def effect_unit(plan: EndpointPlan) -> str:
    """Return the unit of the effect."""
    what, how = endpoint(plan.endpoint), ANALYSES[plan.analysis]
    if is_ratio(plan):
        return "ratio"
    if how.unit:
        return how.unit
    if plan.options.get("measure") == "percent":
        return "percent"
    unit = "" if what.unit == "1" else what.unit
    return f"{unit} per year".strip() if how.per_year else unit


def check_effects(design: TrialDesign, protocol: Protocol) -> None:
    """Raise ProtocolError for an effect that the design states and that is no benefit.

    Its relevant effect, under the primary endpoint and every one that is searched, and the effects that
    its kind states.
    """
    searched = design.search.endpoints if design.search else ()
    for plan in searched or (primary_of(design, protocol),):
        if design.relevant is not None:
            _benefit(plan, design.relevant, "relevant")
    for key, value in design.design.effects().items():
        _benefit(primary_of(design, protocol), value, f"design.{key}")


def _benefit(plan: EndpointPlan, value: float, key: str) -> None:
    sign, none = better_sign(plan), no_effect(plan)
    unit = effect_unit(plan)
    if (is_ratio(plan) and value <= 0) or (unit == "share" and abs(value) > 1):
        raise ProtocolError(f"{value:g} is no {unit}", key=key)
    if sign * (value - none) <= 0:
        way = "above" if sign > 0 else "below"
        raise ProtocolError(
            f"{value:g} {unit}".rstrip() + f" is no benefit in '{plan.endpoint}'; an effect that "
            f"matters lies {way} {none:g}", key=key,
        )  # fmt: skip
