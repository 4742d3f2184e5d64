"""How people are described to an analysis: the words of files, and the columns that they stand for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from antitrypsim.foundations.errors import InputError

if TYPE_CHECKING:
    from antitrypsim.protocols.parts import EndpointPlan

BASELINE = "baseline"
GROUPS: Mapping[str, str] = MappingProxyType(
    {"site": "SITEID", "genotype": "GENOTYPE", "smoking": "SMOKING", "sex": "SEX",
     "found_by": "FOUND_BY"}
)  # fmt: skip
"""Words for groups of people, and their columns."""
NUMBERS: Mapping[str, str] = MappingProxyType(
    {"age": "AGE", "fev1": "FEV1BL", "weight": "WEIGHT", "height": "HEIGHT"}
)
"""Words for numbers of people at baseline, and their columns."""


def plan_options(plan: EndpointPlan) -> dict[str, Any]:
    """Return the options of a plan's analysis, its covariates and strata among them as columns.

    The baseline is none of them: an analysis of a change holds it anyway. Raises InputError for
    covariates named under ``options`` too, for strata that are no groups, and for the baseline of an
    endpoint that has none.
    """
    found = dict(plan.options)
    for key, words in (("covariates", plan.covariates), ("strata", plan.strata)):
        if not words:
            continue
        if key in found:
            raise InputError(f"'{key}' is said twice, in the plan and in its options; keep one")
        columns = _columns(key, words, plan)
        if columns:
            found[key] = columns
    return found


def described(options: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the columns of people that the options of an analysis name."""
    named = [*(options.get("covariates") or ()), *(options.get("strata") or ())]
    return tuple(dict.fromkeys(str(name) for name in named))


def _columns(key: str, words: Sequence[str], plan: EndpointPlan) -> list[str]:
    from antitrypsim.protocols.endpoints import AT_VISIT

    found = []
    for word in words:
        if words.count(word) > 1:
            raise InputError(f"'{word}' is listed twice among the {key}")
        if word == BASELINE and key == "covariates" and plan.analysis in AT_VISIT:
            continue
        if word == BASELINE and key == "covariates":
            raise InputError(
                f"'{plan.analysis}' is of no change from a baseline, so there is none to adjust for"
            )
        if key == "strata" and word not in GROUPS:
            raise InputError(f"'{word}' makes no strata; {', '.join(GROUPS)} do")
        found.append((GROUPS | NUMBERS)[word])
    return found
