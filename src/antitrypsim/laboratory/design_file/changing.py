"""What must hold of events that make people change from one arm to another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antitrypsim.endpoints import ENDPOINTS
from antitrypsim.foundations.errors import ProtocolError

if TYPE_CHECKING:
    from antitrypsim.laboratory.design_file.conducting import Intercurrent
    from antitrypsim.laboratory.design_file.trial_design import TrialDesign
    from antitrypsim.protocols.protocol import Protocol


def check_changes(design: TrialDesign, protocol: Protocol, arms: tuple[str, ...]) -> None:
    """Raise ProtocolError for an event with ``then`` that could change nothing; ``arms`` compared."""
    for event in design.intercurrent:
        if event.then is None:
            continue
        for plan in design.search.endpoints if design.search else ():
            if ENDPOINTS[plan.endpoint].kind != "measurement":
                raise ProtocolError(
                    f"the search tries '{plan.endpoint}', which is counted, and the event "
                    f"'{event.event}' cannot be 'treatment-policy' with 'then' there", key="search",
                )  # fmt: skip
        _changes(event, protocol, [arm for arm in event.arms or arms if arm != event.then])


def _changes(event: Intercurrent, protocol: Protocol, before: list[str]) -> None:
    from antitrypsim.simulation.switch import turns

    assert event.then is not None
    if not before:
        raise ProtocolError(
            f"everybody who has the event '{event.event}' is in the arm '{event.then}' already, so "
            "nothing changes; name in 'arms' the arms that people leave", key="intercurrent",
        )  # fmt: skip
    regimens = protocol.regimens()
    after = regimens[event.then]
    if after.doses and max(turns(after)) <= 0:
        raise ProtocolError(
            f"the arm '{event.then}' is treated on the first day only, so whoever changes to it "
            "after the start is given nothing; choose an arm whose treatment goes on",
            key="intercurrent",
        )  # fmt: skip
    for arm in before:
        if arm in regimens and max(turns(regimens[arm], after), default=0.0) <= 0:
            raise ProtocolError(
                f"neither '{arm}' nor '{event.then}' is given anything after the first day, so the "
                f"event '{event.event}' changes nothing", key="intercurrent",
            )  # fmt: skip
