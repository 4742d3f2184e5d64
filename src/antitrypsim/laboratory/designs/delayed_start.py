"""Delayed-start design.

Early against late start of one treatment: what is left of the difference when all are treated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from antitrypsim.foundations.errors import ProtocolError
from antitrypsim.laboratory.design_file.in_force import compared_arms
from antitrypsim.laboratory.designs.kind import DesignKind

if TYPE_CHECKING:
    from antitrypsim.laboratory.design_file.trial_design import TrialDesign
    from antitrypsim.protocols.protocol import Protocol


class DelayedStart(DesignKind):
    """Early against late start of one treatment; judged at the end, when all are treated."""

    nested: ClassVar[bool] = True

    kind: Literal["delayed-start"]

    def check(self, design: TrialDesign, protocol: Protocol) -> None:
        """Refuse arms that do not all get the same in the end."""
        arms = compared_arms(design, protocol)
        last = protocol.epochs[-1].id
        given = {a.id: a.treatment.get(last, ()) for a in protocol.arms if a.id in arms}
        if len({repr(each) for each in given.values()}) != 1 or not all(given.values()):
            raise ProtocolError(
                f"in a delayed start all arms get the same treatment in the last epoch, '{last}'",
                key="design",
            )
