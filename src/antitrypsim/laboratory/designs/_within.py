"""Rules of designs in which people are compared with themselves, at pairs of visits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from antitrypsim.foundations.errors import ProtocolError
from antitrypsim.laboratory.design_file.in_force import compared_arms, primary_of, visits_used
from antitrypsim.laboratory.design_file.known import known_visit
from antitrypsim.statistics.analysis import ANALYSES

if TYPE_CHECKING:
    from antitrypsim.laboratory.design_file.trial_design import TrialDesign
    from antitrypsim.protocols.parts import Arm
    from antitrypsim.protocols.protocol import Protocol


def check_pairs(design: TrialDesign, protocol: Protocol, pairs: Sequence[tuple[str, str]]) -> None:
    """Raise ProtocolError for another analysis, or visits at which an arm cannot be compared."""
    plan, arms = primary_of(design, protocol), compared_arms(design, protocol)
    if not ANALYSES[plan.analysis].within_people:
        fitting = ", ".join(name for name, one in ANALYSES.items() if one.within_people)
        raise ProtocolError(
            f"a design '{design.design.kind}' is analysed by {fitting}", key="primary"
        )
    used = visits_used(design, protocol)
    for visit in (visit for pair in pairs for visit in pair):
        known_visit(visit, protocol, "design")
        if visit not in used:
            raise ProtocolError(
                f"'{plan.endpoint}' is not measured at the visit '{visit}'", key="design"
            )
    for pair in pairs:
        _crosses(protocol, arms, pair)


def _crosses(protocol: Protocol, arms: tuple[str, ...], pair: tuple[str, str]) -> None:
    """Raise ProtocolError for an arm that gets the same at both visits of a pair."""
    known = protocol.visit_days()
    spans = protocol.epoch_days()

    def given(arm: Arm, visit: str) -> str:
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
